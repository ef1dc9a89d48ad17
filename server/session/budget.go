package session

import (
	"time"

	"golang.org/x/time/rate"

	"hindsight/protocol"
)

// budget is what one client may ask of the server in a while. It belongs to the read goroutine.
type budget struct {
	messages bucket
	reports  bucket
	control  *rate.Limiter
	chats    *rate.Limiter
}

// bucket is a budget that may be overrun for a while.
type bucket struct {
	*rate.Limiter
	over    bool            // something has been dropped, and the bucket has not recovered since
	since   protocol.Micros // when that began
	overrun protocol.Micros // how long it may last
}

func newBudget(l *Limits) budget {
	overrun := protocol.Micros(l.Overrun.Microseconds())
	return budget{
		messages: bucket{Limiter: rate.NewLimiter(rate.Limit(l.Messages), l.MessagesBurst), overrun: overrun},
		reports:  bucket{Limiter: rate.NewLimiter(rate.Limit(l.Reports), 2*l.Reports), overrun: overrun},
		control:  rate.NewLimiter(rate.Limit(l.Control), 2*l.Control),
		chats:    rate.NewLimiter(rate.Every(l.ChatWindow/time.Duration(l.Chats)), l.Chats),
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
	t := at(now)
	if b.over && b.TokensAt(t) >= float64(b.Burst())/2 {
		b.over = false
	}
	if b.AllowN(t, 1) {
		return true, false
	}
	if !b.over {
		b.over, b.since = true, now
	}
	return false, now-b.since >= b.overrun
}
