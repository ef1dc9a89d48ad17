// Package turnstile takes connections from a listener a few at a time, so that a crowd that comes at once
// leaves the processor to the matches that go on.
//
//	l = turnstile.New(l, turnstile.Config{Alarm: newAlarm, Now: mono.Now})
//	http.Serve(l, handler)
//
// # What it is for
//
// When a proxy dies or a network comes back, thousands of clients dial within a second. An HTTP server
// accepts them as fast as the kernel hands them over and makes a goroutine of each, all of them ready to
// run. Go's scheduler knows no priorities: who is ready runs after those that were ready before, so a room
// whose tick is due waits behind a few hundred handshakes, tens of milliseconds long.
//
// # How it works
//
// Work that has not begun costs nothing, and the kernel keeps a queue of those who have connected. The
// turnstile lets in a few of them, two or three, and then sleeps until its next turn, on the clock that
// wakes the rooms. So what was let in runs first, then the rooms that are due, and only then the next few. A
// processor with time to spare is back at the turnstile in a Turn, and takes Config.Most connections in a
// second. One that is busy comes later, and the turns that it missed are not made up for, except that it takes
// Least in a second at any rate: players who were cut off have a match that waits for them, too.
//
// Nobody is turned away here, and what follows the handshake, the hello, the search for a seat and the
// first snapshot, follows at the same pace. Who waits too long dials again, by the back-off of its own; so
// that this does not fill the queue with lines that nobody holds the other end of any more, the queue is
// kept short (see Shorten), and the kernel leaves unanswered whom it has no place for: a client's kernel
// asks again by itself, after a second.
//
// # What it never does
//
// It reads no byte of a connection and knows nothing of addresses: the limits of those are further in.
// Whoever is refused there, before it has cost anything, may be given back with Unspent: a flood from one
// address does not use up the turns of the others.
package turnstile

import (
	"net"

	"hindsight/protocol"
)

// Turn is the time between two turns of a server that is not busy, in microseconds: two thirds of the time
// between two slots in which rooms begin their ticks, so that turns fall on any moment between those.
const Turn protocol.Micros = 700

// Alarm is what a Turnstile sleeps on; see package alarm.
type Alarm interface {
	// Wait returns once it is at, and may return early.
	Wait(at protocol.Micros)
	Close()
}

// Config is a turnstile's settings. Alarm and Now are required.
type Config struct {
	// Most is how many connections are taken in a second [2,000]; half as many are however busy the server is.
	Most int
	// Alarm makes what Accept sleeps on, Now is the clock that it goes by.
	Alarm func() Alarm
	Now   func() protocol.Micros
	// Held is called for each connection that had to wait for its turn; nil for nobody.
	Held func()
}

// Turnstile is a listener whose Accept takes its time. Accept and Unspent belong to one goroutine at a time, an
// http.Server's.
type Turnstile struct {
	net.Listener
	cfg         Config
	most, least int64

	// Owned by the goroutine that accepts.
	alarm  Alarm           // nil while nobody accepts
	began  protocol.Micros // when the turn at hand did
	credit int64           // what may still be taken in it, in millionths of a connection
}

// one is what a connection costs, and pittance what one does that was turned away unread.
const (
	one      = int64(protocol.Second)
	pittance = one / 8
)

// DefaultMost is as many connections in a second as the game's socket takes by default.
const DefaultMost = 2000

// New returns a turnstile in front of a listener.
func New(l net.Listener, c Config) *Turnstile {
	if c.Most <= 0 {
		c.Most = DefaultMost
	}
	if c.Held == nil {
		c.Held = func() {}
	}
	return &Turnstile{Listener: l, cfg: c, most: int64(c.Most), least: int64(c.Most+1) / 2}
}

// Accept implements net.Listener.
func (t *Turnstile) Accept() (net.Conn, error) {
	if t.alarm == nil {
		t.alarm = t.cfg.Alarm()
	}
	t.pass()
	nc, err := t.Listener.Accept()
	if err != nil { // closed, as a rule
		t.alarm.Close()
		t.alarm = nil
		t.credit += one
	}
	return nc, err
}

// Unspent says that the connection accepted last was turned away at once.
func (t *Turnstile) Unspent() { t.credit += one - pittance }

// pass waits until another connection may be taken, and counts it.
func (t *Turnstile) pass() {
	if now := t.cfg.Now(); now-t.began >= Turn { // it was the clients who took their time
		t.turn(now, Turn)
	}
	for held := false; t.credit < one; {
		if !held {
			held = true
			t.cfg.Held()
		}
		next := t.began + Turn
		t.alarm.Wait(next)
		if now := t.cfg.Now(); now >= next {
			t.turn(now, now-t.began)
		}
	}
	t.credit -= one
}

// turn begins a turn, so long after the one before. What was not used of that is gone, unless it was not enough for
// one connection.
func (t *Turnstile) turn(now, after protocol.Micros) {
	late := min(after-Turn, protocol.Second/4)
	t.credit = min(t.credit, one) + t.most*int64(Turn) + t.least*int64(late)
	t.began = now
}
