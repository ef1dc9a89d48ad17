package replay

import (
	"math/bits"
	"slices"
	"strings"

	"hindsight/game"
	"hindsight/protocol"
)

// model is what writer and reader know about the players so far: how likely each bit of the next
// input is, and what each seat did last. It grows with the stream, from its first tick to its last.
// A clone goes on alike. Its methods code (see coder): what they take is written, what
// they leave is what was read.
type model struct {
	looks bool    // Header.Looks
	seats []habit // by id, as far as anybody ever came

	moves, join, bot prob // see seating
	id               [128]prob
	team, letters    number
	letter           [256]prob

	late     [4]prob // late commands came, by whether the last two inputs had not
	lates    number  // how many, less 1
	astray   [8]prob // the player did not know that, by whether he did before and the last two inputs
	lateness number  // by how many ticks, less 1

	same  [64]prob // by the seat's last six
	aimed [16]prob // by its last four
	aim   [courses]signed
	rest  prob

	stick, held, choice, press, clamp, tick                 prob // whether it is another than before
	stickX, stickY, heldBits, choices, fire, extra, clampTo [256]prob

	looked     [16]prob
	form       [forms]([4]prob)
	age        [ages]signed
	back, span number
}

// habit is what one seat did last.
type habit struct {
	cmd    protocol.Command
	clamp  game.Clamp
	astray uint8 // 1: the last input was
	absent uint8 // bit 0: no command came in time for the last tick; bit 1: nor the one before, and so on
	same   uint8 // bit 0: the last input was as the one before; bit 1: the one before that, and so on
	aimed  uint8 // the same of changes of the aim
	look   uint8 // and of views kept
	course course
	form   uint32
	age    int64 // of the last view kept, 1/256 tick
	older  int64 // by which that was older than the one before
}

// How a view is written.
const (
	formNone  = iota // the present: all zero
	formOne          // one snapshot as it is
	formTwo          // two that follow one another, and a fraction below 1 between them
	formOther        // anything
	forms
)

const ages = 4 // contexts in which the change of a view's age is coded

// reset forgets everything.
func (m *model) reset(looks bool) {
	*m = model{looks: looks}
	for _, p := range [...]*prob{&m.moves, &m.join, &m.bot, &m.rest, &m.stick, &m.held, &m.choice, &m.press, &m.clamp, &m.tick} {
		*p = even
	}
	for _, ps := range [...][]prob{
		m.id[:], m.letter[:], m.same[:], m.aimed[:], m.stickX[:], m.stickY[:], m.heldBits[:], m.choices[:],
		m.fire[:], m.extra[:], m.clampTo[:], m.looked[:], m.late[:], m.astray[:],
	} {
		evenOut(ps)
	}
	for _, n := range m.numbers() {
		n.reset()
	}
	for i := range m.aim {
		m.aim[i].reset()
	}
	for i := range m.age {
		m.age[i].reset()
	}
	for i := range m.form {
		evenOut(m.form[i][:])
	}
}

// numbers returns every model of numbers that m has.
func (m *model) numbers() (all [6 + courses + ages]*number) {
	n := copy(all[:], []*number{&m.team, &m.letters, &m.back, &m.span, &m.lates, &m.lateness})
	for i := range m.aim {
		all[n] = &m.aim[i].size
		n++
	}
	for i := range m.age {
		all[n] = &m.age[i].size
		n++
	}
	return all
}

// input codes what a seat does in a tick; in.Player is known. Looked says that the tick depended on
// the view. In reading, the late commands are appended to late, which is returned. It reports false if
// there are more of them than can be, or older ones.
func (m *model) input(c *coder, tick protocol.Tick, in *game.Input, looked bool, late []game.Late) ([]game.Late, bool) {
	h := &m.seats[in.Player]
	if c.flag(&m.late[h.absent&3], len(in.Late) > 0) {
		n := c.number(&m.lates, uint64(len(in.Late)-1))
		if n >= game.MaxLate {
			return late, false
		}
		from := len(late)
		for i := range int(n) + 1 {
			l := game.Late{}
			if !c.reading {
				l = in.Late[i]
			}
			back := c.number(&m.lateness, uint64(tick-l.Command.Tick-1))
			if back >= game.MaxLate {
				return late, false
			}
			m.command(c, h, tick-1-protocol.Tick(back), &l.Command, &l.Clamp, true)
			if c.reading {
				late = append(late, l)
			}
		}
		if c.reading {
			in.Late = late[from:len(late):len(late)]
		}
	}
	in.Astray = c.flag(&m.astray[h.astray<<2|h.absent&3], in.Astray)
	if h.astray = 0; in.Astray {
		h.astray = 1
	}
	m.command(c, h, tick, &in.Command, &in.Clamp, looked)
	h.absent <<= 1
	if in.Clamp == game.ClampAbsent {
		h.absent |= 1
	}
	return late, true
}

// command codes one command and its clamp.
func (m *model) command(c *coder, h *habit, tick protocol.Tick, cmd *protocol.Command, clamp *game.Clamp, looked bool) {
	view := cmd.View
	was := h.cmd
	was.Tick, was.View = tick, view
	if c.reading {
		*cmd, *clamp = was, h.clamp
	}
	if c.flag(&m.same[h.same&63], *cmd == was && *clamp == h.clamp) {
		h.same, h.aimed = h.same<<1|1, h.aimed<<1
	} else {
		m.change(c, h, &was, cmd, clamp)
		h.same <<= 1
	}
	cmd.View = m.view(c, h, tick, cmd, view, looked)
	h.cmd, h.clamp = *cmd, *clamp
}

// change codes a command that is not as it was last.
func (m *model) change(c *coder, h *habit, was, cmd *protocol.Command, clamp *game.Clamp) {
	aimed := c.flag(&m.aimed[h.aimed&15], cmd.Aim != was.Aim)
	h.aimed <<= 1
	if aimed {
		h.aimed |= 1
		foreseen, context := h.course.next()
		turn := int64(int16(cmd.Aim - was.Aim))
		turn = foreseen + c.signed(&m.aim[context], 0, turn-foreseen)
		cmd.Aim = was.Aim + uint16(turn)
		h.course.learn(turn, foreseen)
		others := *was
		others.Aim = cmd.Aim
		if !c.flag(&m.rest, *cmd != others || *clamp != h.clamp) {
			return
		}
	}
	if c.flag(&m.stick, cmd.MoveX != was.MoveX || cmd.MoveY != was.MoveY) {
		cmd.MoveX = int8(c.symbol(m.stickX[:], 8, uint32(uint8(cmd.MoveX))))
		cmd.MoveY = int8(c.symbol(m.stickY[:], 8, uint32(uint8(cmd.MoveY))))
	}
	if c.flag(&m.held, cmd.Held != was.Held) {
		cmd.Held = protocol.Buttons(c.symbol(m.heldBits[:], 8, uint32(cmd.Held)))
	}
	if c.flag(&m.choice, cmd.Select != was.Select) {
		cmd.Select = uint8(c.symbol(m.choices[:], 8, uint32(cmd.Select)))
	}
	if c.flag(&m.press, cmd.Press != was.Press) {
		cmd.Press[0] = was.Press[0] + uint8(c.symbol(m.fire[:], 8, uint32(cmd.Press[0]-was.Press[0])))
		cmd.Press[1] = was.Press[1] + uint8(c.symbol(m.extra[:], 8, uint32(cmd.Press[1]-was.Press[1])))
	}
	if c.flag(&m.clamp, *clamp != h.clamp) {
		*clamp = game.Clamp(c.symbol(m.clampTo[:], 8, uint32(*clamp)))
	}
	if c.flag(&m.tick, cmd.Tick != was.Tick) { // no server does this, but nothing forbids it
		cmd.Tick = protocol.Tick(c.raw(uint64(cmd.Tick), 32))
	}
}

// view codes the view v of the command now, all else of which is known. It is the zero view if it is
// not kept.
func (m *model) view(c *coder, h *habit, tick protocol.Tick, now *protocol.Command, v protocol.View, looked bool) protocol.View {
	if m.looks {
		context := h.look & 3
		if now.Held != 0 {
			context |= 4
		}
		if now.Press != h.cmd.Press {
			context |= 8
		}
		looked = c.flag(&m.looked[context], looked)
		h.look <<= 1
		if !looked {
			return protocol.View{}
		}
		h.look |= 1
	}
	form := c.symbol(m.form[h.form][:], 2, formOf(v))
	h.form = form
	switch form {
	case formNone:
		return protocol.View{}
	case formOther:
		v.A = tick - protocol.Tick(c.number(&m.back, uint64(tick-v.A)))
		v.B = v.A + protocol.Tick(c.number(&m.span, uint64(v.B-v.A)))
		v.Frac = uint16(c.raw(uint64(v.Frac), 16))
		return v
	}
	age := int64(tick)<<8 - int64(v.A)<<8 - int64(v.Frac)
	if form == formOne { // whole ticks
		age >>= 8
		age = c.signed(&m.age[0], h.older, age-h.age>>8) + h.age>>8
		age <<= 8
	} else {
		age = c.signed(&m.age[1+min(bits.Len64(uint64(max(h.older, -h.older)))/3, 2)], h.older, age-h.age) + h.age
	}
	h.older, h.age = age-h.age, age
	at := int64(tick)<<8 - age
	v = protocol.View{A: protocol.Tick(at >> 8), B: protocol.Tick(at >> 8), Frac: uint16(at & 255)}
	if form == formTwo {
		v.B++
	}
	return v
}

// formOf returns the shortest form for a view.
func formOf(v protocol.View) uint32 {
	switch {
	case v == protocol.View{}:
		return formNone
	case v.A == v.B && v.Frac == 0:
		return formOne
	case v.A != v.B && v.B == v.A+1 && v.Frac < 256:
		return formTwo
	}
	return formOther
}

// seating codes that somebody came or left. What is read may be impossible: see Reader.
func (m *model) seating(c *coder, v *Move) {
	v.Player = m.player(c, v.Player)
	if v.Join = c.flag(&m.join, v.Join); !v.Join {
		return
	}
	v.Who.Bot = c.flag(&m.bot, v.Who.Bot)
	v.Who.Team = uint8(c.number(&m.team, uint64(v.Who.Team)))
	name := []byte(shorten(v.Name))
	n := c.number(&m.letters, uint64(len(name)))
	if c.reading {
		name = make([]byte, min(n, protocol.MaxNameBytes))
	}
	for i := range name {
		name[i] = byte(c.symbol(m.letter[:], 8, uint32(name[i])))
	}
	v.Name = strings.ToValidUTF8(string(name), "")
	if v.Player > protocol.MaxPlayers {
		return
	}
	if n := int(v.Player) + 1 - len(m.seats); n > 0 {
		m.seats = append(m.seats, make([]habit, n)...)
	}
	m.seats[v.Player] = habit{}
}

// player codes an id. The first 127 have a model; 0, which is nobody, stands for those above, who
// follow as they are.
func (m *model) player(c *coder, id protocol.PlayerID) protocol.PlayerID {
	short := uint32(id)
	if short >= uint32(len(m.id)) {
		short = 0
	}
	if short = c.symbol(m.id[:], 7, short); short != 0 {
		return protocol.PlayerID(short)
	}
	return protocol.PlayerID(c.raw(uint64(id), wideID))
}

// wideID is the length of an id that is written as it is, in bits.
const wideID = 11

// clone returns a model that goes on as m would.
func (m *model) clone() model {
	c := *m
	c.seats = slices.Clone(m.seats)
	for _, n := range c.numbers() {
		n.below = slices.Clone(n.below)
	}
	return c
}
