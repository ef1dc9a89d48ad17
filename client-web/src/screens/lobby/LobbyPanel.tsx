// The lobby beside the first screen: rooms, matchmaking, party, chat, the ranks and the own profile,
// one at a time.

import { useRef } from 'preact/hooks';
import { Icon } from '../../hud/icons';
import { lobby } from '../../lobby/here';
import type { Wish } from '../../lobby/lobby';
import { type Tab, tabs, ui } from '../../ui';
import { ChatTab } from './ChatTab';
import { MatchTab } from './MatchTab';
import { PartyTab } from './PartyTab';
import { ProfileTab } from './ProfileTab';
import { RanksTab } from './RanksTab';
import { RoomsTab } from './RoomsTab';

const faces = {
  rooms: { label: 'Rooms', icon: 'list' },
  match: { label: 'Match', icon: 'swords' },
  party: { label: 'Party', icon: 'users' },
  chat: { label: 'Chat', icon: 'message' },
  ranks: { label: 'Ranks', icon: 'trophy' },
  profile: { label: 'Profile', icon: 'user' },
} as const;

/** What a tab says beside its name: how many, or that there is something. */
function badge(tab: Tab): string {
  if (tab === 'match') return lobby.queue.queued.value ? '…' : '';
  if (tab === 'party') return lobby.party.party.value ? String(lobby.party.party.value.members.length) : '';
  if (tab === 'chat') return lobby.chat.unread.value > 0 ? String(Math.min(99, lobby.chat.unread.value)) : '';
  return '';
}

function Tabs() {
  const row = useRef<HTMLDivElement>(null);
  const go = (e: KeyboardEvent) => {
    const at = tabs.indexOf(ui.tab.peek());
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[e.key];
    if (to === undefined) return;
    e.preventDefault();
    ui.tab.value = tabs[(to + tabs.length) % tabs.length];
    row.current?.querySelector<HTMLElement>(`#tab-${ui.tab.peek()}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label="Lobby" ref={row} onKeyDown={go}>
      {tabs.map((tab) => (
        <button
          type="button"
          key={tab}
          role="tab"
          id={`tab-${tab}`}
          aria-selected={ui.tab.value === tab}
          aria-controls="lobby-page"
          tabIndex={ui.tab.value === tab ? 0 : -1}
          onClick={() => {
            ui.tab.value = tab;
          }}
        >
          <Icon name={faces[tab].icon} />
          <span>{faces[tab].label}</span>
          {badge(tab) !== '' && <i class="badge">{badge(tab)}</i>}
        </button>
      ))}
    </div>
  );
}

export function LobbyPanel({ play, ready }: { play: (wish: Wish) => void; ready: boolean }) {
  if (lobby.reachable.value === null) return null;
  const tab = ui.tab.value;
  return (
    <section class="lobby panel" aria-label="Lobby">
      <Tabs />
      {!lobby.reachable.value && (
        <p class="notice" role="status">
          The lobby does not answer. Play works all the same; the rest comes back by itself.
        </p>
      )}
      <div class="lobbyPage" role="tabpanel" id="lobby-page" aria-labelledby={`tab-${tab}`}>
        {tab === 'rooms' && <RoomsTab play={play} ready={ready} />}
        {tab === 'match' && <MatchTab />}
        {tab === 'party' && <PartyTab />}
        {tab === 'chat' && <ChatTab />}
        {tab === 'ranks' && <RanksTab />}
        {tab === 'profile' && <ProfileTab />}
      </div>
    </section>
  );
}
