// Package delta describes a game's networked state as rows of integers and moves those rows over
// the wire: a Schema names the fields of each entity kind, a Snapshot holds the rows of one tick,
// Blend mixes two of them, and the codec writes a row as the difference from the one before.
//
// A row is all that the engine knows of an entity. Because the values in a Snapshot are the very
// integers that travel, the client's interpolation and the server's rewind are one function
// (Blend) over equal inputs, and so their results are equal.
//
// Nothing here allocates after warm-up, reads a clock or knows a game. A Snapshot belongs to the
// goroutine that fills it.
package delta

import (
	"errors"
	"fmt"

	"hindsight/protocol"
)

// Mode says how a field behaves between two snapshots.
type Mode uint8

const (
	// Step keeps the older value until the newer snapshot's tick.
	Step Mode = iota
	// Lerp moves linearly. The field must be small enough that a difference times MaxFrac fits
	// 63 bits, which every int32 is.
	Lerp
	// Turn moves linearly along the shorter way round a circle of Field.Turn values.
	Turn
)

// Field is one column of a kind.
type Field struct {
	Name string
	Mode Mode
	// Turn is the number of values in a whole circle for a Turn field: 256 or 65536.
	Turn int32
	// Min and Max bound the value, both included. Both zero means any int32. A decoder refuses a
	// row outside; an encoder panics, because that is a bug in the game.
	Min, Max int32
	// Tick marks a field that holds a tick: it travels as its distance from the snapshot's.
	Tick bool
	// Bits is how large a change of the field usually is: what fits so many bits, sign included, is the
	// cheapest to send. 0 means 3. It has no meaning for a Tick, nor where 256 values are all there are.
	Bits uint8
	// Told marks a field of the own row that the server alone decides (a score). It is adopted
	// without being counted as a misprediction. Ignored in entity kinds.
	Told bool
}

// Motion makes a kind that flies straight at a constant velocity cost nothing after its birth: its
// position is computed from the tick of the view instead of being sent. The fields are given by
// index. Position = start + velocity * (tick - start tick).
type Motion struct {
	X, Y   int // fields: start position, 1/16 unit
	VX, VY int // fields: velocity, 1/256 unit per tick
	T0     int // field: the tick at which the entity was at X, Y
}

// Drift says that one field of the own row is the velocity of another, in its units per tick. What
// follows from the velocity is not sent.
type Drift struct{ Place, Speed int }

// Kind is a kind of entity.
type Kind struct {
	Name   string
	Fields []Field
	// Positioned says that fields 0 and 1 are x and y in 1/16 unit. If they are Lerp, and there is no
	// Motion, it is a mover: its way is predicted on both sides (see Track), and so is its heading,
	// which is field 2 if that is a Turn.
	Positioned bool
	// Private hides an entity of this kind from its owner, who predicts it from the own row.
	Private bool
	// Motion is set for kinds that fly; see Motion.
	Motion *Motion
	// Drifts are those of an own row. Entities have none.
	Drifts []Drift
}

// Place returns where an entity of a Positioned kind is at a tick, in 1/16 unit: where its row says, or
// where it has flown to from there.
func (k *Kind) Place(t protocol.Tick, row []int32) (x, y int32) {
	x, y = row[0], row[1]
	if m := k.Motion; m != nil {
		dt := int64(max(t.Sub(protocol.Tick(row[m.T0])), 0))
		x, y = row[m.X]+int32(int64(row[m.VX])*dt>>4), row[m.Y]+int32(int64(row[m.VY])*dt>>4)
	}
	return x, y
}

// Schema is a game's networked state: the entity kinds everyone sees and the own row that only its
// player gets, at full simulation precision. It is immutable after New.
type Schema struct {
	Kinds []Kind
	Own   Kind
}

// Errors of Validate.
var (
	ErrTooMany = errors.New("delta: too many kinds or fields")
	ErrField   = errors.New("delta: bad field")
)

// Validate reports the first thing wrong with a schema, or nil.
func (s *Schema) Validate() error {
	if len(s.Kinds) == 0 || len(s.Kinds) > protocol.MaxKinds {
		return fmt.Errorf("%w: %d kinds, want 1 to %d", ErrTooMany, len(s.Kinds), protocol.MaxKinds)
	}
	for i := range s.Kinds {
		k := &s.Kinds[i]
		if err := k.validate(); err != nil {
			return err
		}
		if len(k.Drifts) > 0 {
			return fmt.Errorf("%w: entities of kind %q drift", ErrField, k.Name)
		}
	}
	return s.Own.validate()
}

func (k *Kind) validate() error {
	if len(k.Fields) == 0 || len(k.Fields) > protocol.MaxFields {
		return fmt.Errorf("%w: kind %q has %d fields, want 1 to %d", ErrTooMany, k.Name, len(k.Fields), protocol.MaxFields)
	}
	if k.Positioned && len(k.Fields) < 2 {
		return fmt.Errorf("%w: kind %q is positioned but has no x and y", ErrField, k.Name)
	}
	for i := range k.Fields {
		f := &k.Fields[i]
		if f.Min > f.Max || (f.Mode == Turn && f.Turn != 256 && f.Turn != 65536) || f.Bits > 24 || f.Tick && f.Mode != Step {
			return fmt.Errorf("%w: %s.%s", ErrField, k.Name, f.Name)
		}
	}
	for _, d := range k.Drifts {
		for _, i := range [...]int{d.Place, d.Speed} {
			if i < 0 || i >= len(k.Fields) || k.Fields[i].Mode == Turn {
				return fmt.Errorf("%w: %s: drift of field %d, which must exist and be no Turn", ErrField, k.Name, i)
			}
		}
		for _, o := range k.Drifts {
			if o.Speed == d.Place {
				return fmt.Errorf("%w: %s: field %d drifts and is a velocity", ErrField, k.Name, d.Place)
			}
		}
	}
	if m := k.Motion; m != nil {
		for _, i := range [...]int{m.X, m.Y, m.VX, m.VY, m.T0} {
			if i < 0 || i >= len(k.Fields) || k.Fields[i].Mode != Step {
				return fmt.Errorf("%w: %s: motion field %d must exist and be Step", ErrField, k.Name, i)
			}
		}
	}
	return nil
}

// Allows reports whether v lies within the field's range.
func (f *Field) Allows(v int32) bool { return f.Min == 0 && f.Max == 0 || v >= f.Min && v <= f.Max }

// Index returns the index of the field of that name. It panics if there is none: names are spelled
// in code, not in data.
func (k *Kind) Index(name string) int {
	for i := range k.Fields {
		if k.Fields[i].Name == name {
			return i
		}
	}
	panic(fmt.Sprintf("delta: kind %q has no field %q", k.Name, name))
}
