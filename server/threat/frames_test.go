package threat

import (
	"bytes"
	"fmt"
	"net"
	"runtime"
	"testing"
	"time"

	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server"
	"hindsight/server/session"
)

// What comes over the game socket, from strangers and from those who have a seat.
func TestWire(t *testing.T) {
	each(t, func(t *testing.T, via session.Transport) {
		f := raise(t, via, nil)
		hostileFrames(f)
		announcedMemory(f)
		floods(f)
		flippedBits(f)
		cutLines(f)
	})
}

// Who shakes hands and says no hello is asked to leave, whatever else comes from there.
func TestSilentStrangers(t *testing.T) {
	f := raise(t, session.Auto, func(c *server.Config) { c.Limits.Hello = 2 * time.Second })
	f.row("5, 12: no hello", map[string]float64{closed(protocol.CloseNoHello): 2}, func(*testing.T) {
		silent, busy := f.open(), f.open()
		busy.send(0x02, []byte{0x92}) // half a message
		busy.send(ping, nil)
		silent.closed(protocol.CloseNoHello)
		busy.closed(protocol.CloseNoHello)
	})
}

// hostileFrames are bytes that no player's client sends, before and after a seat was taken. Each has one close code.
func hostileFrames(f *fortress) {
	var enc frame.Encoder
	whole := enc.Input(nil, &frame.Input{Echo: 1, Commands: []protocol.Command{{Tick: 7}}})
	table := []struct {
		name string
		raw  []byte
		want protocol.CloseCode
	}{
		{"1: a length of 2^63", header(data, 1<<63), protocol.CloseProtocol},
		{"1: a length of 2^64-1", header(data, 1<<64-1), protocol.CloseProtocol},
		{"3: one byte too many", masked(data, make([]byte, protocol.MaxInboundFrame+1)), protocol.CloseTooBig},
		{"3: too many in two fragments", append(masked(0x02, make([]byte, protocol.MaxInboundFrame-1)), masked(0x80, make([]byte, 2))...), protocol.CloseTooBig},
		{"7: unmasked", []byte{data, 1, 0}, protocol.CloseProtocol},
		{"7: RSV2", masked(data|0x20, []byte{0}), protocol.CloseProtocol},
		{"7: opcode 3", masked(0x83, nil), protocol.CloseProtocol},
		{"7: a ping in fragments", masked(0x09, nil), protocol.CloseProtocol},
		{"7: a long ping", masked(ping, make([]byte, 126)), protocol.CloseProtocol},
		{"7: a continuation of nothing", masked(0x80, nil), protocol.CloseProtocol},
		{"7: a close with 1005", masked(bye, []byte{0x03, 0xed}), protocol.CloseProtocol},
		{"7: a close of one byte", masked(bye, []byte{3}), protocol.CloseProtocol},
		{"8: text", masked(text, []byte("hello")), protocol.CloseUnsupported},
		{"8: text that is not UTF-8", masked(text, []byte{0xff}), protocol.CloseBadText},
		{"9: RSV1, as deflate would set it", masked(data|0x40, []byte{0}), protocol.CloseProtocol},
		{"22: an array of 2^32-1", masked(data, []byte{0xdd, 0xff, 0xff, 0xff, 0xff}), protocol.CloseBadMessage},
		{"22: a map of 2^32-1", masked(data, []byte{0xdf, 0xff, 0xff, 0xff, 0xff}), protocol.CloseBadMessage},
		{"22: nested arrays", masked(data, bytes.Repeat([]byte{0xdc, 0xff, 0xff}, 300)), protocol.CloseBadMessage},
		{"24: an unknown type", masked(data, []byte{0x92, 0x63, 0x00}), protocol.CloseBadMessage},
		{"24: a type that only servers send", masked(data, enc.Welcome(nil, &frame.Welcome{Version: 1})), protocol.CloseBadMessage},
	}
	counts := map[string]float64{}
	for _, tt := range table {
		counts[closed(tt.want)] += 2
	}
	f.row("1, 3, 7, 8, 9, 22, 24: frames", counts, func(t *testing.T) {
		for _, tt := range table {
			t.Run(tt.name, func(t *testing.T) {
				for _, a := range []*attacker{f.open(), f.join("Mallory")} {
					a.t = t
					a.write(tt.raw)
					a.closed(tt.want)
				}
			})
		}
	})
	f.row("22: cut short anywhere, and with a byte too many", map[string]float64{closed(protocol.CloseBadMessage): float64(len(whole))}, func(*testing.T) {
		for n := 1; n <= len(whole); n++ {
			sent := bytes.Clone(whole[:n])
			if n == len(whole) {
				sent = append(sent, 0xc0)
			}
			a := f.join("Mallory")
			a.send(data, sent)
			a.closed(protocol.CloseBadMessage)
		}
	})
	f.row("25: an input before the hello", map[string]float64{closed(protocol.CloseWrongState): 1}, func(*testing.T) {
		a := f.open()
		a.send(data, whole)
		a.closed(protocol.CloseWrongState)
	})
	f.row("25: a second hello", map[string]float64{closed(protocol.CloseWrongState): 1}, func(*testing.T) {
		a := f.join("Twice")
		a.hello(hello("Twice"))
		a.closed(protocol.CloseWrongState)
	})
	f.row("58: another version", map[string]float64{`hindsight_joins_refused_total{code="4426"}`: 1}, func(*testing.T) {
		a := f.open()
		h := hello("Old")
		h.Version++
		a.hello(h)
		a.closed(protocol.CloseVersion)
	})
	if n := f.metrics().of("hindsight_ws_panics_total"); n != 4 {
		f.t.Errorf("%v panics of the WebSocket library are counted, want those of the two lengths, twice each", n)
	}
}

// announcedMemory is refused before it is allocated, fifty times at once.
func announcedMemory(f *fortress) {
	f.row("2: 16 MB, fifty times", map[string]float64{closed(protocol.CloseTooBig): 50}, func(t *testing.T) {
		var attackers []*attacker
		for range 50 {
			attackers = append(attackers, f.open())
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for _, a := range attackers {
			a.write(header(data, 16<<20-1))
		}
		for _, a := range attackers {
			a.closed(protocol.CloseTooBig)
		}
		runtime.ReadMemStats(&after)
		// The canary's own play is in it, and the metrics that were scraped.
		if got := after.TotalAlloc - before.TotalAlloc; got > 64<<20 {
			t.Errorf("%d bytes were allocated for 800 MB that were announced", got)
		}
	})
}

// floods are cut where the budget ends, whatever they consist of, and the counters are exact.
func floods(f *fortress) {
	rate := map[string]float64{closed(protocol.CloseTooManyBytes): 1}
	input := func(a *attacker) []byte { return masked(data, a.input(1)) }
	f.row("4: empty fragments", rate, func(*testing.T) {
		a := f.join("Eve")
		a.send(0x02, nil)
		a.flood(bytes.Repeat(masked(0x00, nil), 2000))
		a.closed(protocol.CloseTooManyBytes)
	})
	f.row("6: pings", rate, func(*testing.T) {
		a := f.join("Eve")
		a.flood(bytes.Repeat(masked(ping, []byte("x")), 100))
		a.closed(protocol.CloseTooManyBytes)
	})
	f.row("6: pings, not reading", rate, func(*testing.T) {
		a := f.join("Mute")
		_ = a.conn.(*net.TCPConn).SetReadBuffer(4096)
		sent := a.flood(bytes.Repeat(masked(ping, make([]byte, 125)), 1000))
		await(f.t, "the flood to be cut", func() bool { return f.metrics().of("hindsight_connections") == players })
		if n := sent.Load(); n > 100 {
			f.t.Errorf("%d blocks of 131 KB passed", n)
		}
	})
	f.row("26: inputs", rate, func(*testing.T) {
		a := f.join("Eve")
		dropped := f.metrics().of("hindsight_messages_dropped_total")
		flood := bytes.Repeat(input(a), 20)
		go func() { // 2,000 a second
			for tick := time.NewTicker(10 * time.Millisecond); ; <-tick.C {
				if _, err := a.conn.Write(flood); err != nil {
					tick.Stop()
					return
				}
			}
		}()
		a.closed(protocol.CloseTooManyBytes)
		if f.metrics().of("hindsight_messages_dropped_total") == dropped {
			f.t.Error("no message was dropped before the end")
		}
	})
}

// flippedBits are a session that plays, damaged. Whatever comes of each connection, it is one of the
// answers that a bad frame may have.
func flippedBits(f *fortress) {
	f.row("23: flipped bits", nil, func(t *testing.T) {
		allowed := map[protocol.CloseCode]bool{
			protocol.CloseProtocol: true, protocol.CloseBadMessage: true, protocol.CloseTooBig: true, protocol.CloseWrongState: true,
			protocol.CloseVersion: true, protocol.CloseRoomUnknown: true, protocol.CloseSessionGone: true, protocol.CloseTicketBad: true,
			protocol.CloseUnsupported: true, protocol.CloseBadText: true, protocol.CloseNormal: true,
			protocol.CloseRoomFull: true, // of those that were cut off a moment ago
		}
		var enc frame.Encoder
		h := hello("Bits")
		whole := bytes.Join([][]byte{
			masked(data, enc.Hello(nil, &h)),
			masked(data, enc.Input(nil, &frame.Input{Commands: []protocol.Command{{Tick: 7, MoveX: 3}}})),
			masked(data, enc.Chat(nil, &frame.Chat{Text: "hi"})),
			masked(bye, []byte{0x03, 0xe8}),
		}, nil)
		for bit := 0; bit < 8*len(whole); bit += 7 { // every byte, in turn another bit
			sent := bytes.Clone(whole)
			sent[bit/8] ^= 1 << (bit % 8)
			a := f.open()
			a.write(sent)
			_ = a.conn.(*net.TCPConn).CloseWrite() // a length that grew waits for bytes that never come
			for {
				first, p, err := a.next()
				if err != nil {
					break
				}
				if first == bye && len(p) >= 2 && !allowed[codeOf(p)] {
					t.Errorf("bit %d: closed with %d %q", bit, codeOf(p), p[2:])
				}
			}
			_ = a.conn.Close()
		}
	})
}

// cutLines end without a goodbye.
func cutLines(f *fortress) {
	for _, tt := range []struct {
		name string
		end  func(a *attacker)
	}{
		{"FIN", func(*attacker) {}},
		{"half a frame, then FIN", func(a *attacker) { a.write([]byte{data, 0x85, 1}) }},
		{"RST", func(a *attacker) { _ = a.conn.(*net.TCPConn).SetLinger(0) }},
	} {
		f.row("18: "+tt.name, map[string]float64{`hindsight_closes_total{code="cut"}`: 1}, func(*testing.T) {
			a := f.join("Cut " + fmt.Sprint(len(tt.name)))
			tt.end(a)
			_ = a.conn.Close()
		})
	}
	f.row("18: data behind a close", map[string]float64{closed(protocol.CloseNormal): 1}, func(*testing.T) {
		a := f.join("Late")
		a.write(append(masked(bye, []byte{0x03, 0xe8}), bytes.Repeat(masked(data, a.input(1)), 100)...))
		a.closed(protocol.CloseNormal)
	})
}
