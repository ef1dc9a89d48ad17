// The panel of the network simulator, and the badge that says it is on. The game goes on beside it.

import { Slider } from '../screens/Settings';
import { conditions, panelOpen, readings, type Simulator, simulating } from '../simulator';
import { Icon } from './icons';

/** The conditions in a few words, "" for none. */
function inWords(): string {
  const { rtt, jitter, loss } = conditions.value;
  const parts = [rtt && `${rtt} ms`, jitter && `± ${jitter} ms`, loss && `${loss} % loss`];
  return parts.filter(Boolean).join(' · ');
}

function Sliders({ simulator }: { simulator: Simulator }) {
  const { rtt, jitter, loss } = conditions.value;
  return (
    <div class="rows">
      <Slider
        label="Latency"
        hint={`${rtt} ms round trip`}
        value={rtt}
        min={0}
        max={400}
        step={10}
        set={(v) => simulator.set({ rtt: v })}
      />
      <Slider
        label="Jitter"
        hint={`${jitter} ms on average`}
        value={jitter}
        min={0}
        max={50}
        step={1}
        set={(v) => simulator.set({ jitter: v })}
      />
      <Slider
        label="Loss"
        hint={`${loss} % of packets`}
        value={loss}
        min={0}
        max={5}
        step={0.5}
        set={(v) => simulator.set({ loss: v })}
      />
    </div>
  );
}

function Readings() {
  return (
    <table class="simReadings">
      <tbody>
        {readings.value.map((r) => (
          <tr key={r.label} data-bad={r.bad ? '' : undefined}>
            <th scope="row">{r.label}</th>
            <td>{r.text}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function SimulatorPanel({ simulator }: { simulator: Simulator }) {
  const active = simulating(conditions.value);
  if (!panelOpen.value) {
    if (!active) return null;
    return (
      <button
        type="button"
        class="simBadge"
        onClick={() => {
          panelOpen.value = true;
        }}
      >
        <Icon name="activity" /> <span class="simWord">Simulated:</span> {inWords()}
      </button>
    );
  }
  // After a slider or a button was used by hand, keys are for playing again.
  const letGo = (e: Event) => e.target instanceof HTMLElement && e.target.blur();
  return (
    <section class="simulator panel" aria-label="Network simulator" onPointerUp={letGo}>
      <div class="simHead">
        <h3>Network simulator</h3>
        <button
          type="button"
          class="iconButton"
          aria-label="Close the simulator panel"
          onClick={() => {
            panelOpen.value = false;
          }}
        >
          <Icon name="close" />
        </button>
      </div>
      <Sliders simulator={simulator} />
      <div class="simButtons">
        <button type="button" class="button" onClick={() => simulator.stall(500)}>
          Stall 0.5 s
        </button>
        <button type="button" class="button" onClick={() => simulator.stall(2000)}>
          Stall 2 s
        </button>
        <button type="button" class="button" disabled={!active} onClick={() => simulator.reset()}>
          Off
        </button>
      </div>
      <Readings />
    </section>
  );
}
