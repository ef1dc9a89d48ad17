package replay

import (
	"hindsight/protocol"
)

// File is a replay whose frame was checked: every chunk is whole and where it should be. What the
// ticks hold is looked at by a Reader.
type File struct {
	Header Header
	// Ticks is the last tick that can be played.
	Ticks protocol.Tick
	// Ended says that the recording was brought to an end; Over that the match was too. A file
	// without an end was cut off, at byte Cut if in the middle of a chunk.
	Ended, Over bool
	Cut         int
	// Digest is World.Hash after the last tick, if Ended.
	Digest uint64
	// Mismatches are those that the file was saved for.
	Mismatches []Mismatch

	data  []byte
	first int // where the chunk behind the header begins
}

// Parse checks the frame of a file, which it keeps. The error wraps ErrBad and names the byte.
func Parse(data []byte) (*File, error) {
	if len(data) < len(magic)+1 || string(data[:len(magic)]) != magic {
		return nil, damaged(0, "this is not a replay")
	}
	if v := data[len(magic)]; v != Format {
		return nil, ErrFormat
	}
	start := len(magic) + 1
	c, cut, err := chunkAt(data, start)
	switch {
	case err != nil:
		return nil, err
	case cut || c.kind != chunkHeader:
		return nil, damaged(start, "the header is missing or cut off")
	}
	f := &File{data: data, first: c.next}
	f.Header.read(&c.payload)
	if c.payload.err != nil {
		return nil, c.payload.err
	}
	for at := f.first; at < len(data); at = c.next {
		if c, cut, err = chunkAt(data, at); err == nil && !cut {
			err = f.take(&c, at)
		}
		if err != nil {
			return nil, err
		}
		if cut {
			f.Cut = at
			break
		}
	}
	return f, nil
}

// take looks at a chunk behind the header.
func (f *File) take(c *chunk, at int) error {
	if f.Ended {
		return damaged(at, "something follows the end")
	}
	p := &c.payload
	switch c.kind {
	case chunkHeader:
		return damaged(at, "a second header")
	case chunkTicks:
		f.Ticks = p.ticks(f.Ticks)
	case chunkMismatch:
		if len(f.Mismatches) == maxMismatches {
			return damaged(at, "too many mismatches")
		}
		var m Mismatch
		m.read(p)
		f.Mismatches = append(f.Mismatches, m)
	case chunkEnd:
		if p.number(0, 1<<32-1, "the last tick") != uint64(f.Ticks) {
			p.fail("the end is not that of the last tick")
		}
		f.Digest = p.digest()
		f.Over, f.Ended = p.byte(1, "the end") == 1, true
		p.end()
	}
	return p.err
}

// ticks reads the head of a ticks chunk that follows tick last, and returns the chunk's last tick.
func (p *payload) ticks(last protocol.Tick) protocol.Tick {
	at := p.pos
	first := p.number(1, 1<<32-1, "the first tick")
	n := p.number(1, MaxChunkTicks, "the number of ticks")
	if p.err == nil && (first != uint64(last)+1 || first+n > 1<<32) {
		p.pos = at
		p.fail("the ticks do not follow one another")
	}
	if p.err != nil {
		return last
	}
	return last + protocol.Tick(n)
}
