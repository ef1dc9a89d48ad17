package session

import (
	"time"

	"golang.org/x/time/rate"

	"hindsight/protocol"
)

// budget is what one client may ask of the server in a while. It belongs to the read goroutine.
type budget struct {
	messages *rate.Limiter
	control  *rate.Limiter
	chats    *rate.Limiter

	over    bool            // messages have been dropped, and the bucket has not recovered since
	since   protocol.Micros // when that began
	overrun protocol.Micros // how long it may last
}

func newBudget(l *Limits) budget {
	return budget{
		messages: rate.NewLimiter(rate.Limit(l.Messages), l.MessagesBurst),
		control:  rate.NewLimiter(rate.Limit(l.Control), 2*l.Control),
		chats:    rate.NewLimiter(rate.Every(l.ChatWindow/time.Duration(l.Chats)), l.Chats),
		overrun:  protocol.Micros(l.Overrun.Microseconds()),
	}
}

// message takes one message from the budget. It reports false for a message to be dropped, and an
// end when messages have been dropped for too long: a burst after a stall is a phone in a tunnel,
// a flood that lasts is not. A flood is over when half the bucket is full again; single messages that
// pass in between are only what the bucket leaks.
func (b *budget) message(now protocol.Micros) (ok, end bool) {
	t := at(now)
	if b.over && b.messages.TokensAt(t) >= float64(b.messages.Burst())/2 {
		b.over = false
	}
	if b.messages.AllowN(t, 1) {
		return true, false
	}
	if !b.over {
		b.over, b.since = true, now
	}
	return false, now-b.since >= b.overrun
}
