package threat

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"hindsight/game"
	"hindsight/game/replay"
	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server"
	"hindsight/server/room/walk"
	"hindsight/server/session"
)

// Buttons of the trap, a game with two bugs.
const (
	heldPanic protocol.Buttons = 1 << iota
	heldLoop
)

// trap is walking with a bug behind each of two buttons: a panic, and a tick that does not end until
// spring is called.
func trap() (host game.Host, spring func()) {
	host = lawn("trap")
	d := *host.Definition
	free := make(chan struct{})
	world := d.NewWorld
	d.NewWorld = func(start []byte) (game.World, error) {
		w, err := world(start)
		return trapped{w, free}, err
	}
	host.Definition = &d
	return host, sync.OnceFunc(func() { close(free) })
}

type trapped struct {
	game.World
	free <-chan struct{}
}

func (w trapped) Step(t *game.Turn) {
	for _, in := range t.Inputs {
		switch in.Command.Held {
		case heldPanic:
			panic("trap: a bug at 203.0.113.77 in /srv/secret.go")
		case heldLoop:
			<-w.free
		}
	}
	w.World.Step(t)
}

// press has a player of the trap hold a button down from now on. Nobody else may read what comes.
func (a *attacker) press(held protocol.Buttons) {
	go func() {
		for {
			first, b, err := a.next()
			if err != nil {
				return
			}
			if first != data {
				continue
			}
			a.look(b)
			in := frame.Input{Echo: a.newest}
			for i := range protocol.MaxCommands {
				in.Commands = append(in.Commands, protocol.Command{Tick: a.newest.Add(4 + i), Held: held, View: protocol.View{A: a.newest, B: a.newest}})
			}
			if _, err := a.conn.Write(masked(data, a.enc.Input(nil, &in))); err != nil {
				return
			}
		}
	}()
}

// A bug in one room's game is the end of that room, or its standstill, and nobody else's trouble.
func TestRoomsInTrouble(t *testing.T) {
	host, spring := trap()
	defer spring()
	dir := t.TempDir()
	f := raise(t, session.Auto, func(c *server.Config) {
		c.Hosts = append(c.Hosts, host)
		c.Replays, c.Crashes = filepath.Join(dir, "replays"), filepath.Join(dir, "crashes")
	})
	enter := func(name string) *attacker {
		a := f.open()
		h := hello(name)
		h.Game, h.Room = "trap", "trap"
		a.hello(h)
		a.seated()
		return a
	}
	counts := map[string]float64{closed(protocol.CloseRoomError): 2, "hindsight_room_failures_total": 1}
	f.row("53: a panic", counts, func(t *testing.T) {
		victim, culprit := enter("Victim"), enter("Culprit")
		culprit.press(heldPanic)
		victim.closed(protocol.CloseRoomError)
		report := f.report("panic", "trap")
		for _, want := range []string{"trap: a bug", "Held:1", "trapped.Step", ".replay"} {
			if !strings.Contains(report, want) {
				t.Errorf("the report lacks %q:\n%s", want, report)
			}
		}
		if strings.Contains(report, "Victim") || strings.Contains(report, "Culprit") {
			t.Errorf("the report names people:\n%s", report)
		}
		f.replays(report)
		if _, text := f.get("/api/v1/players/00000000-0000-0000-0000-000000000000/matches"); strings.Contains(text, "trap") {
			t.Errorf("the match has a result: %s", text)
		}
		await(t, "the room to be opened anew", func() bool { return f.metrics().of("hindsight_rooms") == 3 })
		again := enter("Victim")
		again.send(bye, []byte{0x03, 0xe8})
		again.closed(protocol.CloseNormal)
	})
	f.row("54: a tick without end", map[string]float64{"hindsight_room_stalls_total": 1}, func(t *testing.T) {
		victim, culprit := enter("Victim"), enter("Culprit")
		culprit.press(heldLoop)
		await(t, "the standstill to be noticed", func() bool { return f.metrics().of("hindsight_rooms_stalled") == 1 })
		if report := f.report("stall", "trap"); !strings.Contains(report, "trapped") {
			t.Errorf("the report lacks the stack:\n%s", report)
		}
		f.canary.well(15)
		spring()
		await(t, "the room to go on", func() bool { return f.metrics().of("hindsight_rooms_stalled") == 0 })
		_ = victim.conn.Close()
		_ = culprit.conn.Close()
	})
	for _, line := range []string{"room failed", "a room hangs", "a report of a room was kept"} {
		if len(f.log.lines(line)) == 0 {
			t.Errorf("the log does not say %q", line)
		}
	}
	if status, _ := f.get("/healthz"); status != http.StatusOK {
		t.Errorf("/healthz says %d", status)
	}
}

// report waits for a report on a room and returns it.
func (f *fortress) report(kind, room string) (text string) {
	f.t.Helper()
	await(f.t, "the report", func() bool {
		for _, line := range f.log.lines("a report of a room was kept") {
			_, file, _ := strings.Cut(line, `"file":"`)
			file, _, _ = strings.Cut(file, `"`)
			if name := filepath.Base(file); strings.HasPrefix(name, kind+"-") && strings.HasSuffix(name, "-"+room+".txt") {
				b, err := os.ReadFile(file)
				text = string(b)
				return err == nil
			}
		}
		return false
	})
	return text
}

// replays checks that the replay that a report names runs again, up to the tick before the panic.
func (f *fortress) replays(report string) {
	f.t.Helper()
	_, file, _ := strings.Cut(report, "the match so far: ")
	file, _, _ = strings.Cut(file, "\n")
	var b []byte
	await(f.t, "the replay", func() (ok bool) {
		var err error
		b, err = os.ReadFile(file)
		return err == nil
	})
	r, err := replay.Parse(b)
	if err != nil {
		f.t.Fatal(err)
	}
	rep, err := r.Verify(walk.Game.Definition)
	if err != nil || !rep.OK() || rep.Ticks == 0 {
		f.t.Errorf("%+v %v", rep, err)
	}
}
