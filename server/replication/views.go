package replication

import (
	"hindsight/game"
	"hindsight/protocol"
)

// Limits on the views that are judged as they are claimed, in ticks at 60 Hz. MaxRewind is what a
// client with a round trip of 200 ms and 1 % of its segments lost needs to hit what it sees: the
// trip (12), the tick in hand and its lead (2), what it drew a lost segment ago (15) and a lost
// segment bridged on the way up (16). On a clean line the same client needs 16 of them, one at 50 ms needs 7. A cap
// of 200 ms on the whole, as in games that hide the delay, would deny half of the hits.
const (
	MaxRewind      = 46 // from what it drew to now
	maxExtrapolate = 6  // past the newest it had: 100 ms
)

// Views remembers which ticks were sent to a client and checks the views it claims. The zero value
// is ready.
type Views struct {
	// MaxRewind is the limit of this client in ticks, 0 for the usual one.
	MaxRewind int

	last protocol.Tick // newest tick sent
	sent uint64        // bit i: tick last-i was sent
	seen int64         // latest view time accepted, 1/256 tick
}

// Sent records that the snapshot of tick t was written.
func (v *Views) Sent(t protocol.Tick) {
	if n := t.Sub(v.last); v.last != 0 && n < 64 {
		v.sent <<= n
	} else {
		v.sent = 0
	}
	v.last, v.sent = t, v.sent|1
}

func (v *Views) was(t protocol.Tick) bool {
	n := v.last.Sub(t)
	return t != 0 && n >= 0 && n < 64 && v.sent>>n&1 == 1
}

// when returns the moment of a view in 1/256 tick.
func when(w protocol.View) int64 {
	return int64(w.A)<<8 + int64(w.B.Sub(w.A))*int64(w.Frac)
}

// Check returns the view to rewind to for a command that claims w, and whether it had to be
// changed. Now is the tick in which it is used and given the tick it is for, which is earlier if it came
// late; echo is the newest snapshot its client had. Nobody decided with what was yet to come: not by
// drawing on beyond the present, and not by keeping a command back until more was known. The result is
// the zero view (the present) if nothing was ever sent.
func (v *Views) Check(now, given, echo protocol.Tick, w protocol.View) (protocol.View, game.Clamp) {
	if v.last == 0 {
		return protocol.View{}, game.ClampUnsent
	}
	clamp := game.ClampNone
	switch span := w.B.Sub(w.A); {
	case !v.was(w.A) || !v.was(w.B):
		clamp = game.ClampUnsent
	case w.B.Sub(echo) > 0:
		clamp = game.ClampEcho
	case span < 0 || span > protocol.MaxInterp || int(w.Frac)*span > (span+maxExtrapolate)<<8, when(w) > int64(given-1)<<8:
		clamp = game.ClampSpan
	}
	if clamp != game.ClampNone { // no part of the claim holds: take the newest it can have drawn
		w = at(min(echo, v.last, given-1))
	}
	if oldest := v.oldest(now, given, echo); when(w) < int64(oldest)<<8 {
		w, clamp = at(oldest), game.ClampAge
	}
	if when(w) < v.seen {
		w, clamp = protocol.View{A: protocol.Tick(v.seen >> 8), B: protocol.Tick(v.seen>>8) + 1, Frac: uint16(v.seen & 255)}, game.ClampBack
		if w.Frac == 0 {
			w.B = w.A
		}
	}
	v.seen = when(w)
	return w, clamp
}

// at returns the view of one snapshot as it is. Tick 0 gives the present.
func at(t protocol.Tick) protocol.View { return protocol.View{A: t, B: t} }

// oldest is the first tick that is still judged, at least 1.
func (v *Views) oldest(now, given, echo protocol.Tick) protocol.Tick {
	rewind := int64(MaxRewind)
	if v.MaxRewind > 0 {
		rewind = int64(v.MaxRewind)
	}
	return protocol.Tick(max(1, int64(now)-rewind, min(int64(echo)-protocol.MaxInterp, int64(given)-1)))
}
