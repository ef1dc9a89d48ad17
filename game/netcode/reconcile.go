package netcode

import (
	"hindsight/protocol"
	"hindsight/protocol/delta"
	"hindsight/protocol/frame"
)

// Corrections counts how the authority's own rows compared with the predicted ones.
type Corrections struct {
	Confirmed int // equal in every field
	Told      int // different only in fields that the server alone decides
	Late      int // a command of ours came too late
	Touch     int // something we could not know
	Clamp     int // the view of a shot of ours was changed
	Unknown   int // no reason is known: a bug in a game's rules or in the engine
	Unheld    int // there was no prediction to compare with: after a start or a long silence
	Assumed   int // not compared: the authority had to assume a command that is still on its way
}

// Corrected is how many times the state was corrected.
func (c *Corrections) Corrected() int { return c.Late + c.Touch + c.Clamp + c.Unknown }

// Mismatch is a wrong prediction of unknown cause, kept for a report.
type Mismatch struct {
	Tick   protocol.Tick // 0: there was none
	N      int           // how many of Fields are used
	Fields [8]struct {
		Name                 string
		Predicted, Authority int32
	}
}

// reconciler compares each own row of the authority with the one predicted for its tick. A game's
// client and server run the same integer code, so the test is equality; see Bernier, "Latency
// Compensating Methods" (2001), for the method and Source's prediction.cpp for the tolerance that
// floats need.
type reconciler struct {
	count Corrections
	last  Mismatch
	row   wrongRow
	owed  frame.Cause // of the rows that were passed over
}

// wrongRow is the own row that was predicted where nothing explains the difference, until it was
// reported: the first of a second, since the others may have come of it.
type wrongRow struct {
	tick protocol.Tick // 0: there is none
	own  []int32
}

// assumeMax is for how many ticks commands may be on their way before the authority's assumption is
// taken for the truth: half a second.
const assumeMax = 30

// passOver reports whether the authority's row after tick t is to be left alone. While our commands
// are held up the authority walks on without them, and its rows say only what it assumed. When the
// commands are there they may prove it right; to be pulled back and forth meanwhile helps nobody.
func (r *reconciler) passOver(p *prediction, h *frame.Header, sent bool) bool {
	if !sent || h.Heard.Sub(h.Tick) >= 0 || h.Cause != frame.CauseLate || p.auth == 0 || h.Tick.Sub(p.auth) > assumeMax {
		return false
	}
	r.owed |= h.Cause
	r.count.Assumed++
	return true
}

// difference is the result of a comparison.
type difference uint8

const (
	equal difference = iota
	told             // only in Told fields
	wrong
)

// compare tells how the authority's row differs from the predicted one.
func compare(k *delta.Kind, predicted, authority []int32) difference {
	d := equal
	for i := range authority {
		if predicted[i] != authority[i] {
			if !k.Fields[i].Told {
				return wrong
			}
			d = told
		}
	}
	return d
}

// reconcile takes in the authority's own row after tick t. It reports whether the player's state
// was changed by other than told fields, so that the change is to be smoothed.
func (r *reconciler) reconcile(p *prediction, t protocol.Tick, own []int32, cause frame.Cause) (corrected bool) {
	cause |= r.owed
	r.owed = 0
	s := p.slot(t)
	if s == nil || !s.stepped || t.Sub(p.to) > 0 { // or stepped from a state that was given up since
		r.count.Unheld++
		p.load(t, own)
		return false
	}
	switch compare(&p.schema.Own, s.own, own) {
	case equal:
		r.count.Confirmed++
		p.auth = t
		if p.to != p.last { // prediction had stopped at its limit
			p.load(t, own)
		}
		return false
	case told:
		r.count.Told++
	default:
		corrected = true
		r.classify(&p.schema.Own, t, s.own, own, cause)
	}
	copy(s.own, own)
	p.load(t, own)
	return corrected
}

func (r *reconciler) classify(k *delta.Kind, t protocol.Tick, predicted, authority []int32, cause frame.Cause) {
	switch {
	case cause&frame.CauseLate != 0:
		r.count.Late++
	case cause&frame.CauseTouch != 0:
		r.count.Touch++
	case cause&frame.CauseClamp != 0:
		r.count.Clamp++
	default:
		r.count.Unknown++
		if r.row.tick == 0 {
			r.row.tick, r.row.own = t, append(r.row.own[:0], predicted...)
		}
		r.last = Mismatch{Tick: t}
		for i := range authority {
			if predicted[i] == authority[i] || r.last.N == len(r.last.Fields) {
				continue
			}
			f := &r.last.Fields[r.last.N]
			f.Name, f.Predicted, f.Authority = k.Fields[i].Name, predicted[i], authority[i]
			r.last.N++
		}
	}
}
