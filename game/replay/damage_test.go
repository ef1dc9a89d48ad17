package replay_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"hindsight/game"
	"hindsight/game/games/arena"
	"hindsight/game/replay"
	"hindsight/protocol"
	"hindsight/server/alloctest"
)

// piece is a chunk of a file, taken apart.
type piece struct {
	kind    byte
	payload []byte
}

// apart takes a whole file to pieces.
func apart(t testing.TB, file []byte) (pieces []piece) {
	t.Helper()
	for b := file[9:]; len(b) > 0; {
		n, w := binary.Uvarint(b[1:])
		from := 1 + w
		pieces = append(pieces, piece{b[0], slices.Clone(b[from : from+int(n)])})
		b = b[from+int(n)+4:]
	}
	return pieces
}

// together makes a file of pieces, with sums that are right.
func together(pieces ...piece) []byte {
	b := []byte("HSREPLAY\x01")
	for _, p := range pieces {
		from := len(b)
		b = append(b, p.kind)
		b = binary.AppendUvarint(b, uint64(len(p.payload)))
		b = append(b, p.payload...)
		b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b[from:]))
	}
	return b
}

// read does all that can be done with a file, and returns the first error. What it allocates is
// bounded by what the file has.
func read(t testing.TB, file []byte) error {
	t.Helper()
	var f *replay.File
	var err error
	alloctest.Check(t, alloctest.Earned(len(file)), func() { f, err = replay.Parse(file) })
	if err == nil {
		// Half a megabyte is a survey's limit on names; what a damaged file costs is far below.
		alloctest.Check(t, 1<<20+64*len(file), func() { _, err = f.Survey() })
	}
	if err != nil {
		if !errors.Is(err, replay.ErrBad) {
			t.Errorf("an error of another kind: %v", err)
		}
		return err
	}
	def := find(f.Header.Game)
	if def == nil {
		return nil
	}
	if f.Ticks > 2000 { // a hostile file's ticks take no bytes, but time
		return nil
	}
	if _, err := f.Verify(def); err != nil {
		return err
	}
	for i := range f.Mismatches {
		if _, err := f.Reproduce(def, &f.Mismatches[i]); err != nil {
			return err
		}
	}
	p, err := replay.Open(file, find)
	if err != nil {
		return err
	}
	for _, goal := range [...]protocol.Tick{f.Ticks, f.Ticks / 2, 1} {
		for p.Seek(goal); p.Seeking(); {
			if err := p.Advance(0, 0); err != nil {
				return err
			}
		}
	}
	return nil
}

func TestDamagedFiles(t *testing.T) {
	whole := film(t, toy, toyStart, 4, 100).file
	parts := apart(t, whole)
	header, first, second, end := parts[0], parts[1], parts[2], parts[len(parts)-1]
	with := func(p piece, change func(b []byte) []byte) piece {
		return piece{p.kind, change(slices.Clone(p.payload))}
	}
	cut := func(n int) func([]byte) []byte { return func(b []byte) []byte { return b[:len(b)-n] } }
	more := func(b []byte) []byte { return append(b, 0) }
	mismatch := piece{'M', apart(t, append(together(), replay.AppendMismatch(nil, &replay.Mismatch{Player: 1, Tick: 3, Predicted: []int32{1}})...))[0].payload}
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"nothing", nil, "byte 0: this is not a replay"},
		{"a picture", []byte("\x89PNG\r\n\x1a\n and so on"), "byte 0: this is not a replay"},
		{"of another format", append([]byte("HSREPLAY\x02"), whole[9:]...), "byte 8: the replay's format"},
		{"no header", together(), "byte 9: the header is missing or cut off"},
		{"a cut header", whole[:20], "byte 9: the header is missing or cut off"},
		{"ticks for a header", together(first), "byte 9: the header is missing"},
		{"two headers", together(header, header), "a second header"},
		{"a short header", together(with(header, cut(1))), "views is cut off"},
		{"a long header", together(with(header, more)), "bytes too many"},
		{"a rate of 0", together(with(header, func(b []byte) []byte { b[bytes.Index(b, []byte("\x03toy"+"\x14"))+4] = 0; return b })), "tick rate"},
		{"a name that is no text", together(with(header, func(b []byte) []byte { b[1] = 0xff; return b })), "not UTF-8"},
		{"a flipped bit", flip(whole, len(whole)/2), "checksum does not match"},
		{"a chunk without end", append(slices.Clone(whole[:9]), 'H', 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), "a chunk is too long"},
		{"a huge chunk", append(together(header), 'T', 0xff, 0xff, 0xff, 0x7f), "a chunk is too long"},
		{"ticks left out", together(header, second), "the ticks do not follow one another"},
		{"ticks twice", together(header, first, first), "the ticks do not follow one another"},
		{"no ticks in ticks", together(header, with(first, func(b []byte) []byte { b[1] = 0; return b })), "number of ticks"},
		{"fewer ticks than said", together(header, with(first, func(b []byte) []byte { return b[:2] })), "the inputs are not what the chunk says, at tick"},
		{"ticks cut short", together(header, with(first, cut(9))), "at tick"},
		{"bytes behind the ticks", together(header, with(first, more)), "at tick 20"},
		{"noise for ticks", together(header, with(first, noise)), "at tick"},
		{"another end", together(header, first, end), "the end is not that of the last tick"},
		{"a short end", together(append(slices.Clone(parts[:len(parts)-1]), with(end, cut(1)))...), "the end is cut off"},
		{"behind the end", together(append(slices.Clone(parts), first)...), "something follows the end"},
		{"a mismatch of nobody", together(header, with(mismatch, func(b []byte) []byte { b[0] = 0; return b })), "player"},
		{"a cut mismatch", together(header, with(mismatch, cut(2))), "cut off"},
		{"a cell that is none", together(header, piece{'M', append([]byte{1, 1, 1}, binary.AppendVarint(nil, 1<<40)...)}), "a cell"},
		{"mismatches without end", together(append([]piece{header}, slices.Repeat([]piece{mismatch}, 17)...)...), "too many mismatches"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := read(t, c.file)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "byte ") {
				t.Errorf("error %v, want one about %q", err, c.want)
			}
		})
	}
	if err := read(t, together(append([]piece{header, {'Z', []byte("from a newer build")}}, parts[1:]...)...)); err != nil {
		t.Errorf("a chunk of an unknown kind: %v", err)
	}
}

func flip(file []byte, at int) []byte {
	file = slices.Clone(file)
	file[at] ^= 4
	return file
}

// noise leaves the head of a ticks chunk and makes the rest up.
func noise(b []byte) []byte {
	r := rand.New(rand.NewPCG(1, 1))
	for i := range b[2:] {
		b[2+i] = byte(r.Uint32())
	}
	return b
}

// A file whose start no game accepts, and one of a game that is not there, say so.
func TestFilesOfAnotherBuild(t *testing.T) {
	file := film(t, toy, toyStart, 2, 40).file
	if _, err := replay.Open(file, func(string) *game.Definition { return nil }); !errors.Is(err, replay.ErrGame) || !strings.Contains(err.Error(), `"toy"`) {
		t.Errorf("of an unknown game: %v", err)
	}
	if _, err := replay.Open(file, func(string) *game.Definition { return arena.Game }); !errors.Is(err, arena.ErrStart) {
		t.Errorf("a start that the game refuses: %v", err)
	}
	if _, err := replay.Open(together(apart(t, file)[0]), find); !errors.Is(err, replay.ErrEmpty) {
		t.Errorf("without a tick: %v", err)
	}
	small := *toy
	small.MaxPlayers = 1
	if _, err := parse(t, file).Verify(&small); !errors.Is(err, replay.ErrBad) || !strings.Contains(err.Error(), "a seat that the game does not have, at tick 1") {
		t.Errorf("a seat that is not there: %v", err)
	}
}

// FuzzFile reads anything, and FuzzTicks reads chunks whose sums are right and whose bytes are not, in the
// name of a game.
func FuzzFile(f *testing.F) {
	file := film(f, toy, toyStart, 3, 60).file
	f.Add(file)
	f.Add(file[:len(file)/2])
	f.Fuzz(func(t *testing.T, b []byte) { _ = read(t, b) })
}

// FuzzChunks reads what a file is made of, with sums that are right, and no further.
func FuzzChunks(f *testing.F) {
	file := film(f, toy, toyStart, 3, 60).file
	file = replay.AppendMismatch(file, &replay.Mismatch{Player: 1, Tick: 3, Predicted: []int32{1}, Authority: []int32{2}})
	parts := apart(f, file)
	for _, p := range parts[1:] {
		f.Add(parts[0].payload, p.kind, p.payload, parts[len(parts)-1].kind, parts[len(parts)-1].payload)
	}
	f.Fuzz(func(t *testing.T, header []byte, kind1 byte, a []byte, kind2 byte, b []byte) {
		file := together(piece{'H', header}, piece{kind1, a}, piece{kind2, b})
		alloctest.Check(t, alloctest.Earned(len(file)), func() {
			if _, err := replay.Parse(file); err != nil && !errors.Is(err, replay.ErrBad) {
				t.Errorf("an error of another kind: %v", err)
			}
		})
	})
}

func FuzzTicks(f *testing.F) {
	start := arenaStart(f, map[string]string{"maps": "warren", "warmup": "0"})
	heads := map[bool]piece{}
	for i, file := range [...][]byte{film(f, toy, toyStart, 3, 60).file, film(f, arena.Game, start, 3, 120).file} {
		parts := apart(f, file)
		heads[i == 1] = parts[0]
		for _, p := range parts[1:] {
			f.Add(i == 1, p.payload, parts[1].payload)
		}
	}
	f.Fuzz(func(t *testing.T, inArena bool, a, b []byte) {
		_ = read(t, together(heads[inArena], piece{'T', a}, piece{'T', b}))
	})
}

// Random damage to the stream of a real match, its sums made right again, is an error or another
// match; nothing else happens.
func TestWornFiles(t *testing.T) {
	start := arenaStart(t, map[string]string{"maps": "canals", "mode": "tdm", "warmup": "0"})
	parts := apart(t, film(t, arena.Game, start, 8, 240).file)
	r := rand.New(rand.NewPCG(4, 4))
	refused := 0
	for range 60 {
		worn := slices.Clone(parts)
		i := 1 + r.IntN(len(worn)-1)
		worn[i].payload = slices.Clone(worn[i].payload)
		for range 1 + r.IntN(3) {
			worn[i].payload[r.IntN(len(worn[i].payload))] ^= 1 << r.IntN(8)
		}
		if read(t, together(worn...)) != nil {
			refused++
		}
	}
	if refused < 20 {
		t.Errorf("only %d of 60 damaged files were refused", refused)
	}
}

// A reader that is copied goes on as the first would.
func TestReaderClone(t *testing.T) {
	f := parse(t, film(t, toy, toyStart, 5, 200).file)
	a := f.Reader()
	for range 77 {
		if _, err := a.Next(); err != nil {
			t.Fatal(err)
		}
	}
	b := a.Clone()
	for {
		x, err := a.Next()
		y, err2 := b.Next()
		if err != err2 {
			t.Fatalf("errors %v and %v", err, err2)
		}
		if errors.Is(err, io.EOF) {
			return
		}
		if x.Tick != y.Tick || !alike(x.Inputs, y.Inputs) || !slices.Equal(x.Moves, y.Moves) {
			t.Fatalf("tick %d: %+v and %+v", x.Tick, x, y)
		}
	}
}
