package arena

import (
	"testing"

	"hindsight/game/sim/tilemap"
	"hindsight/protocol"
)

func TestSpawnIsAwayFromEnemies(t *testing.T) {
	for seed := range uint64(30) {
		s := live(hall)
		s.Seed = seed
		b := newBench(t, s, 2)
		b.put(1, 80, 80) // beside the first spawn point
		b.strikeDown(1, 2, 500)
		for range respawnDelay + 1 {
			b.step()
		}
		if p := b.player(2); !p.alive || p.pos != tilemap.Center(17, 10) {
			t.Fatalf("seed %d: alive %v at %v", seed, p.alive, p.pos)
		}
	}
}

func TestSpawnIsToldAhead(t *testing.T) {
	b := newBench(t, live(hall), 2)
	b.strikeDown(1, 2, 500)
	b.step()
	b.run(respawnDelay - spawnNotice + 1)
	told := b.player(2).spawnAt
	b.put(1, 320, 192)
	b.run(spawnNotice - 1)
	if p := b.player(2); !p.alive || p.pos != told {
		t.Errorf("alive %v at %v, was told %v", p.alive, p.pos, told)
	}
	if b.turn.Touched(2) {
		t.Error("touched though told in time")
	}
}

func TestCrowdedSpawnIsChangedWithATouch(t *testing.T) {
	b := newBench(t, live(hall), 2)
	b.strikeDown(1, 2, 500)
	b.step()
	b.run(respawnDelay - 1)
	told := b.player(2).spawnAt
	b.put(1, told.X.Floor(), told.Y.Floor())
	b.step()
	if p := b.player(2); !p.alive || p.pos == told || !b.turn.Touched(2) {
		t.Errorf("alive %v at %v, touched %v", p.alive, p.pos, b.turn.Touched(2))
	}
}

func TestNewLifeIsNewBirth(t *testing.T) {
	b := newBench(t, live(hall), 2)
	id := IDPlayer + protocol.EntityID(2)
	first := b.Snapshot().Find(id).Birth
	b.strikeDown(1, 2, 500)
	b.step()
	if b.Snapshot().Find(id) != nil {
		t.Error("the dead are published")
	}
	b.run(respawnDelay)
	if e := b.Snapshot().Find(id); e == nil || e.Birth == first || e.Birth != b.Tick() {
		t.Errorf("entity %v, first born %d", e, first)
	}
}

func TestTeamSpawns(t *testing.T) {
	s := live(hall)
	s.Mode = ModeTDM
	s.Map.Objects[0].Props = []tilemap.Prop{{Name: "team", Value: int32(TeamBlue)}}
	s.Map.Objects[1].Props = []tilemap.Prop{{Name: "team", Value: int32(TeamRed)}}
	b := newBench(t, s, 2)
	if b.player(1).pos != s.Map.Objects[1].At || b.player(2).pos != s.Map.Objects[0].At {
		t.Errorf("red at %v, blue at %v", b.player(1).pos, b.player(2).pos)
	}
}
