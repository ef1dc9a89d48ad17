package replay

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"

	"hindsight/game"
	"hindsight/protocol"
)

// Format is the version of the format, the byte after the magic ones.
const Format = 1

// Limits of a file. A writer keeps them and a reader refuses more.
const (
	MaxChunkTicks = 256      // in a ticks chunk
	MaxChunkBytes = 1 << 20  // of a chunk's payload
	maxText       = 256      // bytes of a text in the header
	maxRate       = 1000     // Hz, and the ticks between two digests
	chunkFull     = 32 << 10 // bytes after which a ticks chunk ends early
	maxMismatches = 16
	maxMoves      = 2048 // of players between two ticks
)

const magic = "HSREPLAY"

// The kinds of chunks.
const (
	chunkHeader   = 'H'
	chunkTicks    = 'T'
	chunkMismatch = 'M'
	chunkEnd      = 'E'
)

// Errors of reading.
var (
	// ErrBad is wrapped by every error about a file that is damaged, or is no replay at all.
	ErrBad = errors.New("replay: damaged file")
	// ErrFormat is for a file of another version of the format. It wraps ErrBad.
	ErrFormat = fmt.Errorf("%w: byte 8: the replay's format is not the one this build reads; play it with the build that recorded it", ErrBad)
	// ErrGame is wrapped when this build does not have the game.
	ErrGame = errors.New("replay: this build has no such game")
	// ErrEmpty is for a file that was cut off before its first tick.
	ErrEmpty = errors.New("replay: nothing was recorded")
)

// damaged says what is wrong, and at which byte of the file.
func damaged(at int, what string) error { return fmt.Errorf("%w: byte %d: %s", ErrBad, at, what) }

// Header says what was played.
type Header struct {
	// Game is the game's name, Build the server that ran it: the rules of another build may differ.
	Game, Build string
	// Title, Mode and Map are those of game.Start, for people and lists.
	Title, Mode, Map string
	// Blob is the start blob that the world was made from.
	Blob []byte
	// TickRate is in Hz.
	TickRate int
	// HashEvery is how many ticks lie between two digests.
	HashEvery int
	// Began is the wall clock's second at which the match began, 0 if unknown.
	Began uint64
	// Looks says that only the views are kept on which something depended; see
	// game.Definition.Looks.
	Looks bool
}

// HeaderOf returns the header of a match that begins at a second of the wall clock, recorded by a
// build. A digest is taken every second.
func HeaderOf(m *game.Match, build string, began uint64) Header {
	d, s := m.Def, &m.Start
	return Header{
		Game: d.Name, Build: build, Title: s.Title, Mode: s.Mode, Map: s.Map, Blob: s.Blob,
		TickRate: d.TickRate, HashEvery: d.TickRate, Began: began, Looks: d.Looks,
	}
}

// Match begins the match that the header tells of.
func (h *Header) Match(def *game.Definition) (*game.Match, error) {
	return game.NewMatch(def, game.Start{Title: h.Title, Mode: h.Mode, Map: h.Map, Blob: h.Blob})
}

// append writes the header's payload. Texts that are too long are cut.
func (h *Header) append(b []byte) []byte {
	for _, s := range [...]string{h.Game, h.Build, h.Title, h.Mode, h.Map} {
		b = appendText(b, s, maxText)
	}
	b = binary.AppendUvarint(b, uint64(len(h.Blob)))
	b = append(b, h.Blob...)
	for _, v := range [...]uint64{uint64(h.TickRate), uint64(h.HashEvery), h.Began} {
		b = binary.AppendUvarint(b, v)
	}
	if h.Looks {
		return append(b, 1)
	}
	return append(b, 0)
}

func (h *Header) read(p *payload) {
	for _, s := range [...]*string{&h.Game, &h.Build, &h.Title, &h.Mode, &h.Map} {
		*s = p.text(maxText)
	}
	h.Blob = p.bytes(protocol.MaxStartBytes)
	h.TickRate = int(p.number(1, maxRate, "tick rate"))
	h.HashEvery = int(p.number(1, maxRate, "ticks between digests"))
	h.Began = p.number(0, 1<<40, "beginning")
	h.Looks = p.byte(1, "views") == 1
	p.end()
}

// appendText writes a text, cut to at most most bytes and made valid.
func appendText(b []byte, s string, most int) []byte {
	s = strings.ToValidUTF8(s[:min(len(s), most)], "")
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

// appendChunk writes a chunk.
func appendChunk(b []byte, kind byte, payload []byte) []byte {
	from := len(b)
	b = append(b, kind)
	b = binary.AppendUvarint(b, uint64(len(payload)))
	b = append(b, payload...)
	return binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b[from:]))
}
