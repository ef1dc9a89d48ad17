package replay

import (
	"encoding/binary"
	"hash/crc32"
	"strings"

	"hindsight/game"
	"hindsight/protocol"
)

// Writer turns a match into a file. What it has written is fetched with Take; after the first second
// its buffers have their size (a few kilobytes, MaxChunkBytes at the very most) and it allocates no
// more.
//
// A tick only puts its inputs aside, and several are coded in one go (see batch): that takes the
// model's 30 KB into a near cache once for all of them, where a server with many rooms would else do
// it in every tick.
type Writer struct {
	every int // ticks between two digests
	looks bool
	coder coder
	model model
	seats protocol.PlayerSet
	moves []Move // before the next tick
	batch batch
	last  protocol.Tick
	cut   bool // nothing more is written

	out    []byte        // whole chunks, to be taken
	taken  bool          // out was taken, and begins anew
	ticks  int           // in the stream that is being written
	coded  protocol.Tick // the last of them
	stream []byte        // its memory
	head   [2 * binary.MaxVarintLen32]byte
}

// NewWriter begins a file. The match must be at tick 0; h is HeaderOf it. Nothing of h is kept.
func NewWriter(h *Header) *Writer {
	w := &Writer{every: max(h.HashEvery, 1), looks: h.Looks}
	w.model.reset(h.Looks)
	w.out = append(append(w.out, magic...), Format)
	w.out = appendChunk(w.out, chunkHeader, h.append(nil))
	w.stream = make([]byte, 0, 1<<10)
	return w
}

// Join notes that a player was seated, or is when the file begins, before the next tick. The name
// may be "". A seat that is taken stays as it is.
func (w *Writer) Join(id protocol.PlayerID, j game.Joiner, name string) {
	if id == 0 || id > protocol.MaxPlayers || w.seats.Has(id) {
		return
	}
	w.seats.Add(id)
	w.note(Move{Player: id, Join: true, Who: j, Name: name})
}

// Leave notes that a player left before the next tick.
func (w *Writer) Leave(id protocol.PlayerID) {
	if id == 0 || id > protocol.MaxPlayers || !w.seats.Has(id) {
		return
	}
	w.seats.Remove(id)
	w.note(Move{Player: id})
}

// note takes in a move. Nobody comes and goes so often between two ticks but to do harm: then
// the file ends before it.
func (w *Writer) note(v Move) {
	if len(w.moves) == maxMoves {
		w.Flush()
		w.cut = true
	}
	if !w.cut {
		w.moves = append(w.moves, v)
	}
}

// Tick writes what a match has just stepped. It panics if a tick was left out, which would make the
// file worthless.
func (w *Writer) Tick(m *game.Match, t *game.Turn) {
	if t.Tick != w.last+1 {
		panic("replay: Writer.Tick: a tick was left out")
	}
	if !w.cut && !writable(t) {
		w.Flush()
		w.cut = true
	}
	if w.last = t.Tick; w.cut {
		return
	}
	if len(w.moves) > 0 {
		w.drain(nil) // who comes or goes does so at the beginning of a batch
	}
	if w.batch.ticks == 0 {
		w.begin(w.moves)
		clear(w.moves) // the names
		w.moves = w.moves[:0]
	}
	w.batch.add(t)
	switch {
	case int(t.Tick)%w.every == 0:
		w.drain(m)
	case len(w.batch.inputs)+w.batch.seats > batchInputs:
		w.drain(nil)
	}
}

// writable reports whether late commands are as game.Input promises. A file ends before a tick in which
// they are not: no reader would take it.
func writable(t *game.Turn) bool {
	for i := range t.Inputs {
		late := t.Inputs[i].Late
		if len(late) > game.MaxLate {
			return false
		}
		for j := range late {
			if age := t.Tick.Sub(late[j].Command.Tick); age < 1 || age > game.MaxLate {
				return false
			}
		}
	}
	return true
}

// begin begins the next tick of the stream, before which there were these moves.
func (w *Writer) begin(moves []Move) {
	if w.ticks == 0 {
		w.coder.write(w.stream[:0])
	}
	w.ticks++
	w.coded++
	for i := range moves {
		w.coder.bit(&w.model.moves, 1)
		w.model.seating(&w.coder, &moves[i])
	}
	w.coder.bit(&w.model.moves, 0)
}

// drain codes what was put aside. With a match the last of it is a tick that a digest falls on, which
// ends the chunk.
func (w *Writer) drain(m *game.Match) {
	b := &w.batch
	for i := range b.ticks {
		if i > 0 {
			w.begin(nil)
		}
		for range b.seats {
			in, looked := b.next()
			w.model.input(&w.coder, w.coded, &in, looked, nil)
		}
		switch {
		case m != nil && i == b.ticks-1:
			w.coder.raw(m.Hash(), 64)
			w.endChunk()
		case w.ticks == MaxChunkTicks || len(w.coder.out) >= chunkFull:
			w.endChunk()
		}
	}
	b.empty()
}

// Flush ends the chunk that is being written, so that Take returns everything up to now.
func (w *Writer) Flush() {
	w.drain(nil)
	if w.ticks > 0 {
		w.endChunk()
	}
}

func (w *Writer) endChunk() {
	w.stream = w.coder.finish(0)
	head := binary.AppendUvarint(w.head[:0], uint64(w.coded)-uint64(w.ticks)+1)
	head = binary.AppendUvarint(head, uint64(w.ticks))
	w.renew()
	from := len(w.out)
	w.out = append(w.out, chunkTicks)
	w.out = binary.AppendUvarint(w.out, uint64(len(head)+len(w.stream)))
	w.out = append(append(w.out, head...), w.stream...)
	w.out = binary.LittleEndian.AppendUint32(w.out, crc32.ChecksumIEEE(w.out[from:]))
	w.ticks = 0
}

// renew reuses the memory of what was taken.
func (w *Writer) renew() {
	if w.taken {
		w.out, w.taken = w.out[:0], false
	}
}

// End writes the rest of the file: the match is over, or recording stops.
func (w *Writer) End(m *game.Match) {
	w.Flush()
	if w.cut {
		return
	}
	w.renew()
	w.out = AppendEnd(w.out, w.last, m.Hash(), m.Over())
}

// Take returns what was written since the last Take: a whole number of chunks, or nothing. It is
// valid until the next call of any method.
func (w *Writer) Take() []byte {
	if w.taken {
		return nil
	}
	w.taken = true
	return w.out
}

// AppendEnd writes the end chunk of a file whose last tick is known: over says that the match was.
func AppendEnd(b []byte, last protocol.Tick, digest uint64, over bool) []byte {
	p := binary.AppendUvarint(nil, uint64(last))
	p = binary.LittleEndian.AppendUint64(p, digest)
	if over {
		return appendChunk(b, chunkEnd, append(p, 1))
	}
	return appendChunk(b, chunkEnd, append(p, 0))
}

// Mismatch is a prediction that was not what the server computed, for a cause that nobody knows.
type Mismatch struct {
	Player protocol.PlayerID
	// Tick is the one after which the rows differ.
	Tick protocol.Tick
	// Predicted is the own row as the client had it, Authority as the server sent it.
	Predicted, Authority []int32
}

// AppendMismatch writes a mismatch chunk. It may stand anywhere behind the header and before the end.
func AppendMismatch(b []byte, m *Mismatch) []byte {
	p := binary.AppendUvarint(nil, uint64(m.Player))
	p = binary.AppendUvarint(p, uint64(m.Tick))
	for _, row := range [...][]int32{m.Predicted, m.Authority} {
		row = row[:min(len(row), protocol.MaxFields)]
		p = binary.AppendUvarint(p, uint64(len(row)))
		for _, v := range row {
			p = binary.AppendVarint(p, int64(v))
		}
	}
	return appendChunk(b, chunkMismatch, p)
}

func (m *Mismatch) read(p *payload) {
	m.Player = protocol.PlayerID(p.number(1, protocol.MaxPlayers, "player"))
	m.Tick = protocol.Tick(p.number(1, 1<<32-1, "tick"))
	for _, row := range [...]*[]int32{&m.Predicted, &m.Authority} {
		n := int(p.number(0, protocol.MaxFields, "a row's length"))
		for i := 0; i < n && p.err == nil; i++ {
			*row = append(*row, p.cell())
		}
	}
	p.end()
}

// shorten returns a name as it is written.
func shorten(name string) string {
	return strings.ToValidUTF8(name[:min(len(name), protocol.MaxNameBytes)], "")
}
