package nightly

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hindsight/game/games/arena/maps"
	"hindsight/server/bots"
	"hindsight/server/mono"
)

const (
	// partySize is how many bots come and go together.
	partySize = 4
	// A visit is as long as that, and in a short soak at most a third of it.
	shortVisit, longVisit = 8 * time.Second, 60 * time.Second
	// soakFPS is how often a bot looks. It is the server that is tested.
	soakFPS = 20
)

// road is a way to the server.
type road struct {
	name, addr string
	good       bool // who takes it must get to play

	visits, resumed, hedged, failed atomic.Int64
}

// crowd are the parties of bots, each coming again and again: half through the lobby, as guests with a
// ticket, half as walk-ins; half on a good road, the others on one where something goes wrong.
type crowd struct {
	t        *testing.T
	server   string
	party    int           // how many
	visit    time.Duration // the longest
	roads    []*road
	troubles []func(context.Context)
	seen     sightings
	came     atomic.Int64 // parties
	visits   atomic.Int64 // that are over
	wg       sync.WaitGroup
}

// newCrowd lays the roads.
func newCrowd(t *testing.T, server string, players int, length time.Duration) *crowd {
	t.Helper()
	c := &crowd{
		t: t, server: server, party: players / partySize, visit: min(longVisit, max(length/3, shortVisit+time.Second)),
		roads: []*road{{name: "good", addr: server, good: true}},
	}
	lay := func(name string, trouble func(toxic) func(context.Context)) {
		x := newToxic(t, server)
		c.roads = append(c.roads, &road{name: name, addr: x.Addr()})
		if f := trouble(x); f != nil {
			c.troubles = append(c.troubles, f)
		}
	}
	lay("far and wavering: 50 ± 25 ms each way", func(x toxic) func(context.Context) {
		x.add("latency", map[string]int64{"latency": 50, "jitter": 25})
		return nil
	})
	lay("narrow: 40 kB/s", func(x toxic) func(context.Context) {
		x.add("bandwidth", map[string]int64{"rate": 40})
		return nil
	})
	lay("stalls of 0.3 to 7 s", func(x toxic) func(context.Context) {
		return nowAndThen(2*time.Second, 8*time.Second, func() { x.stall(between(300*time.Millisecond, 7*time.Second)) })
	})
	lay("resets of every connection", func(x toxic) func(context.Context) {
		return nowAndThen(2*time.Second, 8*time.Second, func() {
			x.add("reset_peer", map[string]int64{"timeout": 0})
			time.Sleep(100 * time.Millisecond) // a toxic that is gone before it has begun does nothing
			x.remove("reset_peer")
		})
	})
	return c
}

// between draws a length of time.
func between(least, most time.Duration) time.Duration { return least + rand.N(most-least) }

// nowAndThen does something with pauses of that length in between.
func nowAndThen(least, most time.Duration, do func()) func(context.Context) {
	return func(ctx context.Context) {
		for {
			select {
			case <-time.After(between(least, most)):
				do()
			case <-ctx.Done():
				return
			}
		}
	}
}

// start has everybody come, until ctx ends.
func (c *crowd) start(ctx context.Context) {
	for _, trouble := range c.troubles {
		c.wg.Go(func() { trouble(ctx) })
	}
	for i := range c.party {
		r := c.roads[0]
		if i%2 == 1 {
			r = c.roads[1+i/2%(len(c.roads)-1)]
		}
		c.wg.Go(func() {
			select {
			case <-time.After(time.Duration(i) * 4 * time.Second / time.Duration(c.party)):
			case <-ctx.Done():
			}
			for n := 0; ctx.Err() == nil; n++ {
				c.play(ctx, r, (i/2+n)%2 == 0)
			}
		})
	}
}

// wait returns when everybody has gone.
func (c *crowd) wait() { c.wg.Wait() }

// play is one visit of a party.
func (c *crowd) play(ctx context.Context, r *road, lobby bool) {
	length := between(shortVisit, c.visit)
	here, cancel := context.WithTimeout(ctx, length)
	defer cancel()
	cfg := bots.Config{
		URL: "ws://" + r.addr, Game: maps.Host.Definition, Clients: partySize, FPS: soakFPS,
		Seed: rand.Uint64(), Build: "soak", Now: mono.Now, Match: c.seen.see,
	}
	n := c.came.Add(1)
	address := netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)})
	for range partySize {
		if !lobby {
			break
		}
		ticket, err := c.ticket(here, address)
		if err != nil {
			if here.Err() == nil {
				c.t.Errorf("the lobby gave no seat: %v", err)
			}
			return
		}
		cfg.Tickets = append(cfg.Tickets, ticket)
	}
	swarm, err := bots.New(cfg)
	if err != nil {
		c.t.Error(err)
		return
	}
	swarm.Run(here)
	c.visits.Add(1)
	r.visits.Add(1)
	for _, b := range swarm.Reports() {
		if b.Net.Connections > 1 {
			r.resumed.Add(1)
		}
		r.hedged.Add(int64(b.Hedged))
		if b.State == bots.Failed || !b.Played && ctx.Err() == nil {
			r.failed.Add(1)
			if r.good {
				c.t.Errorf("%s could not play on a good line: %s", b.Name, b.Err)
			}
		}
	}
}

// ticket makes a guest at an address, who asks the lobby for a seat.
func (c *crowd) ticket(ctx context.Context, from netip.Addr) (string, error) {
	var guest struct{ Session string }
	if err := c.ask(ctx, from, "guests", "", struct{}{}, &guest); err != nil {
		return "", err
	}
	var offer struct{ Ticket string }
	err := c.ask(ctx, from, "seats", guest.Session, map[string]string{"game": maps.Host.Name}, &offer)
	return offer.Ticket, err
}

// ask sends the lobby JSON, as a proxy that the server trusts: only so many guests may come from one address.
func (c *crowd) ask(ctx context.Context, from netip.Addr, path, session string, body, answer any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+c.server+"/api/v1/"+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Forwarded-For", from.String())
	if session != "" {
		req.Header.Set("Authorization", "Bearer "+session)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s: %s", path, resp.Status)
	}
	return json.NewDecoder(resp.Body).Decode(answer)
}

// report prints what bots went through, and fails the test if it was less than was meant.
func (c *crowd) report(t *testing.T) {
	fmt.Printf("| road | visits of %d | bots that came back | second lines | bots that could not play |\n| --- | --- | --- | --- | --- |\n", partySize)
	for _, r := range c.roads {
		fmt.Printf("| %s | %d | %d | %d | %d |\n", r.name, r.visits.Load(), r.resumed.Load(), r.hedged.Load(), r.failed.Load())
	}
	if last := c.roads[len(c.roads)-1]; last.resumed.Load() == 0 {
		t.Error("nobody came back after a reset")
	}
}
