package load

import "hindsight/protocol"

// IdlersConfig is a process of clients that do nothing, and come back when they are cut.
type IdlersConfig struct {
	Addr    string // of the game socket, host:port
	Clients int
	Seed    uint64 // of their back-off
	Mute    bool   // they never say Hello, and count as seated when their handshake is answered
}

// IdleTally is what a process of idlers counted. Counts and times are since the cut, if there was one.
type IdleTally struct {
	Seated  int       // clients that have had a snapshot on the line they are on, now
	Back    Histogram // from the cut until then, in µs
	Dials   int       // tries to connect
	Refused int       // of them answered with 503
	Late    int       // of them given up, since they took too long
	Closed  map[int]int
	// Stopped is how many clients were told not to come back, FirstFail what the first of them was told.
	Stopped   int
	FirstFail string
}

// wordCut has idlers cut all of their lines at once.
const wordCut = "cut"

// add counts what another process counted.
func (t *IdleTally) add(o *IdleTally) {
	t.Seated += o.Seated
	t.Back.Merge(&o.Back)
	t.Dials, t.Refused, t.Late, t.Stopped = t.Dials+o.Dials, t.Refused+o.Refused, t.Late+o.Late, t.Stopped+o.Stopped
	for code, n := range o.Closed {
		t.close(code, n)
	}
	if t.FirstFail == "" {
		t.FirstFail = o.FirstFail
	}
}

// close counts lines that the server ended.
func (t *IdleTally) close(code, n int) {
	if t.Closed == nil {
		t.Closed = map[int]int{}
	}
	t.Closed[code] += n
}

// How long the full client gives a line to open when there is no silence to explain it, and then to bring
// what it was opened for; see Lifeline.
const (
	patienceMost  = 8 * protocol.Second
	patienceTimes = 3
)

// patience is the former after so many failures in a row.
func patience(failures int) protocol.Micros {
	return min(patienceMost, protocol.Second*protocol.Micros(2+failures))
}
