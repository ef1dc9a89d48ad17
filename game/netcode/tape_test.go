package netcode

import (
	"bytes"
	"slices"
	"testing"

	"hindsight/protocol"
	"hindsight/protocol/delta"
	"hindsight/protocol/simnet"
)

// taped is a client with a tape on a link of this kind, another player, and what the authority
// published of every tick.
func taped(t testing.TB, cfg simnet.Config, every int) (a *authority, p *peer, published map[protocol.Tick]*delta.Snapshot) {
	a = newAuthority(t, 6, 1)
	a.every = every
	p = a.join(cfg, 144, hunt())
	p.client = New(Config{Game: course, Name: "taped", Tape: true})
	p.client.Hello(p.skew)
	a.join(clean(30*ms), 60, hunt())
	published = map[protocol.Tick]*delta.Snapshot{}
	p.given = func(*peer) {
		// Every moment of the authority's is looked at before the next: steps are 16 ms apart, frames 7.
		if s := a.match.Snapshot(); s != nil && published[s.Tick] == nil {
			published[s.Tick] = new(delta.Snapshot)
			published[s.Tick].CopyFrom(s)
		}
	}
	return a, p, published
}

// flat is a scene as numbers.
func flat(s *delta.Snapshot) (out []int32) {
	for i := range s.Entities() {
		e := &s.Entities()[i]
		out = append(append(out, int32(e.ID), int32(e.Kind), int32(e.Owner), int32(e.Birth)), e.Row...)
	}
	return out
}

func TestTheTapeShowsTheMatchAsTheAuthorityHadIt(t *testing.T) {
	for _, every := range []int{1, 2} {
		a, p, published := taped(t, simnet.Config{Latency: 50 * ms, Jitter: 5 * ms, Loss: 10_000, Seed: 9}, every)
		a.run(20 * protocol.Second)
		c, end := p.client, p.client.past.Newest()
		if c.Rewatch(a.now+p.skew, end, protocol.Second) == 0 {
			t.Fatal("there is nothing on the tape")
		}
		var seen int
		var dst delta.Snapshot
		p.watch = func(p *peer, _ *Picture) {
			pic := c.DrawTape(a.now + p.skew)
			if pic == nil {
				return
			}
			seen++
			from, to := published[pic.View.A], published[pic.View.B]
			delta.Seen(courseSchema, pic.View, from, to, &dst)
			if !slices.Equal(flat(pic.Scene), flat(&dst)) {
				t.Fatalf("every %d, view %+v:\n%v\nwant\n%v", every, pic.View, flat(pic.Scene), flat(&dst))
			}
		}
		a.run(990 * ms)
		if seen < 140 || c.DrawTape(a.now+p.skew) == nil {
			t.Errorf("every %d: %d pictures before the time was over", every, seen)
		}
		a.run(20 * ms)
		if c.DrawTape(a.now+p.skew) != nil {
			t.Errorf("every %d: it plays on", every)
		}
	}
}

func TestALookBackEndsInTimeAndIsAsLongAsTimeAllows(t *testing.T) {
	tests := []struct {
		name        string
		run, wait   protocol.Micros
		span, speed int // ticks, 1/256
	}{
		{"time enough", 20 * protocol.Second, 4 * protocol.Second, 180, 256},
		{"just enough", 20 * protocol.Second, 3 * protocol.Second, 180, 256},
		{"faster", 20 * protocol.Second, 2 * protocol.Second, 180, 384},
		{"at most twice as fast", 20 * protocol.Second, protocol.Second, 120, 512},
		{"too short to follow", 20 * protocol.Second, 300 * ms, 0, 0},
		{"a match that has just begun", 1500 * ms, 4 * protocol.Second, 0, 256},
	}
	for _, tt := range tests {
		a, p, _ := taped(t, clean(40*ms), 1)
		a.run(tt.run)
		c, end := p.client, p.client.past.Newest()
		if got := c.Rewatch(a.now+p.skew, end, tt.wait); got < tt.speed || got > tt.speed+1 {
			t.Errorf("%s: speed %d, want %d", tt.name, got, tt.speed)
		}
		if tt.speed == 0 {
			continue
		}
		first, last, began := protocol.Tick(0), protocol.Tick(0), a.now
		var over protocol.Micros
		p.watch = func(p *peer, _ *Picture) {
			switch pic := c.DrawTape(a.now + p.skew); {
			case pic == nil && over == 0:
				over = a.now - began
			case pic != nil && first == 0:
				first = pic.Tick
				fallthrough
			case pic != nil:
				last = pic.Tick
			}
		}
		a.run(tt.wait + 50*ms)
		if over == 0 || over > tt.wait+8*ms { // a display frame
			t.Errorf("%s: over after %d, want within %d", tt.name, over, tt.wait)
		}
		if d := last.Sub(end); d < 13 || d > 15 {
			t.Errorf("%s: ends %d ticks after the moment, want 14", tt.name, d)
		}
		if got := last.Sub(first) + 1; tt.span > 0 && (got < tt.span-2 || got > tt.span) {
			t.Errorf("%s: %d ticks, want %d", tt.name, got, tt.span)
		}
	}
}

// What is drawn and sent while the tape plays is what it would have been without.
func TestPlayingTheTapeChangesNothingElse(t *testing.T) {
	tape := record(t, simnet.Config{Latency: 50 * ms, Jitter: 5 * ms, Loss: 10_000, Seed: 6}, 20*protocol.Second)
	bare, with := New(Config{Game: course}), New(Config{Game: course, Tape: true})
	bare.Hello(tape[0].now)
	with.Hello(tape[0].now)
	var played int
	for i := range tape {
		h := &tape[i]
		if h.bytes != nil {
			if e1, e2 := bare.Receive(h.now, h.bytes), with.Receive(h.now, h.bytes); e1 != nil || e2 != nil {
				t.Fatal(e1, e2)
			}
			continue
		}
		if i%600 == 599 {
			with.Rewatch(h.now, with.past.Newest(), 2*protocol.Second)
		}
		want, got := bare.Draw(h.now), with.Draw(h.now)
		if with.DrawTape(h.now) != nil {
			played++
		}
		if want.View != got.View || !slices.Equal(flat(want.Scene), flat(got.Scene)) || !slices.Equal(want.Events, got.Events) {
			t.Fatalf("at %d the picture is another", i)
		}
		if b1, b2 := bare.Advance(h.now, h.in, 0), with.Advance(h.now, h.in, 0); !bytes.Equal(b1, b2) {
			t.Fatalf("at %d another frame is sent", i)
		}
	}
	if played < 500 {
		t.Errorf("the tape was drawn %d times", played)
	}
}

func TestTheTapeTellsEveryEventOnce(t *testing.T) {
	a, p, _ := taped(t, simnet.Config{Latency: 50 * ms, Jitter: 5 * ms, Seed: 9}, 1)
	banged := map[protocol.Event]int{}
	p.watch = func(_ *peer, pic *Picture) {
		for _, e := range pic.Events {
			if e.Kind == eventBang {
				banged[e]++
			}
		}
	}
	a.run(20 * protocol.Second)
	c, end := p.client, p.client.past.Newest()
	c.Rewatch(a.now+p.skew, end, 3*protocol.Second)
	told := map[protocol.Event]int{}
	var first, last protocol.Tick
	live := p.watch
	p.watch = func(p *peer, pic *Picture) {
		live(p, pic)
		replayed := c.DrawTape(a.now + p.skew)
		if replayed == nil {
			return
		}
		if last = replayed.Tick; first == 0 {
			first = last
		}
		for _, e := range replayed.Events {
			if e.Tick.Sub(last) > 0 {
				t.Errorf("an event of tick %d at %d", e.Tick, last)
			}
			told[e]++
		}
	}
	a.run(4 * protocol.Second)
	var mine, theirs int
	for e, n := range banged {
		if e.Tick.Sub(first) <= 0 || e.Tick.Sub(last) > 0 {
			continue
		}
		if told[e] != n {
			t.Errorf("told %d times, was %d: %+v", told[e], n, e)
		}
		if e.Args[0] == int32(p.id) {
			mine++
		} else {
			theirs++
		}
	}
	if mine == 0 || theirs == 0 || len(told) > mine+theirs+2 {
		t.Errorf("%d own and %d other events of %d", mine, theirs, len(told))
	}
}

func TestAnotherMatchCutsTheTape(t *testing.T) {
	a, p, _ := taped(t, clean(40*ms), 1)
	a.run(10 * protocol.Second)
	c := p.client
	if c.Rewatch(a.now+p.skew, c.past.Newest(), 2*protocol.Second) == 0 || c.DrawTape(a.now+p.skew) == nil {
		t.Fatal("there is nothing on the tape")
	}
	a.next()
	a.run(100 * ms)
	if c.DrawTape(a.now+p.skew) != nil {
		t.Error("it plays on")
	}
	if c.Rewatch(a.now+p.skew, c.past.Newest(), 2*protocol.Second) != 0 {
		t.Error("it shows what was before the match")
	}
}

func TestWithoutATapeThereIsNothingToSee(t *testing.T) {
	a := newAuthority(t, 1)
	p := a.join(clean(40*ms), 60, idle)
	a.run(5 * protocol.Second)
	if c := p.client; c.Rewatch(a.now+p.skew, c.past.Newest(), protocol.Second) != 0 || c.DrawTape(a.now+p.skew) != nil {
		t.Error("something is seen")
	}
}

func TestTapingAndPlayingAllocateNothingOnceWarm(t *testing.T) {
	tape := record(t, simnet.Config{Latency: 50 * ms, Jitter: 5 * ms, Seed: 6}, 30*protocol.Second)
	c := New(Config{Game: course, Tape: true})
	c.Hello(tape[0].now)
	i := 0
	step := func() {
		if err := play(c, &tape[i]); err != nil {
			t.Fatal(err)
		}
		if i%400 == 0 {
			c.Rewatch(tape[i].now, c.past.Newest(), 2*protocol.Second)
		}
		c.DrawTape(tape[i].now)
		i++
	}
	for i < len(tape)/2 { // twice round the ring
		step()
	}
	if n := testing.AllocsPerRun(len(tape)-i-1, step); n != 0 {
		t.Errorf("%v allocations per call", n)
	}
}
