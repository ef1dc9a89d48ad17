package grid

import (
	"math/rand/v2"
	"slices"
	"testing"

	"hindsight/game/sim/fixed"
)

func anywhere(r *rand.Rand, size fixed.Vec) fixed.Vec {
	// One in ten lies outside the plane.
	margin := int(size.X) / 20
	return fixed.Vec{
		X: fixed.Num(r.IntN(int(size.X)+2*margin) - margin),
		Y: fixed.Num(r.IntN(int(size.Y)+2*margin) - margin),
	}
}

// Every query answers what looking at all points answers.
func TestQueriesMatchBruteForce(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 100 {
		size := fixed.Vec{X: fixed.FromInt(100 + r.IntN(2000)), Y: fixed.FromInt(100 + r.IntN(2000))}
		g := New(size, fixed.FromInt(1+r.IntN(300)))
		for range 3 {
			g.Clear()
			at := make([]fixed.Vec, r.IntN(200))
			order := r.Perm(len(at))
			for _, i := range order {
				at[i] = anywhere(r, size)
				g.Insert(uint32(i), at[i])
			}
			for range 20 {
				p, q := anywhere(r, size), anywhere(r, size)
				lo := fixed.Vec{X: min(p.X, q.X), Y: min(p.Y, q.Y)}
				hi := fixed.Vec{X: max(p.X, q.X), Y: max(p.Y, q.Y)}
				radius := fixed.Num(r.IntN(int(size.X)))
				var rect, circle []uint32
				for i, a := range at {
					if a.X >= lo.X && a.X <= hi.X && a.Y >= lo.Y && a.Y <= hi.Y {
						rect = append(rect, uint32(i))
					}
					if a.Sub(p).Len2() <= int64(radius)*int64(radius) {
						circle = append(circle, uint32(i))
					}
				}
				if got := g.Rect(nil, lo, hi); !slices.Equal(got, rect) {
					t.Fatalf("Rect(%v, %v) = %v, want %v", lo, hi, got, rect)
				}
				if got := g.Circle(nil, p, radius); !slices.Equal(got, circle) {
					t.Fatalf("Circle(%v, %v) = %v, want %v", p, radius, got, circle)
				}
			}
		}
	}
}

func TestQueriesAppend(t *testing.T) {
	g := New(fixed.Vec{X: 1000, Y: 1000}, 100)
	g.Insert(2, fixed.Vec{X: 5, Y: 5})
	g.Insert(1, fixed.Vec{X: 6, Y: 6})
	if got := g.Circle([]uint32{9}, fixed.Vec{}, 50); !slices.Equal(got, []uint32{9, 1, 2}) {
		t.Errorf("Circle = %v, want what was there first, then 1 and 2", got)
	}
}

func TestTickDoesNotAllocate(t *testing.T) {
	size := fixed.Vec{X: fixed.FromInt(2000), Y: fixed.FromInt(2000)}
	r := rand.New(rand.NewPCG(2, 2))
	g, found := New(size, fixed.FromInt(128)), []uint32(nil)
	if n := testing.AllocsPerRun(50, func() {
		g.Clear()
		for id := range uint32(200) {
			g.Insert(id, anywhere(r, size))
		}
		found = g.Circle(found[:0], anywhere(r, size), fixed.FromInt(3000))
	}); n != 0 {
		t.Errorf("%v allocations per tick, want 0", n)
	}
}

func TestNewPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("New without a plane did not panic")
		}
	}()
	New(fixed.Vec{}, 1)
}

// BenchmarkTick is one tick of n points that each ask once who is within 100 units: through the
// grid, and by testing every pair.
func BenchmarkTick(b *testing.B) {
	size, radius := fixed.Vec{X: fixed.FromInt(1536), Y: fixed.FromInt(1152)}, fixed.FromInt(100)
	for _, n := range []int{16, 32, 64, 256} {
		r := rand.New(rand.NewPCG(3, 3))
		at := make([]fixed.Vec, n)
		for i := range at {
			at[i] = anywhere(r, size)
		}
		name := map[int]string{16: "16", 32: "32", 64: "64", 256: "256"}[n]
		b.Run("grid/"+name, func(b *testing.B) {
			g, found := New(size, radius), []uint32(nil)
			b.ReportAllocs()
			for b.Loop() {
				g.Clear()
				for i, p := range at {
					g.Insert(uint32(i), p)
				}
				for _, p := range at {
					found = g.Circle(found[:0], p, radius)
				}
			}
		})
		b.Run("pairs/"+name, func(b *testing.B) {
			var found []uint32
			for b.Loop() {
				for _, p := range at {
					found = found[:0]
					for i, q := range at {
						if q.Sub(p).Len2() <= int64(radius)*int64(radius) {
							found = append(found, uint32(i))
						}
					}
				}
			}
		})
	}
}
