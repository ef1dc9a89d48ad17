package tilemap

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"hindsight/game/sim/fixed"
	"hindsight/server/alloctest"
)

// draw makes a map from a picture: # wall, ~ low, anything else floor.
func draw(rows ...string) *Map {
	m := &Map{Name: "test", Title: "Test", W: len(rows[0]), H: len(rows)}
	for _, row := range rows {
		for _, c := range row {
			m.Tiles = append(m.Tiles, map[rune]Tile{'#': Wall, '~': Low}[c])
		}
	}
	return m
}

// scatter makes a map of random tiles, a share of them solid.
func scatter(r *rand.Rand, w, h, percent int) *Map {
	m := &Map{Name: "scatter", W: w, H: h, Tiles: make([]Tile, w*h)}
	for i := range m.Tiles {
		if r.IntN(100) < percent {
			m.Tiles[i] = 1 + Tile(r.IntN(2))
		}
	}
	return m
}

func point(r *rand.Rand, m *Map) fixed.Vec {
	size := m.Size()
	p := fixed.Vec{X: fixed.Num(r.IntN(int(size.X))), Y: fixed.Num(r.IntN(int(size.Y)))}
	if r.IntN(3) == 0 { // often exactly on a border, where the difficult cases are
		p.X &^= tileNum - 1
	}
	if r.IntN(3) == 0 {
		p.Y &^= tileNum - 1
	}
	return p
}

func units(x, y int) fixed.Vec { return fixed.Vec{X: fixed.FromInt(x), Y: fixed.FromInt(y)} }

func TestRay(t *testing.T) {
	m := draw(
		"........",
		"...#....",
		"..~.....",
		"...#....",
		"..#.....",
		"........",
		"........",
		"........")
	for _, c := range []struct {
		name     string
		from, to fixed.Vec
		end      fixed.Vec
		hit      bool
	}{
		{"free", units(10, 10), units(200, 10), units(200, 10), false},
		{"right into a wall", units(10, 48), units(250, 48), fixed.Vec{X: 96*256 - 1, Y: 48 * 256}, true},
		{"left into a wall", units(250, 48), units(10, 48), units(128, 48), true},
		{"down into a wall", units(112, 10), units(112, 200), fixed.Vec{X: 112 * 256, Y: 32*256 - 1}, true},
		{"over low ground", units(10, 80), units(250, 80), units(250, 80), false},
		{"out of the map", units(10, 10), units(-50, 10), units(0, 10), true},
		{"far out of the map", units(10, 10), units(5000, 10), fixed.Vec{X: 256*256 - 1, Y: 10 * 256}, true},
		{"from inside a wall", units(100, 40), units(10, 10), units(100, 40), true},
		{"between walls that touch", units(64, 96), units(128, 160), fixed.Vec{X: 96*256 - 1, Y: 128*256 - 1}, true},
		{"no way at all", units(10, 10), units(10, 10), units(10, 10), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if end, hit := m.Ray(c.from, c.to); end != c.end || hit != c.hit {
				t.Errorf("Ray = %v, %v, want %v, %v", end, hit, c.end, c.hit)
			}
		})
	}
}

// A ray ends on its own line, outside walls, at a wall if it says so; and it is stopped exactly if
// its reverse is.
func TestRayProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 40 {
		m := scatter(r, 8+r.IntN(20), 8+r.IntN(20), r.IntN(50))
		for range 500 {
			a, b := point(r, m), point(r, m)
			end, hit := m.Ray(a, b)
			if m.BlocksShot(TileOf(a.X), TileOf(a.Y)) {
				if !hit || end != a {
					t.Fatalf("a ray from inside a wall at %v ends at %v, hit %v", a, end, hit)
				}
				continue
			}
			if m.BlocksShot(TileOf(end.X), TileOf(end.Y)) {
				t.Fatalf("Ray(%v, %v) ends inside a wall at %v", a, b, end)
			}
			if !hit && end != b {
				t.Fatalf("Ray(%v, %v) ends early at %v", a, b, end)
			}
			// The distance from the line is |cross| / |b-a|; rounding may cost one Num on each axis.
			if d := b.Sub(a); fixed.Num(abs64(d.Cross(end.Sub(a)))/max(int64(d.Len()), 1)) > 2 {
				t.Fatalf("Ray(%v, %v) ends off its line at %v", a, b, end)
			}
			if back := m.Sight(b, a); back == hit {
				t.Fatalf("Ray(%v, %v) hit %v but the way back is free: %v", a, b, hit, back)
			}
			if !hit && crossesWall(m, a, b) {
				t.Fatalf("Ray(%v, %v) went through a wall", a, b)
			}
		}
	}
}

// crossesWall samples the line closely.
func crossesWall(m *Map, a, b fixed.Vec) bool {
	const n = 2000
	d := b.Sub(a)
	for i := int64(0); i <= n; i++ {
		x := floorDiv(int64(a.X)*n+int64(d.X)*i, n)
		y := floorDiv(int64(a.Y)*n+int64(d.Y)*i, n)
		if m.BlocksShot(TileOf(fixed.Num(x)), TileOf(fixed.Num(y))) {
			return true
		}
	}
	return false
}

func floorDiv(a, b int64) int64 {
	if a < 0 {
		return -((-a + b - 1) / b)
	}
	return a / b
}

func abs64(n int64) int64 { return max(n, -n) }

// Whatever the step, a free body ends free, goes no farther than asked on an unhindered axis, and
// crosses nothing on the way.
func TestSlideProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 60 {
		m := scatter(r, 8+r.IntN(12), 8+r.IntN(12), 10+r.IntN(30))
		radius := fixed.Num(1 + r.IntN(int(tileNum/2)))
		for range 400 {
			p := point(r, m)
			if !m.Free(p, radius) {
				continue
			}
			for range 20 {
				reach := int(tileNum) * 3
				d := fixed.Vec{X: fixed.Num(r.IntN(2*reach) - reach), Y: fixed.Num(r.IntN(2*reach) - reach)}
				if r.IntN(3) == 0 {
					d.Y = 0
				}
				q, hitX, hitY := m.Slide(p, d, radius)
				if !m.Free(q, radius) {
					t.Fatalf("Slide(%v, %v, %d) = %v, inside something", p, d, radius, q)
				}
				if !hitX && !hitY && q != p.Add(d) && d.X != 0 && d.Y != 0 && q.X == p.X && q.Y == p.Y {
					t.Fatalf("Slide(%v, %v, %d) did not move and hit nothing", p, d, radius)
				}
				if fixed.Abs(q.X-p.X) > max(fixed.Abs(d.X), fixed.Abs(d.Y))+fixed.Abs(d.X) ||
					fixed.Abs(q.Y-p.Y) > max(fixed.Abs(d.X), fixed.Abs(d.Y))+fixed.Abs(d.Y) {
					t.Fatalf("Slide(%v, %v, %d) = %v, farther than asked", p, d, radius, q)
				}
				p = q
			}
		}
	}
}

func TestSlideAlongWallFeelsNoSeams(t *testing.T) {
	m := draw(
		"........",
		"........",
		"........",
		"........",
		"########",
		"........",
		"........",
		"........")
	radius := fixed.FromInt(12)
	p := units(20, 128-12)
	for range 40 {
		q, hitX, hitY := m.Slide(p, fixed.Vec{X: 1111, Y: 900}, radius)
		if q.X != p.X+1111 || q.Y != p.Y || hitX || !hitY {
			t.Fatalf("from %v to %v, hit %v %v", p, q, hitX, hitY)
		}
		p = q
	}
}

func TestSlideDoesNotTunnel(t *testing.T) {
	m := draw(
		"...#....",
		"...#....",
		"...#....",
		"...~....",
		"...#....",
		"...#....",
		"...#....",
		"...#....")
	for _, y := range []int{20, 112, 200} {
		q, hitX, _ := m.Slide(units(50, y), units(150, 0), fixed.FromInt(10))
		if want := units(96-10, y); q != want || !hitX {
			t.Errorf("at y %d: %v, %v, want %v", y, q, hitX, want)
		}
		q, hitX, _ = m.Slide(units(200, y), units(-150, 0), fixed.FromInt(10))
		if want := units(128+10, y); q != want || !hitX {
			t.Errorf("back at y %d: %v, %v, want %v", y, q, hitX, want)
		}
	}
}

func TestSlideRoundsCorners(t *testing.T) {
	m := draw(
		"........",
		"........",
		"....####",
		"........",
		"....####",
		"........",
		"........",
		"........")
	radius := fixed.FromInt(12)
	for _, c := range []struct {
		name   string
		y      int
		passes bool
	}{
		{"shoulder above the door", 96 + 12 - 4, true},
		{"shoulder below the door", 128 - 12 + 4, true},
		{"head on", 96 + 12 - 10, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := units(80, c.y)
			for range 60 {
				p, _, _ = m.Slide(p, units(2, 0), radius)
			}
			if passed := p.X > fixed.FromInt(150); passed != c.passes {
				t.Errorf("ended at %v", p)
			}
		})
	}
}

func TestSlideLeavesASolidPlace(t *testing.T) {
	m := draw(
		"........", "........", "..##....", "..##....",
		"........", "........", "........", "........")
	p := units(90, 90)
	for range 30 {
		p, _, _ = m.Slide(p, units(4, 0), fixed.FromInt(10))
	}
	if !m.Free(p, fixed.FromInt(10)) {
		t.Errorf("still inside at %v", p)
	}
}

func furnished(r *rand.Rand) *Map {
	m := scatter(r, 64, 48, 25)
	m.Title = "Füller, 64×48"
	for i := range 60 {
		o := Object{Class: []string{"spawn", "health", "rocket", "ammo"}[i%4], At: point(r, m)}
		if i%2 == 0 {
			o.Props = []Prop{{"team", int32(i % 3)}, {"value", -int32(r.Uint32() >> 1)}}
		}
		m.Objects = append(m.Objects, o)
	}
	return m
}

func TestBinaryRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 20 {
		m := furnished(r)
		b := m.AppendBinary([]byte("x"))[1:]
		got, err := Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, m) || got.Hash() != m.Hash() {
			t.Fatal("Parse(AppendBinary(m)) differs from m")
		}
		for n := range b {
			if _, err := Parse(b[:n]); !errors.Is(err, ErrBad) {
				t.Fatalf("cut to %d of %d bytes: %v", n, len(b), err)
			}
		}
	}
}

func TestParseRefuses(t *testing.T) {
	good := func() *Map { return scatter(rand.New(rand.NewPCG(0, 0)), 8, 8, 0) }
	for _, c := range []struct {
		name, want string
		b          []byte
	}{
		{"nothing", "format", nil},
		{"another format", "format 2", []byte{2}},
		{"padded number", "malformed", []byte{0x81, 0}},
		{"a huge name", "name: 255 is more", append([]byte{1, 0xff, 1}, make([]byte, 300)...)},
		{"a name that is not text", "UTF-8", []byte{1, 1, 0xff, 0, 8, 8}},
		{"too small", "7x8", []byte{1, 0, 0, 7, 8}},
		{"too large", "width: 257", []byte{1, 0, 0, 0x81, 2}},
		{"an unknown tile", "tiles 3", []byte{1, 0, 0, 8, 8, 3}},
		{"a run too long", "run of 65", []byte{1, 0, 0, 8, 8, 0x80, 2}},
		{"more at the end", "1 bytes too many", append(good().AppendBinary(nil), 0)},
		{"an unknown word", "word 3 of 0", []byte{1, 0, 0, 8, 8, 0xfc, 1, 0, 1, 3}},
		{"an object outside", "x: 65536", []byte{1, 0, 0, 8, 8, 0xfc, 1, 1, 0, 1, 0, 0x80, 0x80, 4}},
		{"too many objects", "objects: 513", []byte{1, 0, 0, 8, 8, 0xfc, 1, 0, 0x81, 4}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse(c.b)
			if !errors.Is(err, ErrBad) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one about %q", err, c.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add(furnished(rand.New(rand.NewPCG(7, 8))).AppendBinary(nil))
	f.Add(draw("........", "..#.....", "........", "...~....", "........", "........", "........", "........").AppendBinary(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		var m *Map
		var err error
		alloctest.Check(t, MaxSide*MaxSide+alloctest.Earned(len(b)), func() { m, err = Parse(b) })
		if err != nil {
			return
		}
		again, err := Parse(m.AppendBinary(nil))
		if err != nil || !reflect.DeepEqual(m, again) {
			t.Fatalf("a parsed map does not survive: %v", err)
		}
	})
}

func BenchmarkRay(b *testing.B) {
	r := rand.New(rand.NewPCG(9, 9))
	m := scatter(r, 64, 48, 5)
	at := make([]fixed.Vec, 256)
	for i := range at {
		at[i] = point(r, m)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		m.Ray(at[i%256], at[(i*7+1)%256])
	}
}

func BenchmarkSlide(b *testing.B) {
	r := rand.New(rand.NewPCG(9, 9))
	m := scatter(r, 64, 48, 10)
	p := Center(5, 5)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		p, _, _ = m.Slide(p, fixed.Angle(i*977).Unit(900), fixed.FromInt(12))
	}
}
