package replay_test

import (
	"testing"
	"time"

	"hindsight/game"
	"hindsight/game/games/arena"
	"hindsight/game/gametest"
	"hindsight/game/replay"
	"hindsight/protocol"
)

// filmBots records bots of all skills that see the match late, as over a network.
func filmBots(t testing.TB, players, ticks int) []byte {
	t.Helper()
	start := arenaStart(t, map[string]string{"maps": "warren", "warmup": "0", "time": "600", "score": "0"})
	table, err := gametest.NewTable(arena.Game, start, 7)
	if err != nil {
		t.Fatal(err)
	}
	h := replay.HeaderOf(table.Match, "", 0)
	w := replay.NewWriter(&h)
	for id := protocol.PlayerID(1); int(id) <= players; id++ {
		if err := table.Join(id, 1+int(id)%5); err != nil {
			t.Fatal(err)
		}
		w.Join(id, game.Joiner{Bot: true}, "Somebody")
	}
	var file []byte
	for range ticks {
		w.Tick(table.Match, table.Tick())
		file = append(file, w.Take()...)
	}
	w.End(table.Match)
	return append(file, w.Take()...)
}

// Sixteen players whose aim never rests fit into a megabyte for ten minutes. How fast they are
// verified is told, and asserted nowhere: BenchmarkVerify measures it.
func TestSize(t *testing.T) {
	const minutes = 2
	file := filmBots(t, 16, minutes*60*arena.TickRate)
	began := time.Now()
	rep, err := parse(t, file).Verify(arena.Game)
	took := time.Since(began)
	if err != nil || !rep.OK() {
		t.Fatalf("%v: %+v", err, rep)
	}
	t.Logf("%d minutes of 16 players: %d bytes, which is %d KB for ten; verified %.0f times as fast as it was played",
		minutes, len(file), len(file)*10/minutes/1024, minutes*60/took.Seconds())
	if len(file)*10/minutes > 1<<20 {
		t.Errorf("ten minutes take %d bytes, want at most a megabyte", len(file)*10/minutes)
	}
}

func BenchmarkVerify(b *testing.B) {
	const seconds = 60
	f := parse(b, filmBots(b, 16, seconds*arena.TickRate))
	for b.Loop() {
		if rep, err := f.Verify(arena.Game); err != nil || !rep.OK() {
			b.Fatal(err, rep)
		}
	}
	b.ReportMetric(seconds*float64(b.N)/b.Elapsed().Seconds(), "x-real-time")
}

// BenchmarkTick is what recording adds to a room's tick, with 16 players.
func BenchmarkTick(b *testing.B) {
	file := parse(b, filmBots(b, 16, 6000))
	m, err := file.Header.Match(arena.Game)
	if err != nil {
		b.Fatal(err)
	}
	var turns []game.Turn
	r := file.Reader()
	w := replay.NewWriter(&file.Header)
	for {
		t, err := r.Next()
		if err != nil {
			break
		}
		for _, v := range t.Moves {
			w.Join(v.Player, v.Who, v.Name)
			m.Join(v.Player, v.Who)
		}
		turns = append(turns, game.Turn{Tick: t.Tick, Inputs: append([]game.Input(nil), t.Inputs...)})
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		turn := &turns[i%len(turns)]
		turn.Tick = protocol.Tick(i + 1)
		w.Tick(m, turn)
		w.Take()
		i++
	}
}

// BenchmarkSeek is a step back in the middle of a match of two minutes.
func BenchmarkSeek(b *testing.B) {
	p, err := replay.Open(filmBots(b, 16, 7200), find)
	if err != nil {
		b.Fatal(err)
	}
	p.Seek(7200)
	for p.Seeking() {
		if err := p.Advance(0, 0); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		for p.Seek(protocol.Tick(3599 + i%2)); p.Seeking(); {
			if err := p.Advance(0, 0); err != nil {
				b.Fatal(err)
			}
		}
	}
}
