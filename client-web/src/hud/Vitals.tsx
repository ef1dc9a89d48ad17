// Health, armour and the dash, bottom left.

import { useComputed } from '@preact/signals';
import { Glyph } from './icons';
import { hud } from './state';

function Bar({ kind, value, full, label }: { kind: string; value: number; full: number; label: string }) {
  const over = Math.max(0, value - full);
  return (
    <div class={`vital ${kind}`} data-low={kind === 'health' && value <= 30 ? '' : undefined}>
      <Glyph name={kind} />
      <span class="vitalNumber">{value}</span>
      <div
        class="meter"
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={full}
        aria-valuenow={value}
      >
        <div class="fill" style={{ transform: `scaleX(${Math.min(1, value / full)})` }} />
        <div class="fill over" style={{ transform: `scaleX(${Math.min(1, over / full)})` }} />
      </div>
    </div>
  );
}

export function Vitals() {
  const dash = useComputed(() => ({ transform: `scaleX(${hud.dash.value})` }));
  return (
    <div class="vitals" data-alive={hud.alive.value}>
      <Bar kind="armour" value={hud.armour.value} full={100} label="Armour" />
      <Bar kind="health" value={hud.health.value} full={100} label="Health" />
      <div class="dash" data-ready={hud.dash.value >= 1 ? '' : undefined}>
        <Glyph name="dash" />
        <div class="meter">
          <div class="fill" style={dash.value} />
        </div>
      </div>
    </div>
  );
}
