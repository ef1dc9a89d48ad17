package netcode

import (
	"testing"

	"hindsight/server/alloctest"
)

// FuzzReceive has a client hear anything in place of one frame of a match. It refuses it, or plays on with
// what follows, and what a frame makes it allocate is what frames earn, and the history of a match.
func FuzzReceive(f *testing.F) {
	tape := record(f, clean(20*ms), 300*ms)
	for i := range tape {
		if tape[i].bytes != nil {
			f.Add(uint8(i), tape[i].bytes)
			f.Add(uint8(i+1), tape[i].bytes)
		}
	}
	f.Fuzz(func(t *testing.T, at uint8, b []byte) {
		c := New(Config{Game: course})
		c.Hello(tape[0].now)
		for i := range tape {
			h := &tape[i]
			if i == int(at)%len(tape) {
				var err error
				alloctest.Check(t, 256<<10+64*len(b), func() { err = c.Receive(h.now, b) })
				if err != nil {
					break
				}
			}
			if err := play(c, h); err != nil {
				break
			}
		}
		last := tape[len(tape)-1].now
		c.Draw(last + 100*ms)
		c.Advance(last+200*ms, tape[0].in, 0)
		c.Stats()
	})
}
