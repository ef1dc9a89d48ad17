package session

import (
	"bytes"
	"encoding/binary"
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server/mono"
)

// fast are limits short enough for tests and long enough for a busy machine.
var fast = Limits{Write: 300 * time.Millisecond, Farewell: 100 * time.Millisecond, Linger: 200 * time.Millisecond}

func header(first byte, length uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{first, 0x80 | 127}, length)
}

// The frame of 14 bytes whose length is negative as an int panics inside gws. It must cost its
// sender the connection, and nobody else anything.
func TestNegativeLengthKillsOnlyItsConnection(t *testing.T) {
	each(t, testNegativeLengthKillsOnlyItsConnection)
}

func testNegativeLengthKillsOnlyItsConnection(t *testing.T, via Transport) {
	for name, length := range map[string]uint64{"2^63": 1 << 63, "2^64-1": 1<<64 - 1} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, via, Config{Limits: fast})
			c := r.join("eve")
			c.write(append(header(data, length), 1, 2, 3, 4))
			c.closed(protocol.CloseProtocol)
			c.ended("left")
			if n := r.count("hindsight_ws_panics_total"); n != "1" {
				t.Errorf("%s panics are counted, want 1", n)
			}
			r.canary.alive()
		})
	}
}

// What is announced is refused before it is allocated.
func TestTooBig(t *testing.T) { each(t, testTooBig) }

func testTooBig(t *testing.T, via Transport) {
	r := newRig(t, via, Config{Limits: fast})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 50 {
		c := r.open()
		c.write(append(header(data, 16<<20-1), 1, 2, 3, 4))
		c.closed(protocol.CloseTooBig)
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 16<<20 {
		t.Errorf("50 announcements of 16 MB allocated %d bytes in all", grown)
	}
	c := r.open()
	c.send(data, make([]byte, protocol.MaxInboundFrame+1))
	c.closed(protocol.CloseTooBig)

	c = r.open()
	c.send(0x02, make([]byte, protocol.MaxInboundFrame-1))
	c.send(0x80, make([]byte, 2))
	c.closed(protocol.CloseTooBig)
	r.closes(protocol.CloseTooBig, 52)
}

// Frames that break RFC 6455, or our narrower rules, each with the code that says so.
func TestBadFrames(t *testing.T) { each(t, testBadFrames) }

func testBadFrames(t *testing.T, via Transport) {
	r := newRig(t, via, Config{Limits: fast})
	tests := []struct {
		name string
		raw  []byte
		want protocol.CloseCode
	}{
		{"unmasked", []byte{data, 1, 0}, protocol.CloseProtocol},
		{"RSV1, as deflate would set it", masked(data|0x40, []byte{0}), protocol.CloseProtocol},
		{"RSV2", masked(data|0x20, []byte{0}), protocol.CloseProtocol},
		{"RSV3", masked(data|0x10, []byte{0}), protocol.CloseProtocol},
		{"opcode 3", masked(0x83, nil), protocol.CloseProtocol},
		{"opcode 7", masked(0x87, nil), protocol.CloseProtocol},
		{"opcode 11", masked(0x8b, nil), protocol.CloseProtocol},
		{"opcode 15", masked(0x8f, nil), protocol.CloseProtocol},
		{"ping in fragments", masked(0x09, nil), protocol.CloseProtocol},
		{"ping of 126 bytes", masked(ping, make([]byte, 126)), protocol.CloseProtocol},
		{"continuation of nothing", masked(0x80, nil), protocol.CloseProtocol},
		{"message within a message", append(masked(0x02, []byte{1}), masked(data, []byte{1})...), protocol.CloseProtocol},
		{"close 1005", masked(bye, []byte{0x03, 0xed}), protocol.CloseProtocol},
		{"close of one byte", masked(bye, []byte{3}), protocol.CloseProtocol},
		{"text", masked(text, []byte("hello")), protocol.CloseUnsupported},
		{"text that is not UTF-8", masked(text, []byte{0xff}), protocol.CloseBadText},
		{"empty message", masked(data, nil), protocol.CloseBadMessage},
		{"no msgpack", masked(data, []byte("hello")), protocol.CloseBadMessage},
		{"array of 2^32-1", masked(data, []byte{0xdd, 0xff, 0xff, 0xff, 0xff}), protocol.CloseBadMessage},
		{"unknown type", masked(data, []byte{0x92, 0x63, 0x00}), protocol.CloseBadMessage},
		{"type only servers send", masked(data, []byte{0x92, byte(frame.TypeStart), 0x00}), protocol.CloseBadMessage},
	}
	for _, joined := range []bool{false, true} {
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				c := r.open()
				if c.t = t; joined {
					c = r.join("mallory")
					c.t = t
				}
				c.write(tt.raw)
				c.closed(tt.want)
				if joined {
					c.ended("left")
				}
			})
		}
	}
	r.canary.alive()
}

// Fragments without a byte in them cost no message and no memory, so only their headers betray them.
func TestEndlessEmptyFragments(t *testing.T) { each(t, testEndlessEmptyFragments) }

func testEndlessEmptyFragments(t *testing.T, via Transport) {
	limits := fast
	limits.Bytes, limits.BytesBurst = 8<<10, 16<<10 // as much of it as a busy machine reads in time
	r := newRig(t, via, Config{Limits: limits})
	c := r.join("eve")
	c.send(0x02, nil)
	c.flood(bytes.Repeat(masked(0x00, nil), 2000))
	c.closed(protocol.CloseTooManyBytes)
	r.closes(protocol.CloseTooManyBytes, 1)
}

// Neither half a message nor pings of one's own are signs of life.
func TestSilence(t *testing.T) { each(t, testSilence) }

func testSilence(t *testing.T, via Transport) {
	limits := fast
	limits.Silence, limits.Ping = 1200*time.Millisecond, 100*time.Millisecond
	limits.Control = 1000
	// The canary would have to answer pings to stay: it runs on limits of its own.
	for name, noise := range map[string][]byte{
		"nothing":             nil,
		"a fragment's start":  masked(0x02, []byte{0x92}),
		"empty fragments":     masked(0x00, nil),
		"pings and no answer": masked(ping, nil),
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, via, Config{Limits: limits})
			stop := r.canary.answerPings()
			defer stop()
			c := r.join("sleeper")
			if noise != nil {
				c.send(0x02, nil)
				if noise[0] == 0x02 {
					noise = masked(0x00, []byte{0x92})
				}
				go func() { // until the server closes
					for tick := time.NewTicker(20 * time.Millisecond); ; <-tick.C {
						if _, err := c.conn.Write(noise); err != nil {
							tick.Stop()
							return
						}
					}
				}()
			}
			begun := time.Now()
			c.closed(protocol.CloseHeartbeat)
			if took := time.Since(begun); took < limits.Silence/2 {
				t.Errorf("closed after %v, before the silence was %v long", took, limits.Silence)
			}
			c.ended("lost")
		})
	}
}

// Whoever answers pings stays, and says nothing else.
func TestPongsKeepAlive(t *testing.T) { each(t, testPongsKeepAlive) }

func testPongsKeepAlive(t *testing.T, via Transport) {
	limits := fast
	limits.Silence, limits.Ping = 1200*time.Millisecond, 50*time.Millisecond
	r := newRig(t, via, Config{Limits: limits})
	stop := r.canary.answerPings()
	defer stop()
	c := r.join("quiet")
	for range 16 { // two silences long
		c.send(pong, c.frame(ping))
	}
	c.send(bye, []byte{0x03, 0xe8})
	c.closed(protocol.CloseNormal)
	c.ended("left")
}

// A ping is answered with its payload; a flood of them is not.
func TestPingFlood(t *testing.T) { each(t, testPingFlood) }

func testPingFlood(t *testing.T, via Transport) {
	r := newRig(t, via, Config{Limits: fast})
	c := r.join("eve")
	c.send(ping, []byte("payload"))
	if got := c.frame(pong); string(got) != "payload" {
		t.Errorf("the pong carries %q", got)
	}
	c.flood(bytes.Repeat(masked(ping, []byte("x")), 100))
	c.closed(protocol.CloseTooManyBytes)

	// The same from one who reads nothing: there is nobody to tell, but the connection ends.
	c = r.join("mute")
	c.flood(bytes.Repeat(masked(ping, make([]byte, 125)), 1000))
	c.ended("left")
	r.closes(protocol.CloseTooManyBytes, 2)
}

// flood sends b again and again, from a goroutine of its own, until the server does not take it.
func (c *client) flood(b []byte) {
	go func() {
		for {
			if _, err := c.conn.Write(b); err != nil {
				return
			}
		}
	}()
}

// answerPings plays the browser for a client that is otherwise idle, until stop is called. Snapshots
// are thrown away meanwhile.
func (c *client) answerPings() (stop func()) {
	done := make(chan struct{})
	quit := make(chan struct{})
	go func() {
		defer close(done)
		for {
			first, p, err := c.next()
			if err != nil {
				return
			}
			if first == ping {
				_, _ = c.conn.Write(masked(pong, p))
			}
			select {
			case <-quit:
				return
			default:
			}
		}
	}()
	return func() { close(quit); <-done }
}

// A client that stops reading holds one snapshot of ours and is gone when the kernel has not taken
// it for Limits.Write. The room meanwhile skips it, and never waits.
func TestStopsReading(t *testing.T) {
	for name, slow := range map[string]bool{"reads nothing": false, "reads a byte now and then": true} {
		eachRig(t, name, Config{Limits: fast}, func(t *testing.T, r *rig) {
			c := r.join("stalled")
			below := transport(c.conn)
			_ = below.(*net.TCPConn).SetReadBuffer(4096)
			if slow {
				go func() {
					for tick := time.NewTicker(20 * time.Millisecond); ; <-tick.C {
						if _, err := below.Read(make([]byte, 1)); err != nil {
							tick.Stop()
							return
						}
					}
				}()
			}
			out := c.seat.Sender
			sent, skipped, worst := 0, 0, time.Duration(0)
			payload := make([]byte, 8<<10)
			tick := time.NewTicker(time.Millisecond)
			defer tick.Stop()
			for over := false; !over; {
				select {
				case ended := <-c.seat.ended:
					if ended != "lost" {
						t.Errorf("the seat was %s, want it kept", ended)
					}
					over = true
				case <-tick.C:
					begun := time.Now()
					if out.Ready() {
						out.Send(append(out.Buffer(), payload...))
						sent++
					} else {
						skipped++
					}
					worst = max(worst, time.Since(begun))
					_, _ = c.conn.Write(masked(data, c.inputFrame(protocol.Tick(sent+1)))) // it still plays
				}
			}
			if skipped == 0 || sent == 0 {
				t.Errorf("%d snapshots sent, %d skipped", sent, skipped)
			}
			if worst >= fast.Write { // what a call that waits for the socket takes at least
				t.Errorf("a call into the connection took %v", worst)
			}
			if out.Ready() {
				t.Error("a closed connection says it is ready")
			}
			r.closes(protocol.CloseTooSlow, 1)
		})
	}
}

// Frames that must arrive are queued up to a bound.
func TestPostOverflow(t *testing.T) { each(t, testPostOverflow) }

func testPostOverflow(t *testing.T, via Transport) {
	r := newRig(t, via, Config{Limits: fast})
	c := r.join("stalled")
	_ = c.conn.(*net.TCPConn).SetReadBuffer(4096)
	await(t, "the queue to overflow", func() bool {
		c.seat.Sender.Post(make([]byte, 12<<10))
		return r.count(`hindsight_closes_total{code="4413"}`) == "1"
	})
	c.ended("lost")
}

// The ends of a connection and what they mean for the seat.
func TestEndings(t *testing.T) {
	eachRig(t, "", Config{Limits: fast}, func(t *testing.T, r *rig) {
		for _, tt := range []struct {
			name string
			end  func(c *client)
			seat string
		}{
			{"goodbye", func(c *client) { c.send(bye, []byte{0x03, 0xe8}); c.closed(protocol.CloseNormal) }, "left"},
			{"goodbye without a code", func(c *client) { c.send(bye, nil); c.frame(bye) }, "left"},
			{"page left or reloaded", func(c *client) { c.send(bye, []byte{0x03, 0xe9}); c.frame(bye) }, "lost"},
			{"FIN", func(c *client) { _ = transport(c.conn).Close() }, "lost"},
			{"half a frame, then FIN", func(c *client) { c.write([]byte{data, 0x85, 1}); _ = c.conn.Close() }, "lost"},
			{"RST", func(c *client) { _ = transport(c.conn).(*net.TCPConn).SetLinger(0); _ = transport(c.conn).Close() }, "lost"},
			{"data after close", func(c *client) {
				c.write(append(masked(bye, []byte{0x03, 0xe8}), bytes.Repeat(masked(data, c.inputFrame(9)), 100)...))
				c.closed(protocol.CloseNormal)
			}, "left"},
		} {
			t.Run(tt.name, func(t *testing.T) {
				c := r.join("guest")
				c.t = t
				tt.end(c)
				c.ended(tt.seat)
				_ = c.conn.Close()
			})
		}
		r.canary.alive()
	})
}

// Each close text is read by the client even while it is still sending, which a reset would prevent.
func TestCloseReachesSendingClient(t *testing.T) {
	eachRig(t, "", Config{Limits: fast}, func(t *testing.T, r *rig) {
		for range 20 {
			c := r.join("busy")
			done := make(chan struct{})
			go func() {
				defer close(done)
				for {
					if _, err := c.conn.Write(masked(data, c.inputFrame(5))); err != nil {
						return
					}
					runtime.Gosched()
				}
			}()
			<-c.seat.inputs
			c.seat.Sender.Close(protocol.CloseReplaced)
			c.closed(protocol.CloseReplaced)
			<-done
		}
		r.closes(protocol.CloseReplaced, 20)
	})
}

// A panic below a message ends that connection as our bug.
func TestPanicInSeat(t *testing.T) { each(t, testPanicInSeat) }

func testPanicInSeat(t *testing.T, via Transport) {
	r := newRig(t, via, Config{Limits: fast})
	c := r.join("unlucky")
	c.seat.panics.Store(true)
	c.send(data, c.inputFrame(1))
	c.closed(protocol.CloseInternal)
	c.ended("left")
	if log := r.log.String(); !strings.Contains(log, "a bug in a room's handle") {
		t.Error("the panic is not in the log")
	}
}

// A panic when a seat is given back, or where bytes come in, is that connection's end: its place is free
// again, and the others go on.
func TestPanicBesideMessages(t *testing.T) { each(t, testPanicBesideMessages) }

func testPanicBesideMessages(t *testing.T, via Transport) {
	var broken atomic.Bool
	r := newRig(t, via, Config{Limits: fast, Now: func() protocol.Micros {
		if broken.CompareAndSwap(true, false) {
			panic("a bug in a clock")
		}
		return mono.Now()
	}})
	c := r.join("unlucky")
	c.seat.fails.Store(true)
	c.send(bye, []byte{3, 232})
	c.closed(protocol.CloseNormal)
	c.ended("left")
	await(t, "its place to be free", func() bool { return r.h.Open() == 1 })

	c = r.join("next")
	broken.Store(true)
	c.send(data, c.inputFrame(1))
	c.closed(protocol.CloseInternal)
	c.ended("left")
	await(t, "its place to be free", func() bool { return r.h.Open() == 1 })
	if n := r.count("hindsight_ws_panics_total"); n != "2" {
		t.Errorf("%s panics were counted", n)
	}
	if log := r.log.String(); !strings.Contains(log, "a bug in a room's seats") || !strings.Contains(log, "a bug in a clock") {
		t.Error("the panics are not in the log")
	}
}

// A flood of messages is dropped down to the budget, and cut when it lasts.
func TestMessageFlood(t *testing.T) { each(t, testMessageFlood) }

func testMessageFlood(t *testing.T, via Transport) {
	limits := fast
	limits.Messages, limits.MessagesBurst, limits.Overrun = 20, 40, 300*time.Millisecond
	limits.Bytes, limits.BytesBurst = 64<<20, 64<<20
	r := newRig(t, via, Config{Limits: limits})
	c := r.join("eve")
	c.flood(masked(data, c.inputFrame(3)))
	c.closed(protocol.CloseTooManyBytes)
	c.ended("left")
	if n := len(c.seat.inputs); n > 100 {
		t.Errorf("%d inputs passed a budget of 40 and 20 a second", n)
	}
	if n := r.count("hindsight_messages_dropped_total"); n == "0" {
		t.Error("no drop was counted")
	}
}

// Connections that come and go leave nothing behind: no place in the gate, no goroutine (the rig
// checks that), no session.
func TestChurn(t *testing.T) { each(t, testChurn) }

func testChurn(t *testing.T, via Transport) {
	r := newRig(t, via, Config{Limits: fast})
	for i := range 200 {
		c := r.dial()
		switch i % 4 {
		case 0: // TCP alone
		case 1:
			c.write([]byte(r.handshake()))
		case 2:
			c.write([]byte(r.handshake()))
			c.upgraded()
			_ = c.conn.(*net.TCPConn).SetLinger(0)
		case 3:
			c.write([]byte(r.handshake()))
			c.upgraded()
			c.hello(frame.Hello{Version: protocol.Version, Game: "arena", Name: "moth"})
			c.seat = r.seated()
			c.write(masked(bye, []byte{0x03, 0xe8}))
		}
		_ = c.conn.Close()
		if c.seat != nil {
			<-c.seat.ended
		}
	}
	await(t, "all but the canary to be gone", func() bool {
		r.h.gate.mu.Lock()
		defer r.h.gate.mu.Unlock()
		return r.h.gate.all.open == 1 && r.h.gate.all.waiting == 0 && r.h.Open() == 1
	})
	if n := r.count("hindsight_connections"); n != "1" {
		t.Errorf("%s connections are counted, want the canary's", n)
	}
}
