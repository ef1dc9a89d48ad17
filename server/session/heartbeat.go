package session

import (
	"time"

	"hindsight/protocol"
)

// heartbeat decides whether the peer is there. Only two things count: an answer to our ping, which a
// browser gives by itself even when its page sleeps, and a message that was accepted. Bytes alone
// prove nothing, or the start of a fragment and then silence would hold a connection for ever.
//
// A heartbeat belongs to the read goroutine. The deadline itself is the connection's read deadline; when
// it passes, guard.Read closes with CloseHeartbeat.
type heartbeat struct {
	extended protocol.Micros // when the deadline was last moved
}

// await sets the first deadline: Hello must come within Limits.Hello, whatever else does.
func (s *session) await() {
	s.guard.onSilence = protocol.CloseNoHello
	_ = s.guard.SetReadDeadline(time.Now().Add(s.limits.Hello))
}

// begin replaces the deadline for Hello with that for silence.
func (s *session) begin(now protocol.Micros) {
	s.guard.onSilence = protocol.CloseHeartbeat
	s.beat.extended = now - protocol.Micros(s.limits.Silence.Microseconds())
	s.alive(now)
}

// alive moves the deadline. Sixty messages a second move it only about once a second: a timer in
// the kernel's poller is not free. fail's wake-up cannot be lost to it: fail sets done before
// its deadline, and this looks at done after its own.
func (s *session) alive(now protocol.Micros) {
	if s.state != joined || now-s.beat.extended < protocol.Micros(s.limits.Silence.Microseconds()/12) {
		return
	}
	s.beat.extended = now
	_ = s.guard.SetReadDeadline(time.Now().Add(s.limits.Silence))
	if s.guard.done.Load() {
		_ = s.guard.SetReadDeadline(past)
	}
}
