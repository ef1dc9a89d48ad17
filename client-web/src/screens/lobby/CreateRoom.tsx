// A room of one's own.

import { useSignal } from '@preact/signals';
import type { Game } from '../../lobby/answers';
import { lobby } from '../../lobby/here';
import type { RoomPlan, Wish } from '../../lobby/lobby';
import { Sheet } from '../Sheet';
import { Problem, useWork } from './asking';
import { titled } from './words';

/** What a new room is unless its maker says otherwise: five minutes with a few bots. */
const usual = (game: Game): RoomPlan => ({
  game: game.name,
  name: '',
  mode: game.modes[0]?.name ?? '',
  maps: [],
  time: 300,
  score: 25,
  maxPlayers: Math.min(8, game.maxPlayers),
  bots: Math.min(4, game.maxPlayers),
  botSkill: 3,
  watchers: 8,
  private: false,
  password: '',
});

const skills = ['', 'Beginner', 'Easy', 'Fair', 'Hard', 'Merciless'];

function Count(props: {
  label: string;
  hint?: string;
  value: number;
  min: number;
  max: number;
  step?: number;
  said?: string;
  set: (n: number) => void;
}) {
  return (
    <label class="row">
      <span>
        {props.label}
        {props.hint && <small>{props.hint}</small>}
      </span>
      <span class="slide">
        <input
          type="range"
          min={props.min}
          max={props.max}
          step={props.step ?? 1}
          value={props.value}
          aria-valuetext={props.said ?? String(props.value)}
          onInput={(e) => props.set(e.currentTarget.valueAsNumber)}
        />
        <output>{props.said ?? props.value}</output>
      </span>
    </label>
  );
}

function Maps({ game, chosen, set }: { game: Game; chosen: string[]; set: (maps: string[]) => void }) {
  if (game.maps.length === 0) return null;
  return (
    <fieldset class="maps">
      <legend>Maps {chosen.length === 0 && <small>all in turn</small>}</legend>
      {game.maps.map((m) => (
        <label key={m} class="check">
          <input
            type="checkbox"
            checked={chosen.includes(m)}
            onChange={(e) => set(e.currentTarget.checked ? [...chosen, m] : chosen.filter((x) => x !== m))}
          />
          {titled(m)}
        </label>
      ))}
    </fieldset>
  );
}

function Door({ plan, set }: { plan: RoomPlan; set: (part: Partial<RoomPlan>) => void }) {
  return (
    <section>
      <h3>Door</h3>
      <div class="rows">
        <label class="row">
          <span>
            Private
            <small>Not on the list: people come by the link</small>
          </span>
          <input
            type="checkbox"
            checked={plan.private}
            onChange={(e) => set({ private: e.currentTarget.checked })}
          />
        </label>
        <label class="row">
          <span>Password</span>
          <input
            class="textInput small"
            type="text"
            maxLength={40}
            autocomplete="off"
            placeholder="none"
            value={plan.password}
            onInput={(e) => set({ password: e.currentTarget.value })}
          />
        </label>
      </div>
    </section>
  );
}

export function CreateRoom({ play, close }: { play: (wish: Wish) => void; close: () => void }) {
  const game = lobby.games.value[0];
  const plan = useSignal<RoomPlan | null>(null);
  // One key for one dialog: a second click, or a request tried again, opens no second room.
  const key = useSignal(`${Date.now()}-${Math.random().toString(36).slice(2)}`);
  const work = useWork();
  if (!game) {
    return (
      <Sheet title="New room" narrow close={close}>
        <Problem text="The lobby does not answer. Try again in a moment." />
      </Sheet>
    );
  }
  const p = plan.value ?? usual(game);
  const set = (part: Partial<RoomPlan>) => {
    plan.value = { ...p, ...part };
    key.value = `${Date.now()}-${Math.random().toString(36).slice(2)}`;
  };
  const open = async (e: Event) => {
    e.preventDefault();
    await work.run(async () => {
      const room = await lobby.openRoom(p, key.peek());
      if (!room) throw new Error('The room could not be opened.');
      close();
      play({ room: room.id, password: p.password });
    });
  };
  return (
    <Sheet title="New room" close={close}>
      <form class="plan" onSubmit={(e) => void open(e)}>
        <label class="row">
          <span>Name</span>
          <input
            class="textInput small"
            maxLength={32}
            autocomplete="off"
            placeholder="optional"
            value={p.name}
            onInput={(e) => set({ name: e.currentTarget.value })}
          />
        </label>
        <section>
          <h3>Match</h3>
          <div class="rows">
            {game.modes.length > 0 && (
              <label class="row">
                <span>Mode</span>
                <select class="select" value={p.mode} onChange={(e) => set({ mode: e.currentTarget.value })}>
                  {game.modes.map((m) => (
                    <option key={m.name} value={m.name}>
                      {m.title}
                    </option>
                  ))}
                </select>
              </label>
            )}
            <Maps game={game} chosen={p.maps} set={(maps) => set({ maps })} />
            <Count
              label="Time"
              value={p.time / 60}
              min={1}
              max={30}
              said={`${p.time / 60} min`}
              set={(n) => set({ time: n * 60 })}
            />
            <Count
              label="Score to win"
              value={p.score}
              min={0}
              max={100}
              step={5}
              said={p.score === 0 ? 'none' : String(p.score)}
              set={(score) => set({ score })}
            />
          </div>
        </section>
        <section>
          <h3>Who plays</h3>
          <div class="rows">
            <Count
              label="Seats"
              value={p.maxPlayers}
              min={1}
              max={game.maxPlayers}
              set={(maxPlayers) => set({ maxPlayers, bots: Math.min(p.bots, maxPlayers) })}
            />
            <Count
              label="Bots"
              hint="They leave a seat to whoever comes"
              value={p.bots}
              min={0}
              max={p.maxPlayers}
              said={p.bots === 0 ? 'none' : `up to ${p.bots}`}
              set={(bots) => set({ bots })}
            />
            {p.bots > 0 && (
              <Count
                label="Skill of the bots"
                value={p.botSkill}
                min={1}
                max={5}
                said={skills[p.botSkill]}
                set={(botSkill) => set({ botSkill })}
              />
            )}
          </div>
        </section>
        <Door plan={p} set={set} />
        <Problem text={work.error.value} />
        <button type="submit" class="button primary" disabled={work.busy.value}>
          {work.busy.value ? 'Opening…' : 'Open and join'}
        </button>
      </form>
    </Sheet>
  );
}
