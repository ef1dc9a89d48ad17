package alloctest

import (
	"runtime"
	"testing"
)

// verdict is a test that remembers whether it failed.
type verdict struct {
	testing.TB
	failed bool
}

func (v *verdict) Helper()               {}
func (v *verdict) Errorf(string, ...any) { v.failed = true }

var kept [][]byte // so that the compiler leaves the allocations on the heap

// Large objects count, and so do small ones, whose spans are not full yet; and so does what is freed.
func TestCheck(t *testing.T) {
	const slack = 4 << 10 // what the runtime may allocate meanwhile
	for _, c := range []struct {
		name  string
		sizes []int
		most  int
		fails bool
	}{
		{"nothing", nil, slack, false},
		{"a large one", []int{1 << 20}, 1<<20 + slack, false},
		{"one that is too large", []int{1 << 20}, 1<<20 - 1, true},
		{"small ones of many sizes", []int{16, 48, 96, 240, 512, 1024, 4096}, 6032 + slack, false},
		{"and a byte too many", []int{16, 48, 96, 240, 512, 1024, 4096}, 6031, true},
	} {
		v := &verdict{TB: t}
		kept = make([][]byte, len(c.sizes))
		Check(v, c.most, func() {
			for i, n := range c.sizes {
				kept[i] = make([]byte, n)
			}
		})
		if v.failed != c.fails {
			t.Errorf("%s: failed %v, want %v", c.name, v.failed, c.fails)
		}
	}
	v := &verdict{TB: t}
	Check(v, 1<<20, func() {
		for range 64 {
			kept = [][]byte{make([]byte, 64<<10)}
			runtime.GC()
		}
	})
	if !v.failed {
		t.Error("what was freed again did not count")
	}
}
