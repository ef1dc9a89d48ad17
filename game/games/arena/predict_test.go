package arena

import (
	"testing"

	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// lonely returns settings with every phase in them, for a player alone on the yard.
func lonely(seed uint64) Settings {
	return Settings{Mode: ModeFFA, Warmup: 600, TimeLimit: 5000, Seed: seed, Map: draw(yard)}
}

// differ returns the name of the first field that is predicted and differs, or "".
func differ(got, want []int32) string {
	for i := range Schema.Own.Fields {
		if f := &Schema.Own.Fields[i]; !f.Told && got[i] != want[i] {
			return f.Name
		}
	}
	return ""
}

// adopt sets the Told fields of a row.
func adopt(row, from []int32) {
	for i := range Schema.Own.Fields {
		if Schema.Own.Fields[i].Told {
			row[i] = from[i]
		}
	}
}

// sights counts what a run went through, so that a test cannot pass by standing still.
type sights struct{ spawns, deaths, picks, dashes, blasts, phases int }

func (n *sights) add(t *game.Turn) {
	for i := range t.Events {
		switch t.Events[i].Kind {
		case EventSpawn:
			n.spawns++
		case EventKill:
			n.deaths++
		case EventPickup:
			n.picks++
		case EventDash:
			n.dashes++
		case EventExplosion:
			n.blasts++
		case EventPhase:
			n.phases++
		}
	}
}

// A lone player's client, loaded once, knows every predicted field of every tick.
func TestLonePlayerIsPredictedExactly(t *testing.T) {
	var n sights
	got, want := make([]int32, ownFields), make([]int32, ownFields)
	ticks := 0
	for seed := uint64(1); ticks < 100_000; seed++ {
		b, m := newBench(t, lonely(seed), 1), newWhim(seed)
		q, err := NewPredictor(b.Start.Blob, 1)
		if err != nil {
			t.Fatal(err)
		}
		b.Own(1, want)
		q.Load(b.Tick(), want)
		for !b.Over() {
			ticks++
			c := m.next(b.Tick() + 1)
			b.cmds[1] = c
			b.step()
			n.add(b.turn)
			q.Step(&game.Guess{Command: c})
			q.Save(got)
			b.Own(1, want)
			if f := differ(got, want); f != "" {
				t.Fatalf("seed %d tick %d: %s differs", seed, b.Tick(), f)
			}
			if b.turn.Touched(1) {
				t.Fatalf("seed %d tick %d: touched by nobody", seed, b.Tick())
			}
			adopt(got, want)
			q.Load(b.Tick(), got)
		}
	}
	t.Logf("%d ticks: %+v", ticks, n)
	if n.spawns < 100 || n.deaths < 100 || n.picks < 500 || n.dashes < 500 || n.blasts < 500 || n.phases < 30 {
		t.Errorf("too little happened: %+v", n)
	}
}

// The same with a link: what is Told arrives 12 ticks late, and the ticks since are predicted anew.
func TestLonePlayerIsPredictedThroughLag(t *testing.T) {
	const lag = 12
	got, want := make([]int32, ownFields), make([]int32, ownFields)
	for seed := uint64(1); seed <= 3; seed++ {
		b, m := newBench(t, lonely(seed), 1), newWhim(seed)
		q, err := NewPredictor(b.Start.Blob, 1)
		if err != nil {
			t.Fatal(err)
		}
		var rows [][]int32
		var cmds []protocol.Command
		for !b.Over() {
			row := make([]int32, ownFields)
			b.Own(1, row)
			rows = append(rows, row)
			c := m.next(b.Tick() + 1)
			cmds = append(cmds, c)
			b.cmds[1] = c
			b.step()
			from := max(len(rows)-lag, 0)
			q.Load(protocol.Tick(from+1), rows[from])
			for _, c := range cmds[from:] {
				q.Step(&game.Guess{Command: c})
			}
			q.Save(got)
			b.Own(1, want)
			if f := differ(got, want); f != "" {
				t.Fatalf("seed %d tick %d: %s differs", seed, b.Tick(), f)
			}
		}
	}
}

// In a crowd a field may differ only in a tick in which the World said so.
func TestCrowdMispredictsOnlyWhenTouched(t *testing.T) {
	const players = 8
	for _, mode := range []uint8{ModeFFA, ModeTDM} {
		s := lonely(uint64(mode) + 3)
		s.Mode, s.ScoreLimit, s.TimeLimit = mode, 60, 20000
		b := newBench(t, s, players)
		var whims [players + 1]*whim
		for id := 1; id <= players; id++ {
			whims[id] = newWhim(uint64(id))
		}
		got, want := make([]int32, ownFields), make([]int32, ownFields)
		touched, kills := 0, 0
		q, err := NewPredictor(b.Start.Blob, 1)
		if err != nil {
			t.Fatal(err)
		}
		for !b.Over() {
			for id := 1; id <= players; id++ {
				b.cmds[id] = whims[id].next(b.Tick() + 1)
			}
			var before [players + 1][ownFields]int32
			for id := 1; id <= players; id++ {
				b.Own(protocol.PlayerID(id), before[id][:])
			}
			b.step()
			kills += len(b.find(EventKill))
			b.clear()
			for id := protocol.PlayerID(1); id <= players; id++ {
				q.(*predictor).me = id
				q.Load(b.Tick()-1, before[id][:])
				q.Step(&game.Guess{Command: b.inputs[id-1].Command})
				q.Save(got)
				b.Own(id, want)
				if b.turn.Touched(id) {
					touched++
				} else if f := differ(got, want); f != "" {
					t.Fatalf("mode %d tick %d player %d: %s differs, not touched", mode, b.Tick(), id, f)
				}
			}
		}
		t.Logf("mode %d: %d ticks, %d touched, %d kills", mode, b.Tick(), touched, kills)
		if kills < 10 || touched == 0 {
			t.Errorf("too little happened: %d kills, %d touched", kills, touched)
		}
	}
}

// Through a link too, the first field to differ does so in a tick of which the World said so.
func TestCrowdThroughLag(t *testing.T) {
	const players, lag = 8, 14
	s := lonely(21)
	s.TimeLimit, s.ScoreLimit = 12000, 80
	b := newBench(t, s, players)
	var whims [players + 1]*whim
	for id := 1; id <= players; id++ {
		whims[id] = newWhim(uint64(id) + 90)
	}
	type moment struct {
		rows    [players + 1][ownFields]int32
		cmds    [players + 1]protocol.Command // that led here
		touched [players + 1]bool
	}
	var ring [lag + 1]moment
	start := b.Tick()
	got, surprises := make([]int32, ownFields), 0
	q, err := NewPredictor(b.Start.Blob, 1)
	if err != nil {
		t.Fatal(err)
	}
	for !b.Over() {
		for id := 1; id <= players; id++ {
			b.cmds[id] = whims[id].next(b.Tick() + 1)
		}
		b.step()
		m := &ring[b.Tick()%(lag+1)]
		for id := protocol.PlayerID(1); id <= players; id++ {
			m.cmds[id], m.touched[id] = b.inputs[id-1].Command, b.turn.Touched(id)
			b.Own(id, m.rows[id][:])
		}
		if b.Tick() < start+lag+1 || b.Tick()%5 != 0 {
			continue
		}
		for id := protocol.PlayerID(1); id <= players; id++ {
			from := b.Tick() - lag
			q.(*predictor).me = id
			q.Load(from, ring[from%(lag+1)].rows[id][:])
			for tick := from + 1; tick <= b.Tick(); tick++ {
				m := &ring[tick%(lag+1)]
				q.Step(&game.Guess{Command: m.cmds[id]})
				q.Save(got)
				if f := differ(got, m.rows[id][:]); f == "" {
					continue
				} else if !m.touched[id] {
					t.Fatalf("player %d: %s differs first at tick %d, not touched", id, f, tick)
				}
				surprises++
				break
			}
		}
	}
	if surprises == 0 {
		t.Error("nothing came as a surprise")
	}
}

// What was drawn and what is judged agree on every ray when the view is the client's own.
func TestVerdictsAgree(t *testing.T) {
	const players = 8
	b := newBench(t, live(yard), players)
	var whims [players + 1]*whim
	for id := 1; id <= players; id++ {
		whims[id] = newWhim(uint64(id) + 40)
	}
	own := make([]int32, ownFields)
	volleys, hits, excused := 0, 0, 0
	for range 20_000 {
		var guesses [players + 1]game.Guess
		for id := protocol.PlayerID(1); id <= players; id++ {
			c := whims[id].next(b.Tick() + 1)
			b.cmds[id] = c
			q, err := NewPredictor(b.Start.Blob, id)
			if err != nil {
				t.Fatal(err)
			}
			b.Own(id, own)
			q.Load(b.Tick(), own)
			var scene delta.Snapshot
			scene.CopyFrom(b.Past().Seen(c.View))
			guesses[id] = game.Guess{Command: c, Scene: &scene}
			q.Step(&guesses[id])
		}
		b.step()
		for id := protocol.PlayerID(1); id <= players; id++ {
			g, w := verdictOf(guesses[id].Events), verdictFor(b.turn.Events, id)
			if (g == nil) != (w == nil) && !b.turn.Touched(id) {
				t.Fatalf("tick %d player %d: predicted %v, judged %v", b.Tick(), id, g, w)
			}
			if g == nil || w == nil {
				continue
			}
			volleys++
			if w.N > 2 {
				hits++
			}
			if w.Args[1] == game.VerdictExcused {
				excused++
			} else if *g != *w {
				t.Fatalf("tick %d player %d: predicted %v, judged %v", b.Tick(), id, g, w)
			}
		}
	}
	t.Logf("%d volleys, %d hit, %d excused", volleys, hits, excused)
	if volleys < 1000 || hits < 100 {
		t.Errorf("too little happened: %d volleys, %d hits", volleys, hits)
	}
}

func verdictOf(events []protocol.Event) *protocol.Event {
	for i := range events {
		if events[i].Kind == game.Verdict {
			return &events[i]
		}
	}
	return nil
}

func verdictFor(events []game.Event, id protocol.PlayerID) *protocol.Event {
	for i := range events {
		if events[i].Kind == game.Verdict && events[i].To == id {
			return &events[i].Event
		}
	}
	return nil
}

// The predicted entities are those that the World publishes.
func TestPredictorPublishesWhatTheWorldDoes(t *testing.T) {
	b, m := newBench(t, lonely(9), 1), newWhim(9)
	q, err := NewPredictor(b.Start.Blob, 1)
	if err != nil {
		t.Fatal(err)
	}
	own := make([]int32, ownFields)
	b.Own(1, own)
	q.Load(b.Tick(), own)
	var s delta.Snapshot
	shots := 0
	for range 4000 {
		b.cmds[1] = m.next(b.Tick() + 1)
		b.step()
		q.Step(&game.Guess{Command: b.inputs[0].Command})
		s.Reset(b.Tick())
		q.Publish(&s)
		for _, e := range b.Snapshot().Entities() {
			if !Schema.Kinds[e.Kind].Private {
				continue
			}
			p := s.Find(e.ID)
			if p == nil || !p.Same(&e) || !equal(p.Row, e.Row) {
				t.Fatalf("tick %d: entity %v, predicted %v", b.Tick(), e, p)
			}
			if e.Kind == KindShot {
				shots++
			}
			for i, v := range e.Row {
				if !Schema.Kinds[e.Kind].Fields[i].Allows(v) {
					t.Fatalf("%s = %d is out of range", Schema.Kinds[e.Kind].Fields[i].Name, v)
				}
			}
		}
		q.Save(own)
		for i, v := range own {
			if !Schema.Own.Fields[i].Allows(v) {
				t.Fatalf("own %s = %d is out of range", Schema.Own.Fields[i].Name, v)
			}
		}
		b.Own(1, own) // for what is Told
		q.Load(b.Tick(), own)
	}
	if shots == 0 {
		t.Error("no shot flew")
	}
}

func equal(a, b []int32) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return len(a) == len(b)
}
