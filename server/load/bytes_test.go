package load

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"testing"
)

// walkers writes a trace of players who run straight, turn now and then, and are put elsewhere sometimes.
func walkers(players, ticks int, seed uint64) []byte {
	rng := rand.New(rand.NewPCG(seed, 0))
	b := append([]byte(traceMagic), 0, 0, 60, 0, 0, 0, 0, 0)
	binary.LittleEndian.PutUint16(b[4:], uint16(players))
	binary.LittleEndian.PutUint32(b[8:], uint32(ticks))
	type walker struct{ x, y, dx, dy, aim int }
	all := make([]walker, players)
	for tick := range ticks {
		for i := range all {
			w := &all[i]
			if tick == 0 || rng.IntN(400) == 0 {
				w.x, w.y = rng.IntN(30_000), rng.IntN(30_000)
			}
			if tick == 0 || rng.IntN(30) == 0 {
				w.dx, w.dy = 40*(rng.IntN(3)-1), 40*(rng.IntN(3)-1)
			}
			w.x, w.y, w.aim = min(max(w.x+w.dx, 0), 32_000), min(max(w.y+w.dy, 0), 32_000), w.aim+rng.IntN(800)-400
			for _, v := range []int{w.x, w.y, w.aim} {
				b = binary.LittleEndian.AppendUint16(b, uint16(v))
			}
			b = append(b, 100, uint8(tick/100%5), 0, 0)
		}
	}
	return b
}

func TestATraceComesThrough(t *testing.T) {
	for _, players := range []int{1, 16, 64, 200} {
		tr, err := ReadTrace(bytes.NewReader(walkers(players, 240, 1)))
		if err != nil {
			t.Fatal(err)
		}
		slow, err := OfTrace(tr, TraceConfig{Rate: 20, AimBits: 8})
		if err != nil {
			t.Fatal(err)
		}
		if got := slow.Entities + slow.Own + slow.Rest + slow.Socket; got < slow.Total-1e-6 || got > slow.Total+1e-6 || slow.Seconds < 2.99 || slow.Seconds > 3.01 {
			t.Errorf("the parts are %v of %v in %v s", got, slow.Total, slow.Seconds)
		}
		// An entity that runs and turns is a code of a few bits as long as it runs straight.
		if each := slow.Entities / float64(players) / 20; each < 0.5 || each > 2 {
			t.Errorf("%d players: %v bytes for each in a snapshot", players, each)
		}
		fine, err := OfTrace(tr, TraceConfig{Rate: 20, AimBits: 16})
		if err != nil {
			t.Fatal(err)
		}
		fast, err := OfTrace(tr, TraceConfig{Rate: 60, AimBits: 8, Seconds: 2})
		if err != nil {
			t.Fatal(err)
		}
		if fine.Total <= slow.Total || fast.Total <= slow.Total {
			t.Errorf("%d players: %v B/s, with 16 bits of aim %v, at 60 a second %v", players, slow.Total, fine.Total, fast.Total)
		}
	}
}

func TestTracesThatAreNone(t *testing.T) {
	whole := walkers(2, 30, 1)
	for name, b := range map[string][]byte{
		"empty": nil, "another file": []byte("GIF89a.........."), "cut": whole[:len(whole)-1], "too long": append(whole, 0),
		"no players": append([]byte("PBT1\x00\x00"), whole[6:]...),
	} {
		if _, err := ReadTrace(bytes.NewReader(b)); !errors.Is(err, ErrTrace) {
			t.Errorf("%s: %v", name, err)
		}
	}
	tr, err := ReadTrace(bytes.NewReader(whole))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []TraceConfig{{Rate: 7, AimBits: 8}, {Rate: 0, AimBits: 8}, {Rate: 20, AimBits: 9}, {Rate: 20, AimBits: 8}} {
		if _, err := OfTrace(tr, c); err == nil { // the last is only half a second long
			t.Errorf("%+v was accepted", c)
		}
	}
}

func TestTheArenaSendsAsManyBytesEachTime(t *testing.T) {
	a, err := OfArena(4, 20, 2, 7)
	if err != nil {
		t.Fatal(err)
	}
	b, err := OfArena(4, 20, 2, 7)
	if err != nil || *a != *b {
		t.Errorf("%+v, then %+v, %v", a, b, err)
	}
	if a.Total < 300 || a.Total > 20_000 || a.Up < 100 || a.Up > 4000 || a.Own <= 0 || a.Entities <= 0 || a.Rest <= 0 {
		t.Errorf("%+v", a)
	}
	for _, bad := range [][2]int{{0, 20}, {33, 20}, {4, 25}, {4, 0}} {
		if _, err := OfArena(bad[0], bad[1], 1, 1); err == nil {
			t.Errorf("%d players at %d a second were accepted", bad[0], bad[1])
		}
	}
}
