// Package replay keeps a match as what went into it: its start, who came and left, and what every
// seat did in every tick. Running the same rules over that gives the same match again, tick by tick,
// which a digest of the world's state in every second proves. Ten minutes of sixteen players take a
// few hundred kilobytes.
//
//	w := replay.NewWriter(replay.Header{…})   // the room, as the match begins
//	w.Join(id, joiner, name)                  // before the tick that it is seated for
//	w.Tick(match, match.Step(inputs))         // every tick
//	keep(w.Take())                            // once a second, and after w.End
//
//	report, err := replay.Verify(file, games.Find)  // run it again and compare
//	p, err := replay.Open(file, games.Find)         // play it for a viewer
//
// Nothing here does I/O, reads a clock or starts a goroutine; a Writer, Reader or Player belongs to
// one goroutine. Tick and Take allocate nothing once warm. A Reader trusts nothing: it refuses a
// damaged file with the place of the damage, never panics, and needs no more memory than the file
// has bytes, and a few tens of kilobytes.
//
// # The format
//
// A file is eight bytes, "HSREPLAY", one byte of format version (Format), and then chunks:
//
//	kind     1 byte: 'H' header, 'T' ticks, 'M' mismatch, 'E' end
//	length   uvarint, of the payload
//	payload
//	check    4 bytes, little endian: CRC-32 (IEEE) of kind, length and payload
//
// Uvarint and varint are those of protocol buffers (encoding/binary); text and bytes are a uvarint of
// their length and then that many bytes; text is UTF-8.
//
// The header is the first chunk. Its payload: text of game, build, title, mode and map; bytes of the
// start blob; uvarints of tick rate, ticks between two digests, and of the wall clock's second at
// which the match began (0: unknown); and a byte that is 1 if only the views that mattered are kept
// (game.Definition.Looks), else 0.
//
// A ticks chunk holds the next ticks: a uvarint of the first one's number, one of how many there are
// (1 to MaxChunkTicks), and the rest of the payload is one stream of a range coder. The coder (in
// coder.go) is that of LZMA with likelihoods in 1/65536; it begins anew with each chunk, while what it
// has learned (in model.go) goes on to the next. For each tick the stream has
//
//	a flag 1, and who was seated or left before the tick; again until a flag 0
//	the input of each seat, in ascending order of ids: a flag 1 with late commands, if there are any,
//	a flag that is Input.Astray, and then the command of the tick
//	in ticks that the digests fall on (number modulo Header.HashEvery is 0): 64 bits, World.Hash after
//	the tick
//
// A command is coded as what differs from the seat's last one; the functions of model.go are the
// description, in the order of the stream.
//
// A mismatch chunk stands in a reproduction file: uvarints of player and tick, and twice an own row,
// first as the client had predicted it after that tick, then as the server knew it: a uvarint of how
// many cells, and each as a varint. A row that is not known has no cells.
//
// The end chunk is the last: a uvarint of the last tick, the 8 bytes of World.Hash after it (little
// endian), and a byte that is 1 if the match was over. A file without it was cut off; it can be
// played as far as it goes. Chunks of other kinds are passed over, so that a newer writer can add some.
package replay
