package replication

import (
	"cmp"
	"slices"

	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// Eye is one peer's interest: where it looks from, if that matters, and what it has been shown of what has
// a place. The zero value sees nothing yet.
type Eye struct {
	// X and Y are where it looks from, in 1/16 unit, if Open.
	X, Y int32
	Open bool

	known, next []sighting // ascending by id
	seen        []int32
	entries     []entry // scratch
}

// sighting is an entity that is shown, and when it was last near enough.
type sighting struct {
	id    protocol.EntityID
	birth protocol.Tick
	near  protocol.Tick
}

// entry is an entity shown for the first time.
type entry struct {
	far int64
	at  int // in seen and
	as  int // in next
}

// Forget forgets what was shown: the peer begins another match.
func (e *Eye) Forget() { e.known, e.Open = e.known[:0], false }

// Hearing is where what happens must lie to be told: within a radius of a place, in 1/16 unit, or, if there
// is a veil, where that does not hide it from a player.
type Hearing struct {
	X, Y, Radius int32

	Veil Veil
	Me   protocol.PlayerID
}

// at reports whether something is heard that a player does there. Without a hearing everything is, and with
// a radius below 0 nothing.
func (h *Hearing) at(by protocol.PlayerID, x, y int32) bool {
	switch {
	case h == nil:
		return true
	case h.Veil != nil:
		return !h.Veil.Hides(h.Me, by, x, y)
	case h.Radius < 0:
		return false
	}
	dx, dy := int64(x)-int64(h.X), int64(y)-int64(h.Y)
	return dx*dx+dy*dy <= int64(h.Radius)*int64(h.Radius)
}

// Show has a peer's next snapshot show the world from a place, and tell of what happens around it. If ok
// is false it shows no place.
func (n *Interest) Show(p *Peer, x, y int32, ok bool) {
	p.eye.X, p.eye.Y, p.eye.Open = x, y, ok
	p.Seen = n.Look(&p.eye, p.player)
	p.hearing = Hearing{X: x, Y: y, Radius: int32(n.reach)}
	if !ok {
		p.hearing.Radius = -1
	}
	p.Hearing = &p.hearing
}

// Look returns what a player's eye sees of the current snapshot, for Peer.Seen: ascending indices,
// valid until its next Look, and not nil. Player 0 has
// nothing of its own.
func (n *Interest) Look(e *Eye, id protocol.PlayerID) []int32 {
	l := merge{n: n, eye: e, ents: n.now.Entities(), tick: n.now.Tick, known: e.known}
	if e.seen == nil {
		e.seen = []int32{}
	}
	e.seen, e.next, e.entries = e.seen[:0], e.next[:0], e.entries[:0]
	if int(id) < len(n.mine) && id != 0 {
		l.own = n.mine[id]
	}
	if e.Open {
		for _, v := range n.list(e.X, e.Y).entities {
			l.offer(v>>1, v&1 == 1)
		}
	} else {
		for _, i := range n.open {
			l.offer(i, true)
		}
	}
	l.lingering(protocol.MaxEntities + 1)
	l.owned(int32(len(l.ents)))
	if len(e.entries) > maxEntries {
		e.putOff()
	}
	e.known, e.next = e.next, e.known
	return e.seen
}

// merge brings together, in the order of ids, what lies around an eye, what it has been shown before
// and what is the player's own.
type merge struct {
	n     *Interest
	eye   *Eye
	ents  []delta.Entity
	tick  protocol.Tick
	known []sighting // not yet passed
	own   int32      // 1 + the next entity of the player's own
}

// offer takes an entity that may be shown, or has to be.
func (l *merge) offer(i int32, sure bool) {
	t := &l.ents[i]
	l.lingering(t.ID)
	l.owned(i)
	if !l.n.schema.Kinds[t.Kind].Positioned {
		l.eye.seen = append(l.eye.seen, i)
		return
	}
	held := false
	if len(l.known) > 0 && l.known[0].id == t.ID {
		held = l.known[0].birth == t.Birth
		l.known = l.known[1:]
	}
	if !held && !sure {
		return
	}
	if !held {
		x, y := l.n.schema.Kinds[t.Kind].Place(l.tick, t.Row)
		dx, dy := int64(x-l.eye.X), int64(y-l.eye.Y)
		l.eye.entries = append(l.eye.entries, entry{dx*dx + dy*dy, len(l.eye.seen), len(l.eye.next)})
	}
	l.eye.seen = append(l.eye.seen, i)
	l.eye.next = append(l.eye.next, sighting{t.ID, t.Birth, l.tick})
}

// owned shows what is the player's own, up to an index.
func (l *merge) owned(until int32) {
	for l.own != 0 && l.own-1 < until {
		l.eye.seen = append(l.eye.seen, l.own-1)
		l.own = l.n.further[l.own-1]
	}
}

// lingering shows what was shown before and has gone too far away, as long as it lingers, up to an id.
func (l *merge) lingering(until protocol.EntityID) {
	for ; len(l.known) > 0 && l.known[0].id < until; l.known = l.known[1:] {
		k := l.known[0]
		if l.tick.Sub(k.near) > lingerTicks {
			continue
		}
		if i := l.n.find(k.id); i >= 0 && l.ents[i].Birth == k.birth && l.n.schema.Kinds[l.ents[i].Kind].Positioned {
			l.owned(i)
			l.eye.seen = append(l.eye.seen, i)
			l.eye.next = append(l.eye.next, k)
		}
	}
}

// putOff leaves the farthest entries to later snapshots.
func (e *Eye) putOff() {
	slices.SortFunc(e.entries, func(a, b entry) int { return cmp.Or(cmp.Compare(a.far, b.far), a.at-b.at) })
	const gone = -1
	for _, o := range e.entries[maxEntries:] {
		e.seen[o.at], e.next[o.as].id = gone, 0
	}
	e.seen = slices.DeleteFunc(e.seen, func(i int32) bool { return i == gone })
	e.next = slices.DeleteFunc(e.next, func(k sighting) bool { return k.id == 0 })
}
