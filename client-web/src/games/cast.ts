// Who is who: names, teams and colours of the people in the match, for everything that shows them.

import type { Seat } from '../core';
import { css, type Palette, palettes } from '../render/palette';
import { settings } from '../settings';

export class Cast {
  /** The own player, -1 (which nobody is) while looking on. */
  me = 0;
  /** Changes with every update. */
  version = 0;
  private seats = new Map<number, Seat>();
  private teams = new Map<number, number>();
  private teamPlay = false;

  get palette(): Palette {
    return palettes[settings.peek().palette];
  }

  update(me: number, seats: readonly Seat[]): void {
    this.version++;
    this.me = me || -1;
    this.seats = new Map(seats.map((s) => [s.player, s]));
  }

  setTeam(player: number, team: number): void {
    this.teams.set(player, team);
    if (team !== 0) this.teamPlay = true;
  }

  newMatch(): void {
    this.teams.clear();
    this.teamPlay = false;
  }

  get inTeams(): boolean {
    return this.teamPlay;
  }

  name(player: number): string {
    return this.seats.get(player)?.name ?? '';
  }

  bot(player: number): boolean {
    return this.seats.get(player)?.bot ?? false;
  }

  status(player: number): number {
    return this.seats.get(player)?.status ?? 0;
  }

  team(player: number): number {
    return this.teams.get(player) ?? 0;
  }

  /** In team play everyone wears the team's colour; alone, one's own stands out from all others. */
  colour(player: number, team = this.team(player)): number {
    const p = this.palette;
    if (team === 1) return p.red;
    if (team === 2) return p.blue;
    if (player === this.me) return p.own;
    return p.others[player % p.others.length];
  }

  cssColour(player: number): string {
    return css(this.colour(player));
  }
}
