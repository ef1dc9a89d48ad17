package nightly

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"hindsight/protocol"
	"hindsight/protocol/simnet"
	"hindsight/server/mono"
)

// TestSimnetLosesLikeTheKernel sends frames of 200 bytes over a lossy line and over the model of it.
func TestSimnetLosesLikeTheKernel(t *testing.T) {
	nightly(t)
	fmt.Println("| RTT ms | loss % | Hz | stall median ms, kernel / simnet / formula | stalls a minute | late > 50 ms % | > 100 ms % | p99 ms | p99.9 ms |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
	const seconds = 90
	for _, c := range []struct {
		rtt  protocol.Micros
		loss float64
		hz   int
	}{
		{20 * ms, .01, 60}, {50 * ms, .01, 60}, {50 * ms, .01, 30}, {50 * ms, .03, 60}, {100 * ms, .01, 60}, {100 * ms, .01, 20}, {200 * ms, .01, 30},
	} {
		t.Run(fmt.Sprintf("%dms %g %dHz", c.rtt/ms, c.loss, c.hz), func(t *testing.T) {
			t.Parallel()
			w := newWire(t, line{Latency: c.rtt / 2, Loss: c.loss}, line{Latency: c.rtt / 2, Loss: c.loss})
			near, far := w.dial(t)
			f := flow{size: 200, gap: protocol.Second / protocol.Micros(c.hz), n: seconds * c.hz}
			real := f.overTCP(t, far, near)
			f.n *= 20
			model := f.overSimnet(simnet.New(simnet.Config{Latency: c.rtt / 2, Loss: int(c.loss * 1e6), Seed: 1}))

			// What is shorter is the machine being busy, or the congestion window full for a moment.
			formula := c.rtt + max(f.gap, c.rtt/4)
			rs, ms := stalls(real, c.rtt/2, formula*2/3), stalls(model, c.rtt/2, formula*2/3)
			rl, ml := lateness(real, c.rtt/2), lateness(model, c.rtt/2)
			pair := func(format string, of func([]protocol.Micros) float64) string {
				return fmt.Sprintf(format+" / "+format, of(rl), of(ml))
			}
			fmt.Printf("| %d | %g | %d | %.0f / %.0f / %.0f | %d / %d | %s | %s | %s | %s |\n", c.rtt/1000, 100*c.loss, c.hz,
				inMS(quantile(rs, .5)), inMS(quantile(ms, .5)), inMS(formula), len(rs)*60/seconds, len(ms)*3/seconds,
				pair("%.2f", func(l []protocol.Micros) float64 { return over(l, 50_000) }),
				pair("%.2f", func(l []protocol.Micros) float64 { return over(l, 100_000) }),
				pair("%.0f", func(l []protocol.Micros) float64 { return inMS(quantile(l, .99)) }),
				pair("%.0f", func(l []protocol.Micros) float64 { return inMS(quantile(l, .999)) }))
			if d, most := quantile(rs, .5)-quantile(ms, .5), 8_000+c.rtt/20; d > most || d < -most {
				t.Errorf("the median stall is %v ms longer than the model's", inMS(d))
			}
		})
	}
}

// TestSimnetRecoversLikeTheKernel cuts lines for a while and looks when the stream moves again.
func TestSimnetRecoversLikeTheKernel(t *testing.T) {
	nightly(t)
	const (
		rtt   = 50 * ms
		gap   = protocol.Second / 60
		tries = 4
	)
	fmt.Println("| outage s | from its end until a frame arrives, s: kernel | simnet |\n| --- | --- | --- |")
	for _, length := range []protocol.Micros{200 * ms, 300 * ms, 700 * ms, 1500 * ms, 3000 * ms, 6000 * ms} {
		results := make(chan recovered, tries)
		t.Run(fmt.Sprint(length/ms, "ms"), func(t *testing.T) {
			t.Parallel()
			t.Run("lines", func(t *testing.T) {
				for i := range tries {
					t.Run(fmt.Sprint(i), func(t *testing.T) {
						t.Parallel()
						results <- recovery(t, rtt, gap, length)
					})
				}
			})
			close(results)
			var real, model string
			var all, modelled []protocol.Micros
			busy := false
			for r := range results {
				real += fmt.Sprintf("%.2f ", float64(r.after)/1e6)
				all, busy = append(all, r.after), busy || r.noise > 5*ms
			}
			for i := range tries {
				l := simnet.New(simnet.Config{Latency: rtt / 2})
				from := 2*protocol.Second + protocol.Micros(i)*gap/tries
				l.Stall(from, from+length)
				for _, a := range (flow{200, gap, 1200}).overSimnet(l) {
					if at := a.sent + a.took; at > from+length {
						model += fmt.Sprintf("%.2f ", float64(at-from-length)/1e6)
						modelled = append(modelled, at-from-length)
						break
					}
				}
			}
			fmt.Printf("| %g | %s| %s|\n", float64(length)/1e6, real, model)
			slices.Sort(all)
			slices.Sort(modelled)
			within := length/4 + 150*ms
			if busy { // then round trips vary, and the kernel is more patient
				within = length/2 + 300*ms
			}
			if d := quantile(all, .5) - quantile(modelled, .5); d > within || d < -within {
				t.Errorf("the median recovery is %v ms longer than the model's", inMS(d))
			}
		})
	}
}

// recovered is how long after the end of an outage the next message arrived, and how late messages
// were before it, of which a line has no part: the 99th percentile.
type recovered struct{ after, noise protocol.Micros }

// recovery cuts a line for a while.
func recovery(t *testing.T, rtt, gap, length protocol.Micros) (r recovered) {
	w := newWire(t, line{Latency: rtt / 2}, line{Latency: rtt / 2})
	near, far := w.dial(t)
	var cut, mended protocol.Micros
	done := make(chan bool)
	go func() {
		defer close(done)
		time.Sleep(2 * time.Second) // of undisturbed play
		cut = mono.Now()
		w.down.Store(true)
		time.Sleep(time.Duration(length) * time.Microsecond)
		w.down.Store(false)
		mended = mono.Now()
	}()
	ages := (flow{200, gap, 15 * 60}).overTCP(t, far, near)
	<-done
	before := 0
	for before < len(ages) && ages[before].sent+ages[before].took < cut {
		before++
	}
	r.noise = quantile(lateness(ages[:before], rtt/2), .99)
	for _, a := range ages {
		if at := a.sent + a.took; at > mended {
			r.after = at - mended
			return r
		}
	}
	t.Errorf("nothing came after an outage of %d ms", length/ms)
	return r
}
