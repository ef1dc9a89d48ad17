package replication

import (
	"testing"

	"hindsight/game"
	"hindsight/protocol"
)

func TestViewsAreClampedByReason(t *testing.T) {
	v := func(a, b protocol.Tick, frac uint16) protocol.View { return protocol.View{A: a, B: b, Frac: frac} }
	tests := []struct {
		name      string
		now, echo protocol.Tick
		claim     protocol.View
		want      protocol.View
		clamp     game.Clamp
	}{
		{"honest", 106, 100, v(96, 98, 77), v(96, 98, 77), game.ClampNone},
		{"one snapshot as it is", 106, 100, v(98, 98, 0), v(98, 98, 0), game.ClampNone},
		{"extrapolated a little", 106, 100, v(98, 100, 3*256), v(98, 100, 3*256), game.ClampNone},
		{"extrapolated too far", 106, 100, v(98, 100, 6*256), v(100, 100, 0), game.ClampSpan},
		{"a tick that was not sent", 106, 100, v(97, 98, 0), v(100, 100, 0), game.ClampUnsent},
		{"no view", 106, 100, v(0, 0, 0), v(100, 100, 0), game.ClampUnsent},
		{"newer than the echo", 106, 98, v(98, 100, 9), v(98, 98, 0), game.ClampEcho},
		{"backwards span", 106, 100, v(100, 98, 9), v(100, 100, 0), game.ClampSpan},
		{"span too long", 106, 100, v(80, 100, 9), v(100, 100, 0), game.ClampSpan},
		{"older than interpolation may be", 106, 100, v(80, 82, 9), v(85, 85, 0), game.ClampAge},
		{"older than the whole window", 138, 100, v(90, 92, 9), v(92, 92, 0), game.ClampAge},
	}
	for _, tt := range tests {
		var s Views
		for t := protocol.Tick(50); t <= 100; t += 2 {
			s.Sent(t)
		}
		if got, clamp := s.Check(tt.now, tt.now, tt.echo, tt.claim); got != tt.want || clamp != tt.clamp {
			t.Errorf("%s: Check(%v) = %v, %v; want %v, %v", tt.name, tt.claim, got, clamp, tt.want, tt.clamp)
		}
	}
}

func TestViewTimeNeverGoesBack(t *testing.T) {
	var s Views
	for t := protocol.Tick(1); t <= 60; t++ {
		s.Sent(t)
	}
	first := protocol.View{A: 55, B: 56, Frac: 128}
	if _, c := s.Check(62, 62, 60, first); c != game.ClampNone {
		t.Fatal(c)
	}
	got, c := s.Check(63, 63, 60, protocol.View{A: 55, B: 56, Frac: 100})
	if got != first || c != game.ClampBack {
		t.Errorf("going back gives %v, %v; want %v and ClampBack", got, c, first)
	}
	if _, c := s.Check(64, 64, 60, first); c != game.ClampNone {
		t.Errorf("standing still is %v, want allowed", c)
	}
}

func TestNothingSentIsThePresent(t *testing.T) {
	var s Views
	if v, c := s.Check(5, 5, 3, protocol.View{A: 1, B: 2}); v != (protocol.View{}) || c != game.ClampUnsent {
		t.Errorf("Check = %v, %v", v, c)
	}
}

// A command cannot have been given with what came after its tick, drawn or held back for.
func TestNobodySeesWhatIsYetToCome(t *testing.T) {
	for _, tt := range []struct {
		name             string
		now, given, echo protocol.Tick
		claim            protocol.View
		want             protocol.Tick
		clamp            game.Clamp
	}{
		{"late, as it was drawn", 100, 90, 88, protocol.View{A: 86, B: 86}, 86, game.ClampNone},
		{"kept back until more was known", 100, 90, 99, protocol.View{A: 89, B: 98, Frac: 256}, 89, game.ClampSpan},
		{"kept back, no view", 100, 90, 99, protocol.View{}, 89, game.ClampUnsent},
		{"kept back, with an echo of what was never sent", 100, 90, 1000, protocol.View{A: 80, B: 80}, 89, game.ClampAge},
		{"drawn up to the present", 100, 100, 98, protocol.View{A: 97, B: 98, Frac: 2 * 256}, 97, game.ClampNone},
		{"drawn beyond it", 100, 100, 98, protocol.View{A: 97, B: 98, Frac: 2*256 + 1}, 98, game.ClampSpan},
	} {
		var s Views
		for t := protocol.Tick(50); t < 100; t++ {
			s.Sent(t)
		}
		if got, clamp := s.Check(tt.now, tt.given, tt.echo, tt.claim); got.A != tt.want || clamp != tt.clamp {
			t.Errorf("%s: %v, %v; want %d, %v", tt.name, got, clamp, tt.want, tt.clamp)
		}
	}
}

func TestARoomMayRewindLess(t *testing.T) {
	s := Views{MaxRewind: 12}
	for t := protocol.Tick(50); t <= 100; t++ {
		s.Sent(t)
	}
	for _, tt := range []struct {
		a, want protocol.Tick
		clamp   game.Clamp
	}{{92, 92, game.ClampNone}, {91, 92, game.ClampAge}} {
		v := s
		if got, clamp := v.Check(104, 104, 100, protocol.View{A: tt.a, B: tt.a}); got.A != tt.want || clamp != tt.clamp {
			t.Errorf("tick %d: %v, %v", tt.a, got, clamp)
		}
	}
}
