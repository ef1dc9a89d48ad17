package replication

import (
	"math/rand/v2"
	"slices"
	"testing"

	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/frame"
)

// logged is all that was ever added to a journal, and a reader's place in it.
type logged struct {
	events  []game.Event
	notices []frame.Notice
}

// told is what a reader who has taken e events and n notices so far should take next.
func (l *logged) told(e, n int, id protocol.PlayerID, now protocol.Tick) (es []protocol.Event, ns []frame.Notice, nextE, nextN int) {
	for ; e < len(l.events) && len(es) < frameEvents; e++ {
		v := &l.events[e]
		if (v.To == 0 || v.To == id) && (v.Except != id || id == 0) && (v.Keep || now.Sub(v.Tick) <= cosmeticTicks) {
			es = append(es, v.Event)
		}
	}
	for ; n < len(l.notices) && len(ns) < frameNotices; n++ {
		ns = append(ns, l.notices[n])
	}
	return es, ns, e, n
}

// Whatever readers skip, each takes exactly what is meant for it, in order, while the journal grows,
// wraps and forgets.
func TestJournalAgainstModel(t *testing.T) {
	for seed := range uint64(8) {
		rng := rand.New(rand.NewPCG(seed, 7))
		var j Journal
		var l logged
		var marks [5]Mark
		var es, ns [5]int // events and notices that each reader has passed
		for tick := protocol.Tick(1); tick < 600; tick++ {
			for range rng.IntN(12) {
				e := game.Event{To: protocol.PlayerID(max(0, rng.IntN(12)-7)), Except: protocol.PlayerID(max(0, rng.IntN(12)-7))}
				e.Kind, e.Tick, e.Keep, e.N = uint8(rng.IntN(256)), tick, rng.IntN(3) == 0, uint8(rng.IntN(protocol.MaxEventArgs+1))
				for i := range e.Args[:e.N] {
					e.Args[i] = int32(rng.Uint32())
				}
				j.Events([]game.Event{e})
				l.events = append(l.events, e)
			}
			if rng.IntN(3) == 0 {
				n := frame.Notice{Value: int32(tick), Text: "line"}
				j.Notice(n)
				l.notices = append(l.notices, n)
			}
			read := j.End()
			for id := range marks {
				if rng.IntN(1+10*id) == 0 { // the higher, the more it skips
					wantE, wantN, nextE, nextN := l.told(es[id], ns[id], protocol.PlayerID(id), tick)
					if j.lost(marks[id]) {
						t.Fatalf("seed %d, tick %d: reader %d was forgotten", seed, tick, id)
					}
					m, gotE, gotN := j.take(&Scratch{}, marks[id], protocol.PlayerID(id), nil, tick)
					if !slices.Equal(gotE, wantE) || !slices.Equal(gotN, wantN) {
						t.Fatalf("seed %d, tick %d: reader %d takes %v and %v, want %v and %v", seed, tick, id, gotE, gotN, wantE, wantN)
					}
					marks[id], es[id], ns[id] = m, nextE, nextN
				}
				read = read.Before(marks[id])
			}
			j.Forget(read)
		}
	}
}

// A journal is as long as its slowest reader needs, and no longer than its bound: then the reader is
// given up.
func TestJournalGrowsWithItsReaders(t *testing.T) {
	var j Journal
	shot := []game.Event{{Event: protocol.NewEvent(9, 1, 2, 3, 4).Kept()}}
	for range 10_000 {
		j.Events(shot)
		j.Notice(frame.Notice{})
		j.Forget(j.End())
	}
	if len(j.words) != journalLeast || len(j.notices) != noticesLeast {
		t.Errorf("with readers that keep up it is %d words and %d notices long", len(j.words), len(j.notices))
	}
	behind := j.End()
	for range journalMost / (eventHead + 4) {
		j.Events(shot)
	}
	if j.lost(behind) || len(j.words) != journalMost {
		t.Errorf("a full journal of %d words has lost its beginning: %v", len(j.words), j.lost(behind))
	}
	if j.Events(shot); !j.lost(behind) {
		t.Error("a journal holds more than it is long")
	}
	quiet := j.End()
	for range journalNotices {
		j.Notice(frame.Notice{})
	}
	if j.lost(quiet) {
		t.Error("a journal lost notices that it has room for")
	}
	if j.Notice(frame.Notice{}); !j.lost(quiet) {
		t.Error("a journal holds more notices than it is long")
	}
}
