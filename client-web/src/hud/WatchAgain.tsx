// At the end of a match: the way to its replay, in a tab of its own. Offered where it will be on the list,
// by servers that have kept any.

import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { fields, list } from '../lobby/fields';
import { lobby } from '../lobby/here';
import { lastReplayAddress } from '../ui';
import { Icon } from './icons';
import { hud } from './state';

export function WatchAgain() {
  const kept = useSignal(false);
  const room = lobby.rooms.value.find((r) => r.id === hud.roomId.value);
  const listed = room !== undefined && !room.private && !room.password;
  useEffect(() => {
    if (!listed) return;
    lobby.api.open('GET', 'replays?limit=1').then(
      (answer) => {
        kept.value = list(fields(answer).replays, (r) => r).length > 0;
      },
      () => {}, // then there is nothing to offer
    );
  }, [listed, kept]);
  if (!listed || !kept.value) return null;
  return (
    <a class="button" href={lastReplayAddress(hud.roomId.value)} target="_blank" rel="noopener">
      <Icon name="video" /> Watch this match
    </a>
  );
}
