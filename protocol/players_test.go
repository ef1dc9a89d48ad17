package protocol_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"hindsight/protocol"
)

// A set holds what was put in and not taken out since, and gives it in ascending order.
func TestPlayerSet(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, highest := range []int{3, 64, 130, protocol.MaxPlayers} {
		var s protocol.PlayerSet
		model := map[protocol.PlayerID]bool{}
		for range 4 * highest {
			id := protocol.PlayerID(1 + r.IntN(highest))
			if r.IntN(2) == 0 {
				s.Add(id)
				model[id] = true
			} else {
				s.Remove(id)
				delete(model, id)
			}
		}
		var want, got []protocol.PlayerID
		for id := range protocol.PlayerID(protocol.MaxPlayers + 200) {
			if model[id] {
				want = append(want, id)
			}
			if s.Has(id) != model[id] {
				t.Errorf("of up to %d: Has(%d) is %v", highest, id, s.Has(id))
			}
		}
		for id := s.Next(0); id != 0; id = s.Next(id) {
			got = append(got, id)
		}
		if !slices.Equal(got, want) {
			t.Errorf("of up to %d: Next gives %v, want %v", highest, got, want)
		}
	}
}

func TestPlayerSetEnds(t *testing.T) {
	var s protocol.PlayerSet
	if s.Next(0) != 0 || s.Next(protocol.MaxPlayers) != 0 {
		t.Error("the empty set has a member")
	}
	s.Add(1)
	s.Add(protocol.MaxPlayers)
	if s.Next(0) != 1 || s.Next(1) != protocol.MaxPlayers || s.Next(protocol.MaxPlayers) != 0 {
		t.Errorf("the ends are %d, %d, then %d", s.Next(0), s.Next(1), s.Next(protocol.MaxPlayers))
	}
}
