// The party: make one, join one, see who is in it. The leader searches, the others follow.

import { useSignal } from '@preact/signals';
import { Icon } from '../../hud/icons';
import { lobby } from '../../lobby/here';
import type { Member, Party } from '../../lobby/party';
import { partyIn } from '../../lobby/rooms';
import { partyLink } from '../../ui';
import { Share } from '../Share';
import { Problem, useWork, type Work } from './asking';
import { called } from './words';

function NoParty({ work }: { work: Work }) {
  const code = useSignal('');
  return (
    <>
      <p class="lead">Play matches together with friends: make a party and pass its link on.</p>
      <button
        type="button"
        class="button primary"
        disabled={work.busy.value}
        onClick={() => void work.run(() => lobby.party.create())}
      >
        <Icon name="plus" /> Make a party
      </button>
      <form
        class="joinBy"
        onSubmit={(e) => {
          e.preventDefault();
          void work.run(() => lobby.party.join(partyIn(code.value)));
        }}
      >
        <input
          class="textInput small"
          aria-label="Party code or link"
          placeholder="Party code or link"
          autocomplete="off"
          spellcheck={false}
          value={code.value}
          onInput={(e) => {
            code.value = e.currentTarget.value;
          }}
        />
        <button type="submit" class="button" disabled={work.busy.value || code.value.trim() === ''}>
          Join
        </button>
      </form>
    </>
  );
}

function MemberRow(props: { member: Member; party: Party; leads: boolean; mine: boolean; work: Work }) {
  const { member, party, work } = props;
  const name = called(member);
  const state = member.away ? 'away' : member.ready || member.id === party.leader ? 'ready' : 'not ready';
  return (
    <li>
      <span class="who">
        {member.name}
        <small class="tag">#{String(member.tag).padStart(4, '0')}</small>
        {member.id === party.leader && (
          <span class="leader" title="Leader">
            <Icon name="crown" />
            <span class="visually-hidden">leader</span>
          </span>
        )}
        {props.mine && <small>you</small>}
      </span>
      <small data-state={state}>{state}</small>
      {props.leads && !props.mine && (
        <>
          <button
            type="button"
            class="iconButton"
            aria-label={`Make ${name} leader`}
            title="Make leader"
            disabled={work.busy.value}
            onClick={() => void work.run(() => lobby.party.promote(member.id))}
          >
            <Icon name="crown" />
          </button>
          <button
            type="button"
            class="iconButton"
            aria-label={`Remove ${name}`}
            title="Remove"
            disabled={work.busy.value}
            onClick={() => void work.run(() => lobby.party.kick(member.id))}
          >
            <Icon name="userMinus" />
          </button>
        </>
      )}
    </li>
  );
}

export function PartyTab() {
  const work = useWork();
  const party = lobby.party.party.value;
  const me = lobby.identity.me.value?.id ?? '';
  const self = party?.members.find((m) => m.id === me);
  return (
    <>
      {party ? (
        <>
          <p class="partyCode">
            <span>Code</span> <b>{party.code}</b>
          </p>
          <Share link={partyLink(party.code)} label="Link to this party" />
          <ul class="people" aria-label="Party">
            {party.members.map((m) => (
              <MemberRow
                key={m.id}
                member={m}
                party={party}
                leads={party.leader === me}
                mine={m.id === me}
                work={work}
              />
            ))}
          </ul>
          <div class="toolRow">
            {self && party.leader !== me && (
              <label class="check">
                <input
                  type="checkbox"
                  checked={self.ready}
                  disabled={work.busy.value}
                  onChange={(e) => {
                    const ready = e.currentTarget.checked;
                    void work.run(() => lobby.party.ready(ready));
                  }}
                />
                I am ready
              </label>
            )}
            <button
              type="button"
              class="button"
              disabled={work.busy.value}
              onClick={() => void work.run(() => lobby.party.leave())}
            >
              <Icon name="logOut" /> Leave the party
            </button>
          </div>
        </>
      ) : (
        <NoParty work={work} />
      )}
      <Problem text={work.error.value} />
    </>
  );
}
