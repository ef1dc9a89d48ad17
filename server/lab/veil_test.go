package lab

import (
	"testing"

	"hindsight/game/games/arena"
	"hindsight/game/games/arena/maps"
	"hindsight/game/netcode"
	"hindsight/game/sim/fixed"
	"hindsight/game/sim/sight"
	"hindsight/game/sim/tilemap"
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// guard looks at every screen of an experiment on one map: who is drawn that should not be known, and who
// is not drawn that could be seen.
type guard struct {
	lab    *Lab
	lines  *sight.Lines
	ground *tilemap.Map

	drawn, hidden int // enemies alive, in all frames
	leaks, pops   int
}

// shownOn is how many ticks somebody may have been out of sight and still be drawn: three quarters of a
// second, and what lies between a snapshot and its picture.
const shownOn = 45 + 16

func (g *guard) frame(p *Player, pic *netcode.Picture) {
	past, me := g.lab.Room.Match().Past(), p.Core().Welcome().Player
	rewound := past.Seen(pic.View)
	own := avatar(pic.Scene, me)
	if rewound == nil || own == nil || rewound.Tick.Sub(own.Birth) < 60 {
		return // dead, or not there for long
	}
	for _, e := range rewound.Entities() {
		if e.Kind != arena.KindPlayer || e.Owner == me {
			continue
		}
		switch seen := pic.Scene.Find(e.ID) != nil; {
		case seen:
			if g.drawn++; !g.known(past.At, pic.View.B, me, e.Owner) {
				g.leaks++
			}
		default:
			g.hidden++
			if g.ground.Sight(at(own), at(&e)) {
				g.pops++
			}
		}
	}
}

// known reports whether one might have come into another's sight lately.
func (g *guard) known(scene func(protocol.Tick) *delta.Snapshot, t protocol.Tick, me, other protocol.PlayerID) bool {
	for last := t.Add(-shownOn); t.Sub(last) > 0; t-- {
		if s := scene(t); s != nil {
			a, b := avatar(s, me), avatar(s, other)
			if a == nil || b == nil || g.lines.May(at(a), at(b)) {
				return true
			}
		}
	}
	return false
}

func avatar(s *delta.Snapshot, id protocol.PlayerID) *delta.Entity {
	return s.Find(arena.IDPlayer + protocol.EntityID(id))
}

func at(e *delta.Entity) fixed.Vec {
	return fixed.Vec{X: fixed.FromWire(e.Row[arena.PlayerX]), Y: fixed.FromWire(e.Row[arena.PlayerY])}
}

// Nobody is sent an enemy whom a wall hides, and nobody who is in sight is missing on a screen. On a slow
// line who dashes round a corner gets further than the margin of what he is told reaches, and may miss one
// for a few frames.
func TestWallsHideAndNobodyPopsUp(t *testing.T) {
	for _, rtt := range []protocol.Micros{0, 100, 200} {
		rotation, err := maps.NewRotation(map[string]string{"maps": "foundry", "mode": "ffa", "warmup": "0"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		l := arenaLab(t, Config{Rotation: rotation, Players: 8, Seed: 6, Link: clean(rtt)})
		ground := rotation.Match(0, 0).Walls
		g := &guard{lab: l, lines: sights.Of(ground), ground: ground}
		l.OnFrame = g.frame
		run(t, l, 90*protocol.Second)
		share := 100 * g.hidden / (g.hidden + g.drawn)
		t.Logf("RTT %d ms: %d of %d enemies hidden (%d %%)", rtt, g.hidden, g.hidden+g.drawn, share)
		if g.leaks > 0 || g.pops > 0 && rtt < 200 || g.pops*5000 > g.hidden || share < 5 {
			t.Errorf("RTT %d ms: %d drawn who are hidden, %d not drawn who are in sight, %d %% hidden", rtt, g.leaks, g.pops, share)
		}
	}
}
