package nightly

import (
	"context"
	"net"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lxzan/gws"

	"hindsight/game/games/arena/maps"
	"hindsight/game/netcode"
	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server/mono"
)

// probe is one client over a real socket that stands still and keeps the times.
type probe struct {
	gws.BuiltinEventHandler
	core   *netcode.Client
	frames chan []byte
	deaf   atomic.Bool // it stops reading

	// Owned by its goroutine until done is closed.
	arrived []protocol.Micros // when snapshots came
	changes []change          // what became of the others
	status  [protocol.MaxPlayers + 1]frame.Status
	err     error
	joined  chan struct{} // closed with the first snapshot
	done    chan struct{}
	stop    context.CancelFunc
}

// change is a player's connection being seen in another state.
type change struct {
	at     protocol.Micros
	player protocol.PlayerID
	status frame.Status
}

// join connects a probe over a connection and plays until the test ends, or end is called.
func join(t testing.TB, conn net.Conn) *probe {
	t.Helper()
	p := &probe{
		core:   netcode.New(netcode.Config{Game: maps.Host.Definition, Name: "probe", Build: "nightly"}),
		frames: make(chan []byte, 4), joined: make(chan struct{}), done: make(chan struct{}),
	}
	ctx, stop := context.WithCancel(context.Background())
	p.stop = stop
	ws, _, err := gws.NewClientFromConn(p, &gws.ClientOption{
		Addr:               "ws://" + conn.RemoteAddr().String() + "/ws",
		RequestHeader:      http.Header{"Sec-Websocket-Protocol": {protocol.Subprotocol}},
		ReadMaxPayloadSize: 2 * protocol.MaxFrame,
	}, conn)
	if err != nil {
		stop()
		t.Fatal(err)
	}
	closed := make(chan struct{})
	go func() { defer close(closed); ws.ReadLoop() }()
	go func() {
		defer close(p.done)
		p.play(ctx, ws, closed)
		_ = conn.Close()
		for {
			select {
			case <-p.frames: // the reader may be waiting to hand one over
			case <-closed:
				return
			}
		}
	}()
	t.Cleanup(p.end)
	select {
	case <-p.joined:
	case <-p.done:
		t.Fatalf("a probe could not join: %v", p.err)
	case <-time.After(20 * time.Second):
		t.Fatal("a probe was not let in")
	}
	return p
}

// OnMessage implements gws.Event.
func (p *probe) OnMessage(_ *gws.Conn, m *gws.Message) {
	b := slices.Clone(m.Bytes())
	_ = m.Close()
	p.frames <- b
}

// OnClose implements gws.Event.
func (p *probe) OnClose(_ *gws.Conn, _ error) {}

// end stops the probe; then its records may be read.
func (p *probe) end() {
	p.stop()
	<-p.done
}

// play is the probe's goroutine.
func (p *probe) play(ctx context.Context, ws *gws.Conn, closed <-chan struct{}) {
	if p.err = ws.WriteMessage(gws.OpcodeBinary, p.core.Hello(mono.Now())); p.err != nil {
		return
	}
	tick := time.NewTicker(time.Second / 60)
	defer tick.Stop()
	for {
		frames := p.frames
		if p.deaf.Load() {
			frames = nil
		}
		select {
		case b := <-frames:
			if p.err = p.receive(b); p.err != nil {
				return
			}
		case <-tick.C:
			p.core.Draw(mono.Now())
			if b := p.core.Advance(mono.Now(), netcode.Controls{}, 0); b != nil {
				_ = ws.WriteMessage(gws.OpcodeBinary, b) // the reader learns of a broken line
			}
		case <-closed:
			return
		case <-ctx.Done():
			return
		}
	}
}

// receive takes in a frame and writes down what it means.
func (p *probe) receive(b []byte) error {
	now, before := mono.Now(), p.core.Stats().Snapshots
	if err := p.core.Receive(now, b); err != nil {
		return err
	}
	if p.core.Stats().Snapshots > before {
		if p.arrived = append(p.arrived, now); len(p.arrived) == 1 {
			close(p.joined)
		}
	}
	for id := range p.status {
		if s := p.core.Roster().Person(protocol.PlayerID(id)).Status; s != p.status[id] {
			p.status[id] = s
			p.changes = append(p.changes, change{now, protocol.PlayerID(id), s})
		}
	}
	return nil
}

// since returns how long after a moment the next snapshot came.
func (p *probe) since(at protocol.Micros) (protocol.Micros, bool) {
	i, _ := slices.BinarySearch(p.arrived, at)
	if i == len(p.arrived) {
		return 0, false
	}
	return p.arrived[i] - at, true
}

// gaps returns how much longer than a tick it took from one snapshot to the next, ascending, of those
// that came in a time.
func (p *probe) gaps(from, until protocol.Micros) (over []protocol.Micros) {
	for i := 1; i < len(p.arrived); i++ {
		if p.arrived[i-1] >= from && p.arrived[i] < until {
			over = append(over, p.arrived[i]-p.arrived[i-1]-protocol.Second/60)
		}
	}
	slices.Sort(over)
	return over
}
