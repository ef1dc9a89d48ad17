package frame_test

import (
	"hindsight/protocol"
	"hindsight/protocol/delta"
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
				{Name: "x"}, {Name: "y"}, {Name: "vx"}, {Name: "vy"}, {Name: "t0"},
			}},
		},
		Own: delta.Kind{Name: "own", Fields: []delta.Field{
			{Name: "x"}, {Name: "y"}, {Name: "vx"}, {Name: "vy"},
			{Name: "aim", Mode: delta.Turn, Turn: 65536},
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

// snapshotExample is a snapshot as a value: what it is a difference from and what it should give.
type snapshotExample struct {
	header    frame.Header
	base, cur *delta.Snapshot // base is nil in a full one
	ownBefore []int32
	own       []int32
	events    []protocol.Event
	notices   []frame.Notice
	absolute  protocol.EntityID // to be sent whole
}

func rows(tick protocol.Tick, ents ...delta.Entity) *delta.Snapshot {
	s := &delta.Snapshot{}
	s.Reset(tick)
	for _, e := range ents {
		copy(s.Add(e.ID, e.Kind, e.Owner, e.Birth, len(e.Row)), e.Row)
	}
	return s
}

func exampleSnapshots() map[string]snapshotExample {
	first := rows(4240,
		delta.Entity{ID: 1, Kind: 0, Owner: 1, Birth: 4000, Row: []int32{1600, 800, 250, 100}},
		delta.Entity{ID: 3, Kind: 0, Owner: 3, Birth: 4100, Row: []int32{320, 320, 0, 60}},
		delta.Entity{ID: 40, Kind: 1, Owner: 1, Birth: 4200, Row: []int32{1650, 800, 2048, 0, 4200}})
	firstOwn := []int32{51200, 25600, 0, 0, 49152, 100, 12, 0, 3}
	second := rows(4242,
		delta.Entity{ID: 1, Kind: 0, Owner: 1, Birth: 4000, Row: []int32{1612, 800, 2, 100}},
		delta.Entity{ID: 3, Kind: 0, Owner: 3, Birth: 4100, Row: []int32{330, 300, 0, 35}},
		delta.Entity{ID: 41, Kind: 1, Owner: 1, Birth: 4241, Row: []int32{1628, 800, 2048, 0, 4241}})
	secondOwn := []int32{51712, 25088, 256, -256, 49152, 100, 11, 0, 4}
	return map[string]snapshotExample{
		"snapshot-full": {
			header: frame.Header{Tick: 4240},
			cur:    first, own: firstOwn,
		},
		"snapshot-delta": {
			header: frame.Header{Tick: 4242, Base: 4240, Heard: 4248, Margin: 22, Late: 1, Wait: 3, Cause: frame.CauseTouch},
			base:   first, cur: second, ownBefore: firstOwn, own: secondOwn, absolute: 3,
			events: []protocol.Event{
				{Kind: 7, Tick: 4241, N: 3, Args: [protocol.MaxEventArgs]int32{1, 3, -25}},
				{Kind: 9, Tick: 4242},
			},
			notices: []frame.Notice{
				{Kind: frame.NoticeChat, Player: 1, Text: "gg"},
				{Kind: frame.NoticeStatus, Player: 3, Value: int32(frame.Lagging)},
			},
		},
		"snapshot-idle": {
			header: frame.Header{Tick: 4244, Base: 4242, Heard: 4250, Margin: 21},
			base:   second, cur: rows(4244, second.Entities()...), ownBefore: secondOwn, own: secondOwn,
		},
	}
}

// encodeSnapshot builds the frame the way a server does.
func encodeSnapshot(s *delta.Schema, x *snapshotExample) []byte {
	var c delta.Coder
	var own, ents delta.Records
	var removed []protocol.EntityID
	before := x.ownBefore
	base := x.base
	if base == nil {
		base, before = &delta.Snapshot{}, make([]int32, len(s.Own.Fields))
	}
	c.Row(&own, &s.Own, before, x.own)
	for i := range base.Entities() {
		if id := base.Entities()[i].ID; x.cur.Find(id) == nil {
			removed = append(removed, id)
		}
	}
	for i := range x.cur.Entities() {
		e := &x.cur.Entities()[i]
		k := &s.Kinds[e.Kind]
		switch prev := base.Find(e.ID); {
		case prev == nil:
			c.Spawn(&ents, k, x.cur.Tick, e)
		case e.ID == x.absolute:
			c.Absolute(&ents, k, e)
		default:
			c.Delta(&ents, k, prev, e)
		}
	}
	var enc frame.Encoder
	return enc.Snapshot(nil, &x.header, own, removed, ents, x.events, x.notices)
}
