package arena

import (
	"testing"

	"hindsight/game"
	"hindsight/protocol"
)

func TestPhases(t *testing.T) {
	s := live(yard)
	s.Warmup, s.TimeLimit = 120, 300
	b := newBench(t, s, 2)
	b.strikeDown(1, 2, 500)
	b.run(118)
	if b.w.ground.phase != PhaseWarmup || b.player(1).points != 1 {
		t.Fatalf("phase %d points %d", b.w.ground.phase, b.player(1).points)
	}
	b.player(1).health = 7
	b.clear()
	b.step()
	p := b.player(1)
	if b.w.ground.phase != PhaseLive || b.w.ground.ends != 420 || p.points != 0 || p.health != fullHealth || p.born != 120 {
		t.Errorf("live: phase %d ends %d points %d health %d", b.w.ground.phase, b.w.ground.ends, p.points, p.health)
	}
	if e := b.one(EventPhase); !e.Keep || e.Args[0] != int32(PhaseLive) {
		t.Errorf("event %+v", e)
	}
	b.run(100)
	b.strikeDown(2, 1, 500)
	b.run(199)
	b.clear()
	b.step()
	if e := b.one(EventPhase); e.Args[0] != int32(PhaseIntermission) || e.Args[2] != 2 || b.turn.Touched(1) {
		t.Errorf("event %+v, want player 2 to have won and nobody surprised", e)
	}
	at := b.player(1).pos
	b.cmds[1] = protocol.Command{MoveX: 127, Held: HeldFire, Press: [2]uint8{1, 1}}
	b.clear()
	b.run(intermissionTicks - 1)
	if b.player(1).pos != at || len(b.seen) != 0 || b.Over() {
		t.Errorf("moved %v, events %v, over %v", b.player(1).pos != at, b.seen, b.Over())
	}
	b.step()
	if !b.Over() {
		t.Error("not over")
	}
}

func TestScoreLimitEndsTheMatchAsASurprise(t *testing.T) {
	for _, mode := range []uint8{ModeFFA, ModeTDM} {
		s := live(hall)
		s.Mode, s.ScoreLimit = mode, 2
		b := newBench(t, s, 2)
		b.strikeDown(1, 2, 500)
		b.run(respawnDelay + 2)
		b.strikeDown(1, 2, 500)
		b.clear()
		b.step()
		if b.w.ground.phase != PhaseIntermission || !b.turn.Touched(1) || !b.turn.Touched(2) {
			t.Fatalf("mode %d: phase %d", mode, b.w.ground.phase)
		}
		e := b.one(EventPhase)
		if mode == ModeFFA && e.Args[2] != 1 || mode == ModeTDM && e.Args[3] != int32(TeamRed) {
			t.Errorf("mode %d: %+v", mode, e)
		}
	}
}

func TestDrawHasNoWinner(t *testing.T) {
	b := newBench(t, live(hall), 2)
	if id, team := b.w.winner(); id != 0 || team != TeamNone {
		t.Errorf("winner %d of team %d without a point", id, team)
	}
}

func TestTeamsAreBalanced(t *testing.T) {
	s := live(hall)
	s.Mode = ModeTDM
	b := newBench(t, s, 5)
	b.Leave(2) // leaves three red, one blue
	b.Join(2, game.Joiner{})
	b.Join(6, game.Joiner{})
	var size [3]int
	for _, id := range b.Seats() {
		size[b.player(id).team]++
	}
	if size != [3]int{0, 3, 3} {
		t.Errorf("teams %v", size)
	}
}

func TestLeaverKeepsNothing(t *testing.T) {
	b := newBench(t, live(hall), 2)
	b.strikeDown(1, 2, 500)
	b.step()
	b.Leave(1)
	b.Join(1, game.Joiner{})
	b.step()
	if p := b.player(1); p.points != 0 || b.w.seats[1].score.kills != 0 || !b.turn.Touched(1) || !p.alive {
		t.Errorf("points %d kills %d", p.points, b.w.seats[1].score.kills)
	}
}

func TestPromisedTeamIsKept(t *testing.T) {
	s := live(hall)
	s.Mode = ModeTDM
	b := newBench(t, s, 0)
	for id := range protocol.PlayerID(3) {
		b.Join(id+1, game.Joiner{Team: TeamBlue})
	}
	b.Join(4, game.Joiner{Team: 9}) // no such team
	for id, want := range map[protocol.PlayerID]uint8{1: TeamBlue, 2: TeamBlue, 3: TeamBlue, 4: TeamRed} {
		if got := b.player(id).team; got != want {
			t.Errorf("player %d is in team %d, want %d", id, got, want)
		}
	}
}
