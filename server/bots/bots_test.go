package bots_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"hindsight/game"
	"hindsight/game/games/arena"
	"hindsight/protocol/frame"
	"hindsight/server"
	"hindsight/server/bots"
	"hindsight/server/mono"
)

// serve runs a server until the test ends and returns its address.
func serve(t *testing.T) string {
	t.Helper()
	s, err := server.New(server.Config{Addr: "127.0.0.1:0", AdminAddr: server.AdminOff, Bots: 6, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return "http://" + s.Addr().String()
}

func swarm(t *testing.T, cfg bots.Config) *bots.Swarm {
	t.Helper()
	cfg.Game, cfg.Now = arena.Game, mono.Now
	s, err := bots.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// until runs a swarm until what is awaited holds, or fails after a while.
func until(t *testing.T, s *bots.Swarm, holds func([]bots.Report) bool) {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), 20*time.Second)
	defer stop()
	go func() {
		for !holds(s.Reports()) && ctx.Err() == nil {
			time.Sleep(10 * time.Millisecond) // between two looks at a condition
		}
		stop()
	}()
	s.Run(ctx)
	if !holds(s.Reports()) {
		t.Fatalf("never happened; the bots are: %+v", s.Reports())
	}
}

func TestBotsPlay(t *testing.T) {
	s := swarm(t, bots.Config{URL: serve(t), Clients: 4, Skill: 5, Seed: 1})
	until(t, s, func(rs []bots.Report) bool {
		shots := 0
		for _, r := range rs {
			if r.Net.Snapshots < 120 {
				return false
			}
			shots += r.Net.Verdicts.Agreed
		}
		return shots > 3
	})
	if err := s.Err(); err != nil {
		t.Error(err)
	}
	sum := bots.Summarize(s.Reports(), 2)
	if sum.Corrections.Unknown != 0 || sum.Playing != 4 || sum.BytesIn == 0 || sum.Shots.Agreement == 0 {
		t.Errorf("summary %+v", sum)
	}
}

func TestBotsThatCannotPlaySayWhy(t *testing.T) {
	s := swarm(t, bots.Config{URL: serve(t), Clients: 2, Room: "nowhere"})
	until(t, s, func(rs []bots.Report) bool { return rs[0].State == bots.Failed && rs[1].State == bots.Failed })
	if err := s.Err(); err == nil || !strings.Contains(err.Error(), "There is no such room") {
		t.Errorf("Err = %v", err)
	}
}

func TestAddresses(t *testing.T) {
	for in, want := range map[string]string{
		"http://a:1":      "ws://a:1/ws",
		"https://a/":      "wss://a/ws",
		"ws://a:1/socket": "ws://a:1/socket",
		"wss://a":         "wss://a/ws",
	} {
		s := swarm(t, bots.Config{URL: in})
		if got := s.Address(); got != want {
			t.Errorf("%s is %s, want %s", in, got, want)
		}
	}
	for _, in := range []string{"", "localhost:8080", "ftp://a", "ws://"} {
		if _, err := bots.New(bots.Config{URL: in}); err == nil || !strings.Contains(err.Error(), "bots:") {
			t.Errorf("%q is taken: %v", in, err)
		}
	}
}

func TestSummaryAddsUp(t *testing.T) {
	r := bots.Report{State: bots.Playing, Played: true, Game: game.Standing{Kills: 3, Deaths: 1}}
	r.Net.RTT, r.Net.BytesIn = 40_000, 1000
	r.Net.Verdicts.Agreed, r.Net.Verdicts.Denied = 9, 1
	r.Net.Hitches.Count[frame.HitchSend] = 2
	sum := bots.Summarize([]bots.Report{r, r, {State: bots.Failed}}, 10)
	if sum.Kills != 6 || sum.Failed != 1 || sum.RTT.P50 != 40 || sum.Shots.Agreement != 0.9 || sum.Hitches.Send != 4 {
		t.Errorf("%+v", sum)
	}
}
