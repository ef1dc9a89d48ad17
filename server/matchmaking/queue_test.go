package matchmaking

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"hindsight/game/rating"
	"hindsight/protocol"
)

const start = 1000 * protocol.Second

var (
	ffa    = Playlist{"arena", "ffa"}
	duel   = Playlist{"arena", "duel"}
	squads = Playlist{"arena", "squads"}
	eights = Playlist{"arena", "eights"}
	ranked = Playlist{"arena", "ranked"}
)

var playlists = map[Playlist]Rules{
	ffa:    {MaxPlayers: 8, JoinInProgress: true},
	duel:   {Teams: 2, TeamSize: 1},
	squads: {Teams: 2, TeamSize: 4, MinPlayers: 4, JoinInProgress: true},
	eights: {Teams: 2, TeamSize: 8},
	ranked: {Teams: 2, TeamSize: 4, MinPlayers: 4, NoBots: true},
}

func newQueue(t testing.TB, cfg Config) *Queue {
	t.Helper()
	q, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func member(id string, mu float64) Member {
	return Member{ID: id, Rating: rating.Rating{Mu: mu, Sigma: 2}}
}

// party is an entry of players id.0, id.1 and so on, with these skills.
func party(list Playlist, id string, mu ...float64) Entry {
	e := Entry{ID: id, Playlist: list}
	for i, m := range mu {
		e.Players = append(e.Players, member(fmt.Sprintf("%s.%d", id, i), m))
	}
	return e
}

func add(t testing.TB, q *Queue, now protocol.Micros, entries ...Entry) {
	t.Helper()
	for _, e := range entries {
		if err := q.Add(now, e); err != nil {
			t.Fatalf("%s: %v", e.ID, err)
		}
	}
}

// names draws a match: players by team, teams divided by a bar.
func names(m Match) string {
	var teams []string
	for _, team := range m.Teams {
		var ids []string
		for _, p := range team {
			ids = append(ids, p.ID)
		}
		teams = append(teams, strings.Join(ids, " "))
	}
	return strings.Join(teams, " | ")
}

// ids are a match's entries.
func ids(m Match) string {
	var all []string
	for _, e := range m.Entries {
		all = append(all, e.ID)
	}
	return strings.Join(all, " ")
}

func TestAddRefuses(t *testing.T) {
	q := newQueue(t, Config{Rules: playlists, MaxPlayers: 6})
	add(t, q, start, party(ffa, "a", 25, 25))
	twice := party(ffa, "x", 25, 25)
	twice.Players[1] = twice.Players[0]
	unrated := party(ffa, "x", math.NaN())
	friend := party(duel, "x", 25)
	friend.Players[0].ID = "a.1"
	for name, c := range map[string]struct {
		entry Entry
		want  error
	}{
		"the same entry":      {party(ffa, "a", 25, 25), ErrQueued},
		"an id that is taken": {Entry{ID: "a", Playlist: duel, Players: []Member{member("z", 25)}}, ErrQueued},
		"a player that waits": {friend, ErrQueued},
		"a party for a duel":  {party(duel, "x", 25, 25), ErrTooLarge},
		"five in a squad":     {party(squads, "x", 1, 2, 3, 4, 5), ErrTooLarge},
		"an unknown mode":     {party(Playlist{"arena", "golf"}, "x", 25), ErrPlaylist},
		"nobody":              {Entry{ID: "x", Playlist: ffa}, ErrEntry},
		"no id":               {party(ffa, "", 25), ErrEntry},
		"one player twice":    {twice, ErrEntry},
		"no rating":           {unrated, ErrEntry},
		"more than there fit": {party(ffa, "x", 1, 2, 3, 4, 5), ErrBusy},
	} {
		if err := q.Add(start, c.entry); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if n := q.Waiting(ffa); n != 2 {
		t.Errorf("%d wait after refusals, want 2", n)
	}
}

func TestRefusals(t *testing.T) {
	seen := map[string]bool{}
	for r := ErrQueued; int(r) < len(table); r++ {
		if r.Code() == "" || r.Text() == "" || seen[r.Code()] {
			t.Errorf("refusal %d has code %q and text %q", r, r.Code(), r.Text())
		}
		seen[r.Code()] = true
	}
	if got := Refusal(0).Code(); got != ErrEntry.Code() {
		t.Errorf("the zero refusal reads %q", got)
	}
}

func TestNewRefuses(t *testing.T) {
	for name, r := range map[string]Rules{
		"nothing":                 {},
		"too many seats":          {Teams: 129, TeamSize: 8},
		"both kinds of seats":     {Teams: 2, TeamSize: 4, MaxPlayers: 8},
		"a free for all of teams": {TeamSize: 4, MaxPlayers: 8},
		"more than there is":      {MaxPlayers: 4, MinPlayers: 5},
		"start after fill":        {MaxPlayers: 4, StartAfter: 9, FillAfter: 8},
		"no first step":           {MaxPlayers: 4, Window: []Step{{1, 1}}},
		"an empty window":         {MaxPlayers: 4, Window: []Step{}},
		"a window that narrows":   {MaxPlayers: 4, Window: []Step{{0, 2}, {1, 1}}},
		"a window out of order":   {MaxPlayers: 4, Window: []Step{{0, 2}, {0, 3}}},
	} {
		if _, err := New(Config{Rules: map[Playlist]Rules{ffa: r}}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestCancelAndLeave(t *testing.T) {
	q := newQueue(t, Config{Rules: playlists})
	add(t, q, start, party(duel, "a", 25), party(squads, "p", 20, 30, 25))
	if !q.Leave("p.1") || q.Leave("p.1") {
		t.Error("a player leaves his party other than once")
	}
	add(t, q, start, Entry{ID: "alone", Playlist: ffa, Players: []Member{member("p.1", 30)}})
	if n := q.Waiting(squads); n != 2 {
		t.Errorf("%d of the party wait, want 2", n)
	}
	if !q.Cancel("a") || q.Cancel("a") || q.Cancel("nobody") || q.Leave("a.0") {
		t.Error("an entry is cancelled other than once")
	}
	if !q.Leave("p.0") || !q.Leave("p.2") || q.Cancel("p") {
		t.Error("the party outlives its last player")
	}
	if got := q.Tick(start+DefaultFillAfter, nil); len(got) != 1 || ids(got[0]) != "alone" {
		t.Errorf("matches %v, want one of him who is left", got)
	}
}

// While a match is being arranged its people can change their minds.
func TestCancelRaces(t *testing.T) {
	propose := func(t *testing.T) (*Queue, Match) {
		q := newQueue(t, Config{Rules: playlists})
		add(t, q, start, party(squads, "a", 25, 25, 25, 25), party(squads, "b", 25, 25, 25, 25))
		got := q.Tick(start, nil)
		if len(got) != 1 || ids(got[0]) != "a b" {
			t.Fatalf("matches %v", got)
		}
		return q, got[0]
	}
	t.Run("taken while proposed", func(t *testing.T) {
		q, m := propose(t)
		if err := q.Add(start, party(squads, "a", 25)); !errors.Is(err, ErrQueued) {
			t.Errorf("queued again while in a proposal: %v", err)
		}
		if got := q.Tick(start+DefaultFillAfter, nil); len(got) != 0 {
			t.Errorf("matched twice: %v", got)
		}
		if !q.Confirm(m.ID) || q.Confirm(m.ID) || q.Requeue(m.ID) {
			t.Error("a proposal is answered other than once")
		}
		add(t, q, start, party(squads, "a", 25, 25, 25, 25))
	})
	t.Run("cancel, then give back", func(t *testing.T) {
		q, m := propose(t)
		if q.Cancel("a") {
			t.Error("cancelled what was proposed")
		}
		if !q.Requeue(m.ID) || q.Requeue(m.ID) || q.Confirm(m.ID) {
			t.Error("a proposal is answered other than once")
		}
		if n := q.Waiting(squads); n != 4 {
			t.Errorf("%d wait, want the 4 of the other party", n)
		}
		add(t, q, start, party(squads, "a", 25, 25, 25, 25))
	})
	t.Run("cancel, then confirm", func(t *testing.T) {
		q, m := propose(t)
		q.Cancel("a")
		if !q.Confirm(m.ID) || q.Waiting(squads) != 0 {
			t.Error("the match did not take place")
		}
	})
	t.Run("leave, then give back", func(t *testing.T) {
		q, m := propose(t)
		for _, id := range []string{"a.2", "a.2", "b.0", "b.1", "b.2", "b.3"} {
			if q.Leave(id) {
				t.Errorf("%s left what was proposed", id)
			}
		}
		if len(m.Entries[0].Players) != 4 {
			t.Error("a proposal changed in the owner's hands")
		}
		q.Requeue(m.ID)
		if n := q.Waiting(squads); n != 3 {
			t.Errorf("%d wait, want 3", n)
		}
		got := q.Tick(start+DefaultFillAfter, nil)
		if len(got) != 1 || names(got[0]) != "a.0 a.1 a.3 | " && names(got[0]) != " | a.0 a.1 a.3" {
			t.Errorf("matches %v, want one of those who stayed", got)
		}
	})
}

// Somebody who left a party in a proposal is free once that is answered, whatever the party does then.
func TestLeaverIsLeftAlone(t *testing.T) {
	q := newQueue(t, Config{Rules: playlists})
	add(t, q, start, party(squads, "a", 25, 25), party(squads, "b", 25, 25, 25, 25), party(squads, "c", 25, 25))
	m := q.Tick(start, nil)[0]
	q.Leave("a.1")
	q.Requeue(m.ID)
	alone := Entry{ID: "alone", Playlist: ffa, Players: []Member{member("a.1", 25)}}
	add(t, q, start+DefaultFillAfter-1, alone)
	m = q.Tick(start+DefaultFillAfter-1, nil)[0]
	if ids(m) != "a b c" {
		t.Fatalf("the others play in %v", m)
	}
	q.Requeue(m.ID)
	if err := q.Add(start, alone); !errors.Is(err, ErrQueued) || !q.Leave("a.1") || q.Waiting(ffa) != 0 {
		t.Errorf("he lost his own place in the queue: %v", err)
	}
}

func TestRequeueKeepsTheWait(t *testing.T) {
	q := newQueue(t, Config{Rules: playlists})
	add(t, q, start, party(duel, "a", 25), party(duel, "b", 25))
	first := q.Tick(start, nil)
	add(t, q, start+1, party(duel, "c", 25))
	q.Requeue(first[0].ID)
	again := q.Tick(start+2, nil)
	if len(again) != 1 || ids(again[0]) != "a b" || again[0].Entries[0].Since != start {
		t.Errorf("matched %v after a failure, want a and b as before", again)
	}
	if again[0].ID == first[0].ID {
		t.Error("two proposals have one id")
	}
}

func TestRegionsAndPlaylistsStayApart(t *testing.T) {
	q := newQueue(t, Config{Rules: playlists})
	abroad := party(duel, "b", 25)
	abroad.Region = "eu"
	add(t, q, start, party(duel, "a", 25), abroad, party(eights, "c", 25))
	if got := q.Tick(start+DefaultFillAfter-1, nil); len(got) != 0 {
		t.Errorf("matched %v", got)
	}
	got := q.Tick(start+DefaultFillAfter, nil)
	if len(got) != 3 || got[1].Region != "eu" {
		t.Errorf("matched %v, want each with bots", got)
	}
}

func TestBackfill(t *testing.T) {
	room := func(id string, mu float64, free ...int) Room {
		list := ffa
		if len(free) > 1 {
			list = squads
		}
		return Room{ID: id, Playlist: list, Free: free, Rating: rating.Rating{Mu: mu, Sigma: 1}}
	}
	for name, c := range map[string]struct {
		entries []Entry
		rooms   []Room
		want    string
	}{
		"the nearest":            {[]Entry{party(ffa, "a", 25)}, []Room{room("far", 23.5, 4), room("near", 26, 4)}, "near: a.0"},
		"the fullest of equals":  {[]Entry{party(ffa, "a", 25)}, []Room{room("x", 25, 4), room("y", 25, 2), room("z", 25, 2)}, "y: a.0"},
		"outside the window":     {[]Entry{party(ffa, "a", 25)}, []Room{room("far", 30, 4)}, ""},
		"no seat for a party":    {[]Entry{party(ffa, "a", 25, 25)}, []Room{room("x", 25, 1)}, ""},
		"an empty room":          {[]Entry{party(ffa, "a", 25)}, []Room{{ID: "new", Playlist: ffa, Free: []int{8}}}, "new: a.0"},
		"people before nobody":   {[]Entry{party(ffa, "a", 25)}, []Room{{ID: "new", Playlist: ffa, Free: []int{8}}, room("x", 26, 8)}, "x: a.0"},
		"another region":         {[]Entry{party(ffa, "a", 25)}, []Room{{ID: "x", Playlist: ffa, Free: []int{8}, Region: "eu"}}, ""},
		"rules against it":       {[]Entry{party(eights, "a", 25)}, []Room{{ID: "x", Playlist: eights, Free: []int{8, 8}}}, ""},
		"the emptier team":       {[]Entry{party(squads, "a", 25, 25)}, []Room{room("x", 25, 1, 3)}, "x:  | a.0 a.1"},
		"no team for a party":    {[]Entry{party(squads, "a", 25, 25)}, []Room{room("x", 25, 1, 1)}, ""},
		"a room that is misread": {[]Entry{party(squads, "a", 25)}, []Room{{ID: "x", Playlist: squads, Free: []int{4}}}, ""},
		"the older ones": {
			[]Entry{party(ffa, "a", 25), party(ffa, "b", 25), party(ffa, "c", 25)},
			[]Room{room("x", 25, 2)}, "x: a.0 | b.0",
		},
		"both teams in turn": {
			[]Entry{party(squads, "a", 25), party(squads, "b", 25), party(squads, "c", 25, 25)},
			[]Room{room("x", 25, 2, 2)}, "x: a.0 | b.0",
		},
	} {
		t.Run(name, func(t *testing.T) {
			q := newQueue(t, Config{Rules: playlists})
			add(t, q, start, c.entries...)
			var got []string
			for _, m := range q.Tick(start, c.rooms) {
				got = append(got, m.Room+": "+names(m))
				if m.BotSlots != 0 {
					t.Errorf("%d bots for a running room", m.BotSlots)
				}
			}
			if strings.Join(got, "; ") != c.want {
				t.Errorf("sent people to %q, want %q", got, c.want)
			}
		})
	}
}

func TestEstimate(t *testing.T) {
	q := newQueue(t, Config{Rules: playlists})
	low, high := party(duel, "low", 7), party(duel, "high", 42)
	if got := q.Estimate(start, low); got != DefaultFillAfter/2 {
		t.Errorf("estimate %d without experience", got)
	}
	now := start
	for i := range 50 { // the strong wait 6 s, the weak 1 s
		for _, c := range []struct {
			mu   float64
			wait protocol.Micros
		}{{7, protocol.Second}, {42, 6 * protocol.Second}} {
			add(t, q, now, party(duel, fmt.Sprint("a", c.mu, i), c.mu))
			now += c.wait
			add(t, q, now, party(duel, fmt.Sprint("b", c.mu, i), c.mu))
			for _, m := range q.Tick(now, nil) {
				q.Confirm(m.ID)
			}
		}
	}
	within := func(name string, got, least, most protocol.Micros) {
		t.Helper()
		if got < least || got > most {
			t.Errorf("%s: estimate %d, want %d to %d", name, got, least, most)
		}
	}
	// Of each pair one waits and one does not.
	within("weak", q.Estimate(now, low), protocol.Second/4, protocol.Second)
	within("strong", q.Estimate(now, high), 2*protocol.Second, 4*protocol.Second)
	within("between", q.Estimate(now, party(duel, "mid", 25)), protocol.Second, 3*protocol.Second)
	add(t, q, now, high)
	within("after a second", q.Estimate(now+protocol.Second, high), protocol.Second, 3*protocol.Second)
	within("when overdue", q.Estimate(now+60*protocol.Second, high), 0, 0)
	within("in the evening", q.Estimate(now+stale+60*protocol.Second, low), DefaultFillAfter/2, DefaultFillAfter/2)
	within("an unknown mode", q.Estimate(now, party(Playlist{}, "x", 25)), 0, 0)
}

// Equal calls give equal matches.
func TestDeterministic(t *testing.T) {
	run := func() []Match {
		q := newQueue(t, Config{Rules: playlists})
		var all []Match
		for i := range 300 {
			mu := float64(i * 7919 % 50)
			add(t, q, start, party(ffa, fmt.Sprint("f", i), mu), party(squads, fmt.Sprint("s", i), mu, mu))
			if i%10 == 0 {
				all = append(all, q.Tick(start+protocol.Micros(i)*protocol.Second/10, nil)...)
			}
		}
		return all
	}
	if a, b := run(), run(); len(a) < 20 || !reflect.DeepEqual(a, b) {
		t.Errorf("two runs differ, or made too few matches (%d)", len(a))
	}
}
