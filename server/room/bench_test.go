package room

import (
	"fmt"
	"runtime"
	"strconv"
	"testing"
	"time"

	"hindsight/game"
	"hindsight/game/games/arena"
	"hindsight/game/games/arena/maps"
	"hindsight/game/replay"
	"hindsight/protocol"
	"hindsight/protocol/frame"
)

// runner is a client that runs, turns and shoots, and takes every snapshot at once.
type runner struct {
	seat   Seat
	dec    frame.Decoder
	bytes  []byte
	input  frame.Input
	index  int
	newest protocol.Tick
	before protocol.Tick
	sent   int
}

func (c *runner) Ready() bool              { return true }
func (c *runner) Waited() protocol.Micros  { return 0 }
func (c *runner) Buffer() []byte           { return c.bytes[:0] }
func (c *runner) Post([]byte)              {}
func (c *runner) Close(protocol.CloseCode) {}

func (c *runner) Send(b []byte) {
	c.bytes = b
	c.sent += len(b)
	if h, err := c.dec.Header(b); err == nil {
		c.before, c.newest = c.newest, h.Tick
	}
}

// command hands in the command of tick t.
func (c *runner) command(t protocol.Tick, now protocol.Micros) {
	phase := int(t) + 37*c.index
	cmd := protocol.Command{
		Tick: t, MoveX: int8(127 * (phase/40%3 - 1)), MoveY: int8(127 * (phase/60%3 - 1)),
		Aim: uint16(phase * 211), Held: protocol.Buttons(phase / 90 % 2),
	}
	if c.before != 0 {
		cmd.View = protocol.View{A: c.before, B: c.newest, Frac: 128}
	}
	c.input.Echo = c.newest
	c.input.Commands = append(c.input.Commands[:0], cmd)
	c.seat.Input(now, &c.input)
}

// benchRoom is a room of the arena with 16 people who fight, on a tape.
type benchRoom struct {
	*Room
	all []*runner
	now *protocol.Micros
}

// blank is a tape that keeps nothing.
type blank struct{}

func (blank) Write([]byte) bool { return true }
func (blank) Save([]byte)       {}
func (blank) Close(Credits)     {}

// newRotation returns one for all rooms, as a server has it.
func newRotation(tb testing.TB) game.Rotation {
	rotation, err := maps.NewRotation(map[string]string{"time": "3600", "warmup": "0", "score": "0"}, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return rotation
}

// sights are those of all rooms, as in a server.
var sights Sights

func newBenchRoom(tb testing.TB, rotation game.Rotation, now *protocol.Micros, seed uint64, every int) *benchRoom {
	tokens := 0
	r, err := New(Config{
		ID: "bench", Host: game.Host{Definition: arena.Game, NewRotation: maps.NewRotation}, Rotation: rotation, Sights: &sights, Seed: seed, SnapshotEvery: every,
		Now:    func() protocol.Micros { return *now },
		Token:  func() string { tokens++; return strconv.Itoa(tokens) },
		Record: func(*replay.Header) Tape { return blank{} },
	})
	if err != nil {
		tb.Fatal(err)
	}
	b := &benchRoom{Room: r, now: now}
	for i := range 16 {
		c := &runner{index: i}
		if c.seat, err = r.Admit(Entrant{Name: "runner", Sender: c}); err != nil {
			tb.Fatal(err)
		}
		b.all = append(b.all, c)
	}
	return b
}

// tick has everyone play one tick.
func (b *benchRoom) tick() {
	next := b.Match().Tick() + 1
	for _, c := range b.all {
		c.command(next, *b.now)
	}
	if due, _ := b.Next(); *b.now < due {
		*b.now = due
	}
	b.Tick(*b.now)
}

// BenchmarkTick is a tick of the arena with 16 people who fight: commands, step, recording and snapshots,
// all but the sockets.
func BenchmarkTick(b *testing.B) {
	for _, every := range []int{1, 3} {
		b.Run(fmt.Sprintf("16/every=%d", every), func(b *testing.B) {
			now := protocol.Micros(0)
			r := newBenchRoom(b, newRotation(b), &now, 1, every)
			for range 300 {
				r.tick()
			}
			before := r.all[3].sent
			b.ReportAllocs()
			for b.Loop() {
				r.tick()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(16*b.N), "ns/player")
			b.ReportMetric(float64(r.all[3].sent-before)/float64(b.N), "B/player")
		})
	}
}

// BenchmarkRooms is a tick of each of 64 such rooms in turn, as a server of a thousand players has them:
// by the time that it is a room's turn again its memory has left the nearest caches, which is most of
// what a tick costs. Of all that, step-ns is a room's step and send-ns the rest of its tick.
func BenchmarkRooms(b *testing.B) {
	const n = 64
	now := protocol.Micros(0)
	rotation := newRotation(b)
	var rooms []*benchRoom
	for i := range n {
		rooms = append(rooms, newBenchRoom(b, rotation, &now, uint64(i+1), 3))
	}
	var stepped, sent time.Duration
	tick := func() {
		next := rooms[0].Match().Tick() + 1
		for _, r := range rooms {
			for _, c := range r.all {
				c.command(next, now)
			}
		}
		now = rooms[0].due(next)
		for _, r := range rooms {
			began := time.Now()
			r.attend(now)
			r.step(now)
			t := time.Now()
			r.send(now)
			stepped, sent = stepped+t.Sub(began), sent+time.Since(t)
		}
	}
	for range 300 {
		tick()
	}
	stepped, sent = 0, 0
	b.ReportAllocs()
	for b.Loop() {
		tick()
	}
	b.ReportMetric(float64(stepped.Nanoseconds())/float64(n*b.N), "step-ns")
	b.ReportMetric(float64(sent.Nanoseconds())/float64(n*b.N), "send-ns")
}

// TestRoomMemory holds a room to what it may weigh: everything that 16 people in the arena keep alive
// on the server but their connections' sockets, in a match that is recorded and has run long enough for
// every ring to have been filled.
func TestRoomMemory(t *testing.T) {
	const n, most = 24, 260 << 10
	now := protocol.Micros(0)
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC() // what the first one's finalizers let go of
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	rotation := newRotation(t)
	var rooms []*benchRoom
	sights.Of(rotation.Match(0, 0).Walls) // which they share
	before := heap()
	for i := range n {
		r := newBenchRoom(t, rotation, &now, uint64(i+1), 3)
		for range 200 {
			r.tick()
		}
		for i, c := range r.all { // the client's side is not weighed
			c.seat.(*conn).sender = mute{}
			r.all[i] = nil
		}
		rooms = append(rooms, r)
	}
	each := int(heap()-before) / n
	t.Logf("a room of 16 weighs %d KB", each>>10)
	if each > most {
		t.Errorf("a room of 16 weighs %d bytes, want at most %d", each, most)
	}
	runtime.KeepAlive(rooms)
}

// mute is a connection that is never ready.
type mute struct{ Sender }
