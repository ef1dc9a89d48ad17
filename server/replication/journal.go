package replication

import (
	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/frame"
)

const (
	journalLeast   = 1 << 8  // words of a journal to begin with
	journalMost    = 1 << 19 // words, 2 MB: some 50,000 events, which is more than a second of a thousand players
	journalNotices = 4096    // as many as come and go at once in a crowd
	noticesLeast   = 16
	cosmeticTicks  = 30 // how long an event that need not arrive is worth sending
	frameEvents    = 64 // events in one snapshot; the rest wait for the next
	frameNotices   = 16 // notices in one snapshot
)

// Journal keeps a room's recent events and notices so that each peer can take them when its next
// snapshot is written, however many ticks that skipped. The zero value is ready.
//
// It is as long as its slowest reader needs, which its owner says with Forget: a few ticks' worth as a
// rule. When a reader is so far behind that it would grow beyond its bound, the oldest is given up, and
// that reader with it.
type Journal struct {
	// words is a ring, 0 or a power of two long, of the events from number from on to number next;
	// words are numbered since the beginning. An event is eventHead words and its arguments.
	words      []int32
	from, next uint64

	notices           []frame.Notice // likewise
	fromNotice, nextN uint64

	scratch Scratch // of Compose
}

// The words before an event's arguments.
const (
	wordKind  = iota // kind, number of arguments<<8, Keep<<16, Placed<<17
	wordTick         // Tick
	wordReach        // Event.To
	wordBut          // Event.Except
	wordX            // Event.X
	wordY            // Event.Y
	wordBy           // Event.By
	eventHead
)

// Events adds what happened in a tick.
func (j *Journal) Events(es []game.Event) {
	for i := range es {
		e := &es[i]
		j.makeRoom(eventHead + int(e.N))
		kind := int32(e.Kind) | int32(e.N)<<8
		if e.Keep {
			kind |= 1 << 16
		}
		if e.Placed {
			kind |= 1 << 17
		}
		j.put(kind)
		j.put(int32(e.Tick))
		j.put(int32(e.To))
		j.put(int32(e.Except))
		j.put(e.X)
		j.put(e.Y)
		j.put(int32(e.By))
		for _, a := range e.Args[:e.N] {
			j.put(a)
		}
	}
}

func (j *Journal) put(w int32) {
	j.words[j.next&uint64(len(j.words)-1)] = w
	j.next++
}

func (j *Journal) word(at uint64) int32 { return j.words[at&uint64(len(j.words)-1)] }

// size returns how many words the event at a place has.
func (j *Journal) size(at uint64) uint64 { return eventHead + uint64(j.word(at)>>8&0xff) }

// makeRoom readies the ring for n more words.
func (j *Journal) makeRoom(n int) {
	need := int(j.next-j.from) + n
	if need > len(j.words) && len(j.words) < journalMost {
		old := *j
		j.words = make([]int32, max(2*len(j.words), journalLeast))
		for at := old.from; at != old.next; at++ {
			j.words[at&uint64(len(j.words)-1)] = old.word(at)
		}
	}
	for int(j.next-j.from)+n > len(j.words) {
		j.from += j.size(j.from)
	}
}

// Notice adds news for everyone.
func (j *Journal) Notice(n frame.Notice) {
	if held := int(j.nextN - j.fromNotice); held == len(j.notices) {
		if held == journalNotices {
			j.fromNotice++
		} else {
			old := *j
			j.notices = make([]frame.Notice, max(2*held, noticesLeast))
			for at := old.fromNotice; at != old.nextN; at++ {
				j.notices[at&uint64(len(j.notices)-1)] = old.notices[at&uint64(len(old.notices)-1)]
			}
		}
	}
	j.notices[j.nextN&uint64(len(j.notices)-1)] = n
	j.nextN++
}

// Mark is a place in a journal.
type Mark struct{ event, notice uint64 }

// End returns the place behind all that was added.
func (j *Journal) End() Mark { return Mark{j.next, j.nextN} }

// Mark returns how far the peer has read its journal.
func (p *Peer) Mark() Mark { return p.at }

// Before returns the earlier of two places, of events and of notices each.
func (m Mark) Before(o Mark) Mark { return Mark{min(m.event, o.event), min(m.notice, o.notice)} }

// Forget says that nobody needs what was added before a place: all who read the journal are there or
// further on.
func (j *Journal) Forget(before Mark) {
	j.from = max(j.from, before.event)
	for ; j.fromNotice < before.notice; j.fromNotice++ {
		j.notices[j.fromNotice&uint64(len(j.notices)-1)] = frame.Notice{} // its text
	}
}

// lost reports that something was given up before the peer took it.
func (j *Journal) lost(m Mark) bool { return m.event < j.from || m.notice < j.fromNotice }

// take returns what the player should be told from m on, and the place to go on from. Of what happens at a
// place he is told what lies within his hearing; nil is anywhere. Both lists are the
// scratch's: so all peers share one piece of memory that stays near.
func (j *Journal) take(s *Scratch, m Mark, id protocol.PlayerID, hearing *Hearing, now protocol.Tick) (Mark, []protocol.Event, []frame.Notice) {
	es, ns := s.events[:0], s.notices[:0]
	for m.event < j.next && len(es) < frameEvents {
		at, kind := m.event, j.word(m.event)
		m.event += j.size(at)
		if to, but := j.word(at+wordReach), j.word(at+wordBut); to != 0 && to != int32(id) || but == int32(id) && id != 0 {
			continue
		}
		if kind>>17&1 == 1 && j.word(at+wordReach) == 0 && !hearing.at(protocol.PlayerID(j.word(at+wordBy)), j.word(at+wordX), j.word(at+wordY)) {
			continue
		}
		e := protocol.Event{Kind: uint8(kind), N: uint8(kind >> 8), Keep: kind>>16&1 == 1, Tick: protocol.Tick(j.word(at + wordTick))}
		if !e.Keep && now.Sub(e.Tick) > cosmeticTicks {
			continue
		}
		for i := range e.Args[:e.N] {
			e.Args[i] = j.word(at + eventHead + uint64(i))
		}
		es = append(es, e)
	}
	for ; m.notice < j.nextN && len(ns) < frameNotices; m.notice++ {
		ns = append(ns, j.notices[m.notice&uint64(len(j.notices)-1)])
	}
	s.events, s.notices = es, ns
	return m, es, ns
}
