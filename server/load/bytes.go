package load

import (
	"errors"
	"fmt"

	"hindsight/protocol"
	"hindsight/protocol/delta"
	"hindsight/server/replication"
)

// Bytes is what one client is sent in a second, by what it is for.
type Bytes struct {
	Players  int     `json:"players"`
	Rate     int     `json:"rate"`                      // snapshots a second
	Seconds  float64 `json:"seconds"`                   // that were measured
	InSight  float64 `json:"in_sight,omitempty"`        // entities that a client held, on average
	Bits     float64 `json:"bits_per_entity,omitempty"` // of one in a snapshot, with those who come and go
	Total    float64 `json:"bytes_per_second"`
	Entities float64 `json:"entities"`     // of these: rows of entities
	Own      float64 `json:"own"`          // the player's own row
	Rest     float64 `json:"rest"`         // header of the snapshot, removals, events, notices
	Socket   float64 `json:"websocket"`    // headers of WebSocket
	Up       float64 `json:"up,omitempty"` // what one client sends, the WebSocket headers and masks with it
}

// settle is how much of a run is left out, in seconds: in it everyone is new.
const settle = 1

// TraceConfig is how a trace is sent.
type TraceConfig struct {
	Rate    int     // snapshots a second, a divisor of the trace's rate
	AimBits int     // 8 or 16
	Seconds float64 // of the trace, the first second included but not counted; 0 for all of it
	Radius  float64 // how far a client sees, in units; 0 for everywhere
	// Census counts what moves, nil for nothing.
	Census *delta.Census
}

// The fields of a player in a trace, in the order of the schema: what changes together stands together.
const (
	poseX = iota
	poseY
	poseAim
	poseHealth
	poseWeapon
	poseScore
	poseFields
)

// poseSchema describes a player of a trace. Nothing is hidden from anyone: a player is sent itself too, as
// everybody else is, and has no row of its own but for an empty one.
func poseSchema(aimBits int) *delta.Schema {
	return &delta.Schema{
		Kinds: []delta.Kind{{Name: "player", Positioned: true, Fields: []delta.Field{
			poseX:      {Name: "x", Mode: delta.Lerp, Max: mostPlace},
			poseY:      {Name: "y", Mode: delta.Lerp, Max: mostPlace},
			poseAim:    {Name: "aim", Mode: delta.Turn, Turn: 1 << aimBits},
			poseHealth: {Name: "health", Max: mostHealth}, poseWeapon: {Name: "weapon", Max: mostWeapon}, poseScore: {Name: "score"},
		}}},
		Own: delta.Kind{Name: "own", Fields: []delta.Field{{Name: "nothing"}}},
	}
}

// jumped is how far nobody moves between two snapshots, in 1/8 unit: who did was born anew.
const jumped = 64 * 8

// errScreen says that a client would have seen something else than there was.
var errScreen = errors.New("load: what was decoded is not what was encoded")

// OfTrace sends a trace through the encoder as a room would, and back through the decoder. Where everyone is in
// the sight of everyone, all clients are sent the same, so that one of them stands for all. With a radius
// there are several, evenly chosen, and the result is what one of them gets on average.
func OfTrace(t *Trace, c TraceConfig) (*Bytes, error) {
	switch {
	case c.Rate < 1 || t.Rate%c.Rate != 0:
		return nil, fmt.Errorf("load: %d snapshots a second of a trace with %d ticks: want a divisor", c.Rate, t.Rate)
	case c.AimBits != 8 && c.AimBits != 16:
		return nil, fmt.Errorf("load: %d bits of aim, want 8 or 16", c.AimBits)
	case c.Radius < 0:
		return nil, fmt.Errorf("load: a radius of %v", c.Radius)
	}
	ticks := t.Ticks
	if c.Seconds > 0 {
		ticks = min(ticks, int(c.Seconds*float64(t.Rate)))
	}
	s := newStage(t, c)
	b := &Bytes{Players: t.Players, Rate: c.Rate}
	for tick := 0; tick < ticks; tick += t.Rate / c.Rate {
		s.publish(tick)
		s.table.Advance(s.now, s.before)
		for _, v := range s.viewers {
			sent, parts, err := v.snapshot(s, tick)
			if err != nil {
				return nil, err
			}
			if tick < settle*t.Rate {
				continue
			}
			b.Seconds += 1 / float64(c.Rate)
			b.InSight += float64(len(v.seen.Entities()))
			b.Bits += float64(parts.EntityBits)
			own, entities := float64(parts.OwnBits)/8, float64(parts.EntityBits)/8
			b.Own += own
			b.Entities += entities
			b.Rest += float64(sent) - own - entities
			b.Socket += float64(socketHead(sent))
		}
	}
	if b.Seconds == 0 {
		return nil, fmt.Errorf("load: the trace has %d ticks, and the first %d are not counted", t.Ticks, settle*t.Rate)
	}
	b.Bits /= b.InSight
	b.InSight /= b.Seconds * float64(c.Rate)
	b.perSecond()
	b.Seconds /= float64(len(s.viewers))
	return b, nil
}

// perSecond divides the sums by the time and adds them up.
func (b *Bytes) perSecond() {
	for _, v := range []*float64{&b.Entities, &b.Own, &b.Rest, &b.Socket} {
		*v /= b.Seconds
		b.Total += *v
	}
}

// socketHead is the size of the WebSocket header that a server puts before so many bytes.
func socketHead(n int) int {
	if n < 126 {
		return 2
	}
	return 4
}

// stage is a room that plays a trace.
type stage struct {
	trace  *Trace
	cfg    TraceConfig
	schema *delta.Schema
	births []protocol.Tick

	now, before *delta.Snapshot
	table       *replication.Table
	journal     *replication.Journal
	viewers     []*viewer
}

func newStage(t *Trace, c TraceConfig) *stage {
	s := &stage{
		trace: t, cfg: c, schema: poseSchema(c.AimBits), births: make([]protocol.Tick, t.Players),
		now: &delta.Snapshot{}, before: &delta.Snapshot{}, journal: &replication.Journal{},
	}
	s.table = replication.NewTable(s.schema)
	s.table.Count(c.Census)
	step := t.Players
	if c.Radius > 0 {
		step = max(1, t.Players/viewers)
	}
	for i := 0; i < t.Players; i += step {
		s.viewers = append(s.viewers, newViewer(s, i))
	}
	return s
}

// publish makes now the tick of the trace.
func (s *stage) publish(tick int) {
	s.now, s.before = s.before, s.now
	s.now.Reset(protocol.Tick(tick + 1))
	for i := range s.trace.Players {
		p, last := s.trace.At(tick, i), s.before.Find(protocol.EntityID(i+1))
		if last == nil || far(last.Row[poseX], p.X) || far(last.Row[poseY], p.Y) {
			s.births[i] = s.now.Tick
		}
		row := s.now.Add(protocol.EntityID(i+1), 0, 0, s.births[i], poseFields)
		row[poseX], row[poseY], row[poseAim] = int32(p.X), int32(p.Y), int32(p.Aim>>(16-s.cfg.AimBits))
		row[poseHealth], row[poseWeapon], row[poseScore] = int32(p.Health), int32(p.Weapon), int32(p.Score)
	}
}

func far(was int32, is uint16) bool { return max(was-int32(is), int32(is)-was) > jumped }

// OfArena plays the arena with bots in virtual time and returns what an average player is sent. The link is
// 50 ms there and back and loses nothing.
func OfArena(players, rate int, seconds float64, seed uint64) (*Bytes, error) {
	l, err := newArena(players, rate, seed)
	if err != nil {
		return nil, err
	}
	if err := l.Run(arrival(players)); err != nil {
		return nil, err
	}
	probe := l.Observe()
	type sum struct{ bytes, frames float64 }
	up := func() (t sum) {
		for _, p := range l.Players {
			s := p.Core().Stats()
			t.bytes, t.frames = t.bytes+float64(s.BytesOut), t.frames+float64(s.FramesOut)
		}
		return t
	}
	before := up()
	if err := l.Run(protocol.Micros(seconds * float64(protocol.Second))); err != nil {
		return nil, err
	}
	after, each := up(), seconds*float64(players)
	b := &Bytes{
		Players: players, Rate: rate, Seconds: seconds,
		Entities: float64(probe.SharedBits) / 8 / each, Own: float64(probe.OwnBits) / 8 / each,
		Rest: (float64(probe.SentBytes) - float64(probe.SharedBits+probe.OwnBits)/8) / each,
	}
	if probe.Sent > 0 { // all are taken to be as long as the mean
		b.Socket = float64(probe.Sent) / each * float64(socketHead(int(probe.SentBytes)/probe.Sent))
	}
	b.Total = b.Entities + b.Own + b.Rest + b.Socket
	const masked = 6 // header and mask of a client's frame below 126 bytes
	b.Up = (after.bytes - before.bytes + masked*(after.frames-before.frames)) / each
	return b, nil
}
