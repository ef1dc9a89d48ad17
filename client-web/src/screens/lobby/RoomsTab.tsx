// The rooms there are, live, and the ways into one: a click, a code, a link, a new room.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Icon } from '../../hud/icons';
import type { Room } from '../../lobby/answers';
import { lobby, pings } from '../../lobby/here';
import type { Wish } from '../../lobby/lobby';
import {
  narrow,
  noFilter,
  roomIn,
  roomName,
  seatsFree,
  serversOf,
  valuesOf,
  watchable,
} from '../../lobby/rooms';
import { ui } from '../../ui';
import { modeTitled, titled } from './words';

interface RoomProps {
  room: Room;
  /** Milliseconds to the server it is on, undefined until that is known. */
  ping: number | undefined;
  play: (wish: Wish) => void;
  ready: boolean;
}

function RoomRow({ room, ping, play, ready }: RoomProps) {
  const name = roomName(room);
  const enter = (watch: boolean) => {
    const wish = watch ? { room: room.id, watch } : { room: room.id };
    if (!room.password) return play(wish);
    ui.wish.value = wish;
    ui.overlay.value = 'password';
  };
  return (
    <li class="roomRow">
      <div class="roomWhat">
        <b>
          {name}
          {room.password && (
            <span title="Needs a password">
              <Icon name="key" />
              <span class="visually-hidden">needs a password</span>
            </span>
          )}
          {room.locked && (
            <span title="Locked">
              <Icon name="lock" />
              <span class="visually-hidden">locked</span>
            </span>
          )}
        </b>
        <small>
          {ping !== undefined && (
            <span title="Ping">
              <span class="visually-hidden">Ping </span>
              {ping} ms<span aria-hidden="true"> · </span>
            </span>
          )}
          {room.name ? room.title : `Code ${room.id}`}
        </small>
      </div>
      <p class="roomPeople">
        <b>
          {room.people}
          <span aria-hidden="true">/</span>
          <span class="visually-hidden"> of </span>
          {room.maxPlayers}
        </b>
        <small>{room.bots > 0 ? `${room.bots} ${room.bots === 1 ? 'bot' : 'bots'}` : 'no bots'}</small>
      </p>
      <button
        type="button"
        class="iconButton"
        aria-label={`Watch ${name}`}
        title="Watch"
        disabled={!ready || !watchable(room)}
        onClick={() => enter(true)}
      >
        <Icon name="eye" />
      </button>
      <button
        type="button"
        class="button"
        aria-label={`Join ${name}`}
        disabled={!ready || !seatsFree(room)}
        onClick={() => enter(false)}
      >
        {seatsFree(room) || room.locked ? 'Join' : 'Full'}
      </button>
    </li>
  );
}

function Choice(props: {
  label: string;
  value: string;
  values: readonly string[];
  /** How a value is written. */
  title: (v: string) => string;
  set: (v: string) => void;
}) {
  return (
    <select
      class="select"
      aria-label={props.label}
      value={props.value}
      onChange={(e) => props.set(e.currentTarget.value)}
    >
      <option value="">{props.label}</option>
      {props.values.map((v) => (
        <option key={v} value={v}>
          {props.title(v)}
        </option>
      ))}
    </select>
  );
}

export function RoomsTab({ play, ready }: { play: (wish: Wish) => void; ready: boolean }) {
  const filter = useSignal(noFilter);
  const code = useSignal('');
  const rooms = lobby.rooms.value;
  const times = pings.times.value;
  const shown = narrow(rooms, filter.value, times);
  // As text, which is the same while the servers are; where no room is open, the page's own.
  const servers = serversOf(rooms).join(' ');
  useEffect(() => pings.watch(servers.split(' ')), [servers]);
  const set = (part: Partial<typeof noFilter>) => {
    filter.value = { ...filter.peek(), ...part };
  };
  const games = valuesOf(rooms, 'game');
  return (
    <>
      <div class="toolRow">
        <form
          class="joinBy"
          onSubmit={(e) => {
            e.preventDefault();
            const room = roomIn(code.value);
            if (room !== '' && ready) play({ room });
          }}
        >
          <input
            class="textInput small"
            aria-label="Room code or link"
            placeholder="Code or link"
            autocomplete="off"
            spellcheck={false}
            value={code.value}
            onInput={(e) => {
              code.value = e.currentTarget.value;
            }}
          />
          <button type="submit" class="button" disabled={!ready || roomIn(code.value) === ''}>
            Join
          </button>
        </form>
        <button
          type="button"
          class="button"
          onClick={() => {
            ui.overlay.value = 'create';
          }}
        >
          <Icon name="plus" /> New room
        </button>
      </div>
      <div class="filters" role="search" aria-label="Rooms">
        <input
          class="textInput small"
          type="search"
          aria-label="Search rooms"
          placeholder="Search"
          value={filter.value.words}
          onInput={(e) => set({ words: e.currentTarget.value })}
        />
        {games.length > 1 && (
          <Choice
            label="Any game"
            value={filter.value.game}
            values={games}
            title={titled}
            set={(game) => set({ game })}
          />
        )}
        <Choice
          label="Any mode"
          value={filter.value.mode}
          values={valuesOf(rooms, 'mode')}
          title={modeTitled}
          set={(mode) => set({ mode })}
        />
        <Choice
          label="Any map"
          value={filter.value.map}
          values={valuesOf(rooms, 'map')}
          title={titled}
          set={(map) => set({ map })}
        />
        <Choice
          label="Any ping"
          value={filter.value.under === 0 ? '' : String(filter.value.under)}
          values={['50', '100', '200']}
          title={(ms) => `Under ${ms} ms`}
          set={(ms) => set({ under: Number(ms) })}
        />
        <div class="checks">
          <label class="check">
            <input
              type="checkbox"
              checked={filter.value.free}
              onChange={(e) => set({ free: e.currentTarget.checked })}
            />
            Free seats
          </label>
          <label class="check" title="Neither locked nor with a password">
            <input
              type="checkbox"
              checked={filter.value.open}
              onChange={(e) => set({ open: e.currentTarget.checked })}
            />
            Open
          </label>
        </div>
      </div>
      {shown.length === 0 ? (
        <p class="empty">
          {rooms.length === 0 ? 'No rooms are open. Play opens one.' : 'No room is like that.'}
        </p>
      ) : (
        <ul class="roomList" aria-label="Rooms">
          {shown.map((r) => (
            <RoomRow key={r.id} room={r} ping={times.get(r.url)} play={play} ready={ready} />
          ))}
        </ul>
      )}
    </>
  );
}
