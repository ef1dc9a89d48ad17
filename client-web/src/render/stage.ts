// The Pixi renderer: one canvas, a world that the camera moves and an overlay that it does not.

import 'pixi.js/unsafe-eval'; // despite its name: shaders without eval, as the page's policy demands
import { Container, type Renderer, RendererType, WebGLRenderer } from 'pixi.js';
import { flushAtlases, shareNothing } from './atlas';
import { Camera } from './camera';
import { ground } from './palette';

export type RendererChoice = 'webgl' | 'canvas';

const options = () => ({
  background: ground.void,
  antialias: true,
  autoDensity: true,
  // More than two device pixels for each CSS pixel cost much and show little.
  resolution: Math.min(2, devicePixelRatio),
  // What is needed has been imported: there is nothing to look for.
  manageImports: false,
});

/** Throws where there is no WebGL. To try is quicker than Pixi's way, which asks with a context of its own first. */
async function webgl(): Promise<Renderer> {
  const r = new WebGLRenderer();
  await r.init(options());
  return r;
}

async function canvas(): Promise<Renderer> {
  const { CanvasRenderer } = await import('./pixi/canvas');
  const r = new CanvasRenderer();
  await r.init(options());
  return r;
}

export class Stage {
  readonly world = new Container();
  readonly overlay = new Container();
  readonly camera = new Camera();
  /** All of the window: what of the overlay is seen. */
  readonly glass = { left: 0, top: 0, right: 0, bottom: 0 };
  /** In CSS pixels. */
  width = 1;
  height = 1;

  private readonly root = new Container();

  private constructor(private readonly renderer: Renderer) {
    this.root.addChild(this.world, this.overlay);
  }

  static async create(host: HTMLElement, renderer: RendererChoice): Promise<Stage> {
    const made = (renderer === 'webgl' && (await webgl().catch(() => null))) || (await canvas());
    if (made.type === RendererType.CANVAS) shareNothing();
    made.canvas.setAttribute('aria-hidden', 'true');
    host.append(made.canvas);
    const stage = new Stage(made);
    stage.fit();
    addEventListener('resize', () => stage.fit());
    return stage;
  }

  get canvas(): HTMLCanvasElement {
    return this.renderer.canvas;
  }

  /** The renderer that was got: "webgl" or "canvas". */
  get rendererName(): string {
    return this.renderer.name;
  }

  private fit(): void {
    this.width = Math.max(1, innerWidth);
    this.height = Math.max(1, innerHeight);
    this.glass.right = this.width;
    this.glass.bottom = this.height;
    this.renderer.resize(this.width, this.height);
    this.camera.resize(this.width, this.height);
  }

  /** World to window. */
  screenX(x: number): number {
    return (x - this.camera.x) * this.camera.zoom + this.width / 2;
  }

  screenY(y: number): number {
    return (y - this.camera.y) * this.camera.zoom + this.camera.middle;
  }

  render(): void {
    const c = this.camera;
    this.world.scale.set(c.zoom);
    this.world.rotation = c.shakeTurn;
    this.world.pivot.set(c.x + c.shakeX, c.y + c.shakeY);
    this.world.position.set(this.width / 2, c.middle);
    flushAtlases();
    this.renderer.render(this.root);
  }
}
