package replay_test

import (
	"bytes"
	"flag"
	"os"
	"slices"
	"testing"

	"hindsight/game/replay"
)

var update = flag.Bool("update", false, "write testdata/golden.replay anew, after a change of the format")

// The golden file is what format 1 looks like. A change of its bytes is a new format: files that
// people have kept must stay readable, or be refused by their version.
func TestGolden(t *testing.T) {
	const file = "testdata/golden.replay"
	was := film(t, toy, toyStart, 3, 50)
	parts := apart(t, was.file)
	last := len(parts) - 1
	var got []byte
	got = append(got, together(parts[:last]...)...)
	got = replay.AppendMismatch(got, &replay.Mismatch{Player: 2, Tick: 33, Predicted: []int32{1, -2, 1 << 30}, Authority: []int32{1, -2, 3}})
	got = replay.AppendEnd(got, 50, was.takes[49].hash, false)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the writer writes %d bytes that are not those of %s", len(got), file)
	}
	f := parse(t, want)
	rep, err := f.Verify(toy)
	if err != nil || !rep.OK() || rep.Checked != 3 || f.Digest != was.takes[49].hash {
		t.Errorf("%v: %+v", err, rep)
	}
	if len(f.Mismatches) != 1 || f.Mismatches[0].Player != 2 || !slices.Equal(f.Mismatches[0].Predicted, []int32{1, -2, 1 << 30}) {
		t.Errorf("mismatches %+v", f.Mismatches)
	}
}
