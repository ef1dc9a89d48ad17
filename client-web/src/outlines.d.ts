// What vite.config.ts makes of an icon's file: its shapes, each an element and its attributes.

declare module '*.svg?outline' {
  const shapes: readonly (readonly [element: string, attributes: Record<string, string>])[];
  export default shapes;
}
