// The zones of the two sticks and the dash button, for thumbs.

import { useEffect, useRef } from 'preact/hooks';
import type { HudWishes } from './Hud';
import { Glyph } from './icons';
import { hud } from './state';

export function TouchPad({ wishes }: { wishes: HudWishes }) {
  const left = useRef<HTMLDivElement>(null);
  const right = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!left.current || !right.current) return;
    return wishes.sticks(left.current, right.current);
  }, [wishes]);
  return (
    <>
      <div ref={left} class="zone left" aria-hidden="true">
        <span class="zoneHint">Move</span>
      </div>
      <div ref={right} class="zone right" aria-hidden="true">
        <span class="zoneHint">Aim and fire</span>
      </div>
      <button
        type="button"
        class="dashButton"
        aria-label="Dash"
        data-ready={hud.dash.value >= 1 ? '' : undefined}
        onPointerDown={(e) => {
          e.preventDefault();
          wishes.dash();
        }}
      >
        <Glyph name="dash" />
      </button>
    </>
  );
}
