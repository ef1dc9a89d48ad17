package replays

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"hindsight/game"
	"hindsight/game/replay"
	"hindsight/server/room"
	"hindsight/server/room/walk"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is a shelf whose Run is done by hand.
type rig struct {
	*testing.T
	*Shelf
	dir string
	log bytes.Buffer
	now time.Time
}

func newRig(t *testing.T, dir string, space int64) *rig {
	t.Helper()
	if dir == "" {
		dir = t.TempDir()
	}
	r := &rig{T: t, dir: dir, now: time.Unix(1_800_000_000, 0)}
	s, err := Open(Config{Dir: dir, Space: space, Now: func() time.Time { return r.now }, Log: slog.New(slog.NewTextHandler(&r.log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	r.Shelf = s
	return r
}

// work does what waits, and nothing else.
func (r *rig) work() {
	for len(r.queue) > 0 {
		p := <-r.queue
		r.do(&p)
	}
}

// stop ends the shelf.
func (r *rig) stop() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r.Shelf.Run(ctx)
}

// film is a match of walkers: its header, and its file in seconds.
func film(t testing.TB, began time.Time, name string, seconds int) (replay.Header, [][]byte) {
	t.Helper()
	m, err := game.NewMatch(walk.Game.Definition, walk.Rotation(100).Match(0, 1))
	if err != nil {
		t.Fatal(err)
	}
	h := replay.HeaderOf(m, "b1", uint64(began.Unix()))
	w := replay.NewWriter(&h)
	m.Join(1, game.Joiner{})
	w.Join(1, game.Joiner{}, name)
	var parts [][]byte
	for range seconds * 60 {
		in := game.Input{Player: 1}
		in.Command.Tick, in.Command.Aim = m.Tick()+1, uint16(m.Tick()*m.Tick()*31)
		w.Tick(m, m.Step([]game.Input{in}))
		if m.Tick()%60 == 0 {
			parts = append(parts, slices.Clone(w.Take()))
		}
	}
	w.End(m)
	return h, append(parts, slices.Clone(w.Take()))
}

// record puts a match on the shelf and returns its id.
func (r *rig) record(listed bool, seconds int) string {
	r.Helper()
	h, parts := film(r, r.now, "Ann", seconds)
	id := uuid.NewString()
	tape := r.Record(Label{ID: id, Match: "m-" + id, Room: "walk", Listed: listed}, &h)
	for _, b := range parts {
		if !tape.Write(b) {
			r.Fatal("the tape gave up")
		}
		r.work()
	}
	tape.Close(room.Credits{Ticks: 60, TickRate: 60, People: []string{"Ann"}, Bots: 1})
	r.work()
	r.now = r.now.Add(time.Second)
	return id
}

func (r *rig) files() (names []string) {
	list, err := os.ReadDir(r.dir)
	if err != nil {
		r.Fatal(err)
	}
	for _, f := range list {
		names = append(names, f.Name())
	}
	return names
}

func (r *rig) ids() (ids []string) {
	for _, e := range r.List(time.Time{}, "", 1000) {
		ids = append(ids, e.ID)
	}
	return ids
}

func (r *rig) read(id string) (*replay.File, error) {
	f, _, err := r.Shelf.Open(id)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	return replay.Parse(b)
}

// brief is a file without its bytes.
func brief(f *replay.File) string {
	if f == nil {
		return "none"
	}
	return fmt.Sprintf("%d ticks, ended %v, cut at %d, mismatches %v", f.Ticks, f.Ended, f.Cut, f.Mismatches)
}

func TestRecordAndFetch(t *testing.T) {
	r := newRig(t, "", 0)
	a, secret, b := r.record(true, 3), r.record(false, 1), r.record(true, 1)
	again := newRig(t, r.dir, 0) // a server that starts anew
	for _, r := range []*rig{r, again} {
		if got := r.ids(); !slices.Equal(got, []string{b, a}) {
			t.Errorf("listed are %v, want %s and %s", got, b, a)
		}
		for id, ticks := range map[string]int{a: 180, secret: 60, b: 60} {
			f, err := r.read(id)
			if err != nil || int(f.Ticks) != ticks || !f.Ended {
				t.Errorf("%s: %v %+v", id, err, f)
			}
		}
		e, err := r.OfMatch("m-" + secret)
		if err != nil || e.ID != secret || e.Listed || e.Game != "walk" || e.Length != time.Second || e.Bots != 1 || !slices.Equal(e.People, []string{"Ann"}) || !e.Began.Equal(time.Unix(1_800_000_001, 0)) {
			t.Errorf("%v: %+v", err, e)
		}
		if got := r.List(e.Began.Add(time.Second), b, 1); len(got) != 1 || got[0].ID != a {
			t.Errorf("the page after %s is %v", b, got)
		}
		for _, id := range []string{uuid.NewString(), "", "../" + a, a + whole} {
			if _, _, err := r.Shelf.Open(id); !errors.Is(err, ErrUnknown) {
				t.Errorf("%q: %v", id, err)
			}
		}
	}
	if x, _ := r.Space(); x == 0 {
		t.Error("nothing is counted")
	} else if y, _ := again.Space(); x != y {
		t.Errorf("a new start counts %d bytes, before it were %d", y, x)
	}
}

// The oldest go first, reproductions among them, and the bound holds at every moment.
func TestSpace(t *testing.T) {
	const space = 10 * (overhead + 300)
	r := newRig(t, "", space)
	var ids []string
	for range 25 {
		ids = append(ids, r.record(true, 3))
		if taken, _ := r.Space(); taken > space {
			t.Fatalf("%d bytes are taken, want at most %d", taken, space)
		}
	}
	left := r.ids()
	slices.Reverse(left)
	if n := len(left); n < 5 || n > 10 || !slices.Equal(left, ids[25-n:]) {
		t.Errorf("left are %d: %v", n, left)
	}
	if n := len(r.files()); n != 2*len(left) {
		t.Errorf("%d files for %d replays: %v", n, len(left), r.files())
	}
	small := newRig(t, r.dir, 3*(overhead+300)) // the host has less to give
	if n := len(small.ids()); n < 1 || n > 3 || small.ids()[0] != ids[24] {
		t.Errorf("with less space left are %v", small.ids())
	}
}

// A match that outgrows all there is, is cut off; what was written stays good, and the next has room.
func TestTooLarge(t *testing.T) {
	r := newRig(t, "", overhead+400)
	h, parts := film(t, r.now, "Ann", 60)
	id := uuid.NewString()
	tape := r.Record(Label{ID: id, Listed: true}, &h)
	n := 0
	for n < len(parts) && tape.Write(parts[n]) {
		r.work()
		n++
	}
	if n == 0 || n == len(parts) {
		t.Fatalf("%d of %d seconds were written", n, len(parts))
	}
	f, err := r.read(id)
	if err != nil || f.Ended || f.Cut != 0 || f.Ticks == 0 {
		t.Errorf("%v: %+v", err, brief(f))
	}
	if log := r.log.String(); strings.Count(log, "cut off") != 1 || !strings.Contains(log, "no space") {
		t.Errorf("the log says %q", log)
	}
	if next := r.record(true, 1); !slices.Equal(r.ids(), []string{next}) {
		t.Errorf("listed are %v, want the next one", r.ids())
	}
}

// A disk that does not answer, and one that refuses, cost a replay and not a tick.
func TestBadDisks(t *testing.T) {
	t.Run("slow", func(t *testing.T) {
		r := newRig(t, "", 0)
		h, parts := film(t, r.now, "Ann", 5)
		id := uuid.NewString()
		tape := r.Record(Label{ID: id, Listed: true}, &h)
		for _, b := range parts[:3] {
			tape.Write(b)
		}
		r.work()
		wrote := 0
		for tape.Write(parts[3]) { // nobody works
			if wrote++; wrote > queueLength {
				t.Fatal("the queue has no bound")
			}
		}
		if tape.Write(parts[4]) {
			t.Error("a tape that was given up takes more")
		}
		r.work()
		if f, err := r.read(id); err != nil || f.Ended || f.Ticks != 180 {
			t.Errorf("%v: %+v", err, brief(f))
		}
		if log := r.log.String(); strings.Count(log, "cut off") != 1 || !strings.Contains(log, "too slow") {
			t.Errorf("the log says %q", log)
		}
		if n := r.queued.Load(); n != 0 {
			t.Errorf("%d bytes are still said to wait", n)
		}
	})
	t.Run("huge pieces", func(t *testing.T) {
		r := newRig(t, "", 0)
		tape := r.Record(Label{ID: uuid.NewString()}, &replay.Header{})
		n := 0
		for tape.Write(make([]byte, 1<<20)) {
			n++
		}
		if n != queueBytes>>20 {
			t.Errorf("%d MB wait, want %d", n, queueBytes>>20)
		}
	})
	t.Run("fails on the way", func(t *testing.T) {
		r := newRig(t, "", 0)
		h, parts := film(t, r.now, "Ann", 5)
		id := uuid.NewString()
		tape := r.Record(Label{ID: id, Listed: true}, &h)
		tape.Write(parts[0])
		r.work()
		file := r.tapes[tape]
		readOnly, err := os.Open(file.Name()) // writing to it fails, as on a full disk
		if err != nil {
			t.Fatal(err)
		}
		file.Close()
		r.tapes[tape] = readOnly
		tape.Write(parts[1])
		r.work()
		if tape.Write(parts[2]) {
			t.Error("a tape whose disk has failed takes more")
		}
		if f, err := r.read(id); err != nil || f.Ticks != 60 {
			t.Errorf("%v: %+v", err, brief(f))
		}
		taken, _ := r.Space()
		if want := int64(len(parts[0]) + overhead); taken != want {
			t.Errorf("%d bytes are counted, want %d", taken, want)
		}
	})
	t.Run("no folder", func(t *testing.T) {
		r := newRig(t, "", 0)
		if err := os.RemoveAll(r.dir); err != nil {
			t.Fatal(err)
		}
		h, parts := film(t, r.now, "Ann", 2)
		tape := r.Record(Label{ID: uuid.NewString()}, &h)
		tape.Write(parts[0])
		r.work()
		if tape.Write(parts[1]) || !strings.Contains(r.log.String(), "not recorded") {
			t.Errorf("the log says %q", r.log.String())
		}
		if taken, _ := r.Space(); taken != 0 {
			t.Errorf("%d bytes are counted", taken)
		}
	})
	t.Run("not a folder", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(Config{Dir: file}); err == nil {
			t.Error("a file was opened as a shelf")
		}
	})
}

// A server that dies leaves a replay up to its last second; one without people is not kept.
func TestCrash(t *testing.T) {
	r := newRig(t, "", 0)
	h, parts := film(t, r.now, "Ann", 4)
	whole, nobody := uuid.NewString(), uuid.NewString()
	a := r.Record(Label{ID: whole, Match: "m", Listed: true}, &h)
	a.Write(slices.Concat(parts[:3]...))
	a.Write(parts[3][:len(parts[3])/2]) // the power went in the middle of this one
	bots, _ := film(t, r.now, "", 1)
	b := r.Record(Label{ID: nobody, Listed: true}, &bots)
	b.Write([]byte("not even a header"))
	r.work()
	if got := r.ids(); len(got) != 0 {
		t.Fatalf("what is being recorded is listed: %v", got)
	}
	if _, _, err := r.Shelf.Open(whole); !errors.Is(err, ErrUnknown) {
		t.Errorf("what is being recorded can be fetched: %v", err)
	}
	again := newRig(t, r.dir, 0)
	e, err := again.OfMatch("m")
	if err != nil || e.ID != whole || e.Length != 3*time.Second || !slices.Equal(e.People, []string{"Ann"}) || !slices.Equal(again.ids(), []string{whole}) {
		t.Errorf("%v: %+v, listed %v", err, e, again.ids())
	}
	if f, err := again.read(whole); err != nil || f.Ticks != 180 || f.Cut == 0 {
		t.Errorf("%v: %+v", err, brief(f))
	}
	if files := again.files(); len(files) != 2 {
		t.Errorf("there are %v", files)
	}
	for t := range r.tapes { // the files of the server that died
		r.tapes[t].Close()
	}
}

// A match without people, and one that a server's end interrupts.
func TestEnds(t *testing.T) {
	r := newRig(t, "", 0)
	h, parts := film(t, r.now, "Ann", 2)
	tape := r.Record(Label{ID: uuid.NewString(), Listed: true}, &h)
	tape.Write(parts[0])
	tape.Close(room.Credits{Ticks: 60, TickRate: 60, Bots: 4})
	r.work()
	if files := r.files(); len(files) != 0 {
		t.Errorf("a match among bots left %v", files)
	}
	if taken, _ := r.Space(); taken != 0 {
		t.Errorf("%d bytes are counted", taken)
	}
	id := uuid.NewString()
	r.Record(Label{ID: id, Listed: true}, &h).Write(parts[0])
	unused := r.Record(Label{ID: uuid.NewString()}, &h)
	unused.Close(room.Credits{})
	r.stop()
	if got := r.ids(); !slices.Equal(got, []string{id}) || !strings.Contains(r.log.String(), "the server stops") {
		t.Errorf("listed are %v, the log says %q", got, r.log.String())
	}
}

// A reproduction is what was recorded so far with the mismatch behind it. There are so many in an hour
// and no more.
func TestReproductions(t *testing.T) {
	r := newRig(t, "", 0)
	h, parts := film(t, r.now, "Ann", 12)
	id := uuid.NewString()
	tape := r.Record(Label{ID: id, Listed: true}, &h)
	for i, b := range parts[:12] {
		tape.Write(b)
		tape.Save(replay.AppendMismatch(nil, &replay.Mismatch{Player: 1, Tick: 60, Predicted: []int32{int32(i)}}))
		r.work()
	}
	var saves []string
	for _, f := range r.files() {
		if isSaved(f) {
			saves = append(saves, f)
		}
	}
	if len(saves) != maxSaves {
		t.Fatalf("%d reproductions are saved, want %d: %v", len(saves), maxSaves, saves)
	}
	b, err := os.ReadFile(filepath.Join(r.dir, fmt.Sprintf("repro-%s-3.replay", id)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := replay.Parse(b)
	if err != nil || f.Ticks != 180 || len(f.Mismatches) != 1 || f.Mismatches[0].Predicted[0] != 2 {
		t.Errorf("%v: %+v", err, brief(f))
	}
	if !strings.Contains(r.log.String(), "hindsight replay info") {
		t.Errorf("the log says %q", r.log.String())
	}
	r.now = r.now.Add(time.Hour)
	tape.Save(nil)
	r.work()
	if n := len(r.files()); n != 2+maxSaves+1 {
		t.Errorf("an hour later there are %d files", n)
	}
	taken, _ := r.Space()
	tape.Close(room.Credits{Ticks: 720, TickRate: 60, People: []string{"Ann"}})
	r.work()
	again := newRig(t, r.dir, 0)
	if now, _ := again.Space(); now != taken || len(again.ids()) != 1 {
		t.Errorf("a new start counts %d bytes, want %d; listed %v", now, taken, again.ids())
	}
}

// What is not ours stays where it is.
func TestStrangersFiles(t *testing.T) {
	dir := t.TempDir()
	names := []string{"notes.txt", "my best match.replay", uuid.NewString() + whole, "repro-x.replay"}
	slices.Sort(names)
	for _, n := range names {
		if err := os.WriteFile(filepath.Join(dir, n), make([]byte, 100_000), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := newRig(t, dir, 1000)
	if files := r.files(); !slices.Equal(files, names) {
		t.Errorf("left are %v, want %v", files, names)
	}
	if taken, _ := r.Space(); taken != 0 {
		t.Errorf("%d bytes are counted", taken)
	}
}
