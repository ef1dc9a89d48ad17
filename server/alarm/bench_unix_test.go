//go:build unix

package alarm_test

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"hindsight/protocol"
	"hindsight/server/alarm"
	"hindsight/server/mono"
)

// BenchmarkLateness wakes rooms sixty times a second, in sixteen slots, each to 50 us of work, and says
// how late they were and what the waking cost, on a processor that is idle between two of them and on
// one that never is. One op is a tick of every room:
//
//	go test ./server/alarm -run - -bench Lateness -benchtime 600x -count 2
func BenchmarkLateness(b *testing.B) {
	clock := alarm.NewClock(mono.Now)
	kinds := []struct {
		name string
		make func() waker
	}{
		{"timer", func() waker { return alarm.NewTimer(mono.Now) }},
		{"clock", func() waker { return clock.New() }},
	}
	for _, rooms := range []int{1, 20, 64, 200} {
		for _, k := range kinds {
			b.Run(fmt.Sprintf("%d/%s", rooms, k.name), func(b *testing.B) { lateness(b, rooms, k.make) })
			b.Run(fmt.Sprintf("%d/%s/busy", rooms, k.name), func(b *testing.B) {
				stop, stopped := make(chan struct{}), make(chan struct{})
				go keepBusy(stop, stopped)
				lateness(b, rooms, k.make)
				close(stop)
				<-stopped
			})
		}
	}
}

// keepBusy keeps a processor busy with short pieces of work, as a full server's is.
func keepBusy(stop, stopped chan struct{}) {
	defer close(stopped)
	for {
		select {
		case <-stop:
			return
		default:
			for until := mono.Now() + 20; mono.Now() < until; {
				runtime.Gosched()
			}
		}
	}
}

func lateness(b *testing.B, rooms int, make func() waker) {
	b.Helper()
	const (
		period = protocol.Second / 60
		work   = protocol.Micros(50)
	)
	all := slices.Repeat([][]protocol.Micros{nil}, rooms)
	before := cpuTime(b)
	begin := mono.Now()
	var wg sync.WaitGroup
	for i := range rooms {
		wg.Go(func() {
			a := make()
			defer a.Close()
			next := begin + period + protocol.Micros(i%16)*period/16
			for range b.N {
				for mono.Now() < next {
					a.Wait(next)
				}
				now := mono.Now()
				all[i] = append(all[i], now-next)
				for mono.Now() < now+work {
				}
				next += period
			}
		})
	}
	wg.Wait()
	took, used := mono.Now()-begin, cpuTime(b)-before
	late := slices.Concat(all...)
	slices.Sort(late)
	for _, q := range []struct {
		name  string
		share float64
	}{{"p50-us", .5}, {"p99-us", .99}, {"p99.9-us", .999}} {
		b.ReportMetric(float64(late[int(q.share*float64(len(late)-1))]), q.name)
	}
	idle := used - time.Duration(len(late))*50*time.Microsecond
	b.ReportMetric(100*float64(idle.Microseconds())/float64(took), "cpu-%")
	b.ReportMetric(float64(idle.Microseconds())/float64(len(late)), "us/wake")
	b.ReportMetric(0, "ns/op")
}

// cpuTime is what the process has used.
func cpuTime(b *testing.B) time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
