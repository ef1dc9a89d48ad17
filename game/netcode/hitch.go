package netcode

import (
	"hindsight/protocol"
	"hindsight/protocol/frame"
)

// Hitches counts moments in which the player saw something wrong, by what they came from.
type Hitches struct {
	Count [frame.Hitches]int
	Last  Hitch
}

// Hitch is one such moment.
type Hitch struct {
	At    protocol.Micros // local time at which it could be seen, 0: there was none
	Cause frame.Hitch
	Long  protocol.Micros // how long the picture was late or stood still
}

// hitches finds the moments in which the player sees something wrong, and gives each one cause. They
// are of three sorts: a frame that came too long after the one before, a view that ran past the
// newest snapshot, and a view that jumped.
//
// A late frame is its own cause: the page, or the machine it runs on, had something else to do. What
// the view does within a moment of one is its consequence and not counted again.
//
// The view's troubles come from a snapshot that was not there in time. When it is there at last, it
// says itself how late the server began its tick, and the one after it says how long it had waited in
// the server; a gap in the ticks before it says that snapshots were left out for this connection. If
// its owner did not run this client for a while, it may have lain here for so long. The rest of its
// lateness was spent on the way. The largest share is the cause.
type hitches struct {
	Hitches

	called protocol.Micros // when the owner last drew a frame or took in a snapshot
	busy   protocol.Micros // the longest it did neither since the last snapshot
	drawn  protocol.Micros // when the last frame was, 0: there is nothing to compare with
	frozen protocol.Micros // when a late frame, or a first one, was last drawn, 0: never

	open  bool // the view is or was in trouble, and the cause is not yet known
	began protocol.Micros
	until protocol.Micros // last sign of the trouble
	long  protocol.Micros // how long it lasted, or how far the jump was
	seen  bool            // the snapshot that was waited for has come
	shares
	newest shares // of the newest snapshot, as far as it is known

	closed protocol.Micros // when the last trouble of the view was over, 0: never
}

// shares is how the lateness of a snapshot came about.
type shares struct{ frame, server, send, network protocol.Micros }

const (
	hitchFrame = 50 * protocol.Millisecond  // between two frames: more is seen
	hitchBusy  = 25 * protocol.Millisecond  // without a call: the owner had something else to do
	hitchSame  = 100 * protocol.Millisecond // within so much of a late frame, the view's trouble is its consequence
	hitchAgain = 250 * protocol.Millisecond // within so much of trouble of the view, more of it is the same
	hitchAsked = 250 * protocol.Millisecond // how long the next snapshot is waited for
)

// look is what a drawn frame shows of the view.
type look struct {
	ahead bool            // it is past the newest snapshot
	jump  protocol.Micros // how far it jumped, 0 if it did not
}

// rest forgets the frame before: the page was in the background, or there was nothing to draw.
func (h *hitches) rest() {
	h.drawn, h.called, h.busy = 0, 0, 0
	h.open = false
}

// leave ends what is open: the connection or the match is over. The snapshot that would say why never
// came, and that it did not come is all that is known.
func (h *hitches) leave() {
	if h.open && !h.seen {
		h.shares = shares{network: 1}
	}
	h.close()
	h.drawn, h.frozen, h.called, h.busy = 0, 0, 0, 0
}

// draw takes in that a frame was drawn. It returns the time since the one before, 0 if there was none.
func (h *hitches) draw(now protocol.Micros, v look) (gap protocol.Micros) {
	if h.drawn != 0 {
		gap = now - h.drawn
	}
	if gap > hitchFrame {
		h.add(Hitch{At: now, Cause: frame.HitchFrame, Long: gap})
	}
	if gap > hitchFrame || h.drawn == 0 {
		h.frozen = now
	}
	h.drawn = now
	h.call(now)
	if v.ahead || v.jump != 0 {
		h.trouble(now, gap, v)
	}
	if h.open && h.seen && now-h.until > hitchAsked {
		h.close() // no snapshot followed: it will not be known whether this one had waited
	}
	return gap
}

// call takes in that the owner is at work.
func (h *hitches) call(now protocol.Micros) {
	if h.called != 0 {
		h.busy = max(h.busy, now-h.called)
	}
	h.called = now
}

// trouble takes in that the view is in it.
func (h *hitches) trouble(now, gap protocol.Micros, v look) {
	switch {
	case h.open:
	case h.frozen != 0 && now-h.frozen < hitchSame, h.closed != 0 && now-h.closed < hitchAgain:
		return
	default:
		h.open, h.began, h.long = true, now, 0
		h.seen, h.shares = v.jump != 0, h.newest // it can only jump to what has come
	}
	h.until = now
	if v.jump != 0 {
		h.long = max(h.long, v.jump)
	} else {
		h.long += gap
	}
}

// arrival is what is known of a snapshot when it comes.
type arrival struct {
	tardy   protocol.Micros // how much later it came than the path at its fastest would have it
	late    protocol.Micros // how late the server began its tick
	waited  protocol.Micros // how long the snapshot before it had waited in the server
	skipped protocol.Micros // how much time was left out before it
}

// receive takes in that a snapshot came. The first one after the trouble began is what the view had
// to wait for; the second tells the rest about it.
func (h *hitches) receive(now protocol.Micros, a arrival) {
	h.call(now)
	if h.open && h.seen {
		h.send += a.waited
		h.network = max(h.network-a.waited, 0)
		h.close()
	}
	// Snapshots are left out because the line is full, and by a server that stood still: it sends
	// only the last of the ticks that it makes up for.
	h.newest = shares{server: a.late, send: max(a.skipped-a.late, 0)}
	if h.busy > hitchBusy {
		h.newest.frame = max(min(h.busy, a.tardy-a.late), 0)
	}
	h.newest.network = max(a.tardy-a.late-h.newest.frame, 0)
	h.busy = 0
	if h.open {
		h.seen, h.shares = true, h.newest
	}
}

// close gives the open trouble its cause.
func (h *hitches) close() {
	if !h.open {
		return
	}
	h.open, h.closed = false, h.until
	cause := frame.HitchNetwork
	switch max(h.frame, h.server, h.send, h.network) {
	case h.network:
	case h.frame:
		cause = frame.HitchFrame
	case h.server:
		cause = frame.HitchServer
	case h.send:
		cause = frame.HitchSend
	}
	h.add(Hitch{At: h.began, Cause: cause, Long: h.long})
}

func (h *hitches) add(x Hitch) {
	h.Count[x.Cause]++
	h.Last = x
}

// notice takes in what a drawn frame shows, when the view had been at pos and had jumped so often.
func (c *Client) notice(now protocol.Micros, pos phase, jumps int, elapsed protocol.Micros) {
	if !c.live {
		c.hitches.rest()
		return
	}
	v := look{ahead: c.view.ahead}
	if c.view.jumps != jumps {
		v.jump = max(c.clock.rate.micros(c.view.pos-pos)-elapsed, 1)
	}
	c.report.drawn(c.hitches.draw(now, v))
}

// arrived takes in how a snapshot came.
func (c *Client) arrived(now protocol.Micros, h *frame.Header, newest protocol.Tick) {
	a := arrival{
		tardy:  c.clock.rate.micros(c.view.head(now) - at(h.Tick)),
		late:   protocol.Micros(h.Late) * quarter,
		waited: protocol.Micros(h.Wait) * quarter,
	}
	if h.Base != 0 {
		a.skipped = c.clock.rate.micros(at(h.Tick) - at(newest) - c.view.interval)
	}
	c.hitches.receive(now, a)
}
