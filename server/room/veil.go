package room

import (
	"sync"

	"hindsight/game"
	"hindsight/game/sim/fixed"
	"hindsight/game/sim/sight"
	"hindsight/game/sim/tilemap"
	"hindsight/protocol"
)

// veil is a match's replication.Veil: what it asks of the match does not change while snapshots are
// composed.
type veil struct {
	match *game.Match
	lines *sight.Lines
	sites []game.Site
}

// newVeil returns the veil of a match that is about to begin, nil if nothing is hidden in it.
func (r *Room) newVeil(m *game.Match) *veil {
	walls := m.Start.Walls
	if walls == nil || m.Reach() > 0 {
		return nil
	}
	v := &veil{match: m, sites: m.Sites()}
	if r.cfg.Sights != nil {
		v.lines = r.cfg.Sights.Of(walls)
	} else {
		v.lines = sight.New(walls)
	}
	return v
}

// Hides implements replication.Veil. Who looks on without a seat may know of everything.
func (v *veil) Hides(viewer, owner protocol.PlayerID, x, y int32) bool {
	return viewer != 0 && owner != 0 && !v.match.Allies(viewer, owner) && v.covers(viewer, x, y)
}

// covers reports whether a place is out of a player's sight. Who is nowhere sees nothing.
func (v *veil) covers(viewer protocol.PlayerID, x, y int32) bool {
	ex, ey, ok := v.match.Eye(viewer)
	return !ok || !v.lines.May(place(ex, ey), place(x, y))
}

// ownRow fills row with what a player knows of himself, and of places what he saw there last. As he comes in
// he is told of all of them: then the match has just begun, or he cannot have looked before.
func (r *Room) ownRow(p *player, row []int32) {
	r.match.Own(p.id, row)
	if r.veil == nil {
		return
	}
	sites := r.veil.sites
	if len(p.sites) != len(sites) {
		p.sites = p.sites[:0]
		for i := range sites {
			p.sites = append(p.sites, row[sites[i].Cell])
		}
	}
	for i := range sites {
		s, known := &sites[i], &p.sites[i]
		if now := &row[s.Cell]; *now != *known && r.veil.covers(p.id, s.X, s.Y) {
			*now = *known
		} else {
			*known = *now
		}
	}
}

func place(x, y int32) fixed.Vec { return fixed.Vec{X: fixed.FromWire(x), Y: fixed.FromWire(y)} }

// Sights remembers the lines of sight of maps, which take some tens of milliseconds to work out and
// some megabytes to keep. Rooms may share it. The zero value is ready.
type Sights struct {
	mu   sync.Mutex
	maps map[uint64]*sightOf // by hash
}

// sightOf is one map's.
type sightOf struct {
	once  sync.Once
	lines *sight.Lines
}

// mostSights bounds the maps that are remembered: more than a host has.
const mostSights = 64

// Of returns the lines of sight of a map. Whoever is the first to ask for them works them out, and who
// asks meanwhile waits.
func (s *Sights) Of(m *tilemap.Map) *sight.Lines {
	of := s.entry(m.Hash())
	of.once.Do(func() { of.lines = sight.New(m) })
	return of.lines
}

func (s *Sights) entry(hash uint64) *sightOf {
	s.mu.Lock()
	defer s.mu.Unlock()
	of := s.maps[hash]
	if of == nil {
		if s.maps == nil || len(s.maps) >= mostSights {
			s.maps = map[uint64]*sightOf{}
		}
		of = &sightOf{}
		s.maps[hash] = of
	}
	return of
}
