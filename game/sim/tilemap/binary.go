package tilemap

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf8"

	"hindsight/game/sim/fixed"
)

// The binary form, all integers varints of package encoding/binary:
//
//	format (1), name, title, W, H
//	tiles: runs of (length-1)*4 + tile, row by row, until W*H are there
//	number of words, words: each class and property name once, in order of first use
//	number of objects, each: class word, x, y in 1/256 unit, number of properties,
//	                   each: name word, zigzag value
//
// A string is its length and its bytes. A 64x48 map with 60 objects takes about 1 KB.
const format = 1

const maxWords = 64

// ErrBad is wrapped by every error of Parse.
var ErrBad = errors.New("tilemap: bad map")

// AppendBinary appends the map's binary form to dst.
func (m *Map) AppendBinary(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, format)
	dst = appendString(dst, m.Name)
	dst = appendString(dst, m.Title)
	dst = binary.AppendUvarint(dst, uint64(m.W))
	dst = binary.AppendUvarint(dst, uint64(m.H))
	for at := 0; at < len(m.Tiles); {
		run := 1
		for at+run < len(m.Tiles) && m.Tiles[at+run] == m.Tiles[at] {
			run++
		}
		dst = binary.AppendUvarint(dst, uint64(run-1)<<2|uint64(m.Tiles[at]))
		at += run
	}
	return m.appendObjects(dst)
}

func (m *Map) appendObjects(dst []byte) []byte {
	var words []string
	word := func(s string) uint64 {
		for i, w := range words {
			if w == s {
				return uint64(i)
			}
		}
		words = append(words, s)
		return uint64(len(words) - 1)
	}
	var objects []byte
	for i := range m.Objects {
		o := &m.Objects[i]
		objects = binary.AppendUvarint(objects, word(o.Class))
		objects = binary.AppendUvarint(objects, uint64(o.At.X))
		objects = binary.AppendUvarint(objects, uint64(o.At.Y))
		objects = binary.AppendUvarint(objects, uint64(len(o.Props)))
		for _, p := range o.Props {
			objects = binary.AppendUvarint(objects, word(p.Name))
			objects = binary.AppendVarint(objects, int64(p.Value))
		}
	}
	dst = binary.AppendUvarint(dst, uint64(len(words)))
	for _, w := range words {
		dst = appendString(dst, w)
	}
	dst = binary.AppendUvarint(dst, uint64(len(m.Objects)))
	return append(dst, objects...)
}

func appendString(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// Parse reads a map from exactly the bytes of b, which it does not keep. It trusts nothing: sizes
// are bounded before they are believed, and every tile, word and position is checked. The error
// wraps ErrBad.
func Parse(b []byte) (*Map, error) {
	r := reader{b: b}
	if v := r.number(255, "format"); r.err == nil && v != format {
		return nil, fmt.Errorf("%w: format %d, want %d", ErrBad, v, format)
	}
	m := &Map{Name: r.str(MaxNameBytes, "name"), Title: r.str(MaxTitleBytes, "title")}
	m.W, m.H = r.number(MaxSide, "width"), r.number(MaxSide, "height")
	if r.err == nil && (m.W < MinSide || m.H < MinSide) {
		return nil, fmt.Errorf("%w: %dx%d tiles, want at least %dx%d", ErrBad, m.W, m.H, MinSide, MinSide)
	}
	r.tiles(m)
	r.objects(m)
	if r.err == nil && len(r.b) > 0 {
		r.fail("%d bytes too many", len(r.b))
	}
	if r.err != nil {
		return nil, r.err
	}
	return m, nil
}

// reader takes values off the front of b until something is wrong; then it gives zeroes.
type reader struct {
	b   []byte
	err error
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: "+format, append([]any{ErrBad}, args...)...)
	}
	r.b = nil
}

// number reads an integer of at most limit; what names it in an error.
func (r *reader) number(limit uint64, what string) int {
	v, n := binary.Uvarint(r.b)
	switch {
	case r.err != nil:
		return 0
	case n <= 0 || n > 1 && r.b[n-1] == 0: // cut off, too long, or padded: one value, one form
		r.fail("%s: cut off or malformed", what)
		return 0
	case v > limit:
		r.fail("%s: %d is more than %d", what, v, limit)
		return 0
	}
	r.b = r.b[n:]
	return int(v)
}

func (r *reader) str(limit uint64, what string) string {
	n := r.number(limit, what)
	if n > len(r.b) {
		r.fail("%s: cut off", what)
		return ""
	}
	s := string(r.b[:n])
	if !utf8.ValidString(s) {
		r.fail("%s: not UTF-8", what)
	}
	r.b = r.b[min(n, len(r.b)):]
	return s
}

func (r *reader) tiles(m *Map) {
	if r.err != nil {
		return
	}
	n := m.W * m.H
	m.Tiles = make([]Tile, 0, n)
	for len(m.Tiles) < n && r.err == nil {
		v := r.number(uint64(n)<<2, "tiles")
		run, tile := v>>2+1, Tile(v&3)
		if tile >= Tiles || run > n-len(m.Tiles) {
			r.fail("tiles: a run of %d tiles %d at tile %d of %d", run, tile, len(m.Tiles), n)
			return
		}
		for range run {
			m.Tiles = append(m.Tiles, tile)
		}
	}
}

func (r *reader) objects(m *Map) {
	words := make([]string, 0, 16)
	for range r.number(maxWords, "words") {
		words = append(words, r.str(MaxNameBytes, "word"))
	}
	word := func(what string) string {
		i := r.number(maxWords, what)
		if i >= len(words) {
			r.fail("%s: word %d of %d", what, i, len(words))
			return ""
		}
		return words[i]
	}
	size := m.Size()
	n := r.number(MaxObjects, "objects")
	for i := 0; i < n && r.err == nil; i++ {
		o := Object{Class: word("class")}
		o.At.X = fixed.Num(r.number(uint64(max(size.X, 1)-1), "x"))
		o.At.Y = fixed.Num(r.number(uint64(max(size.Y, 1)-1), "y"))
		for range r.number(MaxProps, "properties") {
			name := word("property")
			z := r.number(1<<32-1, "value")
			o.Props = append(o.Props, Prop{name, int32(uint32(z)>>1) ^ -int32(z&1)})
		}
		m.Objects = append(m.Objects, o)
	}
}
