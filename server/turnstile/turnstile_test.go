package turnstile

import (
	"errors"
	"net"
	"testing"

	"hindsight/protocol"
)

// processor is one core in virtual time that runs what is ready in the order in which it became so, as Go's
// scheduler does: the ticks of rooms, the handshakes that were let in, and the turnstile.
type processor struct {
	now       protocol.Micros
	ready     []protocol.Micros // how long each handshake takes
	handshake protocol.Micros

	tick, period protocol.Micros // how long one takes, and the time between two; 0 for no rooms
	due          protocol.Micros // when the next is
	latest       protocol.Micros // of all ticks

	late   protocol.Micros // how late each alarm comes, beside what the work before it takes
	early  bool            // the next alarm comes early once
	queue  int             // clients that have dialled
	held   int
	closed bool
}

var errEnd = errors.New("the listener was closed")

func (p *processor) Accept() (net.Conn, error) {
	if p.queue == 0 {
		return nil, errEnd
	}
	p.queue--
	p.ready = append(p.ready, p.handshake)
	return nil, nil
}
func (p *processor) Close() error   { return nil }
func (p *processor) Addr() net.Addr { return nil }

// wait is to let the others run: it runs what is ready before the moment comes, and then what was ready before it came.
func (p *processor) wait(at protocol.Micros) {
	if p.early {
		p.early = false
		return
	}
	for p.now < at || len(p.ready) > 0 {
		ticks := p.tick > 0 && p.due <= p.now
		switch {
		case ticks && (p.due <= at || len(p.ready) == 0):
			p.latest = max(p.latest, p.now-p.due)
			p.now, p.due = p.now+p.tick, p.due+p.period
		case len(p.ready) > 0:
			p.now += p.ready[0]
			p.ready = p.ready[1:]
		case p.now >= at:
			return
		case p.tick > 0:
			p.now = min(at, p.due)
		default:
			p.now = at
		}
	}
	p.now += p.late
}

// door is a turnstile on a processor.
func door(p *processor, most int) *Turnstile {
	return New(p, Config{Most: most, Now: func() protocol.Micros { return p.now }, Alarm: func() Alarm { return sleeper{p} }, Held: func() { p.held++ }})
}

// sleeper is the alarm of a turnstile.
type sleeper struct{ p *processor }

func (s sleeper) Wait(at protocol.Micros) { s.p.wait(at) }
func (s sleeper) Close()                  { s.p.closed = true }

// take lets everybody in who has dialled, and returns how long that took.
func take(t *testing.T, d *Turnstile, p *processor) protocol.Micros {
	t.Helper()
	began := p.now
	for p.queue > 0 {
		if _, err := d.Accept(); err != nil {
			t.Fatal(err)
		}
	}
	return p.now - began
}

// Nine thousand who come at once are let in within ten seconds, and no tick begins five milliseconds later for it,
// on a processor that matches keep busy for a third of its time. Taken as they come, they hold ticks up for seconds.
func TestMatchesComeFirst(t *testing.T) {
	storm := func(handshake protocol.Micros) *processor {
		return &processor{now: 1000, due: 2000, tick: 350, period: protocol.Second / 960, handshake: handshake, queue: 9000}
	}
	for _, handshake := range []protocol.Micros{100, 250, 500} {
		p := storm(handshake)
		d := door(p, 0)
		took := take(t, d, p)
		if p.latest > 5*protocol.Millisecond || took > 10*protocol.Second {
			t.Errorf("handshakes of %d us: ticks up to %d us late, all in after %d us", handshake, p.latest, took)
		}
	}
	p := storm(250)
	for p.queue > 0 {
		_, _ = p.Accept()
	}
	p.wait(p.now)
	p.wait(p.now + 1)
	if p.latest < protocol.Second {
		t.Errorf("without a turnstile ticks are %d us late: nothing is shown", p.latest)
	}
}

func TestTurns(t *testing.T) {
	for _, tt := range []struct {
		name       string
		most, n    int
		late       protocol.Micros
		soon, then protocol.Micros // within which all are to be in
	}{
		{"with time to spare", 2000, 4000, 0, 1990, 2010},
		{"a low limit", 100, 200, 0, 1970, 2010},
		{"alarms a turn late", 2000, 4000, Turn, 2600, 2700}, // 1.4 for the first turn and 0.7 for the second of each two
		{"alarms 50 ms late", 2000, 4000, 50 * protocol.Millisecond, 3800, 4000},
		{"a server that hangs", 2000, 4000, 2 * protocol.Second, 30_000, 34_000},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := &processor{now: 1000, late: tt.late, queue: tt.n}
			took := take(t, door(p, tt.most), p) / protocol.Millisecond
			if took < tt.soon || took > tt.then {
				t.Errorf("%d were let in within %d ms, want %d to %d", tt.n, took, tt.soon, tt.then)
			}
		})
	}
}

// Nobody waits who comes alone, nothing is saved up for a crowd, and an alarm that comes early lets nobody in.
func TestAfterARest(t *testing.T) {
	p := &processor{now: protocol.Second, queue: 1}
	d := door(p, 0)
	if took := take(t, d, p); took != 0 || p.held != 0 {
		t.Errorf("the first waits for %d us", took)
	}
	p.now += 10 * protocol.Second
	p.queue = 20
	for p.held == 0 {
		if _, err := d.Accept(); err != nil {
			t.Fatal(err)
		}
	}
	if in := 20 - p.queue; in > 4 {
		t.Errorf("%d are let in at once after a rest", in)
	}
	for held := p.held; p.held == held; { // the rest of this turn
		if _, err := d.Accept(); err != nil {
			t.Fatal(err)
		}
	}
	began := d.began
	p.early = true
	for held := p.held; p.held == held; {
		if _, err := d.Accept(); err != nil {
			t.Fatal(err)
		}
	}
	if d.began-began < Turn {
		t.Errorf("a turn of %d us", d.began-began)
	}
}

// Those who are turned away unread take little from the others.
func TestUnspent(t *testing.T) {
	p := &processor{now: protocol.Second, queue: 8000}
	d := door(p, 0)
	began := p.now
	for p.queue > 0 {
		if _, err := d.Accept(); err != nil {
			t.Fatal(err)
		}
		d.Unspent()
	}
	if took := p.now - began; took < 450*protocol.Millisecond || took > 550*protocol.Millisecond {
		t.Errorf("8,000 who are turned away take %d us, want those of 1,000", took)
	}
}

func TestClosed(t *testing.T) {
	p := &processor{now: protocol.Second}
	if _, err := door(p, 0).Accept(); err != errEnd || !p.closed {
		t.Errorf("%v; the alarm is given back: %v", err, p.closed)
	}
}
