package party

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hindsight/protocol"
)

// model is the book written down as plainly as can be: a list of parties, searched from end to end.
// It keeps what every player's screen shows, from the events alone.
type model struct {
	book    *Book
	now     protocol.Micros
	parties []*group
	since   map[string]protocol.Micros // who is away
	screens map[string]Party
}

type group struct {
	id      string
	members []string // as they came
	leader  string
	ready   map[string]bool
	state   State
}

// The book and the model agree whatever people do, and every player's screen shows his party.
func TestModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, err := New(Config{Random: rand.NewChaCha8([32]byte{9})})
		if err != nil {
			t.Fatal(err)
		}
		m := &model{book: b, now: start, since: map[string]protocol.Micros{}, screens: map[string]Party{}}
		t.Repeat(map[string]func(*rapid.T){
			"create": m.create, "join": m.join, "join 2": m.join, "join 3": m.join, "leave": m.leave, "kick": m.kick,
			"promote": m.promote, "ready": m.ready, "ready all": m.readyAll, "search": m.search, "stop": m.stop,
			"matched": m.matched, "ended": m.ended, "disconnect": m.disconnect, "reconnect": m.reconnect, "tick": m.tick,
			"": m.check,
		})
	})
}

// player draws somebody; there are few, so that parties fill up and actions collide.
func player(t *rapid.T, role string) string {
	return fmt.Sprint("p", rapid.IntRange(0, 11).Draw(t, role))
}

func (m *model) of(id string) *group {
	for _, g := range m.parties {
		if slices.Contains(g.members, id) {
			return g
		}
	}
	return nil
}

// any draws a party, or skips.
func (m *model) any(t *rapid.T) *group {
	if len(m.parties) == 0 {
		t.Skip("no parties")
	}
	return m.parties[rapid.IntRange(0, len(m.parties)-1).Draw(t, "party")]
}

func want(t *rapid.T, what string, got, want error) {
	if !errors.Is(got, want) {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
}

func (m *model) create(t *rapid.T) {
	id := player(t, "who")
	p, err := m.book.Create(who(id))
	if g := m.of(id); g != nil {
		if g.leader == id {
			want(t, "create again", err, nil)
		} else {
			want(t, "create as a member", err, ErrInParty)
		}
		return
	}
	want(t, "create", err, nil)
	m.parties = append(m.parties, &group{id: p.ID, members: []string{id}, leader: id, ready: map[string]bool{}, state: Idle})
}

func (m *model) join(t *rapid.T) {
	g, id := m.any(t), player(t, "who")
	old := m.of(id)
	view, _ := m.book.Of(g.leader)
	_, err := m.book.Join(view.Code, who(id))
	switch {
	case old == g:
		want(t, "join again", err, nil)
	case len(g.members) == 8:
		want(t, "join a full party", err, ErrNoParty)
	case old != nil && (len(old.members) > 1 || old.state != Idle):
		want(t, "join from another party", err, ErrInParty)
	default:
		want(t, "join", err, nil)
		if old != nil {
			m.removed(id)
		}
		g.members = append(g.members, id)
		g.halt()
	}
}

func (g *group) halt() {
	if g.state == Searching {
		g.state = Idle
	}
}

// removed takes a player out of the model.
func (m *model) removed(id string) {
	g := m.of(id)
	g.halt()
	delete(m.since, id)
	delete(g.ready, id)
	g.members = slices.DeleteFunc(g.members, func(o string) bool { return o == id })
	if len(g.members) == 0 {
		m.parties = slices.DeleteFunc(m.parties, func(o *group) bool { return o == g })
		return
	}
	if g.leader == id {
		g.leader = g.members[0]
		for _, o := range slices.Backward(g.members) {
			if _, away := m.since[o]; !away {
				g.leader = o
			}
		}
	}
}

func (m *model) leave(t *rapid.T) {
	id := player(t, "who")
	m.book.Leave(id)
	if m.of(id) != nil {
		m.removed(id)
	}
}

// command checks what every leader's command has in common, and reports that it may be done.
func (m *model) command(t *rapid.T, what, id string, err error) bool {
	switch g := m.of(id); {
	case g == nil:
		want(t, what, err, ErrNotMember)
	case g.leader != id:
		want(t, what, err, ErrNotLeader)
	default:
		return true
	}
	return false
}

func (m *model) kick(t *rapid.T) {
	id, target := player(t, "who"), player(t, "whom")
	before, _ := m.book.Of(id)
	err := m.book.Kick(id, target)
	if !m.command(t, "kick", id, err) {
		return
	}
	if id == target {
		want(t, "kick oneself", err, ErrSelf)
		return
	}
	want(t, "kick", err, nil)
	hit := m.of(target) == m.of(id)
	if hit {
		m.removed(target)
	}
	if after, _ := m.book.Of(id); (after.Code != before.Code) != hit {
		t.Fatalf("the code went from %s to %s", before.Code, after.Code)
	}
}

func (m *model) promote(t *rapid.T) {
	id, target := player(t, "who"), player(t, "whom")
	err := m.book.Promote(id, target)
	g := m.of(id)
	switch {
	case g != nil && g.leader == target:
		want(t, "promote again", err, nil)
	case !m.command(t, "promote", id, err):
	case m.of(target) != g:
		want(t, "promote a stranger", err, ErrNoMember)
	default:
		want(t, "promote", err, nil)
		g.leader = target
	}
}

func (m *model) ready(t *rapid.T) {
	m.setReady(t, player(t, "who"), rapid.Bool().Draw(t, "ready"))
}

func (m *model) readyAll(t *rapid.T) {
	for _, id := range slices.Clone(m.any(t).members) {
		m.setReady(t, id, true)
	}
}

func (m *model) setReady(t *rapid.T, id string, ready bool) {
	err := m.book.SetReady(id, ready)
	g := m.of(id)
	if g == nil {
		want(t, "ready", err, ErrNotMember)
		return
	}
	want(t, "ready", err, nil)
	if g.ready[id] = ready; !ready {
		g.halt()
	}
}

func (m *model) search(t *rapid.T) {
	g := m.any(t)
	id := rapid.SampledFrom(g.members).Draw(t, "who")
	p, err := m.book.Search(id, "arena", "ffa")
	if !m.command(t, "search", id, err) {
		return
	}
	switch g.state {
	case Playing:
		want(t, "search", err, ErrPlaying)
		return
	case Searching:
		want(t, "search again", err, nil)
		return
	}
	for _, o := range g.members {
		if _, away := m.since[o]; away || o != id && !g.ready[o] {
			want(t, "search", err, ErrNotReady)
			return
		}
	}
	want(t, "search", err, nil)
	if len(p.Members) != len(g.members) {
		t.Fatalf("%d are to be queued, want %d", len(p.Members), len(g.members))
	}
	g.state, g.ready[id] = Searching, true
}

func (m *model) stop(t *rapid.T) {
	id := player(t, "who")
	if err := m.book.Stop(id); m.command(t, "stop", id, err) {
		want(t, "stop", err, nil)
		m.of(id).halt()
	}
}

func (m *model) matched(t *rapid.T) {
	g := m.any(t)
	if got := m.book.Matched(g.id, "arena", "ffa"); got != (g.state != Playing) {
		t.Fatalf("a match for a party that is %s: %v", g.state, got)
	}
	if g.state != Playing {
		g.state, g.ready = Playing, map[string]bool{}
	}
}

func (m *model) ended(t *rapid.T) {
	g := m.any(t)
	if got := m.book.Ended(g.id); got != (g.state == Playing) {
		t.Fatalf("the end for a party that is %s: %v", g.state, got)
	}
	if g.state == Playing {
		g.state = Idle
	}
}

func (m *model) disconnect(t *rapid.T) {
	id := player(t, "who")
	m.book.Disconnect(m.now, id)
	if _, away := m.since[id]; !away && m.of(id) != nil {
		m.since[id] = m.now
	}
}

func (m *model) reconnect(t *rapid.T) {
	id := player(t, "who")
	if p, ok := m.book.Reconnect(id); ok != (m.of(id) != nil) || ok && p.index(id) < 0 {
		t.Fatalf("%s comes back to %v", id, p)
	}
	delete(m.since, id)
}

func (m *model) tick(t *rapid.T) {
	m.now += protocol.Micros(rapid.IntRange(0, 20).Draw(t, "s")) * protocol.Second
	m.book.Tick(m.now)
	for { // who was away longest is removed first, which decides who inherits
		first := ""
		for id, since := range m.since {
			if m.now-since >= DefaultGrace && (first == "" || since < m.since[first]) {
				first = id
			}
		}
		if first == "" {
			return
		}
		m.removed(first)
	}
}

// check compares book, model and screens.
func (m *model) check(t *rapid.T) {
	for _, e := range m.book.Drain() {
		if old := m.screens[e.To]; old.ID == e.Party.ID && e.Party.Rev <= old.Rev {
			t.Fatalf("%s is told %d after %d of %s", e.To, e.Party.Rev, old.Rev, old.ID)
		}
		if e.Party.index(e.To) < 0 && (e.Party.Code != "" || e.Who != e.To) {
			t.Fatalf("%s, who is no member, is told %v", e.To, e)
		}
		m.screens[e.To] = e.Party
	}
	inside := 0
	for _, g := range m.parties {
		for _, id := range g.members {
			got, ok := m.book.Of(id)
			if !ok || got.ID != g.id || got.Leader != g.leader || got.State != g.state || len(got.Members) != len(g.members) {
				t.Fatalf("%s is in %s, want %+v", id, draw(got), g)
			}
			for i, o := range got.Members {
				if _, away := m.since[o.ID]; o.ID != g.members[i] || o.Ready != g.ready[o.ID] || o.Away != away {
					t.Fatalf("%s is in %s, want %+v", id, draw(got), g)
				}
			}
			if !reflect.DeepEqual(m.screens[id], got) {
				t.Fatalf("%s sees %v, want %v", id, m.screens[id], got)
			}
			inside++
		}
	}
	if len(m.book.members) != inside || len(m.book.parties) != len(m.parties) || len(m.book.codes) != len(m.parties) || len(m.book.away) != len(m.since) {
		t.Fatalf("the book keeps %d members, %d parties, %d codes and %d absences", len(m.book.members), len(m.book.parties), len(m.book.codes), len(m.book.away))
	}
	for id, p := range m.screens {
		if m.of(id) == nil && p.index(id) >= 0 {
			t.Fatalf("%s still sees %s", id, draw(p))
		}
	}
}
