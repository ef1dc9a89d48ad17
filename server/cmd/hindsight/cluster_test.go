package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"

	"hindsight/game/games/arena"
	"hindsight/server/bots"
	"hindsight/server/mono"
)

// secret is what the lobby and the game servers of a test share.
const secret = "a-secret-of-this-test-alone"

// freePort returns an address that nobody listens at.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// logbook is a program's log, which may be read while it is written.
type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logbook) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

// count returns how often something was logged.
func (l *logbook) count(what string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Count(l.text.Bytes(), []byte(what))
}

// background starts the program; it is killed at the end of the test.
func background(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := program(t, args...)
	log := new(logbook)
	cmd.Stderr = log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("%v:\n%s", args, &log.text)
		}
	})
	return cmd
}

// guest asks a lobby as a guest.
type guest struct {
	t       *testing.T
	lobby   string
	session string
}

// ask sends a request and returns the status and the answer's fields.
func (g *guest) ask(method, path string, body any) (int, map[string]any) {
	g.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		g.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(g.t.Context(), method, g.lobby+"/api/v1"+path, bytes.NewReader(b))
	if err != nil {
		g.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if g.session != "" {
		req.Header.Set("Authorization", "Bearer "+g.session)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil
	}
	defer resp.Body.Close()
	var fields map[string]any
	_ = json.NewDecoder(resp.Body).Decode(&fields)
	return resp.StatusCode, fields
}

// await waits until something holds.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// rooms returns how many rooms the lobby lists.
func (g *guest) rooms() int {
	_, answer := g.ask("GET", "/rooms", nil)
	list, _ := answer["rooms"].([]any)
	return len(list)
}

// One lobby and two game servers, each a process: rooms are spread over both, tickets open their
// seats, and a lobby that is killed and comes back finds everything as it was while people play on.
func TestLobbyAndTwoGameServers(t *testing.T) {
	at := freePort(t)
	data := t.TempDir()
	startLobby := func() *exec.Cmd {
		return background(t, "lobby", "--addr", at, "--admin-addr", "off", "HINDSIGHT_TOKEN="+secret, "HINDSIGHT_DATA_DIR="+data)
	}
	lobby := startLobby()
	for range 2 {
		background(t, "serve", "--lobby", "http://"+at, "HINDSIGHT_TOKEN="+secret, "--addr", freePort(t), "--admin-addr", "off", "--bots", "2")
	}
	await(t, "both game servers", func() bool { return lobby.Stderr.(*logbook).count("a game server is here") == 2 })
	g := &guest{t: t, lobby: "http://" + at}
	await(t, "the lobby", func() bool {
		status, answer := g.ask("POST", "/guests", map[string]string{"name": "Ann"})
		g.session, _ = answer["session"].(string)
		return status/100 == 2 && g.session != ""
	})

	var offers []map[string]any
	for len(offers) < 2 {
		var room string
		await(t, "a room", func() bool {
			status, answer := g.ask("POST", "/rooms", map[string]any{"game": "arena", "name": "one of two"})
			room, _ = answer["id"].(string)
			return status/100 == 2 && room != ""
		})
		status, offer := g.ask("POST", "/seats", map[string]string{"room": room})
		if status/100 != 2 {
			t.Fatalf("a seat in %s: %d %v", room, status, offer)
		}
		offers = append(offers, offer)
		play(t, offer) // a player has one reservation at a time
	}
	if offers[0]["url"] == offers[1]["url"] {
		t.Errorf("both rooms are on %v", offers[0]["url"])
	}

	_ = lobby.Process.Kill()
	_ = lobby.Wait()
	before := playing(t)
	await(t, "play to go on without the lobby", func() bool {
		return slices.Min(playing(t)) > slices.Max(before)+60
	})
	startLobby()
	began := time.Now()
	await(t, "the list of rooms", func() bool { return g.rooms() == 2 })
	t.Logf("the list was right %v after the lobby was started again", time.Since(began).Round(time.Millisecond))
}

// swarms are the bots of the running test.
var swarms []*bots.Swarm

// play lets a bot play by an offer until the test ends.
func play(t *testing.T, offer map[string]any) {
	t.Helper()
	url, _ := offer["url"].(string)
	ticket, _ := offer["ticket"].(string)
	s, err := bots.New(bots.Config{URL: url, Game: arena.Game, Tickets: []string{ticket}, Now: mono.Now})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { s.Run(ctx) })
	swarms = append(swarms, s)
	t.Cleanup(func() { stop(); wg.Wait(); swarms = nil })
	await(t, "a bot to play", func() bool { return s.Reports()[0].State == bots.Playing })
}

// playing returns how many snapshots each bot has received over its one connection.
func playing(t *testing.T) []int {
	t.Helper()
	var n []int
	for _, s := range swarms {
		r := s.Reports()[0]
		if r.Net.Connections != 1 {
			t.Fatalf("a bot lost its connection: %s %s", r.State, r.Err)
		}
		n = append(n, r.Net.Snapshots)
	}
	return n
}
