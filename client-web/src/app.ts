// The game on the page, once everything is loaded: joins the session, the core, the devices and the
// drawing, and runs them once a frame.

import { effect } from '@preact/signals';
import type { Core, Room } from './core';
import { cost, milestone } from './cost';
import { ArenaView } from './games/arena';
import { Cast } from './games/cast';
import { KillCam } from './games/killcam';
import type { HudWishes } from './hud/Hud';
import { addChat, announce } from './hud/messages';
import { expireLines, hud } from './hud/state';
import { silence } from './hud/Trouble';
import { Player } from './input/controls';
import { TouchSticks } from './input/touch';
import { touchFirst } from './input/touchfirst';
import type { Admission } from './link';
import type { Offer } from './lobby/answers';
import { lobby } from './lobby/here';
import type { Wish } from './lobby/lobby';
import { startLoop } from './loop';
import { byName, muted } from './mutes';
import { NetGraphSampler } from './netgraph';
import { Backdrop } from './render/backdrop';
import type { Stage } from './render/stage';
import { keepSeat, keptSeat, SeatTalk, stampSeat } from './seat';
import { Session } from './session';
import { change, settings } from './settings';
import { Simulator } from './simulator';
import { socketURL } from './socket';
import { addressOf, measuring, ui } from './ui';

/** Silence in milliseconds that is shown as an icon, and as a banner. */
const quietIconMs = 250;
const quietBannerMs = 1000;
/** protocol.CloseRoomUnknown, and the lobby's word for the same. */
const roomUnknown = 4404;
const roomGone = 'room_gone';
/** The lobby's word for a room that asks for its password. */
const wrongPassword = 'wrong_password';

function forgetRoom(): void {
  ui.room.value = '';
  history.replaceState(null, '', addressOf(''));
}

export class App {
  readonly session: Session;
  readonly simulator: Simulator;
  readonly view: ArenaView;
  readonly killCam: KillCam;
  private readonly cast = new Cast();
  private readonly player: Player;
  private readonly backdrop: Backdrop;
  private readonly graph: NetGraphSampler;
  private readonly talk: SeatTalk;
  private match = 0;
  private nextCommand: ReturnType<typeof setTimeout> | undefined;
  private token = '';
  private drawing = false;

  constructor(
    private readonly core: Core,
    private readonly stage: Stage,
    private readonly surface: HTMLElement,
  ) {
    this.session = new Session(core, socketURL(location));
    this.simulator = new Simulator(core, this.session);
    this.view = new ArenaView(core.schema, stage, this.cast, surface);
    this.killCam = new KillCam(core, this.view, this.cast);
    this.backdrop = new Backdrop(stage);
    this.graph = new NetGraphSampler(core);
    this.player = new Player(surface, core.schema.constant('heldFire'), () => this.playing());
    this.player.actions.onChange((action, down) => this.pagePressed(action, down));
    addEventListener('keydown', (e) => {
      if (e.code === 'Escape' && this.playing()) {
        e.preventDefault();
        hud.menuOpen.value = true;
      }
    });
    effect(() => {
      ui.link.value = this.session.state.value;
      // A room that is gone is not asked for again: the next Play finds another.
      const { code, refusal } = ui.link.value;
      if (code === roomUnknown || refusal === roomGone) forgetRoom();
      if (refusal === wrongPassword) ui.overlay.value = 'password';
      document.documentElement.dataset.phase = ui.link.value.phase;
    });
    effect(() => {
      if (hud.menuOpen.value || hud.chatOpen.value || ui.overlay.value) this.player.rest();
    });
    lobby.matched = (offer) => this.playMatch(offer);
    this.talk = new SeatTalk((room, player) => {
      if (room === hud.roomId.peek() && player === this.me) this.session.yield();
    });
    addEventListener('pagehide', stampSeat);
    this.show(false);
    startLoop(
      (now, dt) => this.frame(now, dt),
      (now) => this.step(now, true),
    );
  }

  /** The own player id, 0 before the first join. */
  get me(): number {
    return this.cast.me;
  }

  /** Joins the wished room. */
  play(wish: Wish): void {
    ui.wish.value = wish;
    this.begin(wish.watch ? null : keptSeat(wish.room), lobby.admission(wish));
  }

  /** Takes the seat of a page that was reloaded, if there is one. */
  resume(): void {
    const seat = keptSeat(ui.room.peek());
    if (!seat) return;
    ui.wish.value = { room: seat.room };
    this.begin(seat, lobby.admission({ room: seat.room }));
  }

  /** Goes to the match that was found. */
  private playMatch(offer: Offer): void {
    ui.wish.value = { room: offer.room };
    ui.room.value = '';
    const again = lobby.admission({ room: offer.room });
    let shown = false;
    this.begin(null, async () => {
      if (shown) return again();
      shown = true; // a ticket opens one door once
      return { ...offer, watch: false };
    });
  }

  private begin(seat: ReturnType<typeof keptSeat>, admission: Admission): void {
    this.match = 0;
    this.token = '';
    hud.menuOpen.value = false;
    hud.present.value = false;
    hud.watching.value = false;
    hud.feed.value = [];
    hud.chat.value = [];
    this.session.join(settings.peek().name, seat, admission);
  }

  leave(): void {
    hud.menuOpen.value = false;
    this.session.leave();
    forgetRoom();
  }

  readonly wishes: HudWishes = {
    choose: (weapon) => this.player.select(weapon),
    dash: () => this.player.actions.tap('dash'),
    say: (text) => {
      const frame = this.core.say(performance.now(), text);
      if (frame) this.session.send(frame);
    },
    closeChat: () => {
      hud.chatOpen.value = false;
    },
    openMenu: () => {
      hud.menuOpen.value = true;
    },
    retry: () => this.session.hurry(),
    watchNext: (way) => this.view.spectator.step(way),
    freeCamera: () => this.view.spectator.toggle(),
    takeSeat: () => this.play({ room: hud.roomId.peek() }),
    leave: () => this.leave(),
    sticks: (left, right) => {
      const sticks = new TouchSticks(
        left,
        right,
        this.player.actions,
        () => settings.peek().stickSensitivity,
      );
      this.player.touch = sticks;
      return () => {
        sticks.destroy();
        this.player.touch = undefined;
      };
    },
  };

  private playing(): boolean {
    const phase = ui.link.peek().phase;
    return (
      (phase === 'live' || phase === 'retrying') &&
      !hud.menuOpen.peek() &&
      !hud.chatOpen.peek() &&
      ui.overlay.peek() === ''
    );
  }

  /** What keys do to the page rather than to the drone. */
  private pagePressed(action: string, down: boolean): void {
    if (action === 'scoreboard') hud.scoreboardOpen.value = down && this.playing();
    if (!down || !this.playing()) return;
    if (action === 'chat') hud.chatOpen.value = true;
    else if (action === 'netgraph') hud.graphOpen.value = !hud.graphOpen.peek();
    else if (action === 'mute') {
      change({ muted: !settings.peek().muted });
      announce(settings.peek().muted ? 'Sound off' : 'Sound on');
    } else if (hud.watching.peek()) this.watcherPressed(action);
  }

  private watcherPressed(action: string): void {
    if (action === 'nextWeapon') this.view.spectator.step(1);
    else if (action === 'previousWeapon') this.view.spectator.step(-1);
    else if (action === 'dash') this.view.spectator.toggle();
  }

  /** Advances the core and sends what it has to say. */
  private step(now: number, hidden: boolean): void {
    this.session.pump(now);
    this.player.controls.hidden = hidden;
    const phase = this.session.state.peek().phase;
    if (phase === 'off' || phase === 'stopped') return;
    this.command(now);
    const report = this.core.report(now, this.session.backlog);
    if (report) this.session.send(report);
    const news = this.core.news();
    if (news) this.takeNews(news);
  }

  /** Sends the commands that are due. */
  private command(now: number): void {
    const frame = this.core.advance(now, this.player.controls, this.session.backlog);
    if (frame) this.session.send(frame);
  }

  /** Gives the next command when it is due, which is hardly ever when a frame is drawn. */
  private commandInTime(): void {
    clearTimeout(this.nextCommand);
    const due = this.core.due();
    if (due < 0 || document.hidden) return;
    this.nextCommand = setTimeout(() => {
      cost.start();
      const now = performance.now();
      this.player.sample(now, this.view.ownX, this.view.ownY);
      this.command(now);
      this.commandInTime();
      cost.lap('core');
    }, due - performance.now());
  }

  private frame(now: number, dt: number): void {
    cost.frame();
    this.player.sample(now, this.view.ownX, this.view.ownY);
    cost.lap('page');
    this.step(now, false);
    this.commandInTime();
    cost.lap('core');
    expireLines(now);
    this.watchSilence();
    cost.on = measuring || hud.graphOpen.peek();
    this.graph.frame(now, hud.graphOpen.peek());
    this.simulator.frame(now);
    cost.lap('page');
    const phase = this.session.state.peek().phase;
    // While a lost line is mended the last picture stays; the core has none to offer.
    const playing = phase === 'live' || phase === 'retrying';
    const fresh = playing && this.core.draw(now);
    cost.lap('core');
    this.show(playing && this.match > 0 && (fresh || this.drawing));
    const { pointing, controls } = this.player;
    if (!this.drawing) this.backdrop.draw(dt);
    else if (fresh && !this.killCam.draw(now, dt)) {
      this.view.draw(this.core.picture, pointing, controls, dt);
    }
    cost.lap('scene');
    this.stage.render();
    cost.lap('render');
    cost.settle();
    if (fresh) milestone(this.drawing ? 'playable' : 'snapshot');
  }

  /** Switches between the arena and the menu's background. */
  private show(arena: boolean): void {
    this.drawing = arena;
    this.surface.classList.toggle('aiming', arena && !hud.watching.peek());
    if (this.backdrop.layer.visible === !arena && this.view.shown === arena) return;
    this.view.shown = arena;
    this.backdrop.layer.visible = !arena;
    // Upright, thumbs take the lower part; on its side they sit left and right of the view.
    this.stage.camera.covered =
      arena && touchFirst() && this.stage.height > this.stage.width ? this.stage.height * 0.24 : 0;
    if (arena) return;
    this.killCam.stop();
    hud.present.value = false;
  }

  private takeNews(room: Room): void {
    this.cast.update(room.me, room.seats);
    hud.title.value = room.title;
    hud.people.value = room.seats;
    hud.watching.value = room.me === 0;
    if (room.token !== this.token) {
      this.token = room.token;
      keepSeat({ room: room.id, token: room.token, url: this.session.url });
      if (room.me > 0) this.talk.taken(room.id, room.me);
    }
    if (hud.roomId.peek() !== room.id) {
      hud.roomId.value = room.id;
      history.replaceState(null, '', addressOf(room.id));
    }
    const map = room.match === this.match ? null : this.core.map();
    if (map) {
      this.killCam.stop();
      this.view.newMatch(map);
      this.match = room.match;
      announce(room.title);
    }
    for (const line of room.chat) {
      const name = line.player === 0 ? 'Server' : line.name;
      if (muted.peek().has(byName(name))) continue;
      addChat({
        name,
        colour: line.player === 0 ? '#ffd34d' : this.cast.cssColour(line.player),
        text: line.text,
      });
    }
  }

  private watchSilence(): void {
    const { quiet } = this.session;
    silence.value = quiet > quietBannerMs ? 2 : quiet > quietIconMs ? 1 : 0;
  }
}
