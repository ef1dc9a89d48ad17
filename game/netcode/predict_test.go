package netcode

import (
	"testing"

	"hindsight/protocol"
	"hindsight/protocol/delta"
	"hindsight/protocol/frame"
)

// runAhead returns a prediction loaded at tick 10 and given commands for the n ticks after it, and
// the rows that the same commands give without any bound.
func runAhead(t *testing.T, n int) (*prediction, map[protocol.Tick][]int32) {
	rules, err := course.NewPredictor([]byte{0, 0, 0}, 1)
	if err != nil {
		t.Fatal(err)
	}
	var p prediction
	p.reset(courseSchema, rules)
	row := []int32{1000, 2000, 0, 0, 0, 0, 1, 0}
	p.load(10, row)
	truth := runner{id: 1}
	truth.load(row)
	rows := map[protocol.Tick][]int32{10: row}
	var scene delta.Snapshot
	for i := range n {
		c := protocol.Command{Tick: 11 + protocol.Tick(i), MoveX: int8(i), MoveY: int8(-i)}
		p.record(c, &scene)
		truth.step(&c)
		rows[c.Tick] = make([]int32, len(row))
		truth.save(rows[c.Tick])
	}
	return &p, rows
}

func TestPredictionStopsAtItsLimitAndGoesOnWhenConfirmed(t *testing.T) {
	p, rows := runAhead(t, 110)
	if p.to != 10+predictMax || p.last != 120 {
		t.Fatalf("predicted to %d with commands to %d", p.to, p.last)
	}
	var r reconciler
	for _, tick := range []protocol.Tick{11, 15, 40} {
		if r.reconcile(p, tick, rows[tick], 0) {
			t.Errorf("tick %d was corrected", tick)
		}
		to := min(tick+predictMax, 120)
		if p.to != to || compare(&courseSchema.Own, p.own, rows[to]) != equal {
			t.Errorf("after tick %d was confirmed the prediction is at %d: %v, want %d: %v", tick, p.to, p.own, to, rows[to])
		}
		if p.cur.Tick != to || p.prev.Tick != to-1 {
			t.Errorf("published %d and %d, want %d and %d", p.prev.Tick, p.cur.Tick, to-1, to)
		}
	}
	if r.count != (Corrections{Confirmed: 3}) {
		t.Errorf("%+v", r.count)
	}
}

func TestCorrectionsAreCountedByTheirCause(t *testing.T) {
	tests := []struct {
		name      string
		field     int // that differs
		cause     frame.Cause
		want      Corrections
		corrected bool
	}{
		{"told", 7, 0, Corrections{Told: 1}, false},
		{"late", 0, frame.CauseLate, Corrections{Late: 1}, true},
		{"touch", 2, frame.CauseTouch, Corrections{Touch: 1}, true},
		{"clamp", 4, frame.CauseClamp, Corrections{Clamp: 1}, true},
		{"late and touch", 0, frame.CauseLate | frame.CauseTouch, Corrections{Late: 1}, true},
		{"unknown", 3, 0, Corrections{Unknown: 1}, true},
		{"told in a touched tick", 7, frame.CauseTouch, Corrections{Told: 1}, false},
	}
	for _, tt := range tests {
		p, rows := runAhead(t, 20)
		var r reconciler
		row := append([]int32(nil), rows[15]...)
		row[tt.field]++
		if got := r.reconcile(p, 15, row, tt.cause); got != tt.corrected || r.count != tt.want {
			t.Errorf("%s: corrected %v, %+v", tt.name, got, r.count)
		}
		// The commands after it were run again from the authority's row.
		truth := runner{id: 1}
		truth.load(row)
		for tick := protocol.Tick(16); tick <= 30; tick++ {
			c := p.slot(tick).command
			truth.step(&c)
		}
		want := make([]int32, len(row))
		if truth.save(want); p.to != 30 || compare(&courseSchema.Own, p.own, want) != equal {
			t.Errorf("%s: at %d %v, want %v", tt.name, p.to, p.own, want)
		}
		if m := r.last; (m.Tick == 15) != (tt.name == "unknown") {
			t.Errorf("%s: mismatch %+v", tt.name, m)
		}
	}
}

func TestTicksWithoutACommandRepeatTheOneBefore(t *testing.T) {
	p, rows := runAhead(t, 5)
	p.last = 20 // the owner was away for 16 to 20
	p.load(15, rows[15])
	truth := runner{id: 1}
	truth.load(rows[15])
	for range 5 {
		truth.step(&protocol.Command{MoveX: 4, MoveY: -4})
	}
	want := make([]int32, len(p.own))
	if truth.save(want); compare(&courseSchema.Own, p.own, want) != equal {
		t.Errorf("%v, want %v", p.own, want)
	}
}

func TestComposeTakesOnesOwnFromThePrediction(t *testing.T) {
	var s scene
	add := func(to *delta.Snapshot, id protocol.EntityID, kind uint8, owner protocol.PlayerID, x int32) {
		to.Add(id, kind, owner, 1, len(courseSchema.Kinds[kind].Fields))[0] = x
	}
	s.others.Reset(9)
	add(&s.others, 1, kindAvatar, 1, 10) // one's own, private: never shown
	add(&s.others, 2, kindAvatar, 2, 20)
	add(&s.others, 5, kindTarget, 1, 50) // one's own, but for all to see
	add(&s.others, 7, kindTarget, 0, 70) // replaced by the predicted one
	s.own.Reset(12)
	add(&s.own, 3, kindAvatar, 1, 30)
	add(&s.own, 7, kindTarget, 1, 77)
	s.compose(courseSchema, 1, 100, 200)
	want := []struct {
		id protocol.EntityID
		x  int32
	}{{2, 20}, {3, 130}, {5, 50}, {7, 177}}
	ents := s.all.Entities()
	if len(ents) != len(want) {
		t.Fatalf("%+v", ents)
	}
	for i, w := range want {
		if ents[i].ID != w.id || ents[i].Row[0] != w.x {
			t.Errorf("entity %d is %+v, want %+v", i, ents[i], w)
		}
	}
	if ents[1].Row[1] != 200 || s.own.Entities()[0].Row[1] != 0 {
		t.Error("the offset belongs to the picture alone, and to both axes")
	}
}

func TestRowsOfCommandsOnTheirWayArePassedOver(t *testing.T) {
	tests := []struct {
		name  string
		heard protocol.Tick
		cause frame.Cause
		tick  protocol.Tick
		sent  bool
		want  bool
	}{
		{"held up", 13, frame.CauseLate, 15, true, true},
		{"heard since", 15, frame.CauseLate, 15, true, false},
		{"never sent", 13, frame.CauseLate, 15, false, false},
		{"hit meanwhile", 13, frame.CauseLate | frame.CauseTouch, 15, true, false},
		{"in time", 15, 0, 15, true, false},
		{"held up for too long", 13, frame.CauseLate, 11 + assumeMax, true, false},
	}
	for _, tt := range tests {
		p, rows := runAhead(t, 60)
		var r reconciler
		h := frame.Header{Tick: tt.tick, Heard: tt.heard, Cause: tt.cause}
		if got := r.passOver(p, &h, tt.sent); got != tt.want || r.count.Assumed != map[bool]int{true: 1}[tt.want] {
			t.Errorf("%s: %t, %+v", tt.name, got, r.count)
		}
		if !tt.want {
			continue
		}
		// What was passed over is the cause of what is found when the commands are there.
		row := append([]int32(nil), rows[tt.tick+1]...)
		row[0]++
		if r.reconcile(p, tt.tick+1, row, 0); r.count.Late != 1 || r.owed != 0 {
			t.Errorf("%s: %+v, %d owed", tt.name, r.count, r.owed)
		}
	}
}

// After a silence of more than the ring holds, what the hands did right after the authority's row is
// forgotten; what they did lately must not be.
func TestALongSilenceOverwritesNoCommand(t *testing.T) {
	p, rows := runAhead(t, 200) // ticks 11 to 210
	var r reconciler
	r.reconcile(p, 60, rows[60], 0)
	for tick := p.last - predictRing + 1; tick <= p.last; tick++ {
		if s := p.slot(tick); s == nil || s.command.MoveX != int8(tick-11) {
			t.Fatalf("tick %d: %+v", tick, s)
		}
	}
	// What had been predicted before the silence came from another state than the authority's of tick 60.
	hit := append([]int32(nil), rows[61]...)
	hit[0]++
	if r.reconcile(p, 61, hit, 0); r.count.Unheld != 2 {
		t.Errorf("%+v %+v", r.count, r.last)
	}
	r.reconcile(p, 100, rows[100], 0)
	if r.reconcile(p, 110, rows[110], 0); r.count.Corrected() != 0 || r.count.Confirmed == 0 {
		t.Errorf("%+v %+v", r.count, r.last)
	}
}
