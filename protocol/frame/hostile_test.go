package frame_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"hindsight/protocol"
	"hindsight/protocol/delta"
	"hindsight/protocol/frame"
	"hindsight/protocol/wire"
	"hindsight/server/alloctest"
)

// reader decodes frames of any type, with the base that the example frames need.
type reader struct {
	d       frame.Decoder
	hello   frame.Hello
	input   frame.Input
	chat    frame.Chat
	report  frame.Report
	welcome frame.Welcome
	start   frame.Start
	far     far
	before  map[string][][]byte // of each snapshot
}

func newReader() *reader {
	r := &reader{far: far{schema: exampleSchema()}, before: map[string][][]byte{}}
	for _, x := range exampleSnapshots() {
		if x.name != "" {
			r.before[x.name], _ = snapshotBytes(x.name)
		}
	}
	return r
}

// read decodes b as the frame type of the golden frame of that name.
func (r *reader) read(name string, b []byte) error {
	switch name {
	case "hello":
		return r.d.Hello(b, &r.hello)
	case "input", "inputs":
		return r.d.Input(b, &r.input)
	case "chat":
		return r.d.Chat(b, &r.chat)
	case "report", "report-mismatch":
		return r.d.Report(b, &r.report)
	case "welcome":
		return r.d.Welcome(b, &r.welcome)
	case "start":
		return r.d.Start(b, &r.start)
	}
	for _, b := range r.before[name] {
		if err := r.far.receive(b); err != nil {
			panic(err)
		}
	}
	return r.far.receive(b)
}

// mustRefuse reads b and wants ErrBad for no more memory than its length earns it.
func (r *reader) mustRefuse(t *testing.T, name, what string, b []byte) {
	t.Helper()
	var err error
	alloctest.Check(t, alloctest.Earned(len(b)), func() { err = r.read(name, b) })
	if !errors.Is(err, frame.ErrBad) {
		t.Errorf("%s with %s: %v\n% x", name, what, err, b[:min(len(b), 64)])
	}
}

// span is where a value of a frame lies, and of an array, where its elements do.
type span struct {
	from, to int
	elements []span
}

// parse finds the values of a frame of our own making.
func parse(b []byte, at int) span {
	s := span{from: at}
	array := func(n, head int) {
		at += head
		for range n {
			e := parse(b, at)
			s.elements = append(s.elements, e)
			at = e.to
		}
	}
	switch c := b[at]; {
	case c <= 0x7f || c >= 0xe0 || c == 0xc2 || c == 0xc3:
		at++
	case c&0xf0 == 0x90:
		array(int(c&15), 1)
	case c == 0xdc:
		array(int(b[at+1])<<8|int(b[at+2]), 3)
	case c&0xe0 == 0xa0:
		at += 1 + int(c&31)
	case c == 0xc4:
		at += 2 + int(b[at+1]) // its bits are not msgpack: see TestEvilBits
	case c == 0xcc || c == 0xd0:
		at += 2
	case c == 0xcd || c == 0xd1:
		at += 3
	case c == 0xce || c == 0xd2:
		at += 5
	default:
		panic(fmt.Sprintf("code %x", c))
	}
	s.to = at
	return s
}

func (s *span) walk(f func(span)) {
	f(*s)
	for i := range s.elements {
		s.elements[i].walk(f)
	}
}

// evil are values that are right nowhere in any frame.
var evil = map[string][]byte{
	"nil":                    {0xc0},
	"the unused code":        {0xc1},
	"float32 1":              {0xca, 0x3f, 0x80, 0, 0},
	"float64 NaN":            {0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 1},
	"2^63":                   {0xcf, 0x80, 0, 0, 0, 0, 0, 0, 0},
	"2^64-1":                 {0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
	"2^33":                   {0xcf, 0, 0, 0, 2, 0, 0, 0, 0},
	"-2^63":                  {0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0},
	"array32 of 2^31-1":      {0xdd, 0x7f, 0xff, 0xff, 0xff},
	"array32 of 2^32-1":      {0xdd, 0xff, 0xff, 0xff, 0xff},
	"array16 of 65535":       {0xdc, 0xff, 0xff},
	"an empty map":           {0x80},
	"map32 of 2^32-1":        {0xdf, 0xff, 0xff, 0xff, 0xff},
	"str32 of 4 GB":          {0xdb, 0xff, 0xff, 0xff, 0xff},
	"bin32 of 4 GB":          {0xc6, 0xff, 0xff, 0xff, 0xff},
	"ext32 of 4 GB":          {0xc9, 0xff, 0xff, 0xff, 0xff, 0},
	"text that is not UTF-8": {0xa2, 0xc3, 0x28},
	"arrays 4000 deep":       append(bytes.Repeat([]byte{0x91}, 4000), 0),
}

// TestEvilValues puts every evil value in the place of every value of every frame, at all depths.
func TestEvilValues(t *testing.T) {
	r := newReader()
	for _, g := range golden {
		b := readGolden(t, g.name)
		whole := parse(b, 0)
		whole.walk(func(s span) {
			for what, v := range evil {
				r.mustRefuse(t, g.name, fmt.Sprintf("%s at %d", what, s.from), slices.Concat(b[:s.from], v, b[s.to:]))
			}
		})
	}
}

func TestTruncated(t *testing.T) {
	r := newReader()
	for _, g := range golden {
		b := readGolden(t, g.name)
		for n := range b {
			r.mustRefuse(t, g.name, fmt.Sprintf("only %d bytes", n), b[:n])
		}
		r.mustRefuse(t, g.name, "a trailing byte", append(b, 0))
		r.mustRefuse(t, g.name, "itself behind it", append(b, b...))
	}
}

// TestArity drops and adds an element at the end of every array. Three lists end where they end:
// a command without its last zeroes, and what a player may have one more or less of.
func TestArity(t *testing.T) {
	r := newReader()
	for _, g := range golden {
		b := readGolden(t, g.name)
		whole := parse(b, 0)
		top := whole.elements
		whole.walk(func(s span) {
			n := len(s.elements)
			if n == 0 {
				return // not an array
			}
			isCommand := (g.name == "input" || g.name == "inputs") && s.from > 0
			isRow := g.name == "report-mismatch" && s.from == top[13].from
			shorter := slices.Concat(b[:s.from], []byte{b[s.from] - 1}, b[s.from+1:s.elements[n-1].from], b[s.to:])
			longer := slices.Concat(b[:s.from], []byte{b[s.from] + 1}, b[s.from+1:s.to], []byte{0}, b[s.to:])
			canShrink := isCommand || isRow || g.name == "inputs" && s.from == 0 ||
				n == 1 || g.name == "start" && s.from == top[6].from ||
				g.name == "snapshot-delta" && (s.from == 0 || s.from == top[2].from)
			canGrow := isCommand && n < 10 || isRow
			if !canShrink {
				r.mustRefuse(t, g.name, fmt.Sprintf("an element less at %d", s.from), shorter)
			}
			if !canGrow && n < 15 {
				r.mustRefuse(t, g.name, fmt.Sprintf("an element more at %d", s.from), longer)
			}
		})
	}
}

// numbersAfter writes n bits v, then Exp-Golomb numbers, each after its order.
func numbersAfter(v uint32, n int, orders ...uint32) func(w *wire.Bits) {
	return func(w *wire.Bits) {
		w.Put(v, n)
		for i := 0; i < len(orders); i += 2 {
			w.Number(orders[i+1], int(orders[i]))
		}
	}
}

// TestEvilBits puts strings of bits of every length, of ones, of zeroes and of noise, in the place of
// those of every snapshot, and changes each of its bits. What comes out may be a snapshot; it must not
// be a panic, nor more memory than its length earns.
func TestEvilBits(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	r := newReader()
	read := func(name string, bits []byte) {
		t.Helper()
		b := append([]byte{0x92, 0x12, 0xc5, byte(len(bits) >> 8), byte(len(bits))}, bits...)
		var err error
		alloctest.Check(t, 64<<10+40*len(b), func() { err = r.read(name, b) })
		if err != nil && !errors.Is(err, frame.ErrBad) {
			t.Errorf("%s: %v\n% x", name, err, b)
		}
	}
	for _, x := range exampleSnapshots() {
		if x.name == "" {
			continue
		}
		for n := range 300 {
			noise := make([]byte, n)
			for i := range noise {
				noise[i] = byte(rng.Uint32() & rng.Uint32())
			}
			read(x.name, noise)
			read(x.name, bytes.Repeat([]byte{0xff}, n))
			read(x.name, make([]byte, n))
		}
		_, golden := snapshotBytes(x.name)
		bits := golden[4 : 4+int(golden[3])]
		for i := range 8 * len(bits) {
			flipped := bytes.Clone(bits)
			flipped[i/8] ^= 0x80 >> (i % 8)
			read(x.name, flipped)
		}
	}
}

// TestOutOfRange is about values of the right type that no honest peer sends.
func TestOutOfRange(t *testing.T) {
	// list encodes integers, texts, truths and lists of these.
	var list func(v ...any) []byte
	list = func(v ...any) []byte {
		var w wire.Writer
		w.Reset(nil)
		w.Array(len(v))
		for _, x := range v {
			switch x := x.(type) {
			case int:
				w.Int(int64(x))
			case int64:
				w.Int(x)
			case string:
				w.String(x)
			case bool:
				w.Bool(x)
			case []any:
				w.Raw(list(x...))
			}
		}
		return w.Bytes()
	}
	type l = []any
	cmd := func(v ...any) []byte { return list(2, 0, v) }
	// snap is a full snapshot of nothing, its header and its end as they are written.
	snap := func(header, rest func(w *wire.Bits), notices ...any) []byte {
		var w wire.Writer
		w.Reset(nil)
		w.Array(2 + len(notices))
		w.Uint(18)
		bits := w.BeginBits()
		header(bits)
		rest(bits)
		w.EndBits()
		for _, n := range notices {
			w.Raw(list(n.(l)...))
		}
		return w.Bytes()
	}
	// numbers writes Exp-Golomb numbers, each after its order.
	numbers := func(orders ...uint32) func(w *wire.Bits) {
		return func(w *wire.Bits) {
			for i := 0; i < len(orders); i += 2 {
				w.Number(orders[i+1], int(orders[i]))
			}
		}
	}
	head := func(tick, late, wait, cause uint32) func(w *wire.Bits) {
		return func(w *wire.Bits) {
			w.Put(0, 2)
			numbers(12, tick, 0, 0, 3, 0, 2, late, 2, wait, 0, cause)(w)
			w.Flag(false) // nobody is new
		}
	}
	nothing := func(*wire.Bits) {}
	events := func(rest func(w *wire.Bits)) func(w *wire.Bits) {
		return func(w *wire.Bits) { w.Put(1, 3); rest(w) }
	}
	event := func(kind, age, n uint32) func(w *wire.Bits) {
		return events(func(w *wire.Bits) {
			numbers(0, 0, 2, kind)(w)
			w.Flag(false)
			numbers(0, age, 1, n)(w)
			for range n {
				w.Sized(-1)
			}
		})
	}
	report := func(at int, v any) []byte {
		elements := l{4, 4000, 0, 0, 0, 0, 0, 0, 0, 0, l{0, 0, 0, 0}, l{0, 0, 0, 0}, l{0, 0, 0, 0}, l{}}
		elements[at] = v
		return list(elements...)
	}
	const full, last = "snapshot-full", int64(math.MaxUint32)
	tests := []struct {
		frame, name, want string // no want: a control that must pass
		in                []byte
	}{
		{"hello", "", "", list(1, 1, "", "", "", "", "", "", false)},
		{"hello", "another type", "type", list(2, 1, "", "", "", "", "", "", false)},
		{"hello", "a long name", "too long", list(1, 1, "", "", strings.Repeat("x", protocol.MaxNameBytes+1), "", "", "", false)},
		{"hello", "a long token", "too long", list(1, 1, "", "", "", "", strings.Repeat("x", protocol.MaxTokenBytes+1), "", false)},
		{"chat", "", "", list(3, strings.Repeat("x", protocol.MaxChatBytes))},
		{"chat", "a long line", "too long", list(3, strings.Repeat("x", protocol.MaxChatBytes+1))},
		{"input", "", "", cmd(5)},
		{"input", "", "", cmd(5, 0, 0, 0, 4, 1, 1, 1, 1, 1)},
		{"input", "no command", "elements", list(2, 0)},
		{"input", "nine commands", "elements", list(2, 0, l{1}, l{1}, l{1}, l{1}, l{1}, l{1}, l{1}, l{1}, l{1})},
		{"input", "an empty command", "empty", cmd()},
		{"input", "a long command", "elements", cmd(5, 0, 0, 0, 4, 1, 1, 1, 1, 1, 0)},
		{"input", "tick 0", "range", cmd(0)},
		{"input", "a tick repeated", "range", list(2, 0, l{5}, l{0})},
		{"input", "a tick going back", "range", list(2, 0, l{5}, l{-1})},
		{"input", "ticks past 32 bits", "range", list(2, 0, l{last}, l{1})},
		{"input", "moveY -128", "move", cmd(5, -128)},
		{"input", "moveX 128", "range", cmd(5, 128<<8)},
		{"input", "moveX -128", "range", cmd(5, -128<<8)},
		{"input", "a whole turn", "range", cmd(5, 0, 65536)},
		{"input", "negative buttons", "range", cmd(5, 0, 0, -1)},
		{"input", "a span without a view", "view", cmd(5, 0, 0, 0, 0, 1)},
		{"input", "a fraction without a view", "view", cmd(5, 0, 0, 0, 0, 0, 1)},
		{"input", "a view before the first tick", "view", cmd(5, 0, 0, 0, 5)},
		{"input", "B before A", "range", cmd(5, 0, 0, 0, 2, -1)},
		{"input", "B past 32 bits", "view", cmd(last, 0, 0, 0, 1, 2)},
		{"input", "a view too old", "range", cmd(9000, 0, 0, 0, 4097)},
		{"input", "a span too long", "range", cmd(9000, 0, 0, 0, 1, 4097)},
		{"input", "a fraction too large", "range", cmd(5, 0, 0, 0, 1, 1, protocol.MaxFrac)},
		{"input", "a press of 256", "range", cmd(5, 0, 0, 0, 1, 1, 1, 256)},
		{"input", "a selection of 256", "range", cmd(5, 0, 0, 0, 1, 1, 1, 0, 0, 256)},
		{"report", "", "", report(13, l{last, math.MinInt32})},
		{"report", "", "", report(13, slices.Repeat(l{1}, 1+protocol.MaxReportRow))},
		{"report", "a time before the last report", "range", report(1, -1)},
		{"report", "a negative count", "range", report(4, -1)},
		{"report", "more than 16 bits of frames", "range", report(4, 1<<16)},
		{"report", "three corrections", "elements", report(10, l{0, 0, 0})},
		{"report", "five causes of hitches", "elements", report(12, l{0, 0, 0, 0, 0})},
		{"report", "a mismatch in tick 0", "range", report(13, l{0, 5})},
		{"report", "a mismatch without a row", "elements", report(13, l{7})},
		{"report", "a row that is too long", "elements", report(13, slices.Repeat(l{1}, 2+protocol.MaxReportRow))},
		{"report", "a row beyond 32 bits", "range", report(13, l{7, 1 << 31})},
		{full, "a wait beyond 16 bits", "range", snap(head(5, 0, 1<<16, 0), nothing)},
		{"welcome", "", "", list(16, 1, "", "", 64, "", 60, 2, 0, 0, 0)},
		{"welcome", "", "", list(16, 1, "", "", 0, "", 60, 2, 0, 0, 0)},
		{"welcome", "a negative seat", "range", list(16, 1, "", "", -1, "", 60, 2, 0, 0, 0)},
		{"welcome", "a seat above the highest", "range", list(16, 1, "", "", 1025, "", 60, 2, 0, 0, 0)},
		{"welcome", "a rate of 0", "range", list(16, 1, "", "", 1, "", 0, 2, 0, 0, 0)},
		{"welcome", "snapshots every 0 ticks", "range", list(16, 1, "", "", 1, "", 60, 0, 0, 0, 0)},
		{full, "", "", snap(head(5, 0, 0, 0), nothing)},
		{full, "", "", snap(head(5, 0, 0, 255), event(9, 5, 16), l{l{4, protocol.MaxPlayers, -1, ""}})},
		{full, "tick 0", "tick", snap(head(0, 0, 0, 0), nothing)},
		{full, "causes beyond a byte", "range", snap(head(5, 0, 0, 256), nothing)},
		{full, "an event before time", "range", snap(head(5, 0, 0, 0), event(9, 6, 0))},
		{full, "an event of kind 256", "range", snap(head(5, 0, 0, 0), event(256, 0, 0))},
		{full, "an event with 17 arguments", "range", snap(head(5, 0, 0, 0), event(9, 0, 17))},
		{full, "257 events", "range", snap(head(5, 0, 0, 0), events(numbers(0, 256)))},
		{full, "fewer events than told", "truncated", snap(head(5, 0, 0, 0), events(numbers(0, 255)))},
		{full, "a change where nothing is", "range", snap(head(5, 0, 0, 0), func(w *wire.Bits) { w.Put(1, 1); w.Number(1, 0) })},
		{full, "a byte too many", "trailing", snap(head(5, 0, 0, 0), func(w *wire.Bits) { w.Put(0, 16) })},
		{full, "a 1 behind the end", "trailing", snap(head(5, 0, 0, 0), func(w *wire.Bits) { event(9, 0, 0)(w); w.Put(1, 1) })},
		{full, "no bits", "truncated", snap(nothing, nothing)},
		{full, "an empty list of notices", "notices", snap(head(5, 0, 0, 0), nothing, l{})},
		{full, "two lists of notices", "elements", snap(head(5, 0, 0, 0), nothing, l{l{1, 1, 0, ""}}, l{l{1, 1, 0, ""}})},
		{full, "a notice of kind 0", "range", snap(head(5, 0, 0, 0), nothing, l{l{0, 0, 0, ""}})},
		{full, "a notice of kind 5", "range", snap(head(5, 0, 0, 0), nothing, l{l{5, 0, 0, ""}})},
		{full, "one gone of none", "range", snap(numbersAfter(0, 2, 12, 5, 0, 0, 3, 0, 2, 0, 2, 0, 0, 0), func(w *wire.Bits) { w.Flag(true); w.Number(1, 0) })},
	}
	r := newReader()
	for _, tt := range tests {
		if tt.want != "" {
			r.mustRefuse(t, tt.frame, tt.name, tt.in)
		}
		switch err := r.read(tt.frame, tt.in); {
		case tt.want == "" && err != nil:
			t.Errorf("control %s: %v", tt.frame, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s with %s: %v, want %q", tt.frame, tt.name, err, tt.want)
		}
	}
}

func TestType(t *testing.T) {
	var d frame.Decoder
	for name, b := range map[string][]byte{
		"nothing": {}, "no array": {0x05}, "an empty array": {0x90}, "an unknown type": {0x91, 0x05},
		"a type beyond a byte": {0x91, 0xcd, 1, 1}, "a huge array": {0xdd, 0x7f, 0xff, 0xff, 0xff}, "nil": {0x91, 0xc0},
	} {
		if got, err := d.Type(b); !errors.Is(err, frame.ErrBad) {
			t.Errorf("%s: type %d, %v", name, got, err)
		}
	}
}

func TestHelloOfAnotherVersion(t *testing.T) {
	var d frame.Decoder
	for name, b := range map[string][]byte{
		"the same shape":   {0x97, 0x01, 0x02, 0xa0, 0xa0, 0xa0, 0xa0, 0xa0},
		"nothing else":     {0x92, 0x01, 0x02},
		"something else":   {0x94, 0x01, 0x02, 0x80, 0xc0},
		"version 0":        {0x92, 0x01, 0x00},
		"the last version": {0x92, 0x01, 0xce, 0xff, 0xff, 0xff, 0xff},
	} {
		h := frame.Hello{Name: "left over"}
		err := d.Hello(b, &h)
		if !errors.Is(err, frame.ErrVersion) || errors.Is(err, frame.ErrBad) || h.Version == protocol.Version || h.Name != "" {
			t.Errorf("%s: %+v, %v", name, h, err)
		}
	}
	var h frame.Hello
	if err := d.Hello([]byte{0x92, 0x01, 0x01}, &h); !errors.Is(err, frame.ErrBad) {
		t.Errorf("a short Hello of this version: %v", err)
	}
}

// TestBodyNeedsHeader: a body is readable once, after its header, and not after another frame.
func TestBodyNeedsHeader(t *testing.T) {
	_, b := snapshotBytes("snapshot-full")
	var body frame.Body
	var snap delta.Snapshot
	var d frame.Decoder
	read := func() error { return d.Body(exampleSchema(), nil, nil, &body, &snap) }
	refused := func() bool {
		err := read()
		return errors.Is(err, frame.ErrBad) && strings.Contains(err.Error(), "no header")
	}
	if !refused() {
		t.Error("read without a header")
	}
	if _, err := d.Header(b); err != nil {
		t.Fatal(err)
	}
	if err := read(); err != nil {
		t.Fatal(err)
	}
	if !refused() {
		t.Error("read twice")
	}
	for name, between := range map[string]func(){
		"another frame": func() { _ = d.Chat([]byte{0x92, 0x03, 0xa0}, &frame.Chat{}) },
		"Type":          func() { _, _ = d.Type(b) },
	} {
		if _, err := d.Header(b); err != nil {
			t.Fatal(err)
		}
		if between(); !refused() {
			t.Errorf("read after %s", name)
		}
	}
}
