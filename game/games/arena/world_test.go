package arena

import (
	"testing"

	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

func TestSchemaIsValid(t *testing.T) {
	if err := Schema.Validate(); err != nil {
		t.Error(err)
	}
	if OwnShot%7 != 0 || ownShotCells != 7 {
		t.Errorf("shot slots of %d cells at %d do not fill groups of the mask", ownShotCells, OwnShot)
	}
	for i, f := range Schema.Own.Fields {
		if f.Name == "" || Schema.Own.Index(f.Name) != i {
			t.Errorf("own field %d %q has no name of its own", i, f.Name)
		}
	}
}

// brawl is a full room of random players on the yard.
func brawl(t testing.TB, seed uint64) (*bench, func()) {
	s := live(yard)
	s.Seed, s.Warmup = seed, 300
	b := newBench(t, s, MaxPlayers)
	var whims [MaxPlayers + 1]*whim
	for id := range whims {
		whims[id] = newWhim(seed + uint64(id))
	}
	return b, func() {
		for _, id := range b.Seats() {
			b.cmds[id] = whims[id].next(b.Tick() + 1)
		}
		b.step()
		b.clear()
	}
}

func TestWorldIsDeterministic(t *testing.T) {
	a, stepA := brawl(t, 5)
	b, stepB := brawl(t, 5)
	seen := map[uint64]bool{}
	for range 1500 {
		stepA()
		stepB()
		if a.Hash() != b.Hash() {
			t.Fatalf("hashes differ at tick %d", a.Tick())
		}
		if seen[a.Hash()] {
			t.Fatalf("hash repeats at tick %d", a.Tick())
		}
		seen[a.Hash()] = true
	}
}

func TestStanding(t *testing.T) {
	s := live(hall)
	s.Mode = ModeTDM
	b := newBench(t, s, 3)
	b.strikeDown(3, 2, assistDamage)
	b.strikeDown(1, 2, 500)
	b.step()
	for id, want := range map[protocol.PlayerID]game.Standing{
		1: {Team: int(TeamRed), Score: 1, Kills: 1},
		2: {Team: int(TeamBlue), Deaths: 1},
		3: {Team: int(TeamRed), Assists: 1},
		4: {},
		0: {},
	} {
		if got := Standing(b.Snapshot(), id); got != want {
			t.Errorf("player %d: %+v, want %+v", id, got, want)
		}
	}
	if m := b.Snapshot().Find(IDMatch); m.Row[MatchRed] != 1 || m.Row[MatchBlue] != 0 || m.Row[MatchMode] != int32(ModeTDM) {
		t.Errorf("match %v", m.Row)
	}
}

func TestEverythingPublishedIsInRange(t *testing.T) {
	b, step := brawl(t, 6)
	for range 1500 {
		step()
		for _, e := range b.Snapshot().Entities() {
			k := &Schema.Kinds[e.Kind]
			for i, v := range e.Row {
				if !k.Fields[i].Allows(v) {
					t.Fatalf("tick %d: %s.%s = %d", b.Tick(), k.Name, k.Fields[i].Name, v)
				}
			}
		}
	}
}

func TestTickAllocatesNothing(t *testing.T) {
	b, step := brawl(t, 7)
	for range 1200 {
		step()
	}
	row := make([]int32, ownFields)
	if n := testing.AllocsPerRun(300, func() {
		step()
		b.Hash()
		for _, id := range b.Seats() {
			b.Own(id, row)
		}
	}); n != 0 {
		t.Errorf("%v allocations in a tick of the world", n)
	}
	q, err := NewPredictor(b.Start.Blob, 1)
	if err != nil {
		t.Fatal(err)
	}
	m, g := newWhim(7), game.Guess{Scene: b.Snapshot(), Events: make([]protocol.Event, 0, 64)}
	var s delta.Snapshot
	predict := func() {
		b.Own(1, row)
		q.Load(b.Tick(), row)
		for range 12 {
			g.Command, g.Events = m.next(g.Command.Tick+1), g.Events[:0]
			q.Step(&g)
			s.Reset(g.Command.Tick)
			q.Publish(&s)
		}
		q.Save(row)
	}
	for range 100 {
		predict()
	}
	if n := testing.AllocsPerRun(300, predict); n != 0 {
		t.Errorf("%v allocations in a tick of the predictor", n)
	}
}

func TestNewPredictorRefuses(t *testing.T) {
	blob := EncodeStart(live(hall))
	for _, id := range []protocol.PlayerID{0, MaxPlayers + 1} {
		if _, err := NewPredictor(blob, id); err == nil {
			t.Errorf("player %d: no error", id)
		}
	}
	if _, err := NewPredictor(blob[:9], 1); err == nil {
		t.Error("cut blob: no error")
	}
}

func BenchmarkStep(b *testing.B) {
	_, step := brawl(b, 8)
	b.ReportAllocs()
	for b.Loop() {
		step()
	}
}
