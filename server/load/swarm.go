package load

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// ErrPlatform says that this system has none of what load is measured with: epoll, the CPU clock of
// another process, processor affinity.
var ErrPlatform = errors.New("load: needs Linux")

// SwarmConfig is a client process.
type SwarmConfig struct {
	Addr    string // of the game socket, host:port
	Clients int
	// TickRate is the simulation's, Every the ticks between two snapshots.
	TickRate, Every int
	// Messages is how many input frames each client sends in a second. The commands of the ticks that
	// became due since the one before travel in one.
	Messages int
	// Plain says that the server is the floor, whose frames mean nothing.
	Plain bool
}

// Tally is what a client process counted since it was told to.
type Tally struct {
	Playing   int // clients that have had a snapshot, now
	Frames    uint64
	Bytes     uint64 // of frames, with their WebSocket headers
	Inputs    uint64
	InBytes   uint64
	Unsent    uint64    // inputs that the kernel had no room for
	Gaps      Histogram // between two snapshots of a client, in µs
	Behind    Histogram // how late inputs were sent, in µs
	Commands  uint64
	Retried   int         // times a room was full by the time a client came to it
	Closed    map[int]int // connections that ended, by close code; 1006 for a cut line
	FirstFail string      // why the first of them ended
}

// The words by which a client process is told what to do, one on a line: begin counting anew, print the
// Tally as a line of JSON. It ends with its input.
const (
	wordMark   = "mark"
	wordReport = "report"
)

// orders reads words until in ends.
func orders(in io.Reader) <-chan string {
	words := make(chan string)
	go func() { // ends with in, and so with the process
		defer close(words)
		for lines := bufio.NewScanner(in); lines.Scan(); {
			words <- lines.Text()
		}
	}()
	return words
}

// obey does what a word says.
func (t *Tally) obey(word string, out io.Writer) error {
	switch word {
	case wordMark:
		t.reset()
		return nil
	case wordReport:
		return json.NewEncoder(out).Encode(t)
	}
	return fmt.Errorf("load: no such order: %q", word)
}

func (t *Tally) reset() {
	t.Gaps.Reset()
	t.Behind.Reset()
	*t = Tally{Playing: t.Playing, Gaps: t.Gaps, Behind: t.Behind, Retried: t.Retried, Closed: t.Closed, FirstFail: t.FirstFail}
}

// fail counts a connection that ended.
func (t *Tally) fail(code int, why error) {
	if t.Closed == nil {
		t.Closed = map[int]int{}
	}
	t.Closed[code]++
	if t.FirstFail == "" {
		t.FirstFail = fmt.Sprintf("code %d: %v", code, why)
	}
}
