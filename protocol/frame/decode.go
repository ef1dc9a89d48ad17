package frame

import (
	"math"

	"hindsight/protocol"
	"hindsight/protocol/delta"
	"hindsight/protocol/wire"
)

// Decoder reads frames. It keeps nothing of the bytes it is given, except between Header and Body.
// The zero value is ready; it must not be copied and belongs to one goroutine. What a method has
// filled is meaningless after an error.
type Decoder struct {
	r      wire.Reader
	bits   wire.BitReader // of a snapshot
	rows   delta.Decoder
	past   past // of the snapshots whose headers were read
	header Header
	more   int  // elements after the bits of the snapshot whose header was read
	opened bool // Header was read and Body was not
}

// Type returns the type of the frame in b, without looking at the rest of it.
func (d *Decoder) Type(b []byte) (Type, error) {
	d.opened = false
	d.r.Reset(b)
	if d.r.Array(maxFrameElements) == 0 {
		d.r.Fail("empty frame")
	}
	t := Type(d.r.Uint(math.MaxUint8))
	switch t {
	case TypeHello, TypeInput, TypeChat, TypeReport, TypeWelcome, TypeStart, TypeSnapshot:
	default:
		d.r.Fail("unknown frame type")
	}
	return t, d.r.Err()
}

// begin reads the start of a frame that must be of type t and have from least to most elements, and
// returns how many it has after the type.
func (d *Decoder) begin(b []byte, t Type, least, most int) (*wire.Reader, int) {
	d.opened = false
	d.r.Reset(b)
	n := d.r.Array(most)
	if n < least {
		d.r.Fail("wrong number of elements")
	}
	if Type(d.r.Uint(math.MaxUint8)) != t {
		d.r.Fail("wrong frame type")
	}
	return &d.r, n - 1
}

// Hello reads a Hello. One of another version gives ErrVersion with h.Version set, whatever else is
// in it.
func (d *Decoder) Hello(b []byte, h *Hello) error {
	*h = Hello{}
	r, n := d.begin(b, TypeHello, 2, maxFrameElements)
	h.Version = uint32(r.Uint(math.MaxUint32))
	if r.Err() == nil && h.Version != protocol.Version {
		return ErrVersion
	}
	if n != helloElements-1 {
		r.Fail("wrong number of elements")
	}
	h.Game = r.String(maxGameBytes)
	h.Build = r.String(maxBuildBytes)
	h.Name = r.String(protocol.MaxNameBytes)
	h.Room = r.String(protocol.MaxRoomBytes)
	h.Token = r.String(protocol.MaxTokenBytes)
	h.Ticket = r.String(protocol.MaxTicketBytes)
	h.Watch = r.Bool()
	r.End()
	return r.Err()
}

// Input reads an Input, reusing the memory of in.Commands.
func (d *Decoder) Input(b []byte, in *Input) error {
	r, n := d.begin(b, TypeInput, inputElements+1, inputElements+protocol.MaxCommands)
	status := r.Int(math.MinInt32<<1, math.MaxInt32<<1|1)
	in.Hidden = status&1 != 0
	in.Commands = in.Commands[:0]
	last := protocol.Tick(0)
	for range n - 1 {
		c := d.command(last)
		if r.Err() != nil {
			return r.Err()
		}
		in.Commands = append(in.Commands, c)
		last = c.Tick
	}
	in.Echo = last.Add(-int(status >> 1))
	r.End()
	return r.Err()
}

// command reads a command given after one for tick last.
func (d *Decoder) command(last protocol.Tick) (c protocol.Command) {
	r := &d.r
	left := r.Array(commandElements)
	next := func(lo, hi int64) int64 {
		if left--; left < 0 {
			return 0
		}
		return r.Int(lo, hi)
	}
	if left == 0 {
		r.Fail("empty command")
	}
	c.Tick = last + protocol.Tick(next(1, math.MaxUint32-int64(last)))
	move := next(-127<<8-127, 127<<8+127)
	c.MoveY = int8(move) // the low byte, signed
	c.MoveX = int8((move - int64(c.MoveY)) >> 8)
	if c.MoveY == -128 {
		r.Fail("move out of range")
	}
	c.Aim = uint16(next(0, math.MaxUint16))
	c.Held = protocol.Buttons(next(0, math.MaxUint8))
	back, span, frac := next(0, maxViewTicks), next(0, maxViewTicks), next(0, protocol.MaxFrac-1)
	switch {
	case back == 0 && (span != 0 || frac != 0), back >= int64(c.Tick), int64(c.Tick)-back+span > math.MaxUint32:
		r.Fail("impossible view")
	case back != 0:
		a := c.Tick - protocol.Tick(back)
		c.View = protocol.View{A: a, B: a + protocol.Tick(span), Frac: uint16(frac)}
	}
	c.Press[0] = uint8(next(0, math.MaxUint8))
	c.Press[1] = uint8(next(0, math.MaxUint8))
	c.Select = uint8(next(0, math.MaxUint8))
	return c
}

// Chat reads a Chat.
func (d *Decoder) Chat(b []byte, c *Chat) error {
	r, _ := d.begin(b, TypeChat, chatElements, chatElements)
	c.Text = r.String(protocol.MaxChatBytes)
	r.End()
	return r.Err()
}

// Welcome reads a Welcome.
func (d *Decoder) Welcome(b []byte, m *Welcome) error {
	r, _ := d.begin(b, TypeWelcome, welcomeElements, welcomeElements)
	u32 := func() uint32 { return uint32(r.Uint(math.MaxUint32)) }
	m.Version = u32()
	m.Build = r.String(maxBuildBytes)
	m.Room = r.String(protocol.MaxRoomBytes)
	m.Player = protocol.PlayerID(r.Uint(protocol.MaxPlayers))
	m.Token = r.String(protocol.MaxTokenBytes)
	m.TickRate = uint32(r.Int(1, math.MaxUint16))
	m.SnapshotEvery = uint32(r.Int(1, math.MaxUint16))
	m.MaxLead, m.MaxRewind, m.SeatSeconds = u32(), u32(), u32()
	r.End()
	return r.Err()
}

// Start reads a Start, reusing the memory of s.Roster.
func (d *Decoder) Start(b []byte, s *Start) error {
	r, _ := d.begin(b, TypeStart, startElements, startElements)
	s.Tick = protocol.Tick(r.Uint(math.MaxUint32))
	s.Press = [2]uint8{uint8(r.Uint(math.MaxUint8)), uint8(r.Uint(math.MaxUint8))}
	s.Title = r.String(maxTitleBytes)
	s.Blob = r.Bin(protocol.MaxStartBytes)
	s.Roster = s.Roster[:0]
	for range r.Array(protocol.MaxPlayers) {
		r.ArrayOf(seatElements)
		seat := Seat{Player: protocol.PlayerID(r.Int(1, protocol.MaxPlayers))}
		seat.Name = r.String(protocol.MaxNameBytes)
		seat.Bot = r.Bool()
		seat.Status = Status(r.Uint(uint64(Detached)))
		if r.Err() != nil {
			return r.Err()
		}
		s.Roster = append(s.Roster, seat)
	}
	r.End()
	return r.Err()
}
