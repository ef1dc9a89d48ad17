package gametest

import (
	"slices"

	"hindsight/game"
	"hindsight/game/sim/rng"
	"hindsight/protocol"
)

// Rabble is a match whose players do anything at all: they come and go, hold random ideas for a
// random while, and now and then send what no honest client does, with every bit set as it comes. It
// is what determinism and recordings are tested with. Equal arguments give equal matches.
type Rabble struct {
	Match *game.Match
	// Joined and Left, if set, are told of everyone who comes and goes, before the next tick.
	Joined func(id protocol.PlayerID, j game.Joiner)
	Left   func(id protocol.PlayerID)

	rand   rng.Rand
	crowd  int
	hands  []hand // by id
	inputs []game.Input
}

// hand is one player's.
type hand struct {
	cmd   protocol.Command
	left  int           // ticks for which it goes on as it does
	delay protocol.Tick // of what is seen
	// behind are commands that will come late, oldest first, and owed is for how many ticks more
	// none comes.
	behind []game.Late
	owed   int
}

// NewRabble begins a match in which about so many players are seated, from the first tick on.
func NewRabble(def *game.Definition, start game.Start, crowd int, seed uint64) (*Rabble, error) {
	m, err := game.NewMatch(def, start)
	if err != nil {
		return nil, err
	}
	crowd = min(crowd, m.MaxPlayers())
	return &Rabble{Match: m, rand: rng.New(seed), crowd: crowd, hands: make([]hand, crowd+1)}, nil
}

// Tick lets players come and go, makes up their inputs and steps the match. Before the first tick
// everyone comes.
func (r *Rabble) Tick() *game.Turn {
	tick := r.Match.Tick() + 1
	for id := 1; tick == 1 && id <= r.crowd; id++ {
		r.join(protocol.PlayerID(id))
	}
	for r.rand.Intn(150) == 0 {
		id := protocol.PlayerID(1 + r.rand.Intn(r.crowd))
		if _, seated := slices.BinarySearch(r.Match.Seats(), id); seated {
			r.leave(id)
		} else {
			r.join(id)
		}
	}
	r.inputs = r.inputs[:0]
	for _, id := range r.Match.Seats() {
		r.inputs = append(r.inputs, r.input(id, tick))
	}
	return r.Match.Step(r.inputs)
}

func (r *Rabble) join(id protocol.PlayerID) {
	j := game.Joiner{Bot: r.rand.Intn(3) == 0, Team: uint8(r.rand.Intn(5))}
	r.hands[id] = hand{delay: protocol.Tick(r.rand.Intn(20))}
	r.Match.Join(id, j)
	if r.Joined != nil {
		r.Joined(id, j)
	}
}

func (r *Rabble) leave(id protocol.PlayerID) {
	r.Match.Leave(id)
	if r.Left != nil {
		r.Left(id)
	}
}

// input makes up what a player does.
func (r *Rabble) input(id protocol.PlayerID, tick protocol.Tick) game.Input {
	h := &r.hands[id]
	in := game.Input{Player: id}
	if h.owed--; h.owed <= 0 && len(h.behind) > 0 { // what was held up comes
		in.Late = h.behind
		h.behind = nil
	}
	switch {
	case h.owed > 0 || r.rand.Intn(60) == 0: // nothing comes in time
		if h.owed <= 0 {
			h.owed = 1 + r.rand.Intn(game.MaxLate)
		}
		in.Command, in.Clamp = h.cmd.Assumed(tick), game.ClampAbsent
		r.hold(h, tick)
	case r.rand.Intn(100) == 0: // no client of ours
		r.scramble(&h.cmd)
		in.Command, in.Clamp = h.cmd, game.Clamp(r.rand.Intn(int(game.Clamps)))
	default:
		r.whim(h)
		in.Command = h.cmd
		in.Command.View = r.view(h, tick)
		in.Astray = r.rand.Intn(3) == 0
	}
	in.Command.Tick = tick
	return in
}

// hold makes up the command that does not come in time; most come later.
func (r *Rabble) hold(h *hand, tick protocol.Tick) {
	if r.rand.Intn(50) == 0 {
		r.scramble(&h.cmd)
	} else {
		r.whim(h)
	}
	if r.rand.Intn(8) == 0 {
		return
	}
	l := game.Late{Command: h.cmd, Clamp: game.Clamp(r.rand.Intn(8) / 7)}
	l.Command.Tick = tick
	if r.rand.Intn(4) > 0 {
		l.Command.View = r.view(h, tick)
	}
	h.behind = append(h.behind, l)
}

// whim goes on with an idea, or has another.
func (r *Rabble) whim(h *hand) {
	c := &h.cmd
	if h.left--; h.left < 0 {
		h.left = r.rand.Intn(40)
		c.MoveX, c.MoveY = int8(r.rand.Uint32()), int8(r.rand.Uint32())
		c.Held = protocol.Buttons(r.rand.Intn(2))
		c.Select = uint8(r.rand.Intn(8))
	}
	if r.rand.Intn(3) > 0 {
		c.Aim += uint16(r.rand.Intn(2000) - 1000)
	}
	if r.rand.Intn(12) == 0 {
		c.Press[0] += uint8(r.rand.Intn(3))
	}
	if r.rand.Intn(30) == 0 {
		c.Press[1]++
	}
}

// view is one that a server lets pass.
func (r *Rabble) view(h *hand, tick protocol.Tick) protocol.View {
	if tick <= h.delay+2 || r.rand.Intn(20) == 0 {
		return protocol.View{}
	}
	at := tick - h.delay - 2
	switch r.rand.Intn(20) {
	case 0:
		return protocol.View{A: at, B: at}
	case 1:
		return protocol.View{A: at, B: at + 1, Frac: uint16(r.rand.Intn(protocol.MaxFrac))}
	}
	return protocol.View{A: at, B: at + 1, Frac: uint16(r.rand.Intn(256))}
}

// scramble sets every bit as it comes.
func (r *Rabble) scramble(c *protocol.Command) {
	a, b := r.rand.Uint64(), r.rand.Uint64()
	*c = protocol.Command{
		MoveX: int8(a), MoveY: int8(a >> 8), Aim: uint16(a >> 16),
		Held: protocol.Buttons(a >> 32), Select: uint8(a >> 40), Press: [2]uint8{uint8(a >> 48), uint8(a >> 56)},
		View: protocol.View{A: protocol.Tick(b), B: protocol.Tick(b >> 32), Frac: uint16(b >> 20)},
	}
	if b&1 == 0 { // near enough to be looked at
		c.View.A %= 1 << 12
		c.View.B = c.View.A + c.View.B%64
	}
}

// Riot plays a rabble of so many seats and returns a digest of its states after each of the given
// ticks, which ascend. When the match is over it begins again. It is what a game compares between
// machines, as Play is, but with inputs that no bot would give.
func Riot(def *game.Definition, start game.Start, crowd int, seed uint64, at []int, each func(tick int, digest uint64)) error {
	r, err := NewRabble(def, start, crowd, seed)
	if err != nil {
		return err
	}
	digest := uint64(0)
	for i := 1; len(at) > 0; i++ {
		if r.Match.Over() {
			if r, err = NewRabble(def, start, crowd, rng.Mix(seed, uint64(i), 0)); err != nil {
				return err
			}
		}
		r.Tick()
		digest = rng.Mix(digest, r.Match.Hash(), uint64(i))
		if i == at[0] {
			each(i, digest)
			at = at[1:]
		}
	}
	return nil
}
