package gametest

import (
	"errors"
	"strings"
	"testing"

	"hindsight/game"
	"hindsight/game/sim/tilemap"
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// The toy is the smallest game with everything the suite looks at: players walk on a line, now and
// then a gust pushes one of them, and a press fires a shot that hits whoever is drawn near. Each
// fault breaks one promise.
type fault int

const (
	none fault = iota
	badSchema
	noStanding
	trustsStart
	panicsOnStart
	hashDrifts
	leavesRange
	wrongRow
	predictsWrong
	pushesSecretly
	forgetsOnSave
	repeatsEvents
	showsElsewhere
	judgesOtherwise
	allocates
	looksAway
	sharesState
	copiesBadly
	seesNothing
	tellsPlaces
	likesOneWay
)

const (
	toyX     = iota // 0 to 10,000
	toyScore        // told
	toyPress
	toyCells
)

func toySchema(f fault) *delta.Schema {
	s := &delta.Schema{
		Kinds: []delta.Kind{{Name: "walker", Positioned: true, Private: true, Fields: []delta.Field{
			{Name: "x", Mode: delta.Lerp, Min: 0, Max: 10000}, {Name: "y"},
		}}},
		Own: delta.Kind{Name: "own", Fields: []delta.Field{
			{Name: "x", Min: 0, Max: 10000}, {Name: "score", Told: true}, {Name: "press", Min: 0, Max: 255},
		}},
	}
	if f == badSchema {
		s.Kinds[0].Fields[0].Min = 20000
	}
	return s
}

func toy(f fault) *game.Definition {
	check := func(start []byte) error {
		switch {
		case f == panicsOnStart && len(start) == 2:
			panic(start[3])
		case string(start) == "toy" || f == trustsStart:
			return nil
		}
		return errors.New("not a toy")
	}
	def := &game.Definition{
		Name: "toy", TickRate: 60, MaxPlayers: 10, Schema: toySchema(f), Looks: true,
		NewWorld: func(start []byte) (game.World, error) { return &toyWorld{fault: f, gusts: new(int)}, check(start) },
		NewPredictor: func(start []byte, me protocol.PlayerID) (game.Predictor, error) {
			return &toyPredictor{fault: f, me: me}, check(start)
		},
		NewBot: func(start []byte, me protocol.PlayerID, skill int, seed uint64) (game.Bot, error) {
			return &toyBot{walk: int8(seed%255) - 127}, check(start)
		},
		Standing: func(*delta.Snapshot, protocol.PlayerID) game.Standing { return game.Standing{} },
	}
	if f == noStanding {
		def.Standing = nil
	}
	return def
}

// walk is the rule that world and predictor share.
func walk(row []int32, c *protocol.Command) (fired bool) {
	row[toyX] = min(max(row[toyX]+int32(c.MoveX), 0), 10000)
	fired = row[toyPress] != int32(c.Press[0])
	row[toyPress] = int32(c.Press[0])
	return fired
}

// hits returns the verdict of a shot at what was seen.
func hits(seen *delta.Snapshot, me protocol.PlayerID, at int32, tick protocol.Tick) protocol.Event {
	e := protocol.NewEvent(game.Verdict, int32(tick), 0)
	if seen == nil {
		return e
	}
	for _, o := range seen.Entities() {
		if o.Owner != me && o.Row[0] > at-200 && o.Row[0] < at+200 && int(e.N)+2 <= len(e.Args) {
			e.Args[e.N], e.Args[e.N+1] = int32(o.Owner), 1
			e.N += 2
		}
	}
	return e
}

type toyWorld struct {
	fault fault
	tick  protocol.Tick
	taken [11]bool
	rows  [11][toyCells]int32
	gusts *int   // how many there were
	keep  []*int // what allocates leaves behind
}

func (w *toyWorld) Clone() game.World {
	c, gusts := *w, *w.gusts
	if w.fault != sharesState {
		c.gusts = &gusts
	}
	if w.fault == copiesBadly {
		c.rows[1][toyX]++
	}
	return &c
}

func (w *toyWorld) Join(id protocol.PlayerID, _ game.Joiner) {
	w.taken[id], w.rows[id] = true, [toyCells]int32{toyX: 5000}
}
func (w *toyWorld) Leave(id protocol.PlayerID) { w.taken[id] = false }
func (w *toyWorld) Over() bool                 { return w.tick == 15000 }

func (w *toyWorld) Reach() int32 { return 0 }

func (w *toyWorld) Eye(id protocol.PlayerID) (x, y int32, ok bool) {
	return w.rows[id][toyX], 0, w.fault != seesNothing
}

func (w *toyWorld) Allies(a, b protocol.PlayerID) bool { return w.fault == likesOneWay && a < b }

func (w *toyWorld) Sites() []game.Site {
	if w.fault == tellsPlaces {
		return []game.Site{{Cell: toyX}}
	}
	return []game.Site{{Cell: toyScore}}
}

func (w *toyWorld) Step(t *game.Turn) {
	w.tick = t.Tick
	for i := range t.Inputs {
		in := &t.Inputs[i]
		row := &w.rows[in.Player]
		if walk(row[:], &in.Command) {
			e := hits(t.Past.Seen(in.Command.View), in.Player, row[toyX], t.Tick)
			if w.fault != looksAway {
				t.Look(in.Player)
			}
			if w.fault == judgesOtherwise && t.Tick%128 == 0 {
				e.Args[e.N], e.Args[e.N+1], e.N = 9, 9, e.N+2
			}
			row[toyScore] += int32(e.N) - 2
			t.Emit(game.Event{To: in.Player, Event: e})
		}
		if len(t.Inputs) > 1 && (int(t.Tick)+i*31)%240 == 0 {
			row[toyX] = max(row[toyX]-50, 0)
			*w.gusts++
			if w.fault != pushesSecretly {
				t.Touch(in.Player)
			}
		}
	}
	if w.fault == allocates {
		w.keep = append(w.keep[:0], new(int))
	}
}

func (w *toyWorld) Publish(s *delta.Snapshot) {
	for id := range w.taken {
		if !w.taken[id] {
			continue
		}
		row := s.Add(protocol.EntityID(id), 0, protocol.PlayerID(id), 1, 2)
		row[0] = w.rows[id][toyX]
		if w.fault == leavesRange && w.tick == 700 {
			row[0] = -1
		}
	}
}

func (w *toyWorld) Own(id protocol.PlayerID, row []int32) {
	copy(row, w.rows[id][:])
	if w.fault == wrongRow && w.tick == 500 {
		row[toyPress] = 256
	}
}

// drift is the package variable that a world must not have.
var drift uint64

func (w *toyWorld) Hash() uint64 {
	h := uint64(w.tick)<<32 + uint64(*w.gusts)
	for id := range w.rows {
		for _, v := range w.rows[id] {
			h = h*31 + uint64(v)
		}
	}
	if w.fault == hashDrifts && w.tick > 300 {
		drift++
		h += drift
	}
	return h
}

type toyPredictor struct {
	fault fault
	me    protocol.PlayerID
	row   [toyCells]int32
}

func (p *toyPredictor) Load(_ protocol.Tick, own []int32) { copy(p.row[:], own) }

func (p *toyPredictor) Save(own []int32) {
	copy(own, p.row[:])
	if p.fault == forgetsOnSave {
		own[toyScore] = 0
	}
}

func (p *toyPredictor) Step(g *game.Guess) {
	if walk(p.row[:], &g.Command) {
		e := hits(g.Scene, p.me, p.row[toyX], g.Command.Tick)
		if p.fault == repeatsEvents {
			g.Events = append(g.Events, e)
		} else {
			g.Emit(e)
		}
	}
	if p.fault == predictsWrong && g.Command.Tick == 9000 {
		p.row[toyX]++
	}
}

func (p *toyPredictor) Publish(s *delta.Snapshot) {
	row := s.Add(protocol.EntityID(p.me), 0, p.me, 1, 2)
	row[0] = p.row[toyX]
	if p.fault == showsElsewhere {
		row[1] = 1
	}
}

type toyBot struct{ walk int8 }

func (b *toyBot) Think(s *game.Sight) protocol.Command {
	if s.Tick%64 == 0 {
		b.walk = -b.walk
	}
	return protocol.Command{MoveX: b.walk, Press: [2]uint8{uint8(s.Tick / 16)}}
}

var toyStart = game.Start{Title: "Toy", Blob: []byte("toy"), Walls: &tilemap.Map{}}

func TestAGoodGamePasses(t *testing.T) { Run(t, toy(none), toyStart) }

// Every broken promise is found by the check that is there for it, and named.
func TestFaultsAreFound(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault fault
		check func(*game.Definition, game.Start) error
		want  string
	}{
		{"a schema that is none", badSchema, checkSchema, "bad field"},
		{"no standing", noStanding, checkSchema, "no Standing"},
		{"a start that is trusted", trustsStart, checkStart, "blob cut to 0 of 3 bytes: NewWorld accepted it"},
		{"a hash that drifts", hashDrifts, checkDeterminism, "tick 301: equal matches have hashes"},
		{"a row out of range", leavesRange, checkRows, "tick 700: entity 1: walker.x is -1, want 0 to 10000"},
		{"an own row out of range", wrongRow, checkRows, "tick 500: player 1: own.press is 256"},
		{"a wrong prediction", predictsWrong, checkAlone, "tick 9000: a lone player predicted x"},
		{"a secret push", pushesSecretly, checkCrowd, "Touch was not called"},
		{"a Save that is not Load's inverse", forgetsOnSave, checkCrowd, "Save after Load gives score 0"},
		{"an event twice", repeatsEvents, checkCrowd, "a second time"},
		{"a picture beside the truth", showsElsewhere, checkCrowd, "the predictor publishes"},
		{"a verdict beside the screen", judgesOtherwise, checkCrowd, "tick 128: player 1: the screen showed"},
		{"a view that is looked at in secret", looksAway, checkLooks, "the match goes another way"},
		{"a clone that shares state", sharesState, checkClone, "tick 400: what its original did after tick 200 changed a clone"},
		{"a clone that is none", copiesBadly, checkClone, "tick 200: a clone's hash is"},
		{"a player without eyes", seesNothing, checkWalls, "player 1 looks from nowhere"},
		{"a site that is predicted", tellsPlaces, checkWalls, "cell 0 of the own row is a Site"},
		{"an ally who is none", likesOneWay, checkWalls, "players 1 and 2 are allies one way only"},
		{"an allocation", allocates, checkAllocations, "300 allocations in 300 ticks with 8 players, want 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := c.check(toy(c.fault), toyStart); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one about %q", err, c.want)
			}
			if err := c.check(toy(none), toyStart); err != nil {
				t.Errorf("the good game: %v", err)
			}
		})
	}
	t.Run("a panic", func(t *testing.T) {
		defer func() {
			if recover() == nil {
				t.Error("a game that panics on a short start went unnoticed")
			}
		}()
		_ = checkStart(toy(panicsOnStart), toyStart)
	})
}

func TestPlayIsRepeatable(t *testing.T) {
	a, err := Play(toy(none), toyStart, 4, 400, 100)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Play(toy(none), toyStart, 4, 500, 100)
	if err != nil {
		t.Fatal(err)
	}
	if len(a) != 4 || len(b) != 5 {
		t.Fatalf("%d and %d digests, want 4 and 5", len(a), len(b))
	}
	for i := range a {
		if a[i] != b[i] || i > 0 && a[i] == a[i-1] {
			t.Errorf("digest %d: %x and %x", i, a[i], b[i])
		}
	}
}
