// Over the last seconds seen again: through whose eyes, with what weapon, and when life goes on.

import { touchFirst } from '../input/touchfirst';
import { css, weaponColours } from '../render/palette';
import { Glyph, Icon } from './icons';
import { hud, type LookBack } from './state';

export function KillCam({ seen }: { seen: LookBack }) {
  return (
    <div class="killCam">
      <p class="killCamTop">
        <Icon name="video" /> Kill-cam
        {seen.speed > 1.05 && <small>{seen.speed.toFixed(1)}×</small>}
      </p>
      <div class="killCamFoot">
        <p role="status">
          <small>Seen by</small>
          <b style={{ color: seen.colour }}>{seen.name}</b>
          <span style={{ color: css(weaponColours[seen.weapon] ?? 0xffffff) }}>
            <Glyph name={seen.weapon} /> {seen.weapon}
          </span>
        </p>
        <p class="killCamBack">
          Back in <b>{(hud.respawnIn.value / 10).toFixed(1)}</b>
          <small>{touchFirst() ? 'a tap' : 'any key'} skips</small>
        </p>
      </div>
    </div>
  );
}
