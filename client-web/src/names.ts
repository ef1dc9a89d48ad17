// A friendly default name, so that the first screen needs no typing: "Swift Otter 42".

const adjectives = [
  'Swift',
  'Brave',
  'Calm',
  'Clever',
  'Cosmic',
  'Eager',
  'Electric',
  'Fuzzy',
  'Gentle',
  'Golden',
  'Happy',
  'Keen',
  'Lucky',
  'Mellow',
  'Neon',
  'Nimble',
  'Polar',
  'Proud',
  'Quiet',
  'Rapid',
  'Silent',
  'Sly',
  'Solar',
  'Stormy',
  'Sunny',
  'Velvet',
  'Wild',
  'Witty',
];
const animals = [
  'Otter',
  'Badger',
  'Falcon',
  'Finch',
  'Gecko',
  'Heron',
  'Ibex',
  'Jackal',
  'Koala',
  'Lemur',
  'Lynx',
  'Magpie',
  'Marten',
  'Mole',
  'Moose',
  'Newt',
  'Orca',
  'Owl',
  'Panda',
  'Puffin',
  'Raven',
  'Stoat',
  'Tapir',
  'Tiger',
  'Viper',
  'Weasel',
  'Wombat',
  'Yak',
];

/**
 * Makes a name of at most 20 characters from a source of numbers in [0, 1). A server's word list sees
 * names without their blanks; its tests try every one of these.
 */
export function inventName(random: () => number): string {
  const pick = (words: readonly string[]) => words[Math.floor(random() * words.length)];
  return `${pick(adjectives)} ${pick(animals)} ${1 + Math.floor(random() * 49)}`;
}

/** Cleans what was typed: one line, single spaces, at most 20 characters. May return "". */
export function cleanName(typed: string): string {
  const line = typed
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .replace(/\s+/g, ' ')
    .trim();
  return [...line].slice(0, 20).join('').trim();
}
