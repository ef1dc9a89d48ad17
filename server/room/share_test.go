package room

import (
	"bytes"
	"slices"
	"testing"

	"hindsight/protocol"
)

// reader is a runner that keeps what it was sent, and now and then has no time for it.
type reader struct {
	runner
	got  [][]byte
	busy func() bool
}

func (c *reader) Ready() bool { return !c.busy() }

func (c *reader) Send(b []byte) {
	c.got = append(c.got, slices.Clone(b))
	c.runner.Send(b)
}

// crew is a town of readers whose snapshots so many goroutines compose.
func crew(t *testing.T, goroutines int) (*Room, []*reader, func()) {
	now, tick := protocol.Micros(0), 0
	r := newTown(t, 40, &now)
	r.sharing = goroutines
	var all []*reader
	for i := range 160 {
		c := &reader{runner: runner{index: i}}
		c.busy = func() bool { return (tick+i)%37 < i%5 }
		var err error
		if c.seat, err = r.Admit(Entrant{Name: "reader", Sender: c}); err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	return r, all, func() {
		tick++
		next := r.Match().Tick() + 1
		for _, c := range all {
			c.command(next, now)
		}
		run(r, &now)
	}
}

// Every frame is the same, byte for byte, whether the room composes them alone or several goroutines do.
func TestSharingTheWorkChangesNoByte(t *testing.T) {
	_, alone, stepAlone := crew(t, 1)
	_, together, stepTogether := crew(t, 4)
	for range 240 {
		stepAlone()
		stepTogether()
	}
	frames := 0
	for i := range alone {
		if len(alone[i].got) != len(together[i].got) {
			t.Fatalf("client %d got %d frames, and %d", i, len(alone[i].got), len(together[i].got))
		}
		for j := range alone[i].got {
			if frames++; !bytes.Equal(alone[i].got[j], together[i].got[j]) {
				t.Fatalf("client %d: frame %d differs:\n% x\n% x", i, j, alone[i].got[j], together[i].got[j])
			}
		}
	}
	if frames < 100*len(alone) {
		t.Errorf("only %d frames", frames)
	}
}

// A panic in one of the goroutines is the room's own.
func TestAPanicWhileSharingIsTheRooms(t *testing.T) {
	r, all, step := crew(t, 4)
	for range 10 {
		step()
	}
	defer func() {
		if recover() == nil {
			t.Error("nothing was heard of the panic")
		}
	}()
	all[50].seat.(*conn).sender = nil
	r.letters = append(r.letters[:0], letter{p: r.players[60]}, letter{p: r.player(all[50].seat.(*conn).id)})
	r.deliver(0)
}
