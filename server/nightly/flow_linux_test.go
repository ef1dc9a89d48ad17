package nightly

import (
	"encoding/binary"
	"io"
	"net"
	"os"
	"slices"
	"testing"

	"hindsight/protocol"
	"hindsight/protocol/simnet"
	"hindsight/server/alarm"
	"hindsight/server/mono"
)

const ms = protocol.Millisecond

// nightly skips a test that is not asked for.
func nightly(t *testing.T) {
	t.Helper()
	if os.Getenv("HINDSIGHT_NIGHTLY") == "" {
		t.Skip("takes minutes; make nightly runs it")
	}
}

// flow is messages of one size at a steady rate.
type flow struct {
	size int
	gap  protocol.Micros
	n    int
}

// age is a message that arrived: when it was sent and how long it took.
type age struct{ sent, took protocol.Micros }

// send writes the flow, each message beginning with the time it was sent.
func (f flow) send(to net.Conn) {
	a := alarm.NewClock(mono.Now).New()
	defer a.Close()
	b := make([]byte, f.size)
	next := mono.Now()
	for range f.n {
		for mono.Now() < next {
			a.Wait(next)
		}
		binary.LittleEndian.PutUint64(b, uint64(mono.Now()))
		if _, err := to.Write(b); err != nil {
			return
		}
		next += f.gap
	}
}

// overTCP sends a flow through a connection and returns what arrived, in order. As many small
// messages go the other way, as a client's inputs do.
func (f flow) overTCP(t testing.TB, from, to net.Conn) []age {
	t.Helper()
	go f.send(from)
	go flow{size: 40, gap: f.gap, n: f.n}.send(to)
	go func() { _, _ = io.Copy(io.Discard, from) }()
	ages := make([]age, 0, f.n)
	b := make([]byte, f.size)
	for i := range f.n {
		if _, err := io.ReadFull(to, b); err != nil {
			t.Errorf("message %d of %d: %v", i, f.n, err)
			break
		}
		sent := protocol.Micros(binary.LittleEndian.Uint64(b))
		ages = append(ages, age{sent, mono.Now() - sent})
	}
	return ages
}

// overSimnet is the same flow over the model.
func (f flow) overSimnet(l *simnet.Link) []age {
	ages := make([]age, 0, f.n)
	b := make([]byte, f.size)
	take := func(until protocol.Micros) {
		for at, ok := l.Next(); ok && at <= until; at, ok = l.Next() {
			sent := protocol.Micros(len(ages)) * f.gap
			ages = append(ages, age{sent, at - sent})
			l.Deliver(at)
		}
	}
	for i := range f.n {
		now := protocol.Micros(i) * f.gap
		take(now)
		l.Send(now, b)
	}
	take(1 << 50)
	return ages
}

// stalls returns how late the first message of each stall was, ascending: one that comes later than
// the line alone explains, behind one that does not.
func stalls(ages []age, oneWay, slack protocol.Micros) (late []protocol.Micros) {
	before := false
	for _, a := range ages {
		is := a.took-oneWay > slack
		if is && !before {
			late = append(late, a.took-oneWay)
		}
		before = is
	}
	slices.Sort(late)
	return late
}

// quantile returns a share's place in ascending values, 0 if there are none.
func quantile(sorted []protocol.Micros, share float64) protocol.Micros {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[int(share*float64(len(sorted)-1))]
}

// lateness returns how late all messages were, ascending.
func lateness(ages []age, oneWay protocol.Micros) []protocol.Micros {
	late := make([]protocol.Micros, len(ages))
	for i, a := range ages {
		late[i] = a.took - oneWay
	}
	slices.Sort(late)
	return late
}

// over is the share of values above a bound, in percent.
func over(sorted []protocol.Micros, bound protocol.Micros) float64 {
	n, _ := slices.BinarySearch(sorted, bound)
	return 100 * float64(len(sorted)-n) / float64(max(len(sorted), 1))
}

// inMS is a time for people.
func inMS(d protocol.Micros) float64 { return float64(d) / 1000 }
