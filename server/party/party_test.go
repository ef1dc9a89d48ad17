package party

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"hindsight/protocol"
)

const start = 1000 * protocol.Second

func newBook(t testing.TB) *Book {
	t.Helper()
	b, err := New(Config{Random: rand.NewChaCha8([32]byte{1})})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func who(id string) Member { return Member{ID: id, Name: strings.ToUpper(id)} }

// gather makes a party of these players, the first its leader and all others ready.
func gather(t testing.TB, b *Book, ids ...string) Party {
	t.Helper()
	p, err := b.Create(who(ids[0]))
	for _, id := range ids[1:] {
		if err == nil {
			p, err = b.Join(p.Code, who(id))
		}
		if err == nil {
			err = b.SetReady(id, true)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	b.Drain()
	p, _ = b.Of(ids[0])
	return p
}

// draw writes a party as "leader: members", with + for ready and ~ for away, and its state.
func draw(p Party) string {
	s := p.Leader + ":"
	for _, m := range p.Members {
		s += " " + m.ID
		if m.Ready {
			s += "+"
		}
		if m.Away {
			s += "~"
		}
	}
	return strings.TrimSpace(s + " " + string(p.State) + " " + p.Mode)
}

// told writes the events that a player got.
func told(events []Event, to string) string {
	var all []string
	for _, e := range events {
		if e.To == to {
			all = append(all, strings.TrimSpace(string(e.Kind)+" "+e.Who))
		}
	}
	return strings.Join(all, ", ")
}

func TestFromGatheringToMatchAndBack(t *testing.T) {
	b := newBook(t)
	p, err := b.Create(who("ann"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Join(strings.ToLower(p.Code[:4])+"-"+p.Code[4:], who("bob")); err != nil {
		t.Fatal(err)
	}
	if err := b.CanSearch("ann"); !errors.Is(err, ErrNotReady) {
		t.Errorf("a search without bob: %v", err)
	}
	if err := b.SetReady("bob", true); err != nil {
		t.Fatal(err)
	}
	if got, err := b.Search("ann", "arena", "squads"); err != nil || draw(got) != "ann: ann+ bob+ searching squads" {
		t.Fatalf("%s, %v", draw(got), err)
	}
	if !b.Matched(p.ID, "arena", "squads") {
		t.Error("no match")
	}
	if got, _ := b.Of("bob"); draw(got) != "ann: ann bob playing squads" {
		t.Error(draw(got))
	}
	if err := b.CanSearch("ann"); !errors.Is(err, ErrPlaying) {
		t.Errorf("a search from within a match: %v", err)
	}
	if !b.Ended(p.ID) {
		t.Error("no end")
	}
	if got, _ := b.Of("bob"); draw(got) != "ann: ann bob idle" {
		t.Error(draw(got))
	}
	events := b.Drain()
	if got, want := told(events, "ann"), "created ann, joined bob, ready bob, searching ann, started, ended"; got != want {
		t.Errorf("ann was told %q, want %q", got, want)
	}
	if got, want := told(events, "bob"), "joined bob, ready bob, searching ann, started, ended"; got != want {
		t.Errorf("bob was told %q, want %q", got, want)
	}
	if len(b.Drain()) != 0 {
		t.Error("events come twice")
	}
}

// Asking twice for the same changes nothing, is no error and tells nobody anything.
func TestDoubleClicks(t *testing.T) {
	ok := func(bool) error { return nil }
	for name, c := range map[string]struct{ before, act func(b *Book, p Party) error }{
		"create":  {nil, func(b *Book, p Party) error { _, err := b.Create(who("new")); return err }},
		"join":    {nil, func(b *Book, p Party) error { _, err := b.Join(p.Code, who("dee")); return err }},
		"unready": {nil, func(b *Book, p Party) error { return b.SetReady("bob", false) }},
		"ready": {
			func(b *Book, p Party) error { return b.SetReady("bob", false) },
			func(b *Book, p Party) error { return b.SetReady("bob", true) },
		},
		"search": {nil, func(b *Book, p Party) error { _, err := b.Search("ann", "arena", "ffa"); return err }},
		"stop": {
			func(b *Book, p Party) error { _, err := b.Search("ann", "arena", "ffa"); return err },
			func(b *Book, p Party) error { return b.Stop("ann") },
		},
		"kick":    {nil, func(b *Book, p Party) error { return b.Kick("ann", "cid") }},
		"promote": {nil, func(b *Book, p Party) error { return b.Promote("ann", "bob") }},
		"leave":   {nil, func(b *Book, p Party) error { b.Leave("cid"); return nil }},
		"drop":    {nil, func(b *Book, p Party) error { b.Disconnect(start, "bob"); return nil }},
		"return": {
			func(b *Book, p Party) error { b.Disconnect(start, "bob"); return nil },
			func(b *Book, p Party) error { b.Reconnect("bob"); return nil },
		},
		"match": {nil, func(b *Book, p Party) error { return ok(b.Matched(p.ID, "arena", "ffa")) }},
		"the end": {
			func(b *Book, p Party) error { return ok(b.Matched(p.ID, "arena", "ffa")) },
			func(b *Book, p Party) error { return ok(b.Ended(p.ID)) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBook(t)
			p := gather(t, b, "ann", "bob", "cid")
			if c.before != nil {
				if err := c.before(b, p); err != nil {
					t.Fatal(err)
				}
			}
			b.Drain()
			if err := c.act(b, p); err != nil || len(b.Drain()) == 0 {
				t.Fatalf("once: no events, or %v", err)
			}
			if err := c.act(b, p); err != nil {
				t.Errorf("twice: %v", err)
			}
			if again := b.Drain(); len(again) != 0 {
				t.Errorf("twice: %v", again)
			}
		})
	}
}

// What comes too late, for one who is in no party, is no error either.
func TestTooLate(t *testing.T) {
	b := newBook(t)
	b.Leave("nobody")
	b.Disconnect(start, "nobody")
	b.Tick(start + DefaultGrace)
	if _, ok := b.Reconnect("nobody"); ok || b.Matched("p9", "arena", "ffa") || b.Ended("p9") || len(b.Drain()) != 0 {
		t.Error("something came of nothing")
	}
}

func TestRefused(t *testing.T) {
	b := newBook(t)
	p := gather(t, b, "ann", "bob")
	full := gather(t, b, "f0", "f1", "f2", "f3", "f4", "f5", "f6", "f7")
	gather(t, b, "eve", "fay")
	solo := gather(t, b, "sol")
	if _, err := b.Search("sol", "arena", "ffa"); err != nil {
		t.Fatal(err)
	}
	b.Drain()
	join := func(code, id string) error { _, err := b.Join(code, who(id)); return err }
	search := func(id, mode string) error { _, err := b.Search(id, "arena", mode); return err }
	create := func(id string) error { _, err := b.Create(who(id)); return err }
	for name, c := range map[string]struct{ got, want error }{
		"join with an unknown code":   {join("00000000", "new"), ErrNoParty},
		"join a full party":           {join(full.Code, "new"), ErrNoParty},
		"join with nonsense":          {join("?", "new"), ErrNoParty},
		"join as nobody":              {join(p.Code, ""), ErrInvalid},
		"join out of another party":   {join(p.Code, "fay"), ErrInParty},
		"join out of a search":        {join(p.Code, "sol"), ErrInParty},
		"create as nobody":            {create(""), ErrInvalid},
		"create in another's party":   {create("bob"), ErrInParty},
		"kick by a member":            {b.Kick("bob", "ann"), ErrNotLeader},
		"kick by a stranger":          {b.Kick("new", "ann"), ErrNotMember},
		"kick oneself":                {b.Kick("ann", "ann"), ErrSelf},
		"promote by a member":         {b.Promote("fay", "fay"), ErrNotLeader},
		"promote a stranger":          {b.Promote("ann", "eve"), ErrNoMember},
		"promote by a stranger":       {b.Promote("new", "ann"), ErrNotMember},
		"ready in no party":           {b.SetReady("new", true), ErrNotMember},
		"search by a member":          {search("bob", "ffa"), ErrNotLeader},
		"search in no party":          {search("new", "ffa"), ErrNotMember},
		"search before all are ready": {b.SetReady("fay", false), nil},
		"search for something else":   {search("sol", "duel"), ErrSearching},
		"stop by a member":            {b.Stop("bob"), ErrNotLeader},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%s: %v, want %v", name, c.got, c.want)
		}
	}
	if err := search("eve", "ffa"); !errors.Is(err, ErrNotReady) {
		t.Errorf("search with one who is not ready: %v", err)
	}
	if got, _ := b.Of("sol"); got.ID != solo.ID || got.State != Searching {
		t.Errorf("a refused call changed %v", got)
	}
	seen := map[string]bool{}
	for r := ErrNoParty; int(r) < len(table); r++ {
		if r.Code() == "" || r.Text() == "" || seen[r.Code()] {
			t.Errorf("refusal %d has code %q and text %q", r, r.Code(), r.Text())
		}
		seen[r.Code()] = true
	}
	if Refusal(200).Code() != ErrInvalid.Code() {
		t.Error("a refusal that is not on the list has a code of its own")
	}
}

// A search is for the people who agreed to it.
func TestChangesStopTheSearch(t *testing.T) {
	for name, change := range map[string]func(b *Book, p Party){
		"join":    func(b *Book, p Party) { b.Join(p.Code, who("dee")) },
		"leave":   func(b *Book, p Party) { b.Leave("bob") },
		"kick":    func(b *Book, p Party) { b.Kick("ann", "bob") },
		"unready": func(b *Book, p Party) { b.SetReady("bob", false) },
		"leader":  func(b *Book, p Party) { b.SetReady("ann", false) },
		"stop":    func(b *Book, p Party) { b.Stop("ann") },
		"expiry":  func(b *Book, p Party) { b.Disconnect(start, "bob"); b.Tick(start + DefaultGrace) },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBook(t)
			p := gather(t, b, "ann", "bob", "cid")
			if _, err := b.Search("ann", "arena", "squads"); err != nil {
				t.Fatal(err)
			}
			b.Drain()
			change(b, p)
			events := b.Drain()
			for _, id := range []string{"ann", "bob", "cid"} {
				if got := told(events, id); strings.Count(got, "stopped") != 1 {
					t.Errorf("%s was told %q", id, got)
				}
			}
			if got, _ := b.Of("ann"); got.State != Idle || got.Mode != "" {
				t.Errorf("the party is %s", draw(got))
			}
			// The match may have been found before that was known.
			if !b.Matched(p.ID, "arena", "squads") {
				t.Error("a match that was found is refused")
			}
		})
	}
	t.Run("a lost connection does not", func(t *testing.T) {
		b := newBook(t)
		gather(t, b, "ann", "bob")
		b.Search("ann", "arena", "squads")
		b.Disconnect(start, "bob")
		b.Tick(start + DefaultGrace - 1)
		if got, ok := b.Reconnect("bob"); !ok || draw(got) != "ann: ann+ bob+ searching squads" {
			t.Errorf("bob finds %s", draw(got))
		}
	})
}

func TestWhoLeads(t *testing.T) {
	b := newBook(t)
	p := gather(t, b, "ann", "bob", "cid")
	b.Disconnect(start, "bob")
	b.Leave("ann")
	if got, _ := b.Of("cid"); draw(got) != "cid: bob+~ cid+ idle" {
		t.Errorf("after ann left: %s", draw(got))
	}
	if got, want := told(b.Drain(), "cid"), "away bob, left ann, promoted cid"; got != want {
		t.Errorf("cid was told %q, want %q", got, want)
	}
	b.Leave("cid")
	if got, _ := b.Of("bob"); draw(got) != "bob: bob+~ idle" {
		t.Errorf("after cid left: %s", draw(got))
	}
	b.Tick(start + DefaultGrace)
	if _, ok := b.Of("bob"); ok || len(b.parties)+len(b.codes)+len(b.members)+len(b.away) != 0 {
		t.Error("a party outlives its last member")
	}
	if _, err := b.Join(p.Code, who("dee")); !errors.Is(err, ErrNoParty) {
		t.Errorf("the code of a dissolved party: %v", err)
	}
}

func TestGrace(t *testing.T) {
	b := newBook(t)
	gather(t, b, "ann", "bob", "cid")
	b.Disconnect(start, "ann")
	b.Disconnect(start+5*protocol.Second, "bob")
	b.Disconnect(start+20*protocol.Second, "ann") // said twice: the first counts
	if err := b.CanSearch("ann"); !errors.Is(err, ErrNotReady) {
		t.Errorf("a search while somebody is away: %v", err)
	}
	b.Tick(start + DefaultGrace)
	if got, _ := b.Of("cid"); draw(got) != "cid: bob+~ cid+ idle" {
		t.Errorf("after ann's grace: %s", draw(got))
	}
	b.Reconnect("bob")
	b.Disconnect(start+34*protocol.Second, "bob")
	b.Tick(start + 35*protocol.Second)
	if _, ok := b.Of("bob"); !ok {
		t.Error("an absence that was over counts")
	}
	if _, ok := b.Reconnect("ann"); ok {
		t.Error("ann is back in a party that she lost")
	}
}

// Someone who was kicked learns neither the new code nor anything else of the party.
func TestKickedStaysOut(t *testing.T) {
	b := newBook(t)
	old := gather(t, b, "ann", "bob", "cid")
	b.Search("ann", "arena", "ffa")
	if err := b.Kick("ann", "bob"); err != nil {
		t.Fatal(err)
	}
	now, _ := b.Of("ann")
	if now.Code == old.Code {
		t.Error("the code is still the same")
	}
	for _, e := range b.Drain() {
		if e.To == "bob" && (e.Party.Code == now.Code || e.Kind == Kicked && len(e.Party.Members) > 0) {
			t.Errorf("bob is told %+v", e)
		}
	}
	if _, err := b.Join(old.Code, who("bob")); !errors.Is(err, ErrNoParty) {
		t.Errorf("bob comes back: %v", err)
	}
}

func TestJoinFromAPartyOfOne(t *testing.T) {
	b := newBook(t)
	p := gather(t, b, "ann")
	own := gather(t, b, "bob")
	if got, err := b.Join(p.Code, who("bob")); err != nil || draw(got) != "ann: ann bob idle" {
		t.Errorf("bob finds %s, %v", draw(got), err)
	}
	if _, err := b.Join(own.Code, who("cid")); !errors.Is(err, ErrNoParty) {
		t.Errorf("his old party is still there: %v", err)
	}
	if got, want := told(b.Drain(), "bob"), "left bob, joined bob"; got != want {
		t.Errorf("bob was told %q, want %q", got, want)
	}
}

func TestCodes(t *testing.T) {
	b := newBook(t)
	seen, symbols := map[string]bool{}, map[rune]bool{}
	for i := range 2000 {
		p, err := b.Create(who(fmt.Sprint(i)))
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Code) != CodeLength || seen[p.Code] || canonical(p.Code) != p.Code {
			t.Fatalf("code %q", p.Code)
		}
		seen[p.Code] = true
		for _, c := range p.Code {
			symbols[c] = true
		}
	}
	if len(symbols) != 32 || len(alphabet) != 32 {
		t.Errorf("codes use %d of %d symbols", len(symbols), len(alphabet))
	}
	for written, want := range map[string]string{
		"K7Q2M9XD": "K7Q2M9XD", "k7q2-m9xd": "K7Q2M9XD", " k7q2 m9xd ": "K7Q2M9XD",
		"OILoil00": "01101100", "K7Q2M9X": "", "K7Q2M9XDD": "", "UUUUUUUU": "", "K7Q2M9X_": "", "": "", "K7Q2M9Xé": "",
	} {
		if got := canonical(written); got != want {
			t.Errorf("%q is read as %q, want %q", written, got, want)
		}
	}
}

// A source of chance that fails, or that repeats itself, makes no party and changes none.
func TestBrokenChance(t *testing.T) {
	if _, err := New(Config{}); err == nil {
		t.Error("a book without chance")
	}
	b, err := New(Config{Random: io.LimitReader(zeros{}, 10), MaxParties: 2})
	if err != nil {
		t.Fatal(err)
	}
	p := gather(t, b, "ann")
	if _, err := b.Join(p.Code, who("bob")); err != nil {
		t.Fatal(err)
	}
	b.Drain()
	if err := b.Kick("ann", "bob"); err == nil {
		t.Error("kicked without a new code")
	}
	if _, err := b.Create(who("cid")); !errors.Is(err, io.EOF) {
		t.Errorf("created without a code: %v", err)
	}
	b.cfg.Random = zeros{}
	if _, err := b.Create(who("cid")); !errors.Is(err, ErrBusy) {
		t.Errorf("created with a code that is taken: %v", err)
	}
	b.cfg.Random = rand.NewChaCha8([32]byte{})
	if _, err := b.Create(who("cid")); err != nil {
		t.Error(err)
	}
	if _, err := b.Create(who("dee")); !errors.Is(err, ErrBusy) {
		t.Errorf("more parties than allowed: %v", err)
	}
	if got, _ := b.Of("bob"); draw(got) != "ann: ann bob idle" {
		t.Errorf("the party became %s", draw(got))
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
