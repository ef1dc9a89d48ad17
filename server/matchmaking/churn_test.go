package matchmaking

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"hindsight/protocol"
)

// world is what the owner of a queue knows: who should be where.
type world struct {
	q       *Queue
	now     protocol.Micros
	rules   map[Playlist]Rules
	waiting map[string]Entry  // by entry
	open    map[uint64]Match  // proposals
	taken   map[string]uint64 // player to proposal
	gone    map[string]bool   // entries cancelled, and players who left, while proposed
	serial  int
}

// However people come and go, matches have the right sizes, parties stay together, nobody is in two
// matches, nobody is lost, and with bots nobody waits beyond FillAfter.
func TestChurn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := &world{now: start, waiting: map[string]Entry{}, open: map[uint64]Match{}, taken: map[string]uint64{}, gone: map[string]bool{}}
		w.rules = map[Playlist]Rules{}
		given := map[Playlist]Rules{}
		for _, list := range lists {
			r := playlists[list]
			r.JoinInProgress = rapid.Bool().Draw(t, "join in progress")
			given[list] = r
			w.rules[list], _ = r.withDefaults()
		}
		q, err := New(Config{Rules: given})
		if err != nil {
			t.Fatal(err)
		}
		w.q = q
		t.Repeat(map[string]func(*rapid.T){
			"add":     w.add,
			"again":   w.addAgain,
			"cancel":  w.cancel,
			"leave":   w.leave,
			"depart":  w.depart,
			"tick":    w.tick,
			"tick 2":  w.tick,
			"confirm": func(t *rapid.T) { w.answer(t, true) },
			"requeue": func(t *rapid.T) { w.answer(t, false) },
			"":        w.check,
		})
	})
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// lists are the playlists in a fixed order.
var lists = []Playlist{ffa, duel, squads, eights, ranked}

func (w *world) add(t *rapid.T) {
	for range rapid.IntRange(1, 12).Draw(t, "entries") {
		list := rapid.SampledFrom(lists).Draw(t, "playlist")
		mu := rapid.SliceOfN(rapid.Float64Range(0, 50), 1, min(w.rules[list].TeamSize, 5)).Draw(t, "skills")
		w.serial++
		e := party(list, fmt.Sprint("e", w.serial), mu...)
		if err := w.q.Add(w.now, e); err != nil {
			t.Fatalf("add %s: %v", e.ID, err)
		}
		e.Since = w.now
		w.waiting[e.ID] = e
	}
}

// addAgain lets somebody who waits or is in a proposal queue a second time.
func (w *world) addAgain(t *rapid.T) {
	var everyone []string
	for _, id := range sortedKeys(w.waiting) {
		for _, m := range w.waiting[id].Players {
			everyone = append(everyone, m.ID)
		}
	}
	everyone = append(everyone, sortedKeys(w.taken)...)
	if len(everyone) == 0 {
		t.Skip("nobody is there")
	}
	who := rapid.SampledFrom(everyone).Draw(t, "who")
	if err := w.q.Add(w.now, Entry{ID: "again", Playlist: ffa, Players: []Member{member(who, 25)}}); err != ErrQueued {
		t.Fatalf("%s queues twice: %v", who, err)
	}
}

func (w *world) cancel(t *rapid.T) {
	var all []string
	for _, m := range w.open {
		for _, e := range m.Entries {
			all = append(all, e.ID)
		}
	}
	all = append(all, sortedKeys(w.waiting)...)
	slices.Sort(all)
	if len(all) == 0 {
		t.Skip("nobody waits")
	}
	id := rapid.SampledFrom(all).Draw(t, "entry")
	_, waits := w.waiting[id]
	if got := w.q.Cancel(id); got != waits {
		t.Fatalf("cancel %s: %v", id, got)
	}
	delete(w.waiting, id)
	if !waits {
		w.gone[id] = true
	}
}

func (w *world) leave(t *rapid.T) {
	if len(w.waiting) == 0 {
		t.Skip("nobody waits")
	}
	e := w.waiting[rapid.SampledFrom(sortedKeys(w.waiting)).Draw(t, "entry")]
	i := rapid.IntRange(0, len(e.Players)-1).Draw(t, "player")
	if !w.q.Leave(e.Players[i].ID) {
		t.Fatalf("%s cannot leave", e.Players[i].ID)
	}
	e.Players = slices.Delete(slices.Clone(e.Players), i, i+1)
	w.waiting[e.ID] = e
	if len(e.Players) == 0 {
		delete(w.waiting, e.ID)
	}
}

// depart lets somebody leave who is in a proposal.
func (w *world) depart(t *rapid.T) {
	if len(w.taken) == 0 {
		t.Skip("no proposals")
	}
	id := rapid.SampledFrom(sortedKeys(w.taken)).Draw(t, "player")
	if w.q.Leave(id) {
		t.Fatalf("%s left what was proposed", id)
	}
	w.gone[id] = true
}

func (w *world) tick(t *rapid.T) {
	w.now += protocol.Micros(rapid.IntRange(0, 8_000).Draw(t, "ms")) * protocol.Millisecond
	var rooms []Room
	for i := range rapid.IntRange(0, 3).Draw(t, "rooms") {
		list := rapid.SampledFrom(lists).Draw(t, "of")
		r := Room{ID: fmt.Sprint("r", i), Playlist: list, Rating: member("", rapid.Float64Range(0, 50).Draw(t, "level")).Rating}
		for range w.rules[list].Teams {
			r.Free = append(r.Free, rapid.IntRange(0, w.rules[list].TeamSize).Draw(t, "free"))
		}
		rooms = append(rooms, r)
	}
	for _, m := range w.q.Tick(w.now, rooms) {
		w.accept(t, m, rooms)
	}
	for _, e := range w.waiting {
		if r := w.rules[e.Playlist]; !r.NoBots && w.now-e.Since >= r.FillAfter {
			t.Fatalf("%s waits for %d", e.ID, w.now-e.Since)
		}
	}
}

// accept checks a proposal and takes its people from those who wait.
func (w *world) accept(t *rapid.T, m Match, rooms []Room) {
	r, seated := w.rules[m.Playlist], map[string]int{}
	total := 0
	for i, team := range m.Teams {
		for _, p := range team {
			seated[p.ID] = i
			total++
			if w.taken[p.ID] != 0 {
				t.Fatalf("%s is in two matches", p.ID)
			}
			w.taken[p.ID] = m.ID
		}
	}
	entered := 0
	for _, e := range m.Entries {
		want, ok := w.waiting[e.ID]
		if !ok || len(e.Players) != len(want.Players) || e.Since != want.Since || e.Playlist != m.Playlist {
			t.Fatalf("match %d has %v, want %v", m.ID, e, want)
		}
		for _, p := range e.Players {
			team, ok := seated[p.ID]
			if !ok || !r.free() && team != seated[e.Players[0].ID] {
				t.Fatalf("match %d tears %s apart: %s", m.ID, e.ID, names(m))
			}
		}
		entered += len(e.Players)
		delete(w.waiting, e.ID)
	}
	if total != entered || len(seated) != total || w.open[m.ID].ID != 0 {
		t.Fatalf("match %d seats %d of %d people", m.ID, total, entered)
	}
	w.open[m.ID] = m
	if m.Room == "" {
		w.acceptNew(t, m, total)
		return
	}
	i := slices.IndexFunc(rooms, func(r Room) bool { return r.ID == m.Room })
	for team, players := range m.Teams {
		if r.free() {
			team = 0
		}
		if rooms[i].Free[team] -= len(players); rooms[i].Free[team] < 0 || !r.JoinInProgress {
			t.Fatalf("match %d has no seats in %s", m.ID, m.Room)
		}
	}
}

// acceptNew checks what only holds for new rooms.
func (w *world) acceptNew(t *rapid.T, m Match, total int) {
	r, wait := w.rules[m.Playlist], w.now-m.Entries[0].Since
	for _, team := range m.Teams {
		if len(team) > r.TeamSize || r.NoBots && len(team) != total/len(m.Teams) {
			t.Fatalf("match %d has uneven teams: %s", m.ID, names(m))
		}
	}
	if !r.NoBots && total+m.BotSlots != r.seats() || r.NoBots && m.BotSlots != 0 {
		t.Fatalf("match %d has %d people and %d bots", m.ID, total, m.BotSlots)
	}
	if total < r.seats() && wait < r.StartAfter || total < r.MinPlayers && (r.NoBots || wait < r.FillAfter) {
		t.Fatalf("match %d starts with %d people after %d", m.ID, total, wait)
	}
}

func (w *world) answer(t *rapid.T, confirm bool) {
	if len(w.open) == 0 {
		t.Skip("no proposals")
	}
	id := rapid.SampledFrom(sortedKeys(w.open)).Draw(t, "proposal")
	if confirm && !w.q.Confirm(id) || !confirm && !w.q.Requeue(id) {
		t.Fatalf("proposal %d is not open", id)
	}
	for _, e := range w.open[id].Entries {
		for _, p := range e.Players {
			delete(w.taken, p.ID)
		}
		e.Players = slices.DeleteFunc(slices.Clone(e.Players), func(p Member) bool { return w.gone[p.ID] })
		if !confirm && !w.gone[e.ID] && len(e.Players) > 0 {
			w.waiting[e.ID] = e
		}
	}
	delete(w.open, id)
}

// check compares what the queue holds with what it should.
func (w *world) check(t *rapid.T) {
	held, waiting := 0, map[Playlist]int{}
	for _, e := range w.waiting {
		waiting[e.Playlist] += len(e.Players)
		held += len(e.Players)
	}
	for _, list := range lists {
		if got := w.q.Waiting(list); got != waiting[list] {
			t.Fatalf("%d wait for %s, want %d", got, list.Mode, waiting[list])
		}
	}
	if got := len(w.q.players); got != held+len(w.taken) {
		t.Fatalf("the queue knows %d players, want %d", got, held+len(w.taken))
	}
	if len(w.q.proposed) != len(w.open) {
		t.Fatalf("the queue has %d proposals, want %d", len(w.q.proposed), len(w.open))
	}
}
