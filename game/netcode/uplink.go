package netcode

import (
	"hindsight/protocol"
	"hindsight/protocol/frame"
)

// uplink holds the commands that wait to be sent and remembers when each was.
type uplink struct {
	waiting []protocol.Command // oldest first, at most MaxCommands
	sent    [sentRing]sentCommand
	heard   protocol.Tick // newest command the server said it had
	size    int           // bytes of the last input frame
	skipped int           // commands given and never sent
}

// sentCommand is one that was given, and sent.
type sentCommand struct {
	tick  protocol.Tick
	pos   phase         // of the clock when it was given
	shift phase         // of the clock when it was given
	first protocol.Tick // of the commands in the same frame, 0 as long as it waits
	at    protocol.Micros
}

const (
	sentRing = 256
	// queuedInputs is how many frames may wait in the socket before new commands are held back to be
	// merged: more in the queue would only arrive later.
	queuedInputs = 2
)

// reset forgets a connection.
func (u *uplink) reset() {
	*u = uplink{waiting: u.waiting[:0], skipped: u.skipped}
}

// push adds a command, given when the clock stood so, to those that wait. One too many drops the
// oldest, which is late by now.
func (u *uplink) push(c protocol.Command, pos, shift phase) {
	if len(u.waiting) == protocol.MaxCommands {
		u.waiting = append(u.waiting[:0], u.waiting[1:]...)
		u.skipped++
	}
	u.waiting = append(u.waiting, c)
	u.sent[c.Tick%sentRing] = sentCommand{tick: c.Tick, pos: pos, shift: shift}
}

// flush appends the waiting commands to dst as one frame and remembers them as sent now.
func (u *uplink) flush(dst []byte, enc *frame.Encoder, now protocol.Micros, in *frame.Input) []byte {
	in.Commands = u.waiting
	first := u.waiting[0].Tick
	for i := range u.waiting {
		s := &u.sent[u.waiting[i].Tick%sentRing]
		s.first, s.at = first, now
	}
	dst = enc.Input(dst, in)
	u.size = len(dst)
	u.waiting = u.waiting[:0]
	return dst
}

// unheard returns when the oldest was sent of the commands up to last that the server did not say it
// had. It reports false if there is none.
func (u *uplink) unheard(last protocol.Tick) (at protocol.Micros, ok bool) {
	t := u.heard + 1
	if last.Sub(t) >= sentRing {
		t = last.Add(1 - sentRing)
	}
	for ; last.Sub(t) >= 0; t++ {
		if s := u.record(t); s != nil {
			return s.at, true
		}
	}
	return 0, false
}

// record returns what is known of a command that was sent, or nil.
func (u *uplink) record(t protocol.Tick) *sentCommand {
	if s := &u.sent[t%sentRing]; t != 0 && s.tick == t && s.first != 0 {
		return s
	}
	return nil
}
