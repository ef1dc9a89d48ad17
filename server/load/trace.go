package load

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"hindsight/protocol"
)

// Trace is a recorded movement: what everyone in a world was like at every tick.
//
// A file of it is little endian: "PBT1", then the number of players (u16), the ticks in a second (u16) and
// the number of ticks (u32), then for each tick and in it each player a record of 10 bytes: x and y in 1/8
// unit (u16, up to 32767), aim in 1/65536 turn (u16), health (u8, up to 127) and weapon (u8, up to 15), score
// (u16).
type Trace struct {
	Players, Rate, Ticks int

	records []byte
}

const (
	traceMagic  = "PBT1"
	traceHead   = 12
	traceRecord = 10
	traceMost   = 1 << 30 // bytes

	mostPlace  = 1<<15 - 1
	mostHealth = 127
	mostWeapon = 15
)

// ErrTrace says that a file is no Trace.
var ErrTrace = errors.New("load: not a movement trace")

// Pose is one player at one tick, in the units of the file.
type Pose struct {
	X, Y, Aim      uint16
	Health, Weapon uint8
	Score          uint16
}

// ReadTrace reads a trace.
func ReadTrace(from io.Reader) (*Trace, error) {
	r := bufio.NewReader(from)
	var head [traceHead]byte
	if _, err := io.ReadFull(r, head[:]); err != nil || string(head[:4]) != traceMagic {
		return nil, fmt.Errorf("%w: it does not begin with %s", ErrTrace, traceMagic)
	}
	t := &Trace{
		Players: int(binary.LittleEndian.Uint16(head[4:])),
		Rate:    int(binary.LittleEndian.Uint16(head[6:])),
		Ticks:   int(binary.LittleEndian.Uint32(head[8:])),
	}
	size := int64(t.Players) * int64(t.Ticks) * traceRecord
	switch {
	case t.Players < 1 || t.Players > protocol.MaxEntities || t.Rate < 1 || t.Ticks < 1:
		return nil, fmt.Errorf("%w: %d players, %d ticks at %d a second", ErrTrace, t.Players, t.Ticks, t.Rate)
	case size > traceMost:
		return nil, fmt.Errorf("%w: %d bytes are too many", ErrTrace, size)
	}
	var err error
	if t.records, err = io.ReadAll(io.LimitReader(r, size+1)); err != nil {
		return nil, err
	}
	if int64(len(t.records)) != size {
		return nil, fmt.Errorf("%w: %d bytes of records, want %d", ErrTrace, len(t.records), size)
	}
	for i := range t.Ticks * t.Players {
		if p := t.At(i/t.Players, i%t.Players); p.X > mostPlace || p.Y > mostPlace || p.Health > mostHealth || p.Weapon > mostWeapon {
			return nil, fmt.Errorf("%w: record %d is out of range: %+v", ErrTrace, i, p)
		}
	}
	return t, nil
}

// At returns player i, counted from 0, at a tick counted from 0.
func (t *Trace) At(tick, i int) Pose {
	b := t.records[(tick*t.Players+i)*traceRecord:]
	return Pose{
		X: binary.LittleEndian.Uint16(b), Y: binary.LittleEndian.Uint16(b[2:]), Aim: binary.LittleEndian.Uint16(b[4:]),
		Health: b[6], Weapon: b[7], Score: binary.LittleEndian.Uint16(b[8:]),
	}
}
