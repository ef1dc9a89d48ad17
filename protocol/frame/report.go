package frame

import (
	"math"

	"hindsight/protocol"
)

// Report is what only a client knows of how its game goes: client to server, about once a second.
// Counts are those since its report before. It serves the operator's numbers and nothing else, since
// a client may say what it likes; so a client need not send any.
type Report struct {
	// Span is the time that the report is about, in 1/4 ms.
	Span uint32
	// RTT is the smoothed round trip and Delay how far the view is behind what is being received,
	// both in 1/4 ms.
	RTT, Delay uint16
	// Frames is how many times the screen was drawn, FrameMean and FrameWorst the time between two
	// of them in 1/4 ms. A page in the background draws none, and its pause is not counted.
	Frames, FrameMean, FrameWorst uint16
	// Underruns is how often the view ran past the newest snapshot, and Extrapolated for how long
	// together, in 1/4 ms.
	Underruns    uint16
	Extrapolated uint32
	// Confirmed are own rows as they were predicted; Corrected those that were not, by cause.
	Confirmed uint16
	Corrected [Corrections]uint16
	Verdicts  [Verdicts]uint16
	Hitches   [Hitches]uint16
	// Mismatch is the tick of a wrong prediction of unknown cause, 0 for none, and Row the own row
	// that was predicted for it, or as much of it as protocol.MaxReportRow allows.
	Mismatch protocol.Tick
	Row      []int32
}

// Correction is why an own row was not as predicted.
type Correction uint8

// The corrections, as Header.Cause tells them.
const (
	CorrectedLate Correction = iota
	CorrectedTouch
	CorrectedClamp
	CorrectedUnknown // a bug in a game's rules or in the engine
	Corrections      // how many there are
)

// String returns the name used in metrics.
func (c Correction) String() string {
	return nameOf([...]string{"late_input", "touched", "view_clamped", "unknown"}, c)
}

// Verdict is what became of a shot whose outcome the client had foreseen.
type Verdict uint8

// The verdicts.
const (
	VerdictAgreed  Verdict = iota // as seen on the screen
	VerdictDenied                 // otherwise
	VerdictExcused                // otherwise, since the target had meanwhile died
	VerdictLost                   // none came
	Verdicts                      // how many there are
)

// String returns the name used in metrics.
func (v Verdict) String() string {
	return nameOf([...]string{"agreed", "denied", "excused", "lost"}, v)
}

// Hitch is what a moment was spoilt by in which the player saw something wrong.
type Hitch uint8

// The causes of hitches.
const (
	HitchFrame   Hitch = iota // the player's own machine drew no frame
	HitchServer               // the server began its tick late
	HitchSend                 // the snapshot waited in the server for its connection, or was left out
	HitchNetwork              // none of these: it was under way
	Hitches                   // how many there are
)

// String returns the name used in metrics.
func (h Hitch) String() string {
	return nameOf([...]string{"client_frame", "server_tick", "send_wait", "network"}, h)
}

func nameOf[T ~uint8](names [4]string, v T) string {
	if int(v) < len(names) {
		return names[v]
	}
	return "invalid"
}

// Report appends a Report.
func (e *Encoder) Report(dst []byte, p *Report) []byte {
	w := e.begin(dst, reportElements, TypeReport)
	w.Uint(uint64(p.Span))
	for _, v := range [...]uint16{p.RTT, p.Delay, p.Frames, p.FrameMean, p.FrameWorst, p.Underruns} {
		w.Uint(uint64(v))
	}
	w.Uint(uint64(p.Extrapolated))
	w.Uint(uint64(p.Confirmed))
	e.counts(p.Corrected[:])
	e.counts(p.Verdicts[:])
	e.counts(p.Hitches[:])
	if p.Mismatch == 0 || len(p.Row) == 0 {
		w.Array(0)
		return w.Bytes()
	}
	row := p.Row[:min(len(p.Row), protocol.MaxReportRow)]
	w.Array(1 + len(row))
	w.Uint(uint64(p.Mismatch))
	for _, v := range row {
		w.Int(int64(v))
	}
	return w.Bytes()
}

func (e *Encoder) counts(list []uint16) {
	e.w.Array(len(list))
	for _, n := range list {
		e.w.Uint(uint64(n))
	}
}

// Report reads a Report, reusing the memory of p.Row.
func (d *Decoder) Report(b []byte, p *Report) error {
	r, _ := d.begin(b, TypeReport, reportElements, reportElements)
	p.Span = uint32(r.Uint(math.MaxUint32))
	for _, v := range [...]*uint16{&p.RTT, &p.Delay, &p.Frames, &p.FrameMean, &p.FrameWorst, &p.Underruns} {
		*v = uint16(r.Uint(math.MaxUint16))
	}
	p.Extrapolated = uint32(r.Uint(math.MaxUint32))
	p.Confirmed = uint16(r.Uint(math.MaxUint16))
	d.counts(p.Corrected[:])
	d.counts(p.Verdicts[:])
	d.counts(p.Hitches[:])
	p.Mismatch, p.Row = 0, p.Row[:0]
	if n := r.Array(1 + protocol.MaxReportRow); n == 1 {
		r.Fail("wrong number of elements")
	} else if n > 0 {
		p.Mismatch = protocol.Tick(r.Int(1, math.MaxUint32))
		for range n - 1 {
			p.Row = append(p.Row, int32(r.Int(math.MinInt32, math.MaxInt32)))
		}
	}
	r.End()
	return r.Err()
}

func (d *Decoder) counts(list []uint16) {
	d.r.ArrayOf(len(list))
	for i := range list {
		list[i] = uint16(d.r.Uint(math.MaxUint16))
	}
}
