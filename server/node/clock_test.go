package node

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"hindsight/game"
	"hindsight/protocol"
	"hindsight/server/identity/signing"
	"hindsight/server/room"
	"hindsight/server/room/walk"
	"hindsight/server/ticket"
)

// ticks counts those of all rooms.
type ticks struct {
	room.NoMeter
	n atomic.Int64
}

func (m *ticks) Tick(protocol.Micros, protocol.Micros) { m.n.Add(1) }

// The wall clock is set an hour forward or back while a match is played. Ticks, seats and rooms do not go by
// it. Tickets do: those signed before are refused, and new ones are good at once. (No ticket is redeemed before the
// jump: times made up here have no monotonic reading, by which the ledger knows a clock that was set back.)
func TestTheWallClockJumps(t *testing.T) {
	for name, jump := range map[string]time.Duration{"forward": time.Hour, "back": -time.Hour} {
		t.Run(name, func(t *testing.T) { synctest.Test(t, func(t *testing.T) { testClockJump(t, jump) }) })
	}
}

func testClockJump(t *testing.T, jump time.Duration) {
	const run = "this run"
	began, off := time.Now(), atomic.Int64{}
	wall := func() time.Time { return time.Now().Round(0).Add(time.Duration(off.Load())) }
	ring, err := signing.Open(context.Background(), signing.Config{Store: &signing.Memory{}, Now: wall})
	if err != nil {
		t.Fatal(err)
	}
	count := &ticks{}
	n, err := New(Config{
		Hosts: []game.Host{walk.Game}, Name: run, Tickets: ticket.NewVerifier(ring, run), Wall: wall,
		Room: room.Config{Meter: func() room.Meter { return count }, Now: func() protocol.Micros { return protocol.Micros(time.Since(began).Microseconds()) }},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx) }()
	defer func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	signed := func() string {
		token, err := ticket.NewSigner(ring).Sign(&ticket.Ticket{Room: "walk", Player: uuid.New(), Name: "Ann", Node: run}, wall())
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	join := func(ticket, token string) (*guest, error) {
		g := &guest{}
		_, err := n.Join(ctx, "", "walk", room.Entrant{Name: "Ann", Ticket: ticket, Token: token, Sender: g})
		return g, err
	}
	kept := signed()
	first, err := join("", "")
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second)
	before := count.n.Load()
	off.Store(int64(jump))
	time.Sleep(time.Second)
	if during := count.n.Load() - before; before < 59 || during < 59 || during > 61 {
		t.Errorf("%d ticks in the second before, %d in that of the jump", before, during)
	}
	if back, err := join("", first.welcome.Token); err != nil || back.welcome.Player != first.welcome.Player {
		t.Errorf("the seat is not resumed: %v", err)
	}
	if _, err := join(kept, ""); !errors.Is(err, ticket.ErrExpired) && !errors.Is(err, ticket.ErrUnknown) {
		t.Errorf("a ticket of the other time: %v", err)
	}
	fresh := signed()
	if _, err := join(fresh, ""); err != nil {
		t.Errorf("a ticket of the new time is refused: %v", err)
	}
	if _, err := join(fresh, ""); !errors.Is(err, ticket.ErrUsed) {
		t.Errorf("the same ticket again: %v", err)
	}
	if rooms := n.List(); len(rooms) != 1 || rooms[0].Info.People != 2 {
		t.Errorf("%d rooms after the jump", len(rooms))
	}
}
