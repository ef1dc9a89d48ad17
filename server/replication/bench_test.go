package replication

import (
	"math/rand/v2"
	"testing"

	"hindsight/game/sim/rewind"
	"hindsight/protocol"
	"hindsight/protocol/delta"
	"hindsight/protocol/frame"
)

// crowd is a room in which everyone runs and turns and a tenth fires: two kinds, as in the arena.
type crowd struct {
	rng     *rand.Rand
	schema  *delta.Schema
	past    *rewind.History
	table   *Table
	journal *Journal
	peers   []*Peer
	own     []int32
	frame   []byte
	tick    protocol.Tick
}

func newCrowd(players int) *crowd {
	s := &delta.Schema{
		Kinds: []delta.Kind{
			{Name: "score", Fields: make([]delta.Field, 7)},
			{Name: "player", Positioned: true, Private: true, Fields: []delta.Field{
				{Name: "x", Mode: delta.Lerp}, {Name: "y", Mode: delta.Lerp}, {Name: "aim", Mode: delta.Turn, Turn: 256},
				{Name: "weapon"}, {Name: "flags"}, {Name: "team"}, {Name: "health"},
			}},
		},
		Own: delta.Kind{Name: "own", Fields: make([]delta.Field, 30)},
	}
	c := &crowd{
		rng: rand.New(rand.NewPCG(1, 1)), schema: s, past: rewind.New(s), table: NewTable(s), journal: &Journal{},
		own: make([]int32, 30), frame: make([]byte, 0, protocol.MaxFrame),
	}
	for i := range players {
		c.peers = append(c.peers, NewPeer(s, protocol.PlayerID(i+1), c.journal))
	}
	for range 2 * rewind.Size { // warm
		c.publish()
		c.table.Advance(c.past.At(c.tick), c.past.At(c.tick-1))
	}
	return c
}

// publish makes the next snapshot.
func (c *crowd) publish() {
	before := c.past.At(c.tick)
	c.tick++
	now := c.past.Put(c.tick)
	for i := range c.peers {
		now.Add(protocol.EntityID(2+i), 0, 0, 1, 7)
	}
	for i := range c.peers {
		id := protocol.EntityID(100 + i)
		row := now.Add(id, 1, protocol.PlayerID(i+1), 1, 7)
		if before != nil {
			copy(row, before.Find(id).Row)
		}
		row[0] += int32(c.rng.IntN(200) - 100)
		row[1] += int32(c.rng.IntN(200) - 100)
		row[2] = (row[2] + int32(c.rng.IntN(9))) & 255
		if c.rng.IntN(10) == 0 {
			row[4] ^= 4
		}
	}
}

// compose sends everyone the present snapshot.
func (c *crowd) compose(b *testing.B) (bytes int) {
	for i := range 8 {
		c.own[i] += int32(c.rng.IntN(500))
	}
	for _, p := range c.peers {
		f, err := p.Compose(c.frame, c.table, c.journal, frame.Header{Heard: c.tick + 2, Margin: 20}, c.own, protocol.Micros(c.tick)*16667)
		if err != nil {
			b.Fatal(err)
		}
		bytes += len(f)
	}
	return bytes
}

func BenchmarkTableAdvance(b *testing.B) {
	for _, players := range []struct {
		name string
		n    int
	}{{"16", 16}, {"64", 64}} {
		b.Run(players.name, func(b *testing.B) {
			c := newCrowd(players.n)
			now, before := c.past.At(c.tick), c.past.At(c.tick-1)
			b.ReportAllocs()
			for b.Loop() {
				c.table.Advance(now, before)
				c.table.Advance(before, now)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(2*b.N*players.n), "ns/entity")
		})
	}
}

// BenchmarkCompose is a snapshot for everyone in a room: for those who had the one before, and for those
// who had not.
func BenchmarkCompose(b *testing.B) {
	for _, bm := range []struct {
		name    string
		players int
		skip    int // snapshots between two that are sent
	}{{"16", 16, 0}, {"16/after-a-skip", 16, 1}, {"64", 64, 0}} {
		b.Run(bm.name, func(b *testing.B) {
			c, bytes := newCrowd(bm.players), 0
			c.compose(b)
			b.ReportAllocs()
			for b.Loop() {
				for range 1 + bm.skip {
					c.publish()
					c.table.Advance(c.past.At(c.tick), c.past.At(c.tick-1))
				}
				bytes += c.compose(b)
			}
			clients := float64(b.N * bm.players)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/clients, "ns/client")
			b.ReportMetric(float64(bytes)/clients, "B/client")
		})
	}
}
