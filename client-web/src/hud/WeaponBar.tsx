// The weapons, bottom middle: what is owned, what is in hand, what is left. Each is a button, so that
// a thumb can choose.

import { css, weaponColours } from '../render/palette';
import { settings } from '../settings';
import { Glyph } from './icons';
import { hud, type WeaponSlot } from './state';

function Slot({ slot, chosen, choose }: { slot: WeaponSlot; chosen: boolean; choose: (id: number) => void }) {
  const key = settings.value.bindings[`weapon${slot.id}` as 'weapon1']?.[0] ?? '';
  const ammo = slot.ammo < 0 ? '∞' : String(slot.ammo);
  return (
    <button
      type="button"
      class="slot"
      tabIndex={-1}
      aria-pressed={chosen}
      aria-label={`${slot.name}, ${slot.owned ? `ammunition ${slot.ammo < 0 ? 'endless' : ammo}` : 'not owned'}`}
      disabled={!slot.owned}
      data-empty={slot.owned && slot.ammo === 0 ? '' : undefined}
      style={{ color: css(weaponColours[slot.name] ?? 0xffffff) }}
      onPointerDown={(e) => {
        e.preventDefault();
        choose(slot.id);
      }}
    >
      <span class="slotKey">{key.replace(/^Digit|^Key/, '')}</span>
      <Glyph name={slot.name} />
      <span class="slotAmmo">{slot.owned ? ammo : ''}</span>
    </button>
  );
}

export function WeaponBar({ choose }: { choose: (id: number) => void }) {
  const inHand = hud.slots.value.find((s) => s.id === hud.weapon.value);
  return (
    <>
      <div class="weapons" role="group" aria-label="Weapons">
        {hud.slots.value.map((s) => (
          <Slot key={s.id} slot={s} chosen={s.id === hud.weapon.value} choose={choose} />
        ))}
      </div>
      {inHand && (
        <div class="ammo" style={{ color: css(weaponColours[inHand.name] ?? 0xffffff) }}>
          <span class="ammoNumber">{inHand.ammo < 0 ? '∞' : inHand.ammo}</span>
          <span class="ammoName">{inHand.name}</span>
        </div>
      )}
    </>
  );
}
