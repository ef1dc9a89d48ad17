package nightly

import (
	"database/sql"
	"fmt"
	"slices"
	"sync"
	"testing"

	"hindsight/protocol/frame"
)

// sightings are the matches that bots came into, by room. It is all that is known of them from outside: a
// match whose room has another one after it was played to its end, and one that nobody came into rested.
type sightings struct {
	mu    sync.Mutex
	rooms map[string]map[string]bool // guarded by mu: start blobs, which have the match's seed
}

// see notes that a bot came into a match. It may be called from any goroutine.
func (s *sightings) see(room string, start *frame.Start) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rooms == nil {
		s.rooms = map[string]map[string]bool{}
	}
	if s.rooms[room] == nil {
		s.rooms[room] = map[string]bool{}
	}
	s.rooms[room][string(start.Blob)] = true
}

// matches is how many were seen.
func (s *sightings) matches() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.rooms {
		n += len(m)
	}
	return n
}

// stored is a match in the database, from and until in ms.
type stored struct {
	id, room    string
	from, until int64
	seats, rows int
}

// overlap is how long two matches of a room may seem to be at once: a match counts its ticks, and a room
// that was late makes up for a few.
const overlap = 1000

// wrong compares what was stored with what was seen: nothing is lost if a room has a result for all of its
// matches but the last, and nothing doubled if no two are of the same time.
func (s *sightings) wrong(all []stored) (faults []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	slices.SortFunc(all, func(a, b stored) int { return int(a.from - b.from) })
	last := map[string]stored{}
	count := map[string]int{}
	for _, m := range all {
		if before, ok := last[m.room]; ok && m.from < before.until-overlap {
			faults = append(faults, fmt.Sprintf("doubled: room %s has %s and %s at the same time", m.room, before.id, m.id))
		}
		if m.rows != m.seats || m.rows == 0 {
			faults = append(faults, fmt.Sprintf("torn: match %s has %d players of %d", m.id, m.rows, m.seats))
		}
		last[m.room] = m
		count[m.room]++
	}
	for room, matches := range s.rooms {
		if count[room] < len(matches)-1 {
			faults = append(faults, fmt.Sprintf("lost: room %s began %d matches and has %d results", room, len(matches), count[room]))
		}
	}
	return faults
}

// checkResults looks into the database of a server that has ended.
func checkResults(t *testing.T, path string, seen *sightings) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	rows, err := db.QueryContext(t.Context(), `SELECT id, room, started, ended, seats,
		(SELECT COUNT(*) FROM match_players WHERE match_id = id) FROM matches`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var all []stored
	for rows.Next() {
		var m stored
		if err := rows.Scan(&m.id, &m.room, &m.from, &m.until, &m.seats, &m.rows); err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	faults := seen.wrong(all)
	fmt.Printf("results: %d matches were seen to begin in %d rooms, %d are stored; %d lost, doubled or torn\n", seen.matches(), len(seen.rooms), len(all), len(faults))
	for _, f := range faults {
		t.Error(f)
	}
	if len(all) == 0 {
		t.Error("no match was played to its end")
	}
}

func TestLostAndDoubledResultsAreSeen(t *testing.T) {
	whole := func(id, room string, from, until int64) stored { return stored{id, room, from, until, 3, 3} }
	good := []stored{whole("1", "a", 0, 10_000), whole("2", "a", 10_000, 20_000), whole("3", "b", 5_000, 15_000)}
	for _, c := range []struct {
		name   string
		all    []stored
		faults int
	}{
		{"as seen", good, 0},
		{"the last as well", append([]stored{whole("4", "a", 19_500, 30_000)}, good...), 0},
		{"one too few", good[1:], 1},
		{"a room without any", good[:2], 1},
		{"one twice", append([]stored{whole("5", "a", 8_000, 18_000)}, good...), 2},
		{"without players", append([]stored{{"6", "a", 20_000, 30_000, 3, 0}}, good...), 1},
	} {
		s := &sightings{}
		for room, blobs := range map[string][]string{"a": {"x", "y", "z", "x"}, "b": {"x", "y"}} {
			for _, b := range blobs {
				s.see(room, &frame.Start{Blob: []byte(b)})
			}
		}
		if s.matches() != 5 {
			t.Fatalf("%d matches were seen", s.matches())
		}
		if faults := s.wrong(slices.Clone(c.all)); len(faults) != c.faults {
			t.Errorf("%s: %q", c.name, faults)
		}
	}
}
