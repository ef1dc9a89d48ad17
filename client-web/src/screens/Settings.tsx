// The settings: keys, sticks, looks, sound. Every change takes effect and is kept at once.

import { useEffect, useState } from 'preact/hooks';
import { actionLabels, actions, bind, codeLabel, defaultBindings, type InputAction } from '../input/bindings';
import { css, palettes } from '../render/palette';
import { change, palettes as paletteNames, settings } from '../settings';
import { Sheet } from './Sheet';

function Binding({ action }: { action: InputAction }) {
  const [listening, setListening] = useState(false);
  useEffect(() => {
    if (!listening) return;
    const take = (code: string, e: Event) => {
      e.preventDefault();
      e.stopImmediatePropagation();
      setListening(false);
      change({ bindings: bind(settings.peek().bindings, action, code) });
    };
    const key = (e: KeyboardEvent) => take(e.code, e);
    const mouse = (e: MouseEvent) => take(`Mouse${e.button}`, e);
    const wheel = (e: WheelEvent) => take(e.deltaY > 0 ? 'WheelDown' : 'WheelUp', e);
    const options = { capture: true, passive: false };
    addEventListener('keydown', key, options);
    addEventListener('mousedown', mouse, options);
    addEventListener('wheel', wheel, options);
    return () => {
      removeEventListener('keydown', key, options);
      removeEventListener('mousedown', mouse, options);
      removeEventListener('wheel', wheel, options);
    };
  }, [listening, action]);
  const codes = settings.value.bindings[action].map(codeLabel).join(' or ') || 'nothing';
  return (
    <div class="row">
      <span>{actionLabels[action]}</span>
      <button
        type="button"
        class={`keyButton ${listening ? 'listening' : ''}`}
        aria-label={`${actionLabels[action]}: ${codes}. Press to change.`}
        onClick={() => setListening(true)}
      >
        {listening ? 'Press a key…' : codes}
      </button>
    </div>
  );
}

export function Slider(props: {
  label: string;
  hint?: string;
  value: number;
  min: number;
  max: number;
  step: number;
  set: (v: number) => void;
}) {
  return (
    <label class="row">
      <span>
        {props.label}
        {props.hint && <small>{props.hint}</small>}
      </span>
      <input
        type="range"
        min={props.min}
        max={props.max}
        step={props.step}
        value={props.value}
        onInput={(e) => props.set(e.currentTarget.valueAsNumber)}
      />
    </label>
  );
}

function Switch(props: { label: string; hint?: string; value: boolean; set: (v: boolean) => void }) {
  return (
    <label class="row">
      <span>
        {props.label}
        {props.hint && <small>{props.hint}</small>}
      </span>
      <input type="checkbox" checked={props.value} onChange={(e) => props.set(e.currentTarget.checked)} />
    </label>
  );
}

function Looks() {
  const s = settings.value;
  return (
    <section>
      <h3>Look</h3>
      <div class="swatches" role="radiogroup" aria-label="Colours">
        {paletteNames.map((name) => (
          <label class="swatch" key={name}>
            <span>
              <input
                type="radio"
                name="palette"
                class="visually-hidden"
                checked={s.palette === name}
                onChange={() => change({ palette: name })}
              />
              {palettes[name].label}
            </span>
            <span class="dots" aria-hidden="true">
              {[palettes[name].own, palettes[name].red, palettes[name].blue].map((c) => (
                <i key={c} style={{ color: css(c) }} />
              ))}
            </span>
          </label>
        ))}
      </div>
      <div class="rows">
        <Slider
          label="Text size"
          value={s.textScale}
          min={0.8}
          max={1.6}
          step={0.05}
          set={(textScale) => change({ textScale })}
        />
        <Switch
          label="Reduced motion"
          hint="Fewer particles, nothing moves in the menu"
          value={s.reducedMotion}
          set={(reducedMotion) => change({ reducedMotion })}
        />
        <Switch label="Screen shake" value={s.screenShake} set={(screenShake) => change({ screenShake })} />
        <Switch
          label="Kill-cam"
          hint="After a death, how the other saw it. Not with reduced motion"
          value={s.killCam}
          set={(killCam) => change({ killCam })}
        />
      </div>
    </section>
  );
}

export function SettingsSheet({ close }: { close: () => void }) {
  const s = settings.value;
  return (
    <Sheet title="Settings" close={close}>
      <section>
        <h3>Sound</h3>
        <div class="rows">
          <Slider
            label="Volume"
            value={s.volume}
            min={0}
            max={1}
            step={0.01}
            set={(volume) => change({ volume })}
          />
          <Switch label="Mute" value={s.muted} set={(muted) => change({ muted })} />
        </div>
      </section>
      <Looks />
      <section>
        <h3>Sticks</h3>
        <div class="rows">
          <Slider
            label="Sensitivity"
            hint="Gamepad and touch: how soon a stick gives full speed"
            value={s.stickSensitivity}
            min={0.4}
            max={2}
            step={0.05}
            set={(stickSensitivity) => change({ stickSensitivity })}
          />
          <Slider
            label="Dead zone"
            hint="Gamepad: how far a stick moves before it counts"
            value={s.deadZone}
            min={0.05}
            max={0.5}
            step={0.01}
            set={(deadZone) => change({ deadZone })}
          />
        </div>
      </section>
      <section>
        <h3>Keys and mouse</h3>
        <div class="bindingGrid">
          {actions.map((a) => (
            <Binding key={a} action={a} />
          ))}
        </div>
        <button type="button" class="button" onClick={() => change({ bindings: defaultBindings() })}>
          Reset keys
        </button>
      </section>
    </Sheet>
  );
}
