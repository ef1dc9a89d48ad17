package lab

import (
	"testing"

	"hindsight/game/games/arena/maps"
	"hindsight/game/netcode"
	"hindsight/protocol"
)

// In a crowd, too, what you see is what you hit, though you see a part of it: who enters the screen's
// surroundings, lingers and leaves makes no shot differ from its verdict, and no step from its prediction.
func TestWhatYouSeeOfACrowdIsWhatYouHit(t *testing.T) {
	r, err := maps.NewRotation(map[string]string{"mode": "crowd"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, rtt := range []protocol.Micros{50, 200} {
		l := arenaLab(t, Config{Rotation: r, Players: 8, Bots: 400, Skill: 5, Seed: 6, Link: clean(rtt)})
		run(t, l, 25*protocol.Second)
		var sum netcode.Verdicts
		compared := 0
		for _, p := range l.Players {
			s := p.Core().Stats()
			sum.Agreed, sum.Denied = sum.Agreed+s.Verdicts.Agreed, sum.Denied+s.Verdicts.Denied
			compared += int(s.Corrections.Confirmed)
			if s.Corrections.Unknown != 0 {
				t.Errorf("RTT %d ms: %+v; last mismatch %+v", rtt, s.Corrections, s.LastMismatch)
			}
		}
		if sum.Denied != 0 || sum.Agreed < 100 || compared < 4000 {
			t.Errorf("RTT %d ms: %d shots agreed, %d denied, %d ticks compared", rtt, sum.Agreed, sum.Denied, compared)
		}
		t.Logf("RTT %d ms: %d agreed, %d denied, %d ticks", rtt, sum.Agreed, sum.Denied, compared)
	}
}
