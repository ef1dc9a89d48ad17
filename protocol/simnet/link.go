// Package simnet is a TCP connection in virtual time: what an established stream does to small
// messages, without sockets, clocks or goroutines. Tests and the laboratory run clients and rooms
// over it and get the same result from the same seed.
//
//	p := simnet.NewPair(simnet.Config{Latency: 25 * protocol.Millisecond, Loss: 10_000, Seed: 1})
//	p.Up.Send(now, input)
//	for msg, ok := p.Up.Deliver(now); ok; msg, ok = p.Up.Deliver(now) { ... }
//
// The model is a reliable FIFO: nothing is lost, reordered or merged, everything is only late. A
// lost segment holds up all that follows it until its retransmission arrives. With RACK (RFC 8985)
// that takes a round trip plus the longer of the gap to the next segment, whose acknowledgement
// reveals the loss, and the reordering window of a quarter round trip; a retransmission that is lost
// itself is found out in the same way. With nothing following, the tail loss probe or the
// retransmission timeout has to do it. An outage costs doubling timeouts. CHECKED.md compares all of
// it with Linux. Congestion control is not modelled: the messages of a game are far below any window.
//
// A Link belongs to one goroutine and allocates only until its buffers have grown.
package simnet

import "hindsight/protocol"

// Config is one direction of a connection. The zero value is a perfect wire.
type Config struct {
	// Latency is the time from sender to receiver.
	Latency protocol.Micros
	// Jitter is the mean of an exponentially distributed delay on top of it.
	Jitter protocol.Micros
	// Loss is how many segments in a million are lost, retransmissions included.
	Loss int
	// Rate is the capacity in bytes per second, 0 for no limit. What exceeds it waits in the
	// sender's buffer, which has no bound; see Backlog.
	Rate int
	// Overhead is added to each message's size when Rate is set: headers of WebSocket, TLS, TCP, IP.
	Overhead int
	// RTT is the round trip that loss recovery waits for. 0 means twice the latency.
	RTT protocol.Micros
	// Seed starts the random numbers; equal seeds and sends give equal deliveries.
	Seed uint64
}

// The sender's timers, as Linux sets them.
const (
	minTimeout = 200 * protocol.Millisecond // RTO is the round trip plus this, and see timeout
	maxTimeout = 120 * protocol.Second      // the longest doubled RTO
	delayedAck = 40 * protocol.Millisecond  // what a tail loss probe allows the receiver
	maxAgain   = 8                          // a segment that got lost so often gets through
)

// Link is one direction of a connection. Times passed to it must not go backwards.
type Link struct {
	cfg   Config
	rng   rng
	queue []message // in order of sending; the first head of them are delivered
	head  int
	free  [][]byte // buffers of delivered messages
	out   []byte   // the buffer last given out by Deliver

	last    protocol.Micros // delivery time of the newest message
	wire    protocol.Micros // when the newest message has left the sender
	open    int             // how many of the newest messages are lost and not yet found out
	outages []outage
	count   Count
}

// Count is what a link did so far.
type Count struct {
	Messages, Bytes int
	Lost            int // segments lost at random
	Broken          int // messages sent into an outage
}

// message is one in flight.
type message struct {
	data  []byte
	sent  protocol.Micros // when it left the sender
	at    protocol.Micros // when it is delivered
	again int             // how many of its retransmissions are lost too
}

// outage is a time in which nothing passes. Until the first segment runs into it, up is 0; then it
// is when the stream moves again.
type outage struct{ from, until, up protocol.Micros }

// New returns a link.
func New(cfg Config) *Link {
	if cfg.RTT == 0 {
		cfg.RTT = 2 * cfg.Latency
	}
	return &Link{cfg: cfg, rng: rng{cfg.Seed}}
}

// Stall takes the link down from one time until another. What is in flight at from still arrives.
func (l *Link) Stall(from, until protocol.Micros) {
	l.outages = append(l.outages, outage{from: from, until: until})
}

// Count returns what the link did so far.
func (l *Link) Count() Count { return l.count }

// Send gives a message to the link, which keeps a copy.
func (l *Link) Send(now protocol.Micros, msg []byte) {
	l.count.Messages++
	l.count.Bytes += len(msg)
	m := message{data: l.copyOf(msg), sent: l.transmit(now, len(msg))}
	m.at = m.sent + l.cfg.Latency + l.rng.exponential(l.cfg.Jitter)
	lost := l.rng.chance(l.cfg.Loss)
	for lost && l.rng.chance(l.cfg.Loss) && m.again < maxAgain {
		m.again++
	}

	switch up := l.brokenUntil(m.sent); {
	case up > 0:
		l.count.Broken++
		l.open = 0 // whatever was missing waits for the same retransmission timer
		m.at = max(m.at, up+l.cfg.Latency)
	case lost:
		// As long as nothing follows, the tail loss probe is what repairs it.
		l.count.Lost++
		l.open++
		wait := l.probe()
		for timeout, n := l.timeout(), m.again; n > 0; n-- {
			wait += timeout
			timeout = min(2*timeout, maxTimeout)
		}
		m.at = max(m.at, m.sent+wait+l.cfg.Latency)
	default:
		l.reveal(m.sent)
	}
	m.at = max(m.at, l.last)
	l.last = m.at
	l.queue = append(l.queue, m)
}

// transmit returns when a message of n bytes handed over now has left the sender.
func (l *Link) transmit(now protocol.Micros, n int) protocol.Micros {
	l.wire = max(l.wire, now)
	if l.cfg.Rate > 0 {
		l.wire += protocol.Micros((n + l.cfg.Overhead) * int(protocol.Second) / l.cfg.Rate)
	}
	return l.wire
}

// reveal lets a segment that got through at time t tell the sender of the lost ones before it:
// their retransmission arrives a round trip after the longer of the gap and the reordering window.
// A segment that came after the tail loss probe tells nothing new.
func (l *Link) reveal(t protocol.Micros) {
	first := len(l.queue) - l.open
	l.open = 0
	l.last = 0
	if first > 0 {
		l.last = l.queue[first-1].at
	}
	for i := first; i < len(l.queue); i++ {
		m := &l.queue[i]
		if gap := t - m.sent; gap < l.probe() {
			m.at = m.sent + l.cfg.Latency + protocol.Micros(1+m.again)*(l.cfg.RTT+max(gap, l.cfg.RTT/4))
		}
		m.at = max(m.at, l.last)
		l.last = m.at
	}
}

// timeout is the retransmission timeout before any doubling. The kernel rounds its timers up, by an
// eighth at most; this is half of that.
func (l *Link) timeout() protocol.Micros { return (l.cfg.RTT + minTimeout) * 17 / 16 }

// probe is how long after the last segment the tail loss probe is sent.
func (l *Link) probe() protocol.Micros { return min(2*l.cfg.RTT+delayedAck, l.timeout()) }

// brokenUntil returns when a segment sent at t into an outage is sent again with success, or 0 if
// there is no outage at t and none is being recovered from. The first segment that fails starts
// the timer; the attempts lie at 1, 2, 4, 8, ... timeouts after it, since the first of them is the
// tail loss probe, which does not double the timeout.
func (l *Link) brokenUntil(t protocol.Micros) (up protocol.Micros) {
	for i := range l.outages {
		o := &l.outages[i]
		if t < o.from || t >= max(o.until, o.up) {
			continue
		}
		if o.up == 0 {
			wait := l.timeout()
			for o.up = t + wait; o.up < o.until; wait = min(2*wait, maxTimeout) {
				o.up += wait
			}
		}
		up = max(up, o.up)
	}
	return up
}

// Next returns when the next message is delivered. A later Send can change it, in both directions,
// while that message is lost and the sender does not know it yet.
func (l *Link) Next() (at protocol.Micros, ok bool) {
	if l.head == len(l.queue) {
		return 0, false
	}
	return l.queue[l.head].at, true
}

// Deliver returns the next message that has arrived by now. It is valid until the next Deliver.
func (l *Link) Deliver(now protocol.Micros) (msg []byte, ok bool) {
	if at, ok := l.Next(); !ok || at > now {
		return nil, false
	}
	if l.out != nil {
		l.free = append(l.free, l.out)
	}
	l.out = l.queue[l.head].data
	l.queue[l.head].data = nil
	l.head++
	l.open = min(l.open, len(l.queue)-l.head)
	l.compact()
	return l.out, true
}

// compact drops delivered messages once they are the larger half of the queue. One delivered
// message stays, because reveal asks for the delivery time of the one before.
func (l *Link) compact() {
	if n := l.head - 1; n > 0 && l.head > len(l.queue)/2 {
		kept := copy(l.queue, l.queue[n:])
		l.queue, l.head = l.queue[:kept], 1
	}
}

// Backlog returns how many bytes have not left the sender by now: a browser's bufferedAmount.
func (l *Link) Backlog(now protocol.Micros) int {
	n := 0
	for i := len(l.queue) - 1; i >= l.head && l.queue[i].sent > now; i-- {
		n += len(l.queue[i].data)
	}
	return n
}

// copyOf copies a message into a buffer of the link's own.
func (l *Link) copyOf(msg []byte) []byte {
	var b []byte
	if n := len(l.free); n > 0 {
		b, l.free = l.free[n-1][:0], l.free[:n-1]
	}
	return append(b, msg...)
}
