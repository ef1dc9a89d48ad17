package delta

import (
	"math/rand/v2"
	"strings"
	"testing"

	"hindsight/protocol/wire"
)

// Every symbol of every code comes back, among others.
func TestCodes(t *testing.T) {
	codes := append([]prefixCode{sizeCode}, headCodes[:]...)
	for n := range codes {
		c := &codes[n]
		want := sizes
		if n > 0 {
			want = heads
		}
		if len(c.length) != want {
			t.Fatalf("code %d has %d symbols, want %d", n, len(c.length), want)
		}
		symbols := rand.New(rand.NewPCG(1, 1)).Perm(len(c.length))
		var w wire.Bits
		for _, s := range symbols {
			c.put(&w, s)
		}
		var r wire.BitReader
		r.Reset(w.Bytes())
		for _, s := range symbols {
			if got := c.get(&r); got != s || r.Err() != nil {
				t.Fatalf("code %d: symbol %d became %d (%v)", n, s, got, r.Err())
			}
		}
	}
}

// The words of a code are those that PROTOCOL.md's rule gives.
func TestCanonicalCode(t *testing.T) {
	c := newPrefixCode("2133")
	for symbol, want := range []uint16{0b10, 0b0, 0b110, 0b111} {
		if c.words[symbol] != want {
			t.Errorf("symbol %d is %b, want %b", symbol, c.words[symbol], want)
		}
	}
}

func TestLengthsThatAreNoCode(t *testing.T) {
	for _, lengths := range []string{"", "1", "122333", "13", strings.Repeat("b", 2049)} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q was taken for a code", lengths)
				}
			}()
			newPrefixCode(lengths)
		}()
	}
}

// How far off x or y can be is any number there is.
func TestFarNumbers(t *testing.T) {
	for bit := range 32 {
		for _, v := range []int32{1 << bit, -1 << bit, 1<<bit - 1, 0} {
			var w wire.Bits
			putFar(&w, v)
			var r wire.BitReader
			r.Reset(w.Bytes())
			if got := getFar(&r); got != v || r.Err() != nil {
				t.Errorf("%d became %d (%v)", v, got, r.Err())
			}
		}
	}
}
