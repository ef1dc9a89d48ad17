// Who destroyed whom, top right.

import { css, weaponColours } from '../render/palette';
import { Glyph } from './icons';
import { hud } from './state';

export function Feed() {
  return (
    <ol class="feed" aria-label="Kill feed">
      {hud.feed.value.map((l) => (
        <li key={l.key} data-mine={l.mine ? '' : undefined}>
          {l.killer && <b style={{ color: l.killerColour }}>{l.killer}</b>}
          <span style={{ color: css(weaponColours[l.weapon] ?? 0xffffff) }}>
            <Glyph name={l.weapon in weaponColours ? l.weapon : 'skull'} />
            <span class="visually-hidden">
              {l.killer ? `destroyed with ${l.weapon}` : 'destroyed itself:'}
            </span>
          </span>
          <b style={{ color: l.victimColour }}>{l.victim}</b>
        </li>
      ))}
    </ol>
  );
}
