package ticket_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"hindsight/server/ticket"
)

func TestRedeemOnce(t *testing.T) {
	l := ticket.NewLedger(0)
	now := time.Now()
	id, ends := uuid.New(), now.Add(ticket.Life)
	var in, used atomic.Int32
	var wg sync.WaitGroup
	gun := make(chan struct{})
	for range 200 {
		wg.Go(func() {
			<-gun
			switch err := l.Redeem(id, ends, now); {
			case err == nil:
				in.Add(1)
			case errors.Is(err, ticket.ErrUsed):
				used.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	close(gun)
	wg.Wait()
	if in.Load() != 1 || used.Load() != 199 {
		t.Errorf("%d let in and %d refused, want 1 and 199", in.Load(), used.Load())
	}
}

func TestRedeemTimes(t *testing.T) {
	now := time.Now()
	for _, c := range []struct {
		name string
		life time.Duration
		want error
	}{
		{"good", ticket.Life, nil},
		{"ended", 0, ticket.ErrExpired},
		{"long ended", -time.Hour, ticket.ErrExpired},
		{"longest", ticket.MaxLife, nil},
		{"no end in sight", time.Hour, ticket.ErrUnknown},
	} {
		if err := ticket.NewLedger(0).Redeem(uuid.New(), now.Add(c.life), now); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

// TestClockSetBack: a used ticket that the book has forgotten stays dead when the clock goes back.
func TestClockSetBack(t *testing.T) {
	l := ticket.NewLedger(0)
	now := time.Now()
	id, ends := uuid.New(), now.Add(ticket.Life)
	if err := l.Redeem(id, ends, now); err != nil {
		t.Fatal(err)
	}
	if err := l.Redeem(uuid.New(), now.Add(24*time.Hour+ticket.Life), now.Add(24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if l.Len() != 1 {
		t.Errorf("%d remembered, want the last", l.Len())
	}
	if err := l.Redeem(id, ends, now); err == nil {
		t.Error("let in twice")
	}
}

// TestLedgerBounded: a full book refuses rather than forgets, and empties with time.
func TestLedgerBounded(t *testing.T) {
	const size = 100
	l := ticket.NewLedger(size)
	now := time.Now()
	for i := range 3 * size {
		err := l.Redeem(uuid.New(), now.Add(ticket.Life), now)
		if want := i >= size; errors.Is(err, ticket.ErrBusy) != want {
			t.Fatalf("ticket %d: %v", i, err)
		}
	}
	now = now.Add(3 * ticket.MaxLife)
	if err := l.Redeem(uuid.New(), now.Add(ticket.Life), now); err != nil || l.Len() != 1 {
		t.Errorf("later: %v, %d remembered", err, l.Len())
	}
}

// TestLedgerProperty compares the book with one that never forgets, over random walks in time.
func TestLedgerProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := ticket.NewLedger(0)
		start := time.Unix(1_800_000_000, 0)
		now := start
		type issued struct {
			id   uuid.UUID
			ends time.Time
		}
		var made []issued
		used := map[uuid.UUID]bool{}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 200).Draw(t, "wait")) * time.Second)
			if len(made) == 0 || rapid.Bool().Draw(t, "new") {
				life := time.Duration(rapid.IntRange(1, 300).Draw(t, "life")) * time.Second
				made = append(made, issued{uuid.New(), now.Add(life)})
			}
			k := made[rapid.IntRange(0, len(made)-1).Draw(t, "which")]
			err := l.Redeem(k.id, k.ends, now)
			switch {
			case !now.Before(k.ends):
				if !errors.Is(err, ticket.ErrExpired) {
					t.Fatalf("ended: %v", err)
				}
			case used[k.id]:
				if !errors.Is(err, ticket.ErrUsed) {
					t.Fatalf("used: %v", err)
				}
			case err != nil:
				t.Fatalf("fresh: %v", err)
			}
			used[k.id] = true
			if l.Len() > len(made) {
				t.Fatalf("%d remembered of %d", l.Len(), len(made))
			}
		}
	})
}
