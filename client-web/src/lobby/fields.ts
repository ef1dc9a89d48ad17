// Reading JSON that came over the network: what is missing or of another type reads as an empty
// value, so that neither an older server nor a broken answer can break the page.

export type Fields = Record<string, unknown>;

export const fields = (v: unknown): Fields =>
  typeof v === 'object' && v !== null && !Array.isArray(v) ? (v as Fields) : {};

export const text = (v: unknown): string => (typeof v === 'string' ? v : '');

export const number = (v: unknown): number => (typeof v === 'number' && Number.isFinite(v) ? v : 0);

export const flag = (v: unknown): boolean => v === true;

/** Milliseconds since 1970 of a time in RFC 3339, 0 for none. */
export const time = (v: unknown): number => Date.parse(text(v)) || 0;

/** Reads every element of a list and leaves out those that read as null. */
export function list<T>(v: unknown, read: (f: Fields) => T | null): T[] {
  if (!Array.isArray(v)) return [];
  return v.flatMap((element: unknown) => {
    const t = read(fields(element));
    return t === null ? [] : [t];
  });
}

export const texts = (v: unknown): string[] =>
  Array.isArray(v) ? v.filter((t): t is string => typeof t === 'string') : [];
