package wire_test

import (
	"encoding/hex"
	"errors"
	"math"
	"os"
	"strings"
	"testing"

	"hindsight/protocol/wire"
)

// TestLibraryVersion guards a security fact: v5.4.0 and v5.4.1 of the msgpack library allocate what
// an array header announces, and five bytes (dd 7f ff ff ff) end the process.
func TestLibraryVersion(t *testing.T) {
	const library = "github.com/vmihailenco/msgpack/v5"
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for line := range strings.Lines(string(mod)) {
		// "path version", "require path version", "replace … => path version"
		_, version, ok := strings.Cut(line, library+" ")
		if !ok {
			continue
		}
		found = true
		if strings.HasPrefix(version, "v5.4.0") || strings.HasPrefix(version, "v5.4.1") {
			t.Errorf("go.mod resolves %s, which dies of dd7fffffff; pin v5.3.6", strings.TrimSpace(line))
		}
	}
	if !found {
		t.Errorf("go.mod does not require %s", library)
	}
}

func TestRoundTrip(t *testing.T) {
	ints := []int64{0, 1, -1, 31, -32, -33, 127, 128, -128, -129, 255, 256, 32767, 32768, -32768, -32769,
		65535, 65536, math.MaxInt32, math.MinInt32, math.MaxUint32, 1 << 40, math.MaxInt64, math.MinInt64}
	var w wire.Writer
	w.Reset([]byte("kept"))
	w.Array(8)
	w.Array(len(ints))
	for _, v := range ints {
		w.Int(v)
	}
	w.Uint(math.MaxInt64)
	w.Bool(true)
	w.Bool(false)
	w.String("")
	w.String("Ünïcode, " + strings.Repeat("x", 300))
	w.Bin([]byte{0, 255})
	w.Raw([]byte{0x05})
	b := w.Bytes()
	if string(b[:4]) != "kept" {
		t.Fatalf("Reset did not append: %x", b[:4])
	}

	var r wire.Reader
	r.Reset(b[4:])
	r.ArrayOf(8)
	if n := r.Array(64); n != len(ints) {
		t.Fatalf("array of %d, want %d", n, len(ints))
	}
	for _, want := range ints {
		if got := r.Int(math.MinInt64, math.MaxInt64); got != want {
			t.Errorf("int %d, want %d", got, want)
		}
	}
	if got := r.Uint(math.MaxUint64); got != math.MaxInt64 {
		t.Errorf("uint %d", got)
	}
	if !r.Bool() || r.Bool() {
		t.Error("booleans")
	}
	if got := r.String(0); got != "" {
		t.Errorf("text %q", got)
	}
	if got := r.String(400); len(got) != len("Ünïcode, ")+300 {
		t.Errorf("text %q", got)
	}
	blob := r.Bin(2)
	if len(blob) != 2 || blob[1] != 255 {
		t.Errorf("bytes %x", blob)
	}
	if got := r.Uint(5); got != 5 {
		t.Errorf("raw %d", got)
	}
	r.End()
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	if clear(b); blob[1] != 255 {
		t.Error("Bin returned the caller's memory")
	}
}

// TestFewestBytes pins the encoding itself, so that a change of library cannot change it unseen.
func TestFewestBytes(t *testing.T) {
	for v, want := range map[int64]string{
		0: "00", 127: "7f", 128: "cc80", 255: "ccff", 256: "cd0100", 65536: "ce00010000",
		-1: "ff", -32: "e0", -33: "d0df", -128: "d080", -129: "d1ff7f", -32769: "d2ffff7fff",
		1 << 32: "cf0000000100000000", math.MinInt64: "d38000000000000000",
	} {
		var w wire.Writer
		w.Reset(nil)
		w.Int(v)
		if got := hex.EncodeToString(w.Bytes()); got != want {
			t.Errorf("%d is %s, want %s", v, got, want)
		}
		if v < 0 {
			continue
		}
		w.Reset(nil)
		w.Uint(uint64(v))
		if got := hex.EncodeToString(w.Bytes()); got != want {
			t.Errorf("uint %d is %s, want %s", v, got, want)
		}
	}
}

// Any integer format may carry any integer that fits: other languages' libraries differ in which
// they choose.
func TestAnyIntegerFormat(t *testing.T) {
	for _, in := range []string{"05", "cc05", "cd0005", "ce00000005", "cf0000000000000005", "d005", "d10005", "d200000005", "d30000000000000005"} {
		b, _ := hex.DecodeString(in)
		var r wire.Reader
		r.Reset(b)
		if got := r.Int(5, 5); got != 5 || r.Err() != nil {
			t.Errorf("%s: %d, %v", in, got, r.Err())
		}
	}
}

func TestRefused(t *testing.T) {
	array := func(r *wire.Reader) { r.Array(1 << 30) }
	integer := func(r *wire.Reader) { r.Int(math.MinInt64, math.MaxInt64) }
	unsigned := func(r *wire.Reader) { r.Uint(math.MaxUint64) }
	boolean := func(r *wire.Reader) { r.Bool() }
	text := func(r *wire.Reader) { _ = r.String(8) }
	bin := func(r *wire.Reader) { r.Bin(8) }
	all := map[string]func(*wire.Reader){"array": array, "int": integer, "uint": unsigned, "bool": boolean, "text": text, "bytes": bin}
	tests := []struct {
		name, in, want string
		read           map[string]func(*wire.Reader)
	}{
		{"nothing", "", "truncated", all},
		{"nil", "c0", "not", all},
		{"the unused code", "c1", "not", all},
		{"float32 1", "ca3f800000", "not", all},
		{"float64 NaN", "cb7ff8000000000001", "not", all},
		{"map", "80", "not", all},
		{"map32", "dfffffffff", "not", all},
		{"ext", "d40005", "not", all},
		{"ext32", "c9ffffffff00", "not", all},
		{"int of 2^63", "cf8000000000000000", "out of range", map[string]func(*wire.Reader){"int": integer, "uint": unsigned}},
		{"negative uint", "ff", "out of range", map[string]func(*wire.Reader){"uint": unsigned}},
		{"int without its bytes", "ce000000", "truncated", map[string]func(*wire.Reader){"int": integer, "uint": unsigned}},
		{"array longer than the bytes", "92c3", "truncated", map[string]func(*wire.Reader){"array": array}},
		{"array without its length", "dd0000", "truncated", map[string]func(*wire.Reader){"array": array}},
		{"array32 of 2^31-1", "dd7fffffff", "too many", map[string]func(*wire.Reader){"array": array}},
		{"array32 of 2^32-1", "ddffffffff", "too many", map[string]func(*wire.Reader){"array": array}},
		{"text as bytes", "a161", "not bytes", map[string]func(*wire.Reader){"bytes": bin}},
		{"bytes as text", "c40161", "not text", map[string]func(*wire.Reader){"text": text}},
		{"text cut short", "a36161", "truncated", map[string]func(*wire.Reader){"text": text}},
		{"text too long", "a9616161616161616161", "too long", map[string]func(*wire.Reader){"text": text}},
		{"str32 of 4 GB", "dbffffffff", "too long", map[string]func(*wire.Reader){"text": text}},
		{"str16 without its length", "da00", "truncated", map[string]func(*wire.Reader){"text": text}},
		{"half a character", "a1c3", "UTF-8", map[string]func(*wire.Reader){"text": text}},
		{"a surrogate", "a3eda080", "UTF-8", map[string]func(*wire.Reader){"text": text}},
		{"bin32 of 4 GB", "c6ffffffff", "too long", map[string]func(*wire.Reader){"bytes": bin}},
	}
	for _, tt := range tests {
		for what, read := range tt.read {
			b, err := hex.DecodeString(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			var r wire.Reader
			r.Reset(b)
			read(&r)
			if err := r.Err(); !errors.Is(err, wire.ErrBad) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s read as %s: %v, want %q", tt.name, what, err, tt.want)
			}
		}
	}
}

func TestFirstErrorSticks(t *testing.T) {
	var r wire.Reader
	r.Reset([]byte{0x05, 0xc3, 0xa1, 'x'})
	r.Int(6, 7)
	first := r.Err()
	if r.Bool() || r.String(9) != "" || r.Int(1, 9) != 0 || r.Uint(9) != 0 || r.Array(9) != 0 || r.Bin(9) != nil {
		t.Error("a value was read after an error")
	}
	r.ArrayOf(3)
	r.End()
	r.Fail("another")
	if r.Err() != first {
		t.Errorf("the error became %v", r.Err())
	}
	r.Reset([]byte{0x05})
	if r.Err() != nil || r.Uint(5) != 5 {
		t.Error("Reset did not clear the error")
	}
}

func TestEnd(t *testing.T) {
	var r wire.Reader
	r.Reset([]byte{0x01, 0x02})
	r.Uint(9)
	r.End()
	if r.Err() == nil {
		t.Error("trailing bytes were accepted")
	}
}

func TestAllocates(t *testing.T) {
	var w wire.Writer
	var r wire.Reader
	buf := make([]byte, 0, 256)
	blob := []byte("blob")
	run := func() {
		w.Reset(buf)
		w.Array(5)
		w.Int(-70000)
		w.Uint(1 << 20)
		w.Bool(true)
		w.String("text")
		w.Bin(blob)
		r.Reset(w.Bytes())
		r.ArrayOf(5)
		r.Int(-70000, 0)
		r.Uint(1 << 20)
		r.Bool()
	}
	if n := testing.AllocsPerRun(100, run); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
