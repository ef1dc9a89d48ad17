package load

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/lxzan/gws"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"hindsight/protocol"
	"hindsight/server/admin"
)

// FloorConfig is a floor process.
type FloorConfig struct {
	Size int // of a frame, in bytes
	Rate int // frames a second to each client
}

// floor is the least that a server on gws can do: at a fixed rate it sends everyone the same bytes, and it
// reads what they say without looking at it. There is no simulation, no encoding, no queue and no bound:
// each frame is written by the loop itself, all at one instant, which is the cheapest order there is.
type floor struct {
	gws.BuiltinEventHandler
	mu      sync.Mutex
	clients []*gws.Conn // guarded by mu; those that have said something
}

// RunFloor is the floor process. It prints where it listens, as a server does, and ends with in.
func RunFloor(cfg FloorConfig, in io.Reader, out io.Writer) error {
	if cfg.Size < 1 || cfg.Size > protocol.MaxFrame || cfg.Rate < 1 {
		return fmt.Errorf("load: a floor of %d bytes at %d a second", cfg.Size, cfg.Rate)
	}
	f := &floor{}
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector())
	upgrader := gws.NewUpgrader(f, &gws.ServerOption{
		ReadMaxPayloadSize: protocol.MaxInboundFrame, ReadBufferSize: 1024, SubProtocols: []string{protocol.Subprotocol},
	})
	mux := http.NewServeMux()
	mux.Handle("/", admin.New(admin.Config{Metrics: reg}))
	mux.HandleFunc("/ws", func(w http.ResponseWriter, r *http.Request) {
		if c, err := upgrader.Upgrade(w, r); err == nil {
			go c.ReadLoop() // ends with the connection, and so with the process
		}
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "  Play      http://%v\n  Metrics   http://%v/metrics\n", l.Addr(), l.Addr())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	ctx, stop := context.WithCancel(context.Background())
	var sender sync.WaitGroup
	sender.Go(func() { f.send(ctx, cfg) })
	for range orders(in) {
	}
	stop()
	sender.Wait()
	err = server.Close()
	<-served
	return err
}

// OnMessage implements gws.Event.
func (f *floor) OnMessage(c *gws.Conn, m *gws.Message) {
	if _, known := c.Session().Load("known"); !known {
		c.Session().Store("known", true)
		f.mu.Lock()
		f.clients = append(f.clients, c)
		f.mu.Unlock()
	}
	_ = m.Close()
}

// send writes to everyone until ctx ends. Who has gone is not missed: gws says so at once.
func (f *floor) send(ctx context.Context, cfg FloorConfig) {
	frame := make([]byte, cfg.Size)
	tick := time.NewTicker(time.Second / time.Duration(cfg.Rate))
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		f.mu.Lock()
		clients := f.clients
		f.mu.Unlock()
		for _, c := range clients {
			_ = c.WriteMessage(gws.OpcodeBinary, frame)
		}
	}
}
