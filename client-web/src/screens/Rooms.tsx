// Where people are playing, on the first screen. It is an extra: if the list cannot be had, there is
// none, and Play finds a room all the same.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

interface Listed {
  id: string;
  title: string;
  people: number;
  maxPlayers: number;
}

const everyMs = 5000;
const most = 6;

/** Reads the lobby's answer, which is checked like anything from the network. */
export function readRooms(answer: unknown): Listed[] {
  if (typeof answer !== 'object' || answer === null || !('rooms' in answer) || !Array.isArray(answer.rooms))
    return [];
  return answer.rooms.flatMap((r: unknown) => {
    if (typeof r !== 'object' || r === null) return [];
    const { id, title, people, maxPlayers } = r as Record<string, unknown>;
    const known = typeof id === 'string' && typeof people === 'number' && typeof maxPlayers === 'number';
    return known ? [{ id, title: typeof title === 'string' ? title : id, people, maxPlayers }] : [];
  });
}

export function Rooms({ choose }: { choose: (id: string) => void }) {
  const rooms = useSignal<Listed[]>([]);
  useEffect(() => {
    const look = async () => {
      try {
        const response = await fetch('/api/v1/rooms');
        if (response.ok) rooms.value = readRooms(await response.json());
      } catch {
        // The server is away for a moment; Play will say so if it stays away.
      }
    };
    void look();
    const timer = setInterval(() => {
      if (!document.hidden) void look();
    }, everyMs);
    return () => clearInterval(timer);
  }, [rooms]);
  const busy = rooms.value.filter((r) => r.people > 0 && r.people < r.maxPlayers).slice(0, most);
  if (busy.length === 0) return null;
  return (
    <section class="rooms" aria-label="Rooms with people">
      {busy.map((r) => (
        <button type="button" class="roomRow" key={r.id} onClick={() => choose(r.id)}>
          <b>{r.title}</b>
          <span>
            {r.people} of {r.maxPlayers}
          </span>
        </button>
      ))}
    </section>
  );
}
