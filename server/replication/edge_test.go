package replication

import (
	"slices"
	"testing"

	"hindsight/game/sim/rewind"
	"hindsight/protocol"
	"hindsight/protocol/delta"
	"hindsight/protocol/frame"
	"hindsight/protocol/wire"
)

// The edge cases of differences over TCP. What is not about encoding is tested elsewhere: partial writes in
// package session, hidden tabs and reconnecting in packages netcode and lab.

// duel is a table and one client of it, with snapshots made by hand.
type duel struct {
	t     *testing.T
	past  *rewind.History
	table *Table
	j     *Journal
	peer  *Peer
	c     screen
	own   []int32
	tick  protocol.Tick
}

func newDuel(t *testing.T) *duel {
	j := &Journal{}
	return &duel{t: t, past: rewind.New(schema), table: NewTable(schema), j: j, peer: NewPeer(schema, 3, j),
		c: screen{held: rewind.New(schema)}, own: make([]int32, 2)}
}

// publish makes the next snapshot of these entities: kind 0 is a mover, kind 1 is not.
func (d *duel) publish(ents ...delta.Entity) {
	before := d.past.At(d.tick)
	d.tick++
	now := d.past.Put(d.tick)
	for _, e := range ents {
		copy(now.Add(e.ID, e.Kind, e.Owner, e.Birth, len(schema.Kinds[e.Kind].Fields)), e.Row)
	}
	d.table.Advance(now, before)
}

// send gives the client the present, compares and returns how many bits of it are about entities.
func (d *duel) send() int {
	d.t.Helper()
	b, err := d.peer.Compose(nil, d.table, d.j, frame.Header{Heard: d.tick + 3}, d.own, protocol.Micros(d.tick)*16667)
	if err != nil {
		d.t.Fatal(err)
	}
	got := d.c.receive(d.t, b)
	want := &delta.Snapshot{}
	for i := range d.past.At(d.tick).Entities() {
		e := &d.past.At(d.tick).Entities()[i]
		if d.peer.Seen == nil || slices.Contains(d.peer.Seen, int32(i)) {
			copy(want.Add(e.ID, e.Kind, e.Owner, e.Birth, len(e.Row)), e.Row)
		}
	}
	if show(got, nobody) != show(want, 3) {
		d.t.Fatalf("tick %d: client has\n%swant\n%s", d.tick, show(got, nobody), show(want, 3))
	}
	return d.peer.Parts().EntityBits
}

// runs is a mover.
func runs(id protocol.EntityID, birth protocol.Tick, x int32) delta.Entity {
	return delta.Entity{ID: id, Birth: birth, Row: []int32{x, 2 * x, x & 255, 50}}
}

// points is an entity that is no mover.
func points(id protocol.EntityID, n int32) delta.Entity {
	return delta.Entity{ID: id, Kind: 1, Row: []int32{n}}
}

// Edge case 1: what comes, goes and comes again while a client is skipped was never there for it.
func TestComeGoneAndBackWhileSkipped(t *testing.T) {
	d := newDuel(t)
	d.publish(runs(2, 0, 10), points(9, 1))
	d.send()
	d.publish(runs(2, 0, 20), runs(5, 2, 7), points(9, 1))
	d.publish(runs(2, 0, 30), points(9, 2))
	d.publish(runs(2, 0, 40), runs(5, 4, 8), points(9, 2))
	d.send()
	d.publish(runs(2, 0, 50), runs(5, 4, 9), points(9, 3))
	d.send()
}

// Edge case 2: an id that is used again is another entity, whether anybody saw the one before go or not.
func TestIDsUsedAgain(t *testing.T) {
	d := newDuel(t)
	d.publish(runs(2, 0, 10), runs(4, 0, 10))
	d.send()
	d.publish(runs(2, 2, 90), runs(4, 0, 20)) // seen
	d.send()
	d.publish(runs(4, 0, 30))
	d.publish(points(2, 5), runs(4, 0, 40)) // not seen, and of another kind
	d.send()
	d.publish(points(2, 6), delta.Entity{ID: 4, Owner: 1, Row: []int32{50, 100, 50, 50}}) // of another owner
	d.send()
}

// Edge case 3 is TestClientHoldsWhatIsThereWhateverWasSkipped: every event arrives once.

// Edge case 4: who comes into sight, goes and comes again is as he is then, and goes on with what all share.
func TestComingIntoSight(t *testing.T) {
	d := newDuel(t)
	for i := range int32(40) {
		d.publish(runs(2, 0, 10*i), runs(5, 0, 300-7*i), points(9, i/5), runs(11, 0, i*i))
		d.peer.Seen = []int32{0, 2}
		if i%7 > 2 {
			d.peer.Seen = []int32{0, 1, 2, 3}
		}
		if i%5 != 0 {
			d.send()
		}
	}
}

// Edge case 6: the own row is the newest whatever was skipped, and its ticks are counted from the last one sent.
func TestOwnRowAfterASkip(t *testing.T) {
	k := delta.Kind{Fields: []delta.Field{{}, {}, {}}, Drifts: []delta.Drift{{Place: 0, Speed: 1}}}
	s := &delta.Schema{Kinds: schema.Kinds, Own: k}
	j, table, past := &Journal{}, NewTable(s), rewind.New(s)
	peer, bits := NewPeer(s, 3, j), 0
	var c struct {
		dec   frame.Decoder
		body  frame.Body
		snaps [2]delta.Snapshot
		turn  int
	}
	for tick := range int32(60) {
		now := past.Put(protocol.Tick(tick + 1))
		table.Advance(now, past.At(protocol.Tick(tick)))
		if tick%7 == 3 || tick%7 == 4 {
			continue
		}
		own := []int32{1000 + 40*tick, 40, 7}
		b, err := peer.Compose(nil, table, j, frame.Header{}, own, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.dec.Header(b); err != nil {
			t.Fatal(err)
		}
		was := &c.snaps[c.turn]
		c.turn ^= 1
		if err := c.dec.Body(s, was, c.body.Own, &c.body, &c.snaps[c.turn]); err != nil || !slices.Equal(c.body.Own, own) {
			t.Fatalf("tick %d: %v, %v, want %v", tick, err, c.body.Own, own)
		}
		bits += peer.Parts().OwnBits
		if tick == 0 {
			bits = 0
		}
	}
	if bits != 0 {
		t.Errorf("%d bits for a place that its velocity accounts for", bits)
	}
}

// Edge case 7: a new connection begins with nothing, and the one after it shares what all do.
func TestANewConnection(t *testing.T) {
	d := newDuel(t)
	for i := range int32(30) {
		d.publish(runs(2, 0, 11*i), runs(5, 0, i%3), points(9, i))
		if i%10 == 9 {
			d.peer, d.c = NewPeer(schema, 3, d.j), screen{held: rewind.New(schema)}
		}
		if i == 15 {
			d.peer.Restart()
			d.c = screen{held: rewind.New(schema)}
		}
		d.send()
	}
}

// Edge case 13: clients that are sent every second snapshot, or fewer, stand beside those that are sent all,
// and what they share is whole: only what changed, each time.
func TestClientsOfSeveralRates(t *testing.T) {
	s := newStage(4)
	s.step()
	var peers []*Peer
	var screens []*screen
	for range 4 {
		peers, screens = append(peers, NewPeer(schema, 3, s.journal)), append(screens, &screen{held: rewind.New(schema)})
	}
	for range 200 {
		s.step()
		for i, p := range peers {
			if int(s.tick)%(i+1) > 0 {
				continue
			}
			b, err := p.Compose(nil, s.table, s.journal, frame.Header{Heard: s.tick}, []int32{0, 7}, 0)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := show(screens[i].receive(t, b), nobody), show(s.past.At(s.tick), 3); got != want {
				t.Fatalf("every %d ticks, tick %d: client has\n%swant\n%s", i+1, s.tick, got, want)
			}
		}
	}
}

// A client that was skipped holds the same tracks afterwards as those that were not: from then on the very same
// bits are right for both.
func TestTracksAreSharedAfterASkip(t *testing.T) {
	a := newDuel(t)
	b := &duel{t: t, past: a.past, table: a.table, j: a.j, peer: NewPeer(schema, 3, a.j), c: screen{held: rewind.New(schema)}, own: a.own}
	for i := range int32(50) {
		a.publish(runs(2, 0, 13*i+i/7), runs(5, 0, 9*i%40), points(9, i/10))
		b.tick = a.tick
		n := a.send()
		if i%9 > 2 || i%9 == 0 {
			m := b.send()
			if i%9 > 3 && n != m {
				t.Fatalf("tick %d: %d bits for the one, %d for the other", a.tick, n, m)
			}
		}
	}
}

// A snapshot that is no longer held, as after a pause of the room, leaves nothing to be shared: all comes whole.
func TestTheSnapshotBeforeIsGone(t *testing.T) {
	d := newDuel(t)
	for i := range int32(30) {
		d.publish(runs(2, 0, 5*i), points(9, i/4))
		if i%6 == 5 {
			d.tick++
			now := d.past.Put(d.tick)
			now.CopyFrom(d.past.At(d.tick - 1))
			now.Tick = d.tick
			d.table.Advance(now, nil)
		}
		d.send()
	}
}

// What stands still costs a client that was skipped one bit, if it moves at all.
func TestStandingStillAfterASkip(t *testing.T) {
	d := newDuel(t)
	still := []delta.Entity{runs(2, 0, 10), runs(5, 0, 90), points(9, 4)}
	for range 5 {
		d.publish(still...)
		d.send()
	}
	d.publish(still...)
	d.publish(still...)
	if n := d.send(); n != 3 { // nobody is new, and a bit for each mover
		t.Errorf("%d bits, want 3", n)
	}
}

// TestSpansAreNotTouched: what a peer asks a table for while it composes leaves what others were promised as it was.
func TestSpansAreNotTouched(t *testing.T) {
	d := newDuel(t)
	d.publish(runs(2, 0, 10), runs(5, 0, 20))
	d.publish(runs(2, 0, 15), runs(5, 0, 90))
	var before, after wire.Bits
	r := d.table.records[1].delta
	d.table.copy(&before, r)
	for i := range 2 {
		d.table.spawn(i)
		d.table.whole(i)
	}
	d.table.copy(&after, r)
	if !slices.Equal(before.Bytes(), after.Bytes()) || before.Len() == 0 {
		t.Errorf("%x became %x", before.Bytes(), after.Bytes())
	}
}
