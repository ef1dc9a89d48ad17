package frame_test

import (
	"hindsight/protocol"
	"hindsight/protocol/delta"
	"hindsight/protocol/delta/deltatest"
	"hindsight/protocol/frame"
)

// exampleSchema is the game that PROTOCOL.md's examples are about.
func exampleSchema() *delta.Schema {
	return &delta.Schema{
		Kinds: []delta.Kind{
			{Name: "runner", Positioned: true, Private: true, Fields: []delta.Field{
				{Name: "x", Mode: delta.Lerp}, {Name: "y", Mode: delta.Lerp},
				{Name: "aim", Mode: delta.Turn, Turn: 256},
				{Name: "hp", Min: 0, Max: 100},
			}},
			{Name: "bolt", Positioned: true, Motion: &delta.Motion{X: 0, Y: 1, VX: 2, VY: 3, T0: 4}, Fields: []delta.Field{
				{Name: "x"}, {Name: "y"}, {Name: "vx"}, {Name: "vy"}, {Name: "t0", Tick: true},
			}},
		},
		Own: delta.Kind{Name: "own", Drifts: []delta.Drift{{Place: 0, Speed: 2}, {Place: 1, Speed: 3}}, Fields: []delta.Field{
			{Name: "x", Bits: 6}, {Name: "y", Bits: 6}, {Name: "vx", Bits: 8}, {Name: "vy", Bits: 8},
			{Name: "aim", Mode: delta.Turn, Turn: 65536, Bits: 10},
			{Name: "hp", Min: 0, Max: 100, Told: true},
			{Name: "ammo", Min: 0, Max: 200}, {Name: "reload", Min: 0, Max: 255},
			{Name: "score", Told: true},
		}},
	}
}

// The frames of the examples, as values.
var (
	exampleHello = frame.Hello{Version: 1, Game: "arena", Build: "v1.0.0", Name: "Ada"}

	exampleWelcome = frame.Welcome{Version: 1, Build: "v1.0.0", Room: "k3v9", Player: 2, Token: "Zm9v",
		TickRate: 60, SnapshotEvery: 2, MaxLead: 32, MaxRewind: 21, SeatSeconds: 30}

	exampleStart = frame.Start{Tick: 4230, Press: [2]uint8{14, 3}, Title: "Foundry, duel", Blob: []byte{1, 2, 3},
		Roster: []frame.Seat{{Player: 1, Name: "Grace", Bot: true}, {Player: 2, Name: "Ada", Status: frame.Lagging}}}

	exampleInput = frame.Input{Echo: 4242, Commands: []protocol.Command{{
		Tick: 4248, MoveX: 127, MoveY: -127, Aim: 49152, Held: 1, Press: [2]uint8{14, 3},
		View: protocol.View{A: 4238, B: 4240, Frac: 180},
	}}}

	exampleInputs = frame.Input{Echo: 4242, Hidden: true, Commands: []protocol.Command{
		{Tick: 4248, Aim: 49152, Select: 2},
		{Tick: 4249, MoveY: 127},
	}}

	exampleChat = frame.Chat{Text: "gg"}

	exampleReport = frame.Report{Span: 4000, RTT: 208, Delay: 120, Frames: 58, FrameMean: 67, FrameWorst: 140,
		Underruns: 1, Extrapolated: 96, Confirmed: 57, Corrected: [4]uint16{1, 2}, Verdicts: [4]uint16{6, 0, 1},
		Hitches: [4]uint16{frame.HitchNetwork: 1}}

	exampleMismatch = frame.Report{Span: 4004, RTT: 204, Delay: 100, Frames: 60, FrameMean: 67, FrameWorst: 70,
		Confirmed: 59, Corrected: [4]uint16{frame.CorrectedUnknown: 1},
		Mismatch: 4242, Row: []int32{51712, 25088, 256, -256, 49152, 100, 11, 0, 4}}
)

// snapshotExample is a snapshot as a value.
type snapshotExample struct {
	name    string // "" for one that is not sent
	header  frame.Header
	cur     *delta.Snapshot
	own     []int32
	events  []protocol.Event
	notices []frame.Notice
}

func rows(tick protocol.Tick, ents ...delta.Entity) *delta.Snapshot {
	s := &delta.Snapshot{}
	s.Reset(tick)
	for _, e := range ents {
		copy(s.Add(e.ID, e.Kind, e.Owner, e.Birth, len(e.Row)), e.Row)
	}
	return s
}

// exampleSnapshots are those of a connection, in order: each is a difference from the one before that was
// sent.
func exampleSnapshots() []snapshotExample {
	one := func(row ...int32) delta.Entity { return delta.Entity{ID: 1, Kind: 0, Owner: 1, Birth: 4000, Row: row} }
	three := func(row ...int32) delta.Entity { return delta.Entity{ID: 3, Kind: 0, Owner: 3, Birth: 4100, Row: row} }
	bolt := delta.Entity{ID: 41, Kind: 1, Owner: 1, Birth: 4241, Row: []int32{1628, 800, 2048, 0, 4241}}
	return []snapshotExample{{
		name:   "snapshot-full",
		header: frame.Header{Tick: 4240},
		cur: rows(4240, one(1600, 800, 250, 100), three(320, 320, 0, 60),
			delta.Entity{ID: 40, Kind: 1, Owner: 1, Birth: 4200, Row: []int32{1650, 800, 2048, 0, 4200}}),
		own: []int32{51200, 25600, 0, 0, 49152, 100, 12, 0, 3},
	}, {
		name:   "snapshot-delta",
		header: frame.Header{Tick: 4242, Base: 4240, Heard: 4248, Margin: 22, Late: 1, Wait: 3, Cause: frame.CauseTouch},
		cur:    rows(4242, one(1612, 800, 2, 100), three(321, 319, 0, 35), bolt),
		own:    []int32{51712, 25088, 256, -256, 49152, 100, 11, 0, 4},
		events: []protocol.Event{
			{Kind: 7, Tick: 4241, N: 3, Args: [protocol.MaxEventArgs]int32{1, 3, -25}},
			{Kind: 9, Tick: 4242},
		},
		notices: []frame.Notice{
			{Kind: frame.NoticeChat, Player: 1, Text: "gg"},
			{Kind: frame.NoticeStatus, Player: 3, Value: int32(frame.Lagging)},
		},
	}, {
		name:   "snapshot-idle",
		header: frame.Header{Tick: 4244, Base: 4242, Heard: 4250, Margin: 22},
		cur:    rows(4244, one(1624, 800, 9, 100), three(321, 319, 0, 35), bolt),
		own:    []int32{52224, 24576, 256, -256, 49152, 100, 11, 0, 4},
	}, {
		header: frame.Header{Tick: 4246},
		cur:    rows(4246, one(1636, 801, 15, 100), three(321, 319, 0, 35), bolt),
	}, {
		name:   "snapshot-skipped",
		header: frame.Header{Tick: 4248, Base: 4244, Heard: 4254, Margin: 21, Skipped: true},
		cur:    rows(4248, one(1648, 802, 20, 100), three(321, 319, 0, 35), bolt),
		own:    []int32{53248, 23552, 256, -256, 49152, 100, 11, 0, 4},
	}}
}

// line is the server's end of a connection.
type line struct {
	enc  frame.Encoder
	ents *deltatest.Sender
	last protocol.Tick
}

func newLine(s *delta.Schema) *line {
	return &line{ents: deltatest.NewSender(s)}
}

// send returns the frame of a snapshot, nil for one that is not sent. The header's base is set here.
func (l *line) send(x *snapshotExample) []byte {
	if x.own == nil {
		l.ents.Pass(x.cur)
		return nil
	}
	h := x.header
	l.ents.SendOwn(h.Tick, x.own)
	h.Base, h.Skipped = l.last, l.ents.Send(x.cur)
	l.last = h.Tick
	return l.enc.Snapshot(nil, &h, l.rows(), x.events, x.notices)
}

// rows are those of the snapshot sent last.
func (l *line) rows() frame.Rows {
	return frame.Rows{Scene: &l.ents.Scene, Changes: &l.ents.Changes, Own: &l.ents.Own}
}

// snapshotBytes returns the frame of an example, of all that are sent before it the frames too.
func snapshotBytes(name string) (before [][]byte, b []byte) {
	l := newLine(exampleSchema())
	for _, x := range exampleSnapshots() {
		if b = l.send(&x); x.name == name {
			return before, b
		}
		if b != nil {
			before = append(before, b)
		}
	}
	panic("no example " + name)
}

// far is the client's end of a connection.
type far struct {
	schema *delta.Schema
	dec    frame.Decoder
	header frame.Header
	body   frame.Body
	snaps  [2]delta.Snapshot
	turn   int
}

// receive reads a snapshot that follows those read before.
func (f *far) receive(b []byte) (err error) {
	if f.header, err = f.dec.Header(b); err != nil {
		return err
	}
	base := f.now()
	f.turn ^= 1
	return f.dec.Body(f.schema, base, f.body.Own, &f.body, f.now())
}

// now is the snapshot that was read last.
func (f *far) now() *delta.Snapshot { return &f.snaps[f.turn] }
