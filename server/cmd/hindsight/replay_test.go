package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"hindsight/game"
	"hindsight/game/games/arena"
	"hindsight/game/games/arena/maps"
	"hindsight/game/gametest"
	"hindsight/game/replay"
	"hindsight/protocol"
	"hindsight/server"
)

// film is a match of random players in the arena, recorded. Spoil, if set, makes a world of other rules.
func film(t *testing.T, spoil func(*game.Definition)) []byte {
	t.Helper()
	rotation, err := maps.NewRotation(map[string]string{"maps": "warren", "warmup": "0"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	def := *arena.Game
	if spoil != nil {
		spoil(&def)
	}
	r, err := gametest.NewRabble(&def, rotation.Match(0, 1), 4, 9)
	if err != nil {
		t.Fatal(err)
	}
	h := replay.HeaderOf(r.Match, "b7", 1_800_000_000)
	w := replay.NewWriter(&h)
	r.Joined = func(id protocol.PlayerID, j game.Joiner) { w.Join(id, j, "Player "+string(rune('A'+id))) }
	r.Left = w.Leave
	for range 300 {
		w.Tick(r.Match, r.Tick())
	}
	row := make([]int32, len(arena.Schema.Own.Fields))
	id := r.Match.Seats()[0]
	r.Match.Own(id, row)
	row[arena.OwnX] += 77
	w.Flush()
	file := slices.Clone(w.Take())
	return replay.AppendMismatch(file, &replay.Mismatch{Player: id, Tick: 300, Predicted: row})
}

// otherWorld is an arena whose hash is another one from tick 100 on.
type otherWorld struct {
	game.World
	tick protocol.Tick
}

func (w *otherWorld) Step(t *game.Turn) { w.tick = t.Tick; w.World.Step(t) }

func (w *otherWorld) Hash() uint64 {
	if w.tick >= 100 {
		return w.World.Hash() + 1
	}
	return w.World.Hash()
}

func TestReplayCommands(t *testing.T) {
	dir := t.TempDir()
	put := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	whole := film(t, nil)
	good := put("good.replay", whole)
	cut := put("cut.replay", whole[:len(whole)-len(whole)/3])
	worn := slices.Clone(whole)
	worn[len(worn)/2] ^= 1
	bad := put("bad.replay", worn)
	other := put("other.replay", film(t, func(d *game.Definition) {
		d.NewWorld = func(b []byte) (game.World, error) {
			w, err := arena.NewWorld(b)
			return &otherWorld{World: w}, err
		}
	}))
	chess := put("chess.replay", film(t, func(d *game.Definition) { d.Name = "chess" }))
	for _, tt := range []struct {
		args []string
		code int
		want []string
	}{
		{[]string{"verify", good}, 0, []string{"good.replay: ok", "5.0 s (300 ticks, cut off there)", "5 states are the same", "times as fast"}},
		{[]string{"verify", good, cut}, 0, []string{"good.replay: ok", "cut.replay: ok"}},
		{[]string{"verify", bad, good}, exitFailed, []string{"bad.replay: replay: damaged file: byte ", "checksum", "good.replay: ok", "1 of 2 replays"}},
		{[]string{"verify", other}, exitFailed, []string{"other.replay: DIFFERS", "after tick 120 is", "after tick 60:", "recorded by b7"}},
		{[]string{"verify", chess}, exitFailed, []string{`no such game: "chess"`}},
		{[]string{"verify", "--json", other}, exitFailed, []string{`"ok":false`, `"differs":120`, `"agreed":60`}},
		{[]string{"verify", "--json", bad}, exitFailed, []string{`"ok":false`, `"error":"replay: damaged file`}},
		{[]string{"verify", filepath.Join(dir, "none")}, exitUsage, []string{"no such file"}},
		{[]string{"verify"}, exitUsage, []string{"<file>"}},
		{[]string{"info", good}, 0, []string{"game arena", "map warren", "2027-01-15T08:00:00Z", "by b7; cut off", "Player B", "MISMATCH of player 1 (Player B) after tick 300 (5.00 s)", "<-", "fields agree"}},
		{[]string{"info", "--all", good}, 0, []string{"MISMATCH", "predictor here", "dashReady"}},
		{[]string{"info", other}, 0, []string{"ANOTHER WAY", "up to tick 60"}},
		{[]string{"info", bad}, exitFailed, []string{"damaged file: byte "}},
	} {
		t.Run(strings.ReplaceAll(strings.Join(tt.args, " "), dir+"/", ""), func(t *testing.T) {
			t.Parallel()
			out, err := program(t, append([]string{"replay"}, tt.args...)...).CombinedOutput()
			code := 0
			var exit *exec.ExitError
			if errors.As(err, &exit) {
				code = exit.ExitCode()
			} else if err != nil {
				t.Fatal(err)
			}
			if code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
			for _, want := range tt.want {
				if !strings.Contains(string(out), want) {
					t.Errorf("%q is not in\n%s", want, out)
				}
			}
		})
	}
}

// The mismatch in a reproduction file comes back field by field.
func TestReplayInfoOfAMismatch(t *testing.T) {
	path := filepath.Join(t.TempDir(), "repro.replay")
	if err := os.WriteFile(path, film(t, nil), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	c := replayInfoCmd{replayFiles: replayFiles{Files: []string{path}, JSON: true, out: &out}}
	if err := c.Run(); err != nil {
		t.Fatal(err)
	}
	var info replayInfo
	if err := json.Unmarshal(out.Bytes(), &info); err != nil {
		t.Fatal(err)
	}
	if len(info.Mismatches) != 1 || len(info.Mismatches[0].Fields) != len(arena.Schema.Own.Fields) {
		t.Fatalf("%+v", info)
	}
	for i, f := range info.Mismatches[0].Fields {
		if f.Differs != (i == arena.OwnX) || f.Predicted == nil || f.Differs && *f.Predicted != f.Authority+77 {
			t.Errorf("field %+v", f)
		}
	}
	if m := info.Mismatches[0]; m.Diverged || m.Agreed != 300 || m.Tick != 300 {
		t.Errorf("%+v", m)
	}
}

// A real server records what is played on it, over real sockets, and the program finds it whole.
func TestServeRecords(t *testing.T) {
	data := t.TempDir()
	cmd, url, swarm := played(t, "--bots", "3", "HINDSIGHT_DATA_DIR="+data)
	for end := time.Now().Add(patience); ticksIn(filepath.Join(data, "replays", "*.part")) < 120; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("two seconds are never recorded; the player: %+v", swarm.Reports())
		}
	}
	resp, err := http.Get(url + "/api/v1/replays")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil || strings.TrimSpace(string(body)) != `{"replays":[]}` {
		t.Errorf("a match that is not over is listed: %v %s", err, body)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(data, "replays", "*.replay"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v: the replays are %v", err, files)
	}
	line, err := program(t, "replay", "verify", "--json", files[0]).Output()
	var v verdict
	if err != nil || json.Unmarshal(line, &v) != nil || !v.OK || !v.Ended || v.Ticks < 120 || v.Checked < 3 {
		t.Errorf("%v: %s", err, line)
	}
	text, err := program(t, "replay", "info", files[0]).Output()
	if err != nil || !strings.Contains(string(text), "up to the end of the room") || !strings.Contains(string(text), "bot-01") {
		t.Errorf("%v: %s", err, text)
	}
}

// ticksIn returns how much the only file of a pattern holds.
func ticksIn(pattern string) protocol.Tick {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) != 1 {
		return 0
	}
	b, err := os.ReadFile(files[0])
	if err != nil {
		return 0
	}
	f, err := replay.Parse(b)
	if err != nil {
		return 0
	}
	return f.Ticks
}

// Where no replays are wanted there is no folder for them.
func TestNoReplays(t *testing.T) {
	c := serveCmd{}
	c.DataDir = t.TempDir()
	if err := c.keepReplays(&server.Config{}); err != nil {
		t.Fatal(err)
	}
	c.Replays, c.ReplaySpace = true, 5<<20
	var cfg server.Config
	if err := c.keepReplays(&cfg); err != nil || cfg.Replays != filepath.Join(c.DataDir, "replays") || cfg.ReplaySpace != 5<<20 {
		t.Errorf("%v: %+v", err, cfg)
	}
}

func TestSize(t *testing.T) {
	for text, want := range map[string]size{"0": 0, "500000": 500_000, "64KB": 64 << 10, "256MB": 256 << 20, "2 gb": 2 << 30, "1TB": 1 << 40} {
		var s size
		if err := s.UnmarshalText([]byte(text)); err != nil || s != want {
			t.Errorf("%q is %d (%v), want %d", text, s, err, want)
		}
	}
	for _, text := range []string{"", "MB", "-1", "1.5GB", "9999999999TB", "much"} {
		var s size
		if err := s.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is %d", text, s)
		}
	}
}
