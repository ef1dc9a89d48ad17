import { describe, expect, it } from 'vitest';
import { Api } from './api';
import { PartyDesk } from './party';

const ada = { id: 'ada', name: 'Ada', tag: 1, ready: false, away: false };
const party = (rev: number, members: object[] = [ada]) => ({
  party: { id: 'p1', code: 'K7Q2M9XD', rev, leader: 'ada', state: 'idle', members },
});

describe('news of the party', () => {
  it('is shown unless it is older than what is shown', () => {
    const desk = new PartyDesk(new Api());
    desk.hear(party(4));
    desk.hear(party(3, [ada, { ...ada, id: 'bob' }]));
    expect(desk.party.value?.members).toHaveLength(1);
    desk.hear(party(5, [ada, { ...ada, id: 'bob' }]));
    expect(desk.party.value?.members.map((m) => m.id)).toEqual(['ada', 'bob']);
  });

  it('takes the party away from who is no longer in it', () => {
    const desk = new PartyDesk(new Api());
    desk.hear(party(4));
    desk.hear({ party: { ...party(9, []).party, id: 'another' } });
    expect(desk.party.value?.id).toBe('p1');
    desk.hear(party(5, []));
    expect(desk.party.value).toBeNull();
  });

  it('is not undone by an answer that was asked for before it', async () => {
    const api = new Api();
    let answer: (v: unknown) => void = () => {};
    api.own = () => new Promise((resolve) => (answer = resolve));
    const desk = new PartyDesk(api);
    const looking = desk.look();
    desk.hear(party(1));
    answer(null); // no party, as it was when the page opened
    await looking;
    expect(desk.party.value?.id).toBe('p1');
  });

  it('does not mind nonsense', () => {
    const desk = new PartyDesk(new Api());
    for (const news of [null, 3, {}, { party: {} }, { party: { id: 'p', state: 'odd' } }]) desk.hear(news);
    expect(desk.party.value).toBeNull();
  });
});
