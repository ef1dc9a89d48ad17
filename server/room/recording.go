package room

import (
	"hindsight/game"
	"hindsight/game/replay"
	"hindsight/protocol"
)

// Tape keeps the recording of one match. It is called in the room's goroutine, in ticks: nothing may
// block. Package replays has one that writes files.
type Tape interface {
	// Write keeps what follows on what was written before. B is not kept. It reports false when the
	// tape was given up; then no other method is called any more.
	Write(b []byte) bool
	// Save makes a copy of all that was written so far, with b behind it: a reproduction.
	Save(b []byte)
	// Close ends the tape.
	Close(Credits)
}

// Credits say what is on a tape.
type Credits struct {
	// Ticks is how long the match was recorded, at TickRate Hz.
	Ticks    protocol.Tick
	TickRate int
	// People are the names of everyone who had a seat, each once; Bots is how many bots there were at
	// the end. Without people a tape is nobody's.
	People []string
	Bots   int
}

// Limits of what a room hands to a tape.
const (
	maxSaves   = 8  // reproductions of one match
	maxCredits = 64 // names
)

// recording writes the running match to a tape. It is the room's own; the zero value writes nothing.
type recording struct {
	tape   Tape
	writer *replay.Writer
	people []string
	saves  int
}

// startRecording begins the recording of the match that begins.
func (r *Room) startRecording() {
	r.recording = recording{}
	if r.cfg.Record == nil {
		return
	}
	h := replay.HeaderOf(r.match, r.cfg.Build, 0)
	tape := r.cfg.Record(&h)
	if tape != nil && r.crowd != nil {
		tape.Close(Credits{}) // nobody's
	} else if tape != nil {
		r.recording = recording{tape: tape, writer: replay.NewWriter(&h)}
	}
}

// joined notes that a player was seated.
func (c *recording) joined(p *player) {
	if c.tape == nil {
		return
	}
	c.writer.Join(p.id, game.Joiner{Bot: p.isBot(), Team: p.team}, p.name)
	if !p.isBot() && len(c.people) < maxCredits {
		for _, name := range c.people {
			if name == p.name {
				return
			}
		}
		c.people = append(c.people, p.name)
	}
}

// left notes that a player left.
func (c *recording) left(id protocol.PlayerID) {
	if c.tape != nil {
		c.writer.Leave(id)
	}
}

// tick writes what the match has just stepped. What is ready goes to the tape once a second.
func (c *recording) tick(m *game.Match, t *game.Turn) {
	if c.tape == nil {
		return
	}
	c.writer.Tick(m, t)
	c.hand()
}

// hand gives the tape what is ready.
func (c *recording) hand() {
	if b := c.writer.Take(); len(b) > 0 && !c.tape.Write(b) {
		*c = recording{}
	}
}

// stopRecording ends the recording, at the match's end or when the room closes.
func (r *Room) stopRecording() {
	c := &r.recording
	if c.tape == nil {
		return
	}
	c.writer.End(r.match)
	c.hand()
	r.dropRecording()
}

// dropRecording ends the recording where it is: after a panic nothing can be asked of the match.
func (r *Room) dropRecording() {
	c := &r.recording
	if c.tape == nil {
		return
	}
	credits := Credits{Ticks: r.match.Tick(), TickRate: r.cfg.Host.TickRate, People: c.people}
	for _, p := range r.players {
		if p.isBot() {
			credits.Bots++
		}
	}
	c.tape.Close(credits)
	*c = recording{}
}

// reproduce saves the recording so far with a mismatch that a player has reported: his own row after
// a tick, as he had predicted it, which is not what the room computed. Authority is the row as the
// room knew it, nil if it no longer does; whoever opens the file runs the match again anyway. Only so
// many are saved of one match. It reports whether this one was.
func (r *Room) reproduce(id protocol.PlayerID, t protocol.Tick, predicted, authority []int32) bool {
	c := &r.recording
	if c.tape == nil || c.saves == maxSaves || t == 0 || t > r.match.Tick() {
		return false
	}
	c.writer.Flush()
	if c.hand(); c.tape == nil {
		return false
	}
	c.saves++
	c.tape.Save(replay.AppendMismatch(nil, &replay.Mismatch{Player: id, Tick: t, Predicted: predicted, Authority: authority}))
	return true
}
