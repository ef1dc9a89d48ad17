// Sound without files: every effect is synthesised once by ZzFX when it is first heard, then played
// through one bus with panning, a cap on voices and a limiter. Browsers allow sound only after a
// gesture, so nothing of this is even loaded before the first one.

import { effect } from '@preact/signals';
import { settings } from './settings';

/** ZzFX parameters; see the designer at https://killedbyapixel.github.io/ZzFX. */
const recipes = {
  blaster: [0.5, 0.06, 620, 0, 0.01, 0.05, 1, 1.8, -14, 0, 0, 0, 0, 0, 0, 0, 0, 0.7],
  shotgun: [0.9, 0.1, 140, 0, 0.02, 0.16, 4, 1.2, -2, 0, 0, 0, 0, 3.5, 0, 0.2, 0, 0.5, 0.04],
  plasma: [0.45, 0.08, 380, 0, 0.02, 0.07, 2, 1.4, -6, 0, 0, 0, 0, 0.2, 30, 0, 0, 0.7],
  rocket: [0.8, 0.08, 95, 0.01, 0.08, 0.28, 3, 0.9, 3, 0, 0, 0, 0, 2.2, 0, 0.1, 0, 0.6],
  rail: [0.9, 0.03, 1150, 0, 0.03, 0.38, 1, 2.2, -22, 0.4, 0, 0, 0, 0.4, 0, 0.1, 0.03, 0.6],
  explosion: [1.4, 0.1, 62, 0.01, 0.1, 0.55, 4, 1.6, -0.3, 0, 0, 0, 0, 4.5, 0, 0.35, 0, 0.5, 0.1],
  destroyed: [1.2, 0.08, 180, 0.01, 0.12, 0.5, 3, 1.4, -3, 0, 0, 0, 0.04, 2.5, 0, 0.25, 0, 0.5, 0.08],
  hit: [0.8, 0, 1350, 0, 0.005, 0.035, 1, 1.3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.6],
  kill: [0.9, 0, 880, 0, 0.03, 0.16, 1, 1.6, 0, 0, 440, 0.05, 0, 0, 0, 0, 0, 0.7],
  hurt: [0.9, 0.1, 170, 0, 0.02, 0.09, 2, 1.1, -4, 0, 0, 0, 0, 1.2, 0, 0.1, 0, 0.6],
  impact: [0.3, 0.2, 900, 0, 0.004, 0.03, 4, 0.8, -20, 0, 0, 0, 0, 2],
  pickup: [0.7, 0, 520, 0, 0.04, 0.14, 0, 1.2, 0, 0, 260, 0.05, 0, 0, 0, 0, 0, 0.7],
  mega: [0.9, 0, 300, 0.02, 0.18, 0.4, 0, 1.2, 2, 0, 200, 0.08, 0.08, 0, 0, 0, 0.06, 0.7],
  spawn: [0.6, 0, 240, 0.03, 0.1, 0.25, 0, 1.4, 6, 0, 0, 0, 0.05],
  dash: [0.6, 0.1, 260, 0.01, 0.03, 0.16, 4, 0.7, 14, 0, 0, 0, 0, 1.4],
  empty: [0.5, 0, 240, 0, 0.005, 0.03, 1, 1, 0],
  tick: [0.5, 0, 660, 0, 0.02, 0.06, 0, 1.2],
  begin: [0.9, 0, 440, 0.01, 0.16, 0.3, 0, 1.3, 0, 0, 220, 0.1],
} satisfies Record<string, number[]>;
export type SoundName = keyof typeof recipes;

/** How many sounds may sound at once; quiet ones are not started beyond it. */
const maxVoices = 20;

class Bus {
  private voices = 0;
  private readonly out: GainNode;
  private readonly buffers = new Map<SoundName, AudioBuffer>();

  constructor(
    private readonly context: AudioContext,
    private readonly synthesise: (...recipe: number[]) => number[],
    private readonly rate: number,
  ) {
    const limiter = new DynamicsCompressorNode(context, {
      threshold: -14,
      knee: 8,
      ratio: 12,
      attack: 0.002,
      release: 0.12,
    });
    this.out = new GainNode(context);
    this.out.connect(limiter).connect(context.destination);
    effect(() => {
      const s = settings.value;
      this.out.gain.value = s.muted ? 0 : 1.6 * s.volume ** 1.6;
    });
  }

  play(name: SoundName, volume: number, pan: number): void {
    if (hushed || settings.peek().muted || volume < 0.02 || this.voices >= maxVoices) return;
    const source = new AudioBufferSourceNode(this.context, {
      buffer: this.buffer(name),
      playbackRate: 0.95 + Math.random() * 0.1,
    });
    source
      .connect(new StereoPannerNode(this.context, { pan }))
      .connect(new GainNode(this.context, { gain: volume }))
      .connect(this.out);
    this.voices++;
    source.onended = () => {
      this.voices--;
    };
    source.start();
  }

  /** Synthesises what has not been heard yet, one sound whenever the page is idle. */
  warm(names: SoundName[]): void {
    const [name, ...rest] = names;
    if (!name) return;
    this.buffer(name);
    whenIdle(() => this.warm(rest));
  }

  private buffer(name: SoundName): AudioBuffer {
    let b = this.buffers.get(name);
    if (!b) {
      const samples = this.synthesise(...recipes[name]);
      b = this.context.createBuffer(1, samples.length, this.rate);
      b.getChannelData(0).set(samples);
      this.buffers.set(name, b);
    }
    return b;
  }
}

/** Safari has no idle callback. */
const whenIdle = (work: () => void) => {
  if ('requestIdleCallback' in window) requestIdleCallback(work, { timeout: 1000 });
  else setTimeout(work, 60);
};

let hushed = false;

/** Silences what would only be noise: time that flies. */
export function hush(v: boolean): void {
  hushed = v;
}

let bus: Bus | undefined;
let waking = false;

/** Makes sound possible; to be called from a gesture. Later calls wake a suspended context. */
export async function unlockSound(): Promise<void> {
  if (bus || waking) return;
  waking = true;
  const { ZZFX } = await import('zzfx');
  await ZZFX.audioContext.resume();
  bus = new Bus(ZZFX.audioContext, (...recipe) => ZZFX.buildSamples(...recipe), ZZFX.sampleRate);
  bus.warm(Object.keys(recipes) as SoundName[]);
}

/**
 * Plays a sound at a place given relative to the listener, in units; beyond about a screen it is
 * not heard.
 */
export function playAt(name: SoundName, dx: number, dy: number, volume = 1): void {
  const distance = Math.hypot(dx, dy);
  bus?.play(name, volume / (1 + (distance / 330) ** 2), Math.max(-0.85, Math.min(0.85, dx / 620)));
}

/** Plays a sound in the listener's head. */
export function play(name: SoundName, volume = 1): void {
  bus?.play(name, volume, 0);
}
