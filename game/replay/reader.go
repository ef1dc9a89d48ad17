package replay

import (
	"io"
	"strconv"

	"hindsight/game"
	"hindsight/protocol"
)

// Tick is what a Reader reads: one tick of the match. It is the reader's own and valid until the
// next.
type Tick struct {
	Tick   protocol.Tick
	Inputs []game.Input // of every seat, in ascending order
	// Digest is what World.Hash was after the tick, if Digested.
	Digest   uint64
	Digested bool

	// Moves are who came and left before it, in order.
	Moves []Move
}

// Move is somebody who came or left between two ticks.
type Move struct {
	Player protocol.PlayerID
	// Join says that the player came. Who and Name are set only then.
	Join bool
	Who  game.Joiner
	Name string
}

// Apply seats and unseats players as the tick says, before it is stepped. It reports false if the
// game has no such seat.
func (t *Tick) Apply(m *game.Match) bool {
	for i := range t.Moves {
		v := &t.Moves[i]
		if !v.Join {
			m.Leave(v.Player)
		} else if !m.Join(v.Player, v.Who) {
			return false
		}
	}
	return true
}

// Reader reads the ticks of a file in order.
type Reader struct {
	file  *File
	next  int // where the next chunk begins
	coder coder
	model model
	seats protocol.PlayerSet
	begun int           // where the chunk that is being read begins
	left  int           // ticks left in it
	last  protocol.Tick // read
	tick  Tick
	lates []game.Late // memory of tick's
}

// Reader returns a reader at the file's first tick.
func (f *File) Reader() *Reader {
	r := &Reader{file: f, next: f.first}
	r.model.reset(f.Header.Looks)
	return r
}

// Clone returns a reader that goes on as r would.
func (r *Reader) Clone() *Reader {
	c := *r
	c.model, c.tick, c.lates = r.model.clone(), Tick{}, nil
	return &c
}

// Next reads the next tick: io.EOF when there is none, an error that wraps ErrBad and names the byte
// and the tick when the chunk holds none.
func (r *Reader) Next() (*Tick, error) {
	if r.left == 0 {
		if err := r.open(); err != nil {
			return nil, err
		}
	}
	t := &r.tick
	r.last++
	r.left--
	*t = Tick{Tick: r.last, Inputs: t.Inputs[:0], Moves: t.Moves[:0]}
	r.lates = r.lates[:0]
	if !r.seating(t) {
		return nil, r.damaged("an impossible change of seats")
	}
	for id := r.seats.Next(0); id != 0; id = r.seats.Next(id) {
		t.Inputs = append(t.Inputs, game.Input{Player: id})
		var ok bool
		if r.lates, ok = r.model.input(&r.coder, r.last, &t.Inputs[len(t.Inputs)-1], true, r.lates); !ok {
			return nil, r.damaged("an impossible late command")
		}
	}
	if int(r.last)%r.file.Header.HashEvery == 0 {
		t.Digest, t.Digested = r.coder.raw(0, 64), true
	}
	if r.coder.short() || r.left == 0 && r.coder.unread() {
		return nil, r.damaged("the inputs are not what the chunk says")
	}
	return t, nil
}

func (r *Reader) damaged(what string) error {
	return damaged(r.begun, what+", at tick "+strconv.FormatUint(uint64(r.last), 10))
}

// open begins the next ticks chunk.
func (r *Reader) open() error {
	for r.last < r.file.Ticks {
		c, _, err := chunkAt(r.file.data, r.next)
		if err != nil { // Parse has found none: somebody has written to the file's bytes
			return err
		}
		r.begun, r.next = r.next, c.next
		if c.kind == chunkTicks {
			r.left = int(c.payload.ticks(r.last) - r.last)
			r.coder.read(c.payload.b)
			return c.payload.err
		}
	}
	return io.EOF
}

// seating reads who came and left.
func (r *Reader) seating(t *Tick) bool {
	for r.coder.bit(&r.model.moves, 0) == 1 {
		var v Move
		r.model.seating(&r.coder, &v)
		if v.Player == 0 || v.Player > protocol.MaxPlayers || r.seats.Has(v.Player) == v.Join || len(t.Moves) == maxMoves || r.coder.short() {
			return false
		}
		if v.Join {
			r.seats.Add(v.Player)
		} else {
			r.seats.Remove(v.Player)
		}
		t.Moves = append(t.Moves, v)
	}
	return true
}
