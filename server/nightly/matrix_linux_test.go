package nightly

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"hindsight/game/games/arena/maps"
	"hindsight/game/netcode"
	"hindsight/protocol"
	"hindsight/protocol/simnet"
	"hindsight/server"
	"hindsight/server/bots"
	"hindsight/server/lab"
	"hindsight/server/mono"
)

// cell is a place in the matrix: round trip and jitter in ms, loss in percent, and one thing that
// goes wrong beside.
type cell struct {
	rtt, jitter int
	loss        float64
	with        string
}

// String is the cell's name, by which HINDSIGHT_CELLS chooses.
func (c cell) String() string {
	return fmt.Sprintf("rtt%d-jitter%d-loss%g-%s", c.rtt, c.jitter, c.loss, c.with)
}

// The whole matrix, in this order: 240 cells.
func matrix() (cells []cell) {
	for _, with := range []string{"nothing", "stall500", "stall2000", "cap160", "fps10"} {
		for _, loss := range []float64{0, .1, 1, 3} {
			for _, jitter := range []int{0, 5, 20} {
				for _, rtt := range []int{0, 50, 100, 200} {
					cells = append(cells, cell{rtt, jitter, loss, with})
				}
			}
		}
	}
	return cells
}

// What goes wrong, and how often.
const (
	stallEvery = 8 * protocol.Second
	capBytes   = 20_000 // 160 kbit/s
	capQueue   = 64 << 10
)

// stall is how long a cell's stalls are.
func (c cell) stall() protocol.Micros {
	return map[string]protocol.Micros{"stall500": 500 * ms, "stall2000": 2000 * ms}[c.with]
}

func (c cell) fps() int {
	if c.with == "fps10" {
		return 10
	}
	return 60
}

func (c cell) rate() int {
	if c.with == "cap160" {
		return capBytes
	}
	return 0
}

// players is how many clients each cell has. Seats that they leave are bots'.
const (
	players = 4
	seats   = 8
)

// TestMatrixOverRealSockets plays the laboratory's matrix with the real server, gws and the kernel's
// TCP, and prints what the laboratory gets beside it. HINDSIGHT_CELLS is a regular expression that
// chooses cells by their names, such as 'rtt(50|100)-jitter5-loss[01]-nothing'; HINDSIGHT_SECONDS is
// how long each takes [20].
func TestMatrixOverRealSockets(t *testing.T) {
	nightly(t)
	chosen, err := regexp.Compile("^(" + os.Getenv("HINDSIGHT_CELLS") + ")")
	if err != nil {
		t.Fatal(err)
	}
	seconds := 20
	if s := os.Getenv("HINDSIGHT_SECONDS"); s != "" {
		if seconds, err = strconv.Atoi(s); err != nil || seconds < 5 {
			t.Fatalf("HINDSIGHT_SECONDS is %q, want 5 at least", s)
		}
	}
	fmt.Println(head)
	for _, c := range matrix() {
		if !chosen.MatchString(c.String()) {
			continue
		}
		t.Run(c.String(), func(t *testing.T) {
			real, late := c.play(t, seconds)
			model := c.simulate(t, seconds)
			fmt.Printf("| %v | sockets | %v | %s |\n| | lab | %v | |\n", c, real, late, model)
			if real.unknown != 0 {
				t.Errorf("%v corrections of unknown cause", real.unknown)
			}
			if real.snapshots == 0 {
				t.Error("nobody got a snapshot")
			}
		})
	}
}

const head = `| cell | | agreement % (judged) | corrections a minute: late, touch, clamp, unknown | late inputs % | underruns a minute | RTT, margin, delay ms (median) | snapshots of possible % | tick lateness ≤ 0.1, ≤ 1 ms % |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |`

// figures are what clients know of themselves, over all of them.
type figures struct {
	agreed, denied               int
	late, touch, clamp, unknown  float64 // a minute and client
	lateInputs, underruns, share float64
	snapshots                    int
	rtt, margin, delay           float64
}

// String is the middle of a row.
func (f figures) String() string {
	judged := f.agreed + f.denied
	return fmt.Sprintf("%.2f (%d) | %.1f, %.1f, %.1f, %.0f | %.2f | %.1f | %.0f, %.1f, %.0f | %.0f",
		100*float64(f.agreed)/float64(max(judged, 1)), judged, f.late, f.touch, f.clamp, f.unknown, f.lateInputs, f.underruns, f.rtt, f.margin, f.delay, f.share)
}

// sum adds clients up.
func sum(all []netcode.Stats, seconds int) (f figures) {
	minutes := float64(len(all)*seconds) / 60
	commands, late := 0, 0
	var rtt, margin, delay []protocol.Micros
	for _, s := range all {
		f.agreed, f.denied = f.agreed+s.Verdicts.Agreed, f.denied+s.Verdicts.Denied
		f.late += float64(s.Corrections.Late) / minutes
		f.touch += float64(s.Corrections.Touch) / minutes
		f.clamp += float64(s.Corrections.Clamp) / minutes
		f.unknown += float64(s.Corrections.Unknown)
		f.underruns += float64(s.Underruns) / minutes
		f.snapshots += s.Snapshots
		commands, late = commands+s.Commands, late+s.LateCommands
		rtt, margin, delay = append(rtt, s.RTT), append(margin, s.Margin), append(delay, s.Delay)
	}
	f.lateInputs = 100 * float64(late) / float64(max(commands, 1))
	f.share = 100 * float64(f.snapshots) / (60 * 60 * minutes)
	for _, l := range [][]protocol.Micros{rtt, margin, delay} {
		slices.Sort(l)
	}
	f.rtt, f.margin, f.delay = inMS(quantile(rtt, .5)), inMS(quantile(margin, .5)), inMS(quantile(delay, .5))
	return f
}

// play is the cell over real sockets. It also returns the server's tick lateness.
func (c cell) play(t *testing.T, seconds int) (figures, string) {
	addr, admin, stall := c.serve(t)
	swarm, err := bots.New(bots.Config{URL: "ws://" + addr, Game: maps.Host.Definition, Clients: players, Skill: 3, FPS: c.fps(), Now: mono.Now})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Duration(seconds)*time.Second)
	defer cancel()
	stalled := make(chan struct{})
	go func() {
		defer close(stalled)
		for c.stall() > 0 {
			select {
			case <-time.After(time.Duration(stallEvery-c.stall()) * time.Microsecond):
				stall(time.Duration(c.stall()) * time.Microsecond)
			case <-ctx.Done():
				return
			}
		}
	}()
	swarm.Run(ctx)
	late := tickLateness(t, admin)
	<-stalled
	if err := swarm.Err(); err != nil {
		t.Error(err)
	}
	var all []netcode.Stats
	for _, r := range swarm.Reports() {
		all = append(all, r.Net)
	}
	return sum(all, seconds), late
}

// serve starts a server behind the cell's line, and returns where clients and the curious reach it and
// what stalls the line. Where packets cannot be lost, toxiproxy does what it can.
func (c cell) serve(t *testing.T) (addr string, admin admin, stall func(time.Duration)) {
	half := protocol.Micros(c.rtt) * ms / 2
	up := line{Latency: half, Jitter: protocol.Micros(c.jitter) * ms, Loss: c.loss / 100}
	down := up
	down.Rate, down.Queue = players*c.rate(), players*capQueue // they share the wire
	if !mayWire() {
		if c.loss > 0 {
			t.Skip("SKIPPED: losing packets needs network namespaces and /dev/net/tun, which this user may not use")
		}
		s := newServer(t, "127.0.0.1:0", func(s *server.Server) error { return s.Listen() })
		x := newToxic(t, s.Addr().String())
		x.add("latency", map[string]int64{"latency": int64(c.rtt/2 + c.jitter), "jitter": int64(c.jitter)})
		if c.rate() > 0 {
			x.add("bandwidth", map[string]int64{"rate": int64(c.rate() / 1000)})
		}
		return x.Addr(), adminOf(s, net.DialTimeout), x.stall
	}
	w := newWire(t, up, down)
	s := newServer(t, fmt.Sprintf("%v:%d", w.far.addr, tcpPort), func(s *server.Server) error { return w.far.do(s.Listen) })
	return w.forward(t), adminOf(s, func(network, addr string, _ time.Duration) (net.Conn, error) { return w.far.dial(network, addr) }), func(d time.Duration) {
		w.down.Store(true)
		time.Sleep(d)
		w.down.Store(false)
	}
}

// newServer runs a server for the length of the test.
func newServer(t *testing.T, addr string, listen func(*server.Server) error) *server.Server {
	t.Helper()
	s, err := server.New(server.Config{Addr: addr, AdminAddr: "127.0.0.1:0", Bots: seats, MaxPlayers: seats, StandIn: true, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := listen(s); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return s
}

// simulate is the cell in the laboratory.
func (c cell) simulate(t *testing.T, seconds int) figures {
	rotation, err := maps.Host.NewRotation(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	l, err := lab.New(lab.Config{
		Host: maps.Host, Rotation: rotation, Players: players, Bots: seats, FPS: c.fps(), Seed: 1,
		Link: simnet.Config{
			Latency: protocol.Micros(c.rtt) * ms / 2, Jitter: protocol.Micros(c.jitter) * ms, Loss: int(c.loss * 10_000),
			Rate: c.rate(), Overhead: 78,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	end := protocol.Micros(seconds) * protocol.Second
	for _, p := range l.Players {
		for at := stallEvery - c.stall(); c.stall() > 0 && at < end; at += stallEvery {
			p.Stall(at, at+c.stall())
		}
	}
	if err := l.Run(end); err != nil {
		t.Fatal(err)
	}
	var all []netcode.Stats
	for _, p := range l.Players {
		all = append(all, *p.Core().Stats())
	}
	return sum(all, seconds)
}

// admin reaches a server's metrics.
type admin struct {
	url    string
	client http.Client
}

// adminOf returns the admin of a server whose listeners are reached by that.
func adminOf(s *server.Server, dial func(network, addr string, patience time.Duration) (net.Conn, error)) admin {
	return admin{"http://" + s.AdminAddr().String() + "/metrics", http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(_ context.Context, network, addr string) (net.Conn, error) {
			return dial(network, addr, 5*time.Second)
		},
	}}}
}

// tickLateness asks a server for the share of ticks that began in time.
func tickLateness(t *testing.T, a admin) string {
	t.Helper()
	res, err := a.client.Get(a.url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	value := func(name string) float64 {
		_, rest, _ := strings.Cut(string(b), "\nhindsight_tick_late_seconds"+name+" ")
		v, _, _ := strings.Cut(rest, "\n")
		f, err := strconv.ParseFloat(v, 64)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return f
	}
	all := value("_count")
	return fmt.Sprintf("%.1f, %.1f", 100*value(`_bucket{le="0.0001"}`)/all, 100*value(`_bucket{le="0.001"}`)/all)
}
