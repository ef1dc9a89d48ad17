package api

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"hindsight/server/lobby"
	"hindsight/server/party"
)

func TestQueue(t *testing.T) {
	r := newRig(t)
	ann, bob := r.guest("Ann"), r.guest("Bob")
	hers, _ := r.listening(ann.Session)
	his, _ := r.listening(bob.Session)
	r.ask("GET", "queue", ann.Session, nil).is(204, "")
	var s lobby.QueueState
	r.ask("POST", "queue", ann.Session, `{"game":"walk","mode":"duel"}`).is(201, "").ok(&s)
	if s.Waiting != 1 || s.Mode != "duel" {
		t.Errorf("the queue is %+v", s)
	}
	r.ask("POST", "queue", ann.Session, `{"mode":"duel"}`).is(409, "already_queued")
	r.ask("GET", "queue", ann.Session, nil).is(200, "")
	for range 2 {
		r.ask("DELETE", "queue", ann.Session, nil).is(204, "")
	}
	r.ask("GET", "queue", ann.Session, nil).is(204, "")
	r.ask("POST", "queue", ann.Session, `{"mode":"chess"}`).is(404, "playlist_unknown")

	r.ask("POST", "queue", ann.Session, `{"mode":"duel"}`).is(201, "")
	r.ask("POST", "queue", bob.Session, `{"mode":"duel"}`).is(201, "")
	var a, b lobby.Offer
	r.next(hers, lobby.EventMatch, &a)
	r.next(his, lobby.EventMatch, &b)
	if a.Room != b.Room || a.Ticket == b.Ticket {
		t.Errorf("the offers are %+v and %+v", a, b)
	}
	for _, o := range []lobby.Offer{a, b} {
		if w, code, _ := r.call(o.Ticket, "", false); w.Room != a.Room {
			t.Errorf("the match is in %q (%d)", w.Room, code)
		}
	}
	r.ask("GET", "queue", ann.Session, nil).is(204, "")
}

func TestParties(t *testing.T) {
	r := newRig(t)
	ann, bob, cid := r.guest("Ann"), r.guest("Bob"), r.guest("Cid")
	hers, _ := r.listening(ann.Session)
	his, _ := r.listening(bob.Session)
	r.ask("GET", "parties/mine", ann.Session, nil).is(204, "")
	r.ask("DELETE", "parties/mine", ann.Session, nil).is(204, "")
	r.ask("POST", "parties/mine/ready", ann.Session, nil).is(404, "party_none")
	r.ask("POST", "parties/join", ann.Session, `{"code":"nonsense"}`).is(404, "party_unknown")
	var p lobby.Party
	r.ask("POST", "parties", ann.Session, nil).is(201, "").ok(&p)
	r.ask("POST", "parties/join", bob.Session, map[string]string{"code": p.Code}).is(200, "").ok(&p)
	if len(p.Members) != 2 || p.Leader != ann.Player.ID || p.Members[1].Tag != bob.Player.Tag {
		t.Errorf("the party is %+v", p)
	}
	var news lobby.PartyNews
	for news.Kind != party.Joined {
		r.next(hers, lobby.EventParty, &news)
	}
	if news.Who != bob.Player.ID || len(news.Party.Members) != 2 {
		t.Errorf("told %+v", news)
	}

	search := func(who signedIn) answer { return r.ask("POST", "queue", who.Session, `{"mode":"pairs"}`) }
	search(bob).is(403, "party_not_leader")
	search(ann).is(409, "party_not_ready")
	r.ask("POST", "parties/mine/ready", bob.Session, nil).is(204, "")
	r.ask("POST", "queue", ann.Session, `{"mode":"chess"}`).is(404, "playlist_unknown")
	r.ask("GET", "parties/mine", bob.Session, nil).ok(&p)
	if p.State != party.Idle {
		t.Errorf("after a search that failed the party is %s", p.State)
	}
	search(ann).is(201, "")
	search(ann).is(409, "already_queued")
	r.ask("GET", "queue", bob.Session, nil).is(200, "")
	// Whoever of them waits no more, nobody does.
	r.ask("DELETE", "queue", bob.Session, nil).is(204, "")
	r.ask("GET", "queue", ann.Session, nil).is(204, "")
	r.ask("POST", "parties/mine/ready", bob.Session, nil).is(204, "")
	search(ann).is(201, "")
	r.ask("POST", "parties/join", cid.Session, map[string]string{"code": p.Code}).is(200, "")
	r.ask("GET", "queue", ann.Session, nil).is(204, "")

	r.ask("POST", "parties/mine/kick", ann.Session, map[string]string{"player": cid.Player.ID}).is(204, "")
	r.ask("GET", "parties/mine", cid.Session, nil).is(204, "")
	r.ask("POST", "parties/join", cid.Session, map[string]string{"code": p.Code}).is(404, "party_unknown")
	r.ask("POST", "parties/mine/kick", bob.Session, map[string]string{"player": ann.Player.ID}).is(403, "party_not_leader")
	r.ask("POST", "parties/mine/kick", ann.Session, map[string]string{"player": ann.Player.ID}).is(409, "party_self")
	r.ask("POST", "parties/mine/promote", ann.Session, map[string]string{"player": uuid.NewString()}).is(404, "party_member_gone")
	r.ask("POST", "parties/mine/promote", ann.Session, `{"player":"Bob"}`).is(400, "invalid")
	r.ask("POST", "parties/mine/promote", ann.Session, map[string]string{"player": bob.Player.ID}).is(204, "")
	for news.Kind != party.Promoted {
		r.next(his, lobby.EventParty, &news)
	}
	if news.Party.Leader != bob.Player.ID {
		t.Errorf("told %+v", news)
	}
}

// A party is seated together, plays, and is ready for the next once its leader looks for it.
func TestPartyMatch(t *testing.T) {
	r := newRig(t)
	ann, bob := r.guest("Ann"), r.guest("Bob")
	hers, _ := r.listening(ann.Session)
	his, _ := r.listening(bob.Session)
	var p lobby.Party
	r.ask("POST", "parties", ann.Session, nil).ok(&p)
	r.ask("POST", "parties/join", bob.Session, map[string]string{"code": p.Code}).ok(nil)
	r.ask("POST", "parties/mine/ready", bob.Session, nil).ok(nil)
	r.ask("POST", "queue", ann.Session, `{"mode":"pairs"}`).is(201, "")
	r.pass(30 * time.Second) // until bots take the seats of the other pair
	var a, b lobby.Offer
	r.next(hers, lobby.EventMatch, &a)
	r.next(his, lobby.EventMatch, &b)
	r.ask("GET", "parties/mine", ann.Session, nil).ok(&p)
	if a.Room != b.Room || p.State != party.Playing {
		t.Errorf("offers of %q and %q, the party is %s", a.Room, b.Room, p.State)
	}
	r.ask("POST", "queue", ann.Session, `{"mode":"pairs"}`).is(409, "party_not_ready")
	r.ask("GET", "parties/mine", ann.Session, nil).ok(&p)
	if p.State != party.Idle {
		t.Errorf("the leader is back and the party is %s", p.State)
	}
}

// Who closes the page leaves the queue and the party after a while.
func TestAbsence(t *testing.T) {
	r := newRig(t)
	ann, bob := r.guest("Ann"), r.guest("Bob")
	_, _ = r.listening(ann.Session)
	_, away := r.listening(bob.Session)
	var p lobby.Party
	r.ask("POST", "parties", ann.Session, nil).ok(&p)
	r.ask("POST", "parties/join", bob.Session, map[string]string{"code": p.Code}).ok(nil)
	away()
	r.await("bob to be away", func() bool {
		r.ask("GET", "parties/mine", ann.Session, nil).ok(&p)
		return p.Members[1].Away
	})
	r.pass(time.Minute)
	r.await("bob to be gone", func() bool {
		r.ask("GET", "parties/mine", ann.Session, nil).ok(&p)
		return len(p.Members) == 1
	})
	cid := r.guest("Cid")
	r.ask("POST", "queue", cid.Session, `{"mode":"pairs"}`).is(201, "")
	_, away = r.listening(cid.Session)
	away()
	r.await("the stream to end", func() bool { return r.Streaming(uuid.MustParse(cid.Player.ID)) == 0 })
}

func TestChat(t *testing.T) {
	r := newRig(t)
	ann, bob, cid := r.guest("Ann"), r.guest("Bob"), r.guest("Cid")
	hers, _ := r.listening(ann.Session)
	others, _ := r.listening(cid.Session)
	var said lobby.Line
	r.ask("POST", "chat", bob.Session, `{"to":"lobby","text":"  hello\u202e  shit "}`).is(201, "").ok(&said)
	if said.Text != "hello ****" || said.Name != "Bob" || said.From != bob.Player.ID {
		t.Errorf("said %+v", said)
	}
	var heard lobby.Line
	if r.next(hers, lobby.EventChat, &heard); heard != said {
		t.Errorf("heard %+v", heard)
	}
	r.ask("POST", "chat", bob.Session, `{"to":"lobby","text":"hello shit"}`).is(429, "repeated")
	r.ask("POST", "chat", bob.Session, `{"to":"me","text":"hello"}`).is(400, "invalid")
	r.ask("POST", "chat", bob.Session, `{"to":"lobby","text":"\u200b "}`).is(400, "invalid")
	r.ask("POST", "chat", bob.Session, `{"to":"party","text":"hello"}`).is(404, "party_none")

	var p lobby.Party
	r.ask("POST", "parties", ann.Session, nil).ok(&p)
	r.ask("POST", "parties/join", bob.Session, map[string]string{"code": p.Code}).ok(nil)
	r.ask("POST", "chat", bob.Session, `{"to":"party","text":"among us"}`).is(201, "")
	if r.next(hers, lobby.EventChat, &heard); heard.Text != "among us" || heard.To != "party" {
		t.Errorf("heard %+v", heard)
	}
	r.ask("POST", "chat", ann.Session, `{"to":"lobby","text":"to all"}`).is(201, "")
	for _, want := range []string{"hello ****", "to all"} {
		if r.next(others, lobby.EventChat, &heard); heard.Text != want {
			t.Errorf("somebody else heard %q, want %q", heard.Text, want)
		}
	}
	for i := range 20 {
		if a := r.ask("POST", "chat", bob.Session, map[string]string{"to": "lobby", "text": "line " + string(rune('a'+i))}); a.status != 201 {
			a.is(429, "too_fast")
			return
		}
	}
	t.Error("one may speak without a pause")
}
