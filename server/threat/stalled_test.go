package threat

import (
	"net"
	"testing"
	"time"

	"hindsight/game/games/arena"
	"hindsight/protocol"
	"hindsight/server/session"
)

// Clients that play and do not read, or a byte now and then, are told that they are too slow, in a time
// that a player could stand to wait for his own reconnect; nothing is heaped up for them meanwhile. The
// kernel's buffers would hide them for twenty seconds: what gives them away is that they echo nothing new.
func TestStalledReaders(t *testing.T) {
	f := raise(t, session.Auto, nil)
	f.row("15, 16: stalled readers", map[string]float64{closed(protocol.CloseTooSlow): 2}, func(t *testing.T) {
		heap := heapInUse()
		done := make(chan struct{})
		for _, slowly := range []bool{false, true} {
			a := f.open()
			h := hello("Stalled")
			h.Game, h.Room = arena.Game.Name, arena.Game.Name
			a.hello(h)
			a.seated()
			_ = a.conn.(*net.TCPConn).SetReadBuffer(4096)
			go func() {
				a.playBlindly(slowly)
				done <- struct{}{}
			}()
		}
		await(t, "the stalled ones to be counted out", func() bool { return f.metrics().of("hindsight_connections") == players })
		if grown := int64(heapInUse()) - int64(heap); grown > 2<<20 {
			t.Errorf("%d bytes of heap are held", grown)
		}
		<-done
		<-done
	})
}

// playBlindly sends inputs for as long as the server takes them, and reads nothing, or next to nothing.
func (a *attacker) playBlindly(slowly bool) {
	tick := time.NewTicker(time.Second / 60)
	defer tick.Stop()
	for range tick.C {
		if _, err := a.conn.Write(masked(data, a.input(1))); err != nil {
			return
		}
		if slowly {
			_, _ = a.conn.Read(make([]byte, 1))
		}
	}
}
