package lab

import (
	"hindsight/game/netcode"
	"hindsight/protocol"
)

// Result is what one cell came to. The numbers behind it are in Probe.
type Result struct {
	Cell  Cell
	Probe *Probe
	// Time is how long all players together were measured.
	Time protocol.Micros
	// Sums over all players since they were measured.
	Verdicts    netcode.Verdicts
	Corrections netcode.Corrections
	Underruns   int
	Guessed     protocol.Micros // time drawn past the newest snapshot
	BytesIn     int64
	BytesOut    int64
	FramesIn    int
	FramesOut   int
	Unsent      int // commands never sent
	Clamped     int // snapshots that said that a view was changed
	ViewJumps   int
	ClockJumps  int
	Mismatch    netcode.Mismatch // the last of unknown cause, of any player

	JoinBytes, MaxFrame int // the most of any player
}

// resultOf sums up an experiment that has run.
func resultOf(c Cell, b *Probe) *Result {
	r := &Result{Cell: c, Probe: b, Time: b.measured()}
	for _, p := range b.lab.Players {
		now, base := b.counted(p)
		r.shots(&now.Verdicts, &base.Verdicts)
		r.corrections(&now.Corrections, &base.Corrections)
		r.Underruns += now.Underruns - base.Underruns
		r.Guessed += now.Extrapolated - base.Extrapolated
		r.BytesIn += now.BytesIn - base.BytesIn
		r.BytesOut += now.BytesOut - base.BytesOut
		r.FramesIn += now.FramesIn - base.FramesIn
		r.FramesOut += now.FramesOut - base.FramesOut
		r.Unsent += now.Unsent - base.Unsent
		r.Clamped += now.ViewRejected - base.ViewRejected
		r.ViewJumps += now.ViewJumps - base.ViewJumps
		r.ClockJumps += now.ClockJumps - base.ClockJumps
		if now.LastMismatch.Tick != 0 {
			r.Mismatch = now.LastMismatch
		}
		r.JoinBytes, r.MaxFrame = max(r.JoinBytes, p.JoinBytes), max(r.MaxFrame, p.MaxFrame)
	}
	return r
}

func (r *Result) shots(now, base *netcode.Verdicts) {
	v := &r.Verdicts
	v.Agreed += now.Agreed - base.Agreed
	v.Denied += now.Denied - base.Denied
	v.Excused += now.Excused - base.Excused
	v.Lost += now.Lost - base.Lost
	v.Unasked += now.Unasked - base.Unasked
	v.Overflow += now.Overflow - base.Overflow
}

func (r *Result) corrections(now, base *netcode.Corrections) {
	c := &r.Corrections
	c.Confirmed += now.Confirmed - base.Confirmed
	c.Told += now.Told - base.Told
	c.Late += now.Late - base.Late
	c.Touch += now.Touch - base.Touch
	c.Clamp += now.Clamp - base.Clamp
	c.Unknown += now.Unknown - base.Unknown
	c.Unheld += now.Unheld - base.Unheld
}

// Judged is how many foreseen shots count for the agreement: all that were not excused.
func (r *Result) Judged() int {
	v := &r.Verdicts
	return v.Agreed + v.Denied + v.Lost + v.Overflow
}

// Agreement is the share of these that were judged as seen. Those that were never judged count
// against it like the denied.
func (r *Result) Agreement() float64 { return share(int64(r.Verdicts.Agreed), int64(r.Judged())) }

// PerMinute is how often something happened to a player in a minute.
func (r *Result) PerMinute(n int) float64 {
	return float64(n) * float64(60*protocol.Second) / float64(max(r.Time, 1))
}

// PerSecond is how much of something a player had in a second.
func (r *Result) PerSecond(n int64) float64 {
	return float64(n) * float64(protocol.Second) / float64(max(r.Time, 1))
}

// LateShare is the share of commands that arrived after their tick, MissingShare that of ticks that
// had no command in time.
func (r *Result) LateShare() float64 { return share(r.Probe.Tardy, r.Probe.Commands) }

// MissingShare is the share of ticks that had no command in time.
func (r *Result) MissingShare() float64 { return share(r.Probe.Missing, r.Probe.Ticks) }

// GuessedShare is the share of time in which others were drawn past the newest snapshot.
func (r *Result) GuessedShare() float64 { return share(int64(r.Guessed), int64(r.Time)) }

// Sharing is the share of the bits of snapshots that were encoded once for everyone.
func (r *Result) Sharing() float64 { return share(r.Probe.SharedBits, 8*r.Probe.SentBytes) }

func share(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
