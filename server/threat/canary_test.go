package threat

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hindsight/game/games/arena"
	"hindsight/game/netcode"
	"hindsight/server/mono"
)

// players is how many people play in the canary match; the room's bots make it up to more.
const players = 2

// canary is a match of complete clients that must not notice an attack.
type canary struct {
	t     *testing.T
	birds []*bird
	done  chan struct{}
	wg    sync.WaitGroup
}

// bird is one of them. It has one connection and never a second one.
type bird struct {
	conn      net.Conn
	br        *bufio.Reader
	snapshots atomic.Int64
	wrong     atomic.Pointer[error]
}

// hatch begins a canary match in the server's own room.
func hatch(t *testing.T, addr string) *canary {
	t.Helper()
	c := &canary{t: t, done: make(chan struct{})}
	for i := range players {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		b := &bird{conn: conn, br: bufio.NewReader(conn)}
		if _, err := conn.Write([]byte(handshake(addr))); err != nil {
			t.Fatal(err)
		}
		if err := shaken(b.br); err != nil {
			t.Fatal(err)
		}
		c.birds = append(c.birds, b)
		core := netcode.New(netcode.Config{Game: arena.Game, Name: fmt.Sprint("Canary ", i+1), Room: arena.Game.Name})
		frames := make(chan []byte, 256)
		c.wg.Go(func() { b.listen(frames) })
		c.wg.Go(func() { b.sing(core, frames, c.done) })
	}
	return c
}

// listen hands on the frames that come.
func (b *bird) listen(frames chan<- []byte) {
	defer close(frames)
	for {
		first, payload, err := readFrame(b.br)
		switch {
		case err != nil:
			b.fail(err)
			return
		case first == data:
			frames <- payload
		case first == ping:
			frames <- nil // the answer must not come between two halves of another frame
		case first == bye:
			b.fail(fmt.Errorf("closed with %d", codeOf(payload)))
			return
		}
	}
}

// sing plays until done, or the first thing that is wrong.
func (b *bird) sing(core *netcode.Client, frames <-chan []byte, done <-chan struct{}) {
	defer func() {
		_ = b.conn.Close()
		for range frames { // so that listen ends
		}
	}()
	b.send(data, core.Hello(mono.Now()))
	frame := time.NewTicker(time.Second / 60)
	defer frame.Stop()
	spin := uint16(0)
	for {
		select {
		case f, ok := <-frames:
			if !ok {
				return
			}
			if f == nil {
				b.send(pong, nil)
				continue
			}
			if err := core.Receive(mono.Now(), f); err != nil { // also if it does not follow the one before
				b.fail(err)
				return
			}
			b.snapshots.Store(int64(core.Stats().Snapshots))
		case <-frame.C:
			spin += 500
			core.Draw(mono.Now())
			if !core.Joined() {
				continue
			}
			if out := core.Advance(mono.Now(), netcode.Controls{MoveX: 100, Aim: spin, Held: 1}, 0); out != nil {
				b.send(data, out)
			}
		case <-done:
			b.send(bye, []byte{0x03, 0xe8})
			return
		}
	}
}

func (b *bird) send(first byte, payload []byte) {
	if _, err := b.conn.Write(masked(first, payload)); err != nil {
		b.fail(err)
	}
}

func (b *bird) fail(err error) { b.wrong.CompareAndSwap(nil, &err) }

// well waits until every bird has been sent so many snapshots more, on its first connection.
func (c *canary) well(more int64) {
	c.t.Helper()
	from := make([]int64, len(c.birds))
	for i, b := range c.birds {
		from[i] = b.snapshots.Load()
	}
	for i, b := range c.birds {
		await(c.t, fmt.Sprintf("canary %d to be sent %d more snapshots", i+1, more), func() bool {
			return b.wrong.Load() != nil || b.snapshots.Load()-from[i] >= more
		})
		if err := b.wrong.Load(); err != nil {
			c.t.Fatalf("canary %d: %v", i+1, *err)
		}
	}
}

// end lets the birds leave.
func (c *canary) end() {
	select {
	case <-c.done:
		return
	default:
	}
	for i, b := range c.birds {
		if err := b.wrong.Load(); err != nil && !errors.Is(*err, net.ErrClosed) {
			c.t.Errorf("canary %d: %v", i+1, *err)
		}
	}
	close(c.done)
	c.wg.Wait()
}
