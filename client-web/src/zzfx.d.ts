// zzfx ships no types; this is the part that sound.ts uses.
declare module 'zzfx' {
  export const ZZFX: {
    audioContext: AudioContext;
    sampleRate: number;
    buildSamples(...recipe: number[]): number[];
  };
}
