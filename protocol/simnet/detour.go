package simnet

import "hindsight/protocol"

// Detour leads the frames of real connections over a simulated path, so that somebody can feel a bad
// one: what is handed in comes out of Next when it would have arrived. Lines are named by their owner.
// With the zero Config and nothing left on its way it takes nothing in, and costs a comparison.
//
// What the path does comes on top of the real one.
type Detour struct {
	cfg   Config
	path  Path
	until protocol.Micros // the end of the last stall
	lines []detoured
}

// detoured is a line on the detour.
type detoured struct {
	line    int
	pair    *Pair
	open    protocol.Micros // before that nobody is told that it is open
	waiting bool            // it is open in truth
}

// Sort is what came through a Detour.
type Sort uint8

// The sorts.
const (
	CameOpen Sort = iota + 1 // the line is open
	CameUp                   // a frame for the server
	CameDown                 // a frame from the server
)

// Passage is something that came through. Data is valid until the next call.
type Passage struct {
	Sort Sort
	Line int
	Data []byte
}

// Set makes each direction of the path so from now on. What is on its way stays ahead.
func (d *Detour) Set(cfg Config) {
	if cfg.RTT == 0 {
		cfg.RTT = 2 * cfg.Latency
	}
	d.cfg, d.path.up, d.path.down = cfg, cfg, cfg
	d.path.rng = rng{cfg.Seed}
	for _, l := range d.lines {
		l.pair.Up.cfg, l.pair.Down.cfg = cfg, cfg
	}
}

// Stall takes the path down until then.
func (d *Detour) Stall(now, until protocol.Micros) {
	d.until = max(d.until, until)
	d.path.Stall(now, until)
}

// out reports that the detour is out of the way of a line.
func (d *Detour) out(now protocol.Micros, l *detoured) bool {
	if d.cfg.Latency > 0 || d.cfg.Jitter > 0 || d.cfg.Loss > 0 || now < d.until {
		return false
	}
	if l == nil {
		return true
	}
	_, busy := l.pair.Next()
	return !busy && !l.waiting
}

// Dial takes in that a line is being dialled.
func (d *Detour) Dial(now protocol.Micros, line int) {
	if !d.out(now, nil) {
		pair, open := d.dial(now)
		d.lines = append(d.lines, detoured{line: line, pair: pair, open: open})
	}
}

// dial returns a pair of the path, which forgets it: a page has one for as long as it is open.
func (d *Detour) dial(now protocol.Micros) (*Pair, protocol.Micros) {
	d.path.pairs = d.path.pairs[:0]
	d.cfg.Seed++
	d.path.up.Seed, d.path.down.Seed = d.cfg.Seed, d.cfg.Seed
	pair, open := d.path.Dial(now)
	d.path.pairs = d.path.pairs[:0]
	for i := range d.lines {
		d.path.pairs = append(d.path.pairs, d.lines[i].pair)
	}
	d.path.pairs = append(d.path.pairs, pair)
	return pair, open
}

// Opened takes in that a line is open in truth. It returns false if that is to be told later.
func (d *Detour) Opened(now protocol.Micros, line int) bool {
	l := d.find(line)
	if l == nil || now >= l.open {
		return true
	}
	l.waiting = true
	return false
}

// Up takes in a frame for the server, and Down one from it. They return false if it is to go its way
// at once.
func (d *Detour) Up(now protocol.Micros, line int, b []byte) bool {
	l := d.on(now, line)
	if l != nil {
		l.pair.Up.Send(now, b)
	}
	return l != nil
}

// Down is Up in the other direction.
func (d *Detour) Down(now protocol.Micros, line int, b []byte) bool {
	l := d.on(now, line)
	if l != nil {
		l.pair.Down.Send(now, b)
	}
	return l != nil
}

// on returns the line if it is on the detour, where it is led if the detour is in the way.
func (d *Detour) on(now protocol.Micros, line int) *detoured {
	l := d.find(line)
	if d.out(now, l) {
		return nil
	}
	if l == nil {
		pair, _ := d.dial(now)
		d.lines = append(d.lines, detoured{line: line, pair: pair})
		l = &d.lines[len(d.lines)-1]
	}
	return l
}

func (d *Detour) find(line int) *detoured {
	for i := range d.lines {
		if d.lines[i].line == line {
			return &d.lines[i]
		}
	}
	return nil
}

// Next returns what has come through by now; it is to be called until there is nothing.
func (d *Detour) Next(now protocol.Micros) (p Passage, ok bool) {
	for i := range d.lines {
		l := &d.lines[i]
		p.Line = l.line
		if l.waiting && now >= l.open {
			l.waiting = false
			p.Sort = CameOpen
			return p, true
		}
		if p.Data, ok = l.pair.Down.Deliver(now); ok {
			p.Sort = CameDown
			return p, true
		}
		if p.Data, ok = l.pair.Up.Deliver(now); ok {
			p.Sort = CameUp
			return p, true
		}
	}
	return Passage{}, false
}

// Drop forgets a line and all that is on its way.
func (d *Detour) Drop(line int) {
	for i := range d.lines {
		if d.lines[i].line == line {
			d.lines = append(d.lines[:i], d.lines[i+1:]...)
			return
		}
	}
}

// Forget drops all lines.
func (d *Detour) Forget() { d.lines = d.lines[:0] }

// Active reports whether the detour is in the way of anything.
func (d *Detour) Active(now protocol.Micros) bool {
	if !d.out(now, nil) {
		return true
	}
	for i := range d.lines {
		if !d.out(now, &d.lines[i]) {
			return true
		}
	}
	return false
}
