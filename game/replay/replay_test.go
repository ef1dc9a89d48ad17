package replay_test

import (
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"hindsight/game"
	"hindsight/game/games/arena"
	"hindsight/game/gametest"
	"hindsight/game/replay"
	"hindsight/protocol"
)

// Whatever a tick's inputs are, they are read as they were written.
func TestInputsSurvive(t *testing.T) {
	for _, looks := range []bool{false, true} {
		for seed := range uint64(6) {
			roundTrip(t, looks, seed)
		}
	}
}

func roundTrip(t *testing.T, looks bool, seed uint64) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 5))
	def := *toy
	def.Looks = looks
	m, err := game.NewMatch(&def, toyStart)
	if err != nil {
		t.Fatal(err)
	}
	h := replay.HeaderOf(m, "", 0)
	w := replay.NewWriter(&h)
	var want [][]game.Input
	var file []byte
	inputs := make([]game.Input, protocol.MaxPlayers)
	for id := range inputs {
		inputs[id].Player = protocol.PlayerID(id + 1)
		w.Join(inputs[id].Player, game.Joiner{}, "")
	}
	for tick := protocol.Tick(1); tick <= 400; tick++ {
		turn := game.Turn{Tick: tick, Inputs: inputs}
		for i := range inputs {
			in := &inputs[i]
			in.Command.Tick = tick
			if r.IntN(4) > 0 {
				vary(r, in, uint(seed)*3)
			}
			if r.IntN(2) == 0 {
				turn.Look(in.Player)
			}
			in.Late = nil
			for age := r.IntN(100) - 80; age > 0 && tick > 20; age-- {
				if age > game.MaxLate {
					age = game.MaxLate
				}
				l := game.Late{Command: in.Command, Clamp: in.Clamp}
				l.Command.Tick, l.Command.Aim = tick-protocol.Tick(age), uint16(r.Uint32())
				in.Late = append(in.Late, l)
			}
		}
		w.Tick(m, &turn)
		file = append(file, w.Take()...)
		kept := slices.Clone(inputs)
		for i := range kept {
			if looks && !turn.Looked(kept[i].Player) {
				kept[i].Command.View = protocol.View{}
			}
		}
		want = append(want, kept)
	}
	w.Flush()
	file = append(file, w.Take()...)

	rd := parse(t, file).Reader()
	for i := range want {
		got, err := rd.Next()
		if err != nil {
			t.Fatal(err)
		}
		if !alike(got.Inputs, want[i]) {
			t.Fatalf("looks %v, seed %d, tick %d: read %+v, want %+v", looks, seed, i+1, got.Inputs, want[i])
		}
	}
	if _, err := rd.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("after the last tick: %v", err)
	}
}

// vary changes an input: a little for small seeds, any way at all for large ones.
func vary(r *rand.Rand, in *game.Input, wild uint) {
	c := &in.Command
	pick := func(n int) bool { return r.IntN(n) == 0 }
	c.Aim += uint16(r.IntN(1<<(1+wild)) - 1<<wild/2)
	at := c.Tick - protocol.Tick(r.IntN(6))
	c.View = protocol.View{A: at - 1, B: at, Frac: uint16(r.IntN(256))}
	if pick(9) {
		c.View.B, c.View.Frac = c.View.A, 0
	}
	if pick(30) {
		c.View = protocol.View{}
	}
	if pick(20) {
		c.MoveX, c.MoveY = int8(r.IntN(256)-128), int8(r.IntN(256)-128)
	}
	if pick(15) {
		c.Press[r.IntN(2)] += uint8(r.IntN(3))
	}
	if wild > 6 && pick(3) {
		c.Held, c.Select, in.Clamp = protocol.Buttons(r.IntN(256)), uint8(r.IntN(256)), game.Clamp(r.IntN(256))
		c.View = protocol.View{A: protocol.Tick(r.Uint32()), B: protocol.Tick(r.Uint32()), Frac: uint16(r.Uint32())}
	}
	if wild > 6 && pick(5) {
		c.Tick = protocol.Tick(r.Uint32())
	}
}

// Late commands that no room lets pass end the file before them.
func TestImpossibleLateCommands(t *testing.T) {
	late := func(ticks ...protocol.Tick) (l []game.Late) {
		for _, t := range ticks {
			l = append(l, game.Late{Command: protocol.Command{Tick: t}})
		}
		return l
	}
	for name, l := range map[string][]game.Late{
		"of this tick": late(50), "of a tick to come": late(51), "too old": late(50 - game.MaxLate - 1), "of no tick": late(0),
		"too many": late(slices.Repeat([]protocol.Tick{49}, game.MaxLate+1)...),
	} {
		m, err := game.NewMatch(toy, toyStart)
		if err != nil {
			t.Fatal(err)
		}
		h := replay.HeaderOf(m, "", 0)
		w := replay.NewWriter(&h)
		m.Join(1, game.Joiner{})
		w.Join(1, game.Joiner{}, "")
		for tick := range protocol.Tick(70) {
			in := game.Input{Player: 1}
			if in.Command.Tick = tick + 1; tick+1 == 50 {
				in.Late = l
			}
			w.Tick(m, m.Step([]game.Input{in}))
		}
		w.End(m)
		f := parse(t, w.Take())
		if rep, err := f.Verify(toy); err != nil || !rep.OK() || rep.Ticks != 49 || rep.Ended {
			t.Errorf("%s: %v %+v", name, err, rep)
		}
	}
}

// A recorded match runs again tick by tick to the same state, although players came and went and
// inputs were missing and hostile, and although only the views that were looked at are in the file.
func TestAMatchRunsAgain(t *testing.T) {
	for _, c := range []struct {
		name  string
		def   *game.Definition
		start game.Start
		crowd int
	}{
		{"toy", toy, toyStart, 8},
		{"free-for-all", arena.Game, arenaStart(t, map[string]string{"mode": "ffa", "maps": "warren", "warmup": "2", "time": "60"}), 16},
		{"teams", arena.Game, arenaStart(t, map[string]string{"mode": "tdm", "maps": "canals", "warmup": "0", "time": "30"}), 32},
	} {
		t.Run(c.name, func(t *testing.T) {
			was := film(t, c.def, c.start, c.crowd, 2500)
			f := parse(t, was.file)
			m, err := f.Header.Match(c.def)
			if err != nil {
				t.Fatal(err)
			}
			r := f.Reader()
			for i := range was.takes {
				want := &was.takes[i]
				tick, err := r.Next()
				if err != nil {
					t.Fatal(err)
				}
				if !tick.Apply(m) || !slices.Equal(m.Seats(), want.seats) {
					t.Fatalf("tick %d: seats %v, want %v", tick.Tick, m.Seats(), want.seats)
				}
				if tick.Digested != ((i+1)%c.def.TickRate == 0) || tick.Digested && tick.Digest != want.hash {
					t.Fatalf("tick %d: digest %v %x, want %x", tick.Tick, tick.Digested, tick.Digest, want.hash)
				}
				if m.Step(tick.Inputs); m.Hash() != want.hash {
					t.Fatalf("tick %d: hash %x, want %x", tick.Tick, m.Hash(), want.hash)
				}
			}
			rep, err := f.Verify(c.def)
			if err != nil || !rep.OK() || rep.Checked != len(was.takes)/c.def.TickRate+1 || rep.Ticks != 2500 || !rep.Ended {
				t.Errorf("%v: %+v", err, rep)
			}
		})
	}
}

// The header comes back as it was, and who was there is known.
func TestSurvey(t *testing.T) {
	was := film(t, toy, toyStart, 8, 900)
	f := parse(t, was.file)
	h := f.Header
	if h.Game != "toy" || h.Build != "build 7" || h.Title != "A toy" || h.Mode != "play" || h.Map != "floor" || string(h.Blob) != "toy" ||
		h.TickRate != 20 || h.HashEvery != 20 || h.Began != 1234567890 || h.Looks {
		t.Errorf("header %+v", h)
	}
	if f.Ticks != 900 || !f.Ended || f.Over || f.Cut != 0 || f.Digest != was.takes[899].hash {
		t.Errorf("file %+v", f)
	}
	s, err := f.Survey()
	if err != nil {
		t.Fatal(err)
	}
	inputs, absent, late, views, clamped := 0, 0, 0, 0, 0
	for i := range was.takes {
		for _, in := range was.takes[i].inputs {
			inputs++
			late += len(in.Late)
			viewed := in.Command.View != protocol.View{}
			if viewed {
				views++
			}
			if in.Clamp == game.ClampAbsent {
				absent++
			} else if viewed && in.Clamp != game.ClampNone {
				clamped++
			}
		}
	}
	if s.Inputs != inputs || s.Absent != absent || s.Views != views || s.Clamped != clamped || s.Late != late || late == 0 || s.Digests != 45 || absent == 0 || clamped == 0 {
		t.Errorf("survey %d %d %d %d %d, want %d %d %d %d 45", s.Inputs, s.Absent, s.Views, s.Clamped, s.Digests, inputs, absent, views, clamped)
	}
	left := 0
	for i, p := range s.Players {
		if p.Name != name(p.ID) || i < 8 && (p.ID != protocol.PlayerID(i+1) || p.Joined != 1) {
			t.Errorf("player %d: %+v", i, p)
		}
		if p.Left > 0 {
			left++
		}
		for tick := max(p.Joined, 1); tick < p.Joined+50 && (p.Left == 0 || tick < p.Left) && tick <= f.Ticks; tick++ {
			if !slices.Contains(was.takes[tick-1].seats, p.ID) {
				t.Errorf("player %+v has no seat in tick %d", p, tick)
			}
		}
	}
	if left == 0 || len(s.Players) < 9 {
		t.Errorf("%d players, %d left: nobody came and went", len(s.Players), left)
	}
}

// Once warm, recording a tick allocates nothing.
func TestWritingAllocatesNothing(t *testing.T) {
	table, err := gametest.NewTable(arena.Game, arenaStart(t, map[string]string{"maps": "warren"}), 3)
	if err != nil {
		t.Fatal(err)
	}
	h := replay.HeaderOf(table.Match, "", 0)
	w := replay.NewWriter(&h)
	for id := protocol.PlayerID(1); id <= 16; id++ {
		if err := table.Join(id, 3); err != nil {
			t.Fatal(err)
		}
		w.Join(id, game.Joiner{Bot: true}, "bot")
	}
	var turns []game.Turn
	for range 1200 {
		turn := *table.Tick()
		turn.Inputs = slices.Clone(turn.Inputs)
		turns = append(turns, turn)
	}
	at, taken := 0, 0
	play := func() {
		for range 300 {
			w.Tick(table.Match, &turns[at])
			taken += len(w.Take())
			at++
		}
	}
	play()
	if n := testing.AllocsPerRun(1, play); n > 0 { // runs it twice
		t.Errorf("%v allocations in 300 ticks, want 0", n)
	}
	if taken < 5000 {
		t.Errorf("only %d bytes were recorded", taken)
	}
}

// What is lost when recording stops without an end is at most the last second.
func TestACutFilePlays(t *testing.T) {
	was := film(t, toy, toyStart, 4, 300)
	whole := parse(t, was.file)
	for cut := len(was.file) - 1; cut > len(was.file)/3; cut -= 37 {
		f := parse(t, was.file[:cut])
		rep, err := f.Verify(toy)
		if err != nil || !rep.OK() || rep.Ended || f.Ended || f.Ticks > whole.Ticks || f.Ticks < 20 || f.Cut > cut {
			t.Fatalf("cut at %d: %v %+v", cut, err, rep)
		}
	}
	p, err := replay.Open(was.file[:len(was.file)/2], find)
	if err != nil {
		t.Fatal(err)
	}
	p.Seek(1 << 30)
	if err := p.Advance(0, 1000); err != nil || !p.Ended() || p.Clean() {
		t.Errorf("%v: ended %v, clean %v", err, p.Ended(), p.Clean())
	}
}

// Who comes and goes without end between two ticks costs the recording, and neither its memory nor the
// file.
func TestTooManyMoves(t *testing.T) {
	m, err := game.NewMatch(toy, toyStart)
	if err != nil {
		t.Fatal(err)
	}
	h := replay.HeaderOf(m, "", 0)
	w := replay.NewWriter(&h)
	var file []byte
	for tick := range 100 {
		for range tick / 50 * 1200 {
			w.Join(1, game.Joiner{}, "somebody")
			w.Leave(1)
		}
		w.Tick(m, m.Step(nil))
		file = append(file, w.Take()...)
	}
	w.End(m)
	f := parse(t, append(file, w.Take()...))
	if rep, err := f.Verify(toy); err != nil || !rep.OK() || rep.Ticks != 50 || rep.Ended {
		t.Errorf("%v: %+v", err, rep)
	}
}

// A run that goes another way is found, with the second in which it did.
func TestVerifyNamesTheSecond(t *testing.T) {
	was := film(t, toy, toyStart, 4, 300)
	f := parse(t, was.file)
	other := *toy
	other.NewWorld = func(start []byte) (game.World, error) { return &driftingWorld{}, nil }
	rep, err := f.Verify(&other)
	if err != nil || rep.OK() || rep.Agreed != 120 || rep.Differs != 140 || rep.Want != was.takes[139].hash || rep.Got == rep.Want || rep.Checked != 7 {
		t.Errorf("%v: %+v", err, rep)
	}
}

// driftingWorld is a toy whose rules have changed: from tick 127 on.
type driftingWorld struct{ toyWorld }

func (w *driftingWorld) Step(t *game.Turn) {
	if w.toyWorld.Step(t); t.Tick == 127 {
		w.rows[1][0]++
	}
}

// A room of a thousand is kept like one of eight: every id comes back, also the wide ones.
func TestEverySeatComesBack(t *testing.T) {
	m, err := game.NewMatch(toy, toyStart)
	if err != nil {
		t.Fatal(err)
	}
	h := replay.HeaderOf(m, "", 0)
	w := replay.NewWriter(&h)
	var inputs []game.Input
	for id := protocol.PlayerID(1); id <= protocol.MaxPlayers; id++ {
		w.Join(id, game.Joiner{}, "")
		inputs = append(inputs, game.Input{Player: id, Command: protocol.Command{Tick: 1, Aim: uint16(id)}})
	}
	w.Tick(m, &game.Turn{Tick: 1, Inputs: inputs})
	w.End(m)
	got, err := parse(t, w.Take()).Reader().Next()
	if err != nil || len(got.Moves) != protocol.MaxPlayers || len(got.Inputs) != protocol.MaxPlayers {
		t.Fatalf("%v, %d moves and %d inputs", err, len(got.Moves), len(got.Inputs))
	}
	for i := range inputs {
		if v, in := got.Moves[i], got.Inputs[i]; v.Player != inputs[i].Player || in.Player != v.Player || in.Command.Aim != uint16(v.Player) {
			t.Fatalf("seat %d came back as %d, its input as that of %d, aimed %d", i+1, v.Player, in.Player, in.Command.Aim)
		}
	}
}
