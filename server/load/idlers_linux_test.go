package load_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"testing"
	"time"

	"hindsight/server"
	"hindsight/server/load"
)

// idling is a server with idlers on it, which is asked like the process that RunIdlers is.
type idling struct {
	t     *testing.T
	in    io.WriteCloser
	lines *bufio.Scanner
}

func idle(t *testing.T, clients int) *idling {
	t.Helper()
	s, err := server.New(server.Config{
		Addr: "127.0.0.1:0", AdminAddr: server.AdminOff, MaxPlayers: 4, SeatHold: time.Minute, StandIn: true, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Run(ctx) }()
	in, words := io.Pipe()
	answers, out := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		defer out.Close()
		ended <- load.RunIdlers(load.IdlersConfig{Addr: s.Addr().String(), Clients: clients, Seed: 1}, in, out)
	}()
	t.Cleanup(func() {
		_ = words.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return &idling{t, words, bufio.NewScanner(answers)}
}

// say gives an order.
func (i *idling) say(word string) {
	if _, err := io.WriteString(i.in, word+"\n"); err != nil {
		i.t.Fatal(err)
	}
}

// await asks for the tally until it is as wanted.
func (i *idling) await(what string, ok func(*load.IdleTally) bool) {
	i.t.Helper()
	var last load.IdleTally
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		i.say("report")
		if !i.lines.Scan() {
			i.t.Fatalf("no report: %v", i.lines.Err())
		}
		last = load.IdleTally{}
		if err := json.Unmarshal(i.lines.Bytes(), &last); err != nil {
			i.t.Fatal(err)
		}
		if last.Stopped > 0 {
			i.t.Fatalf("a client was turned away: %s", last.FirstFail)
		}
		if ok(&last) {
			return
		}
	}
	i.t.Fatalf("%s: %+v", what, last)
}

// Idlers get seats, keep them although they say nothing, and are back in them with their tokens when all are
// cut at once, twice.
func TestIdlersComeBackToTheirSeats(t *testing.T) {
	const clients = 10
	i := idle(t, clients)
	i.await("not everybody was seated", func(n *load.IdleTally) bool { return n.Seated == clients })
	for range 2 {
		i.say("cut")
		i.await("not everybody came back", func(n *load.IdleTally) bool {
			return n.Seated == clients && n.Back.N == clients && n.Dials >= clients
		})
	}
}
