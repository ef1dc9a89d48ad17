package arena

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"hindsight/server/alloctest"
)

func TestStartRoundTrip(t *testing.T) {
	want := Settings{Mode: ModeTDM, TimeLimit: 600, Warmup: 300, ScoreLimit: 50, Seed: 1<<63 + 9, Map: draw(yard)}
	got, err := DecodeStart(EncodeStart(want))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestStartRefuses(t *testing.T) {
	good := live(hall)
	for name, change := range map[string]func(*Settings){
		"mode":        func(s *Settings) { s.Mode = modes },
		"short":       func(s *Settings) { s.TimeLimit = minTimeLimit - 1 },
		"long":        func(s *Settings) { s.TimeLimit = maxTimeLimit + 1 },
		"warm-up":     func(s *Settings) { s.Warmup = maxWarmup + 1 },
		"score limit": func(s *Settings) { s.ScoreLimit = maxScoreLimit + 1 },
		"negative":    func(s *Settings) { s.ScoreLimit = -1 },
		"no spawn":    func(s *Settings) { s.Map.Objects = nil },
	} {
		s := good
		s.Map = draw(hall)
		change(&s)
		if _, err := DecodeStart(EncodeStart(s)); !errors.Is(err, ErrStart) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	b := EncodeStart(good)
	for n := range b {
		if _, err := DecodeStart(b[:n]); !errors.Is(err, ErrStart) {
			t.Fatalf("cut to %d bytes: error %v", n, err)
		}
	}
	if _, err := DecodeStart(append(b, 0)); !errors.Is(err, ErrStart) {
		t.Errorf("a byte too many: error %v", err)
	}
}

// Whatever decodes encodes to the same bytes, and can be played.
func FuzzDecodeStart(f *testing.F) {
	f.Add(EncodeStart(live(hall)))
	f.Add(EncodeStart(lonely(3)))
	f.Fuzz(func(t *testing.T, b []byte) {
		var s Settings
		var err error
		alloctest.Check(t, alloctest.Earned(len(b)), func() { s, err = DecodeStart(b) })
		if err != nil {
			return
		}
		if !bytes.Equal(EncodeStart(s), b) {
			t.Error("not canonical")
		}
		bench := newBench(t, s, 3)
		bench.run(3)
	})
}
