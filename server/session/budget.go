package session

import "hindsight/protocol"

// budget is what one client may ask of the server in a while. It belongs to the read goroutine.
type budget struct {
	reports  bucket
	control  allowance
	chats    allowance
	messages bucket
}

// allowance is a bucket of tokens that fills by itself. It belongs to one goroutine, and so does without
// the lock and the reservations of rate.Limiter, which cost more than all else that reading a frame does
// here. The zero value allows nothing.
type allowance struct {
	rate  float64 // tokens a microsecond
	burst float64 // the most it holds
	left  float64 // as of then
	then  protocol.Micros
}

// newAllowance returns a full one.
func newAllowance(perSecond float64, burst int) allowance {
	return allowance{rate: perSecond / float64(protocol.Second), burst: float64(burst), left: float64(burst)}
}

// tokens returns how many there are now. Time does not go back.
func (a *allowance) tokens(now protocol.Micros) float64 {
	a.left = min(a.burst, a.left+float64(now-a.then)*a.rate)
	a.then = now
	return a.left
}

// allow takes n tokens, or none and reports false.
func (a *allowance) allow(now protocol.Micros, n int) bool {
	if a.tokens(now) < float64(n) {
		return false
	}
	a.left -= float64(n)
	return true
}

// bucket is a budget that may be overrun for a while.
type bucket struct {
	allowance
	over    bool            // something has been dropped, and the bucket has not recovered since
	since   protocol.Micros // when that began
	overrun protocol.Micros // how long it may last
}

func newBudget(l *Limits) budget {
	overrun := protocol.Micros(l.Overrun.Microseconds())
	return budget{
		messages: bucket{allowance: newAllowance(float64(l.Messages), l.MessagesBurst), overrun: overrun},
		reports:  bucket{allowance: newAllowance(float64(l.Reports), 2*l.Reports), overrun: overrun},
		control:  newAllowance(float64(l.Control), 2*l.Control),
		chats:    newAllowance(float64(l.Chats)/l.ChatWindow.Seconds(), l.Chats),
	}
}

// message takes one message from the budget, whatever it is; report one Report.
func (b *budget) message(now protocol.Micros) (ok, end bool) { return b.messages.take(now) }
func (b *budget) report(now protocol.Micros) (ok, end bool)  { return b.reports.take(now) }

// take takes one message from the bucket. It reports false for a message to be dropped, and an
// end when messages have been dropped for too long: a burst after a stall is a phone in a tunnel,
// a flood that lasts is not. A flood is over when half the bucket is full again; single messages that
// pass in between are only what the bucket leaks.
func (b *bucket) take(now protocol.Micros) (ok, end bool) {
	if b.over && b.tokens(now) >= b.burst/2 {
		b.over = false
	}
	if b.allow(now, 1) {
		return true, false
	}
	if !b.over {
		b.over, b.since = true, now
	}
	return false, now-b.since >= b.overrun
}
