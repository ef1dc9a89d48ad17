package nightly

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	"hindsight/protocol"
	"hindsight/protocol/simnet"
)

// toxic is a proxy on loopback that spoils TCP streams. It cannot lose packets: the streams between
// it and either side are whole.
type toxic struct {
	t     testing.TB
	proxy *toxiproxy.Proxy
}

// newToxic starts a proxy to upstream for the length of the test.
func newToxic(t testing.TB, upstream string) toxic {
	t.Helper()
	zerolog.SetGlobalLevel(zerolog.Disabled) // a link that is ended by a stall finds its logger nowhere else
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	p := toxiproxy.NewProxy(server, t.Name(), "127.0.0.1:0", upstream)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return toxic{t, p}
}

// Addr is where it listens.
func (x toxic) Addr() string { return x.proxy.Listen }

// add adds a toxic to both directions. It may be called from any goroutine.
func (x toxic) add(kind string, attributes map[string]int64) {
	x.t.Helper()
	for _, stream := range []string{"upstream", "downstream"} {
		b, err := json.Marshal(map[string]any{"name": kind + stream, "type": kind, "stream": stream, "attributes": attributes})
		if err == nil {
			_, err = x.proxy.Toxics.AddToxicJson(strings.NewReader(string(b)))
		}
		if err != nil {
			x.t.Error(err)
		}
	}
}

// remove takes a toxic away again.
func (x toxic) remove(kind string) {
	for _, stream := range []string{"upstream", "downstream"} {
		if err := x.proxy.Toxics.RemoveToxic(context.Background(), kind+stream); err != nil {
			x.t.Error(err)
		}
	}
}

// stall lets nothing through for a while. A bandwidth of 0 does that; removing a timeout would close
// the connections.
func (x toxic) stall(d time.Duration) {
	x.add("bandwidth", map[string]int64{"rate": 0})
	time.Sleep(d)
	x.remove("bandwidth")
}

// dial connects through the proxy to a listener of its own.
func (x toxic) dial(l net.Listener) (near, far net.Conn) {
	x.t.Helper()
	near, err := net.Dial("tcp4", x.Addr())
	if err != nil {
		x.t.Fatal(err)
	}
	if far, err = l.Accept(); err != nil {
		x.t.Fatal(err)
	}
	x.t.Cleanup(func() { _ = near.Close(); _ = far.Close() })
	return near, far
}

// TestSimnetDelaysLikeAProxy sends flows through toxiproxy's latency, jitter and rate and over the
// model of them.
func TestSimnetDelaysLikeAProxy(t *testing.T) {
	nightly(t)
	fmt.Println("| toxiproxy | age ms, real / simnet: p50 | p99 | of the last frame |\n| --- | --- | --- | --- |")
	for _, c := range []struct {
		name            string
		latency, jitter int64 // ms; toxiproxy's jitter is uniform, -jitter to +jitter
		rate            int64 // KB/s
		flow            flow
		model           simnet.Config
		within          protocol.Micros // the p99s
	}{
		{"latency 25 ms", 25, 0, 0, flow{200, 16667, 1200}, simnet.Config{Latency: 25 * ms}, 60 * ms},
		{"latency 100 ms", 100, 0, 0, flow{200, 16667, 1200}, simnet.Config{Latency: 100 * ms}, 60 * ms},
		{"latency 30 ± 10 ms", 30, 10, 0, flow{200, 16667, 1200}, simnet.Config{Latency: 20 * ms, Jitter: 10 * ms}, 60 * ms},
		{"20 kB/s for 12 kB/s", 0, 0, 20, flow{200, 16667, 600}, simnet.Config{Rate: 20_000}, 60 * ms},
		{"20 kB/s for 30 kB/s", 0, 0, 20, flow{1000, 33_333, 240}, simnet.Config{Rate: 20_000}, 450 * ms},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l, err := net.Listen("tcp4", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = l.Close() }()
			x := newToxic(t, l.Addr().String())
			if c.latency > 0 {
				x.add("latency", map[string]int64{"latency": c.latency, "jitter": c.jitter})
			}
			if c.rate > 0 {
				x.add("bandwidth", map[string]int64{"rate": c.rate})
			}
			near, far := x.dial(l)
			real, model := c.flow.overTCP(t, far, near), c.flow.overSimnet(simnet.New(c.model))
			if len(real) != len(model) {
				t.Fatalf("%d of %d messages arrived", len(real), len(model))
			}
			r, m := lateness(real, 0), lateness(model, 0)
			last := len(real) - 1
			fmt.Printf("| %s | %.0f / %.0f | %.0f / %.0f | %.0f / %.0f |\n", c.name,
				inMS(quantile(r, .5)), inMS(quantile(m, .5)), inMS(quantile(r, .99)), inMS(quantile(m, .99)), inMS(real[last].took), inMS(model[last].took))
			for _, q := range []struct {
				share  float64
				within protocol.Micros
			}{{.5, max(8*ms, c.within/3)}, {.99, c.within}} {
				if d := quantile(r, q.share) - quantile(m, q.share); d > q.within || d < -q.within {
					t.Errorf("quantile %g is %v ms above the model's", q.share, inMS(d))
				}
			}
		})
	}
}

// TestAStallHoldsEverythingUpAndLosesNothing stalls a proxied stream, whose TCP on either side stays
// well: what was held up comes at once when it is over, as a Stall of simnet's does after its timer.
func TestAStallHoldsEverythingUpAndLosesNothing(t *testing.T) {
	nightly(t)
	t.Parallel()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	x := newToxic(t, l.Addr().String())
	near, far := x.dial(l)
	go func() {
		time.Sleep(time.Second)
		x.stall(2 * time.Second)
	}()
	f := flow{200, 16667, 300}
	ages := f.overTCP(t, far, near)
	if len(ages) != f.n || !slices.IsSortedFunc(ages, func(a, b age) int { return int(a.sent - b.sent) }) {
		t.Fatalf("%d of %d messages arrived", len(ages), f.n)
	}
	late := lateness(ages, 0)
	if most := late[len(late)-1]; most < 1900*ms || most > 2500*ms {
		t.Errorf("the oldest message of a stall of 2 s came after %v ms", inMS(most))
	}
}
