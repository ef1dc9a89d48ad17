package replay

import (
	"errors"
	"io"

	"hindsight/game"
	"hindsight/protocol"
)

// Report is what running a match again has shown.
type Report struct {
	Survey
	// Checked is how many digests were compared.
	Checked int
	// Differs is the tick of the first digest that was another, 0 for none; Agreed is that of the
	// last one that was the same. The match went another way somewhere behind Agreed, at Differs at
	// the latest. Want and Got are the two digests.
	Differs, Agreed protocol.Tick
	Want, Got       uint64
	// Standings are how those of Survey.Players who were there to the end stood, in the same order.
	// The others' are zero.
	Standings []game.Standing
}

// OK reports that every digest was the same.
func (r *Report) OK() bool { return r.Differs == 0 }

// Verify runs a match again, without drawing it, and compares its digests with those of the file. It
// stops at the first that differs. The error says why the file cannot be run.
func (f *File) Verify(def *game.Definition) (*Report, error) {
	rep := &Report{Survey: Survey{Header: f.Header}}
	var r run
	if err := r.begin(f, def); err != nil {
		return nil, err
	}
	for {
		_, err := r.step()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		t := &r.reader.tick
		rep.see(t)
		if t.Digested && !rep.compare(t.Tick, t.Digest, r.match.Hash()) {
			return rep, nil
		}
	}
	if f.Ended && rep.compare(f.Ticks, f.Digest, r.match.Hash()) {
		rep.Ended, rep.Over = true, f.Over
	}
	rep.standings(def, r.match)
	return rep, nil
}

// compare takes a digest into account and reports whether it is as it should be.
func (r *Report) compare(t protocol.Tick, want, got uint64) bool {
	r.Checked++
	if want == got {
		r.Agreed = t
		return true
	}
	r.Differs, r.Want, r.Got = t, want, got
	return false
}

func (r *Report) standings(def *game.Definition, m *game.Match) {
	s := m.Snapshot()
	r.Standings = make([]game.Standing, len(r.Players))
	for i := range r.Players {
		if p := &r.Players[i]; p.Left == 0 && s != nil && def.Standing != nil {
			r.Standings[i] = def.Standing(s, p.ID)
		}
	}
}

// Survey is what a file says without the match being run.
type Survey struct {
	Header Header
	// Ticks is how many there are; Ended and Over are those of File.
	Ticks       protocol.Tick
	Ended, Over bool
	// Players are all who had a seat, in the order in which they came; at most maxSurveyed.
	Players []Seated
	// Inputs counts inputs, Absent those of them that did not come in time, Late the commands that came
	// afterwards, Views the inputs whose view was kept, Clamped those of them whose view had to be
	// changed, Digests the digests in the file.
	Inputs, Absent, Late, Views, Clamped, Digests int

	seats [protocol.MaxPlayers + 1]int // index of who sits there in Players, plus 1
}

// Seated is one stay of a player.
type Seated struct {
	ID   protocol.PlayerID
	Name string
	Bot  bool
	// Joined is the first tick that was played, Left the first that was not any more; 0 for nobody
	// has left.
	Joined, Left protocol.Tick
}

// maxSurveyed bounds what a hostile file can have listed.
const maxSurveyed = 4096

// Survey reads the whole file without running it.
func (f *File) Survey() (*Survey, error) {
	s := &Survey{Header: f.Header, Ended: f.Ended, Over: f.Over}
	for r := f.Reader(); ; {
		t, err := r.Next()
		if errors.Is(err, io.EOF) {
			return s, nil
		}
		if err != nil {
			return nil, err
		}
		s.see(t)
	}
}

// see counts a tick.
func (s *Survey) see(t *Tick) {
	s.Ticks = t.Tick
	for i := range t.Moves {
		v := &t.Moves[i]
		if at := s.seats[v.Player]; at > 0 && !v.Join {
			s.Players[at-1].Left = t.Tick
			s.seats[v.Player] = 0
		}
		if v.Join && len(s.Players) < maxSurveyed {
			s.Players = append(s.Players, Seated{ID: v.Player, Name: v.Name, Bot: v.Who.Bot, Joined: t.Tick})
			s.seats[v.Player] = len(s.Players)
		}
	}
	if t.Digested {
		s.Digests++
	}
	for i := range t.Inputs {
		in := &t.Inputs[i]
		s.Inputs++
		s.Late += len(in.Late)
		viewed := in.Command.View != protocol.View{}
		if viewed {
			s.Views++
		}
		switch {
		case in.Clamp == game.ClampAbsent:
			s.Absent++
		case in.Clamp != game.ClampNone && viewed:
			s.Clamped++
		}
	}
}
