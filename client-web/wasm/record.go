//go:build js && wasm

package main

import "encoding/binary"

// record is a list of numbers and texts for the page: numbers are 32 bits, least byte first, and a
// text is its length and its UTF-8. src/record.ts reads and writes the same.
type record struct{ b []byte }

func (r *record) reset() { r.b = r.b[:0] }

func (r *record) num(n int32) { r.b = binary.LittleEndian.AppendUint32(r.b, uint32(n)) }

func (r *record) flag(v bool) {
	if v {
		r.num(1)
	} else {
		r.num(0)
	}
}

func (r *record) str(s string) {
	r.num(int32(len(s)))
	r.b = append(r.b, s...)
}

func (r *record) strs(list []string) {
	r.num(int32(len(list)))
	for _, s := range list {
		r.str(s)
	}
}

// reading takes texts off a record of the page's. The page and this program are built together, so
// a record that is cut off is a bug, and the slice expressions panic.
type reading struct{ b []byte }

func (r *reading) str() string {
	n := binary.LittleEndian.Uint32(r.b)
	s := string(r.b[4 : 4+n])
	r.b = r.b[4+n:]
	return s
}
