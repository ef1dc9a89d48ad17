package threat

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"hindsight/protocol"
	"hindsight/server"
	"hindsight/server/session"
	"hindsight/server/throttle"
)

// Seats, and what opens them: tickets, tokens, rooms.
func TestSeats(t *testing.T) {
	f := raise(t, session.Auto, func(c *server.Config) {
		c.SeatsPerAddress, c.SeatHold = 3, time.Minute
		c.APILimits.Rooms = throttle.Rate{Every: time.Hour, Burst: 3}
		c.APILimits.Reads = throttle.Rate{Every: time.Hour, Burst: 50}
		c.APILimits.Codes = throttle.Rate{Every: time.Hour, Burst: 5}
	})
	tickets(f)
	tokens(f)
	reservations(f)
	rooms(f)
}

// show presents a ticket at the door and returns the connection.
func (f *fortress) show(ticket, room string) *attacker {
	f.t.Helper()
	a := f.open()
	h := hello("Ticket")
	h.Ticket, h.Room = ticket, room
	a.hello(h)
	return a
}

// seat reserves one among the walkers.
func (f *fortress) seat(who, from string) (ticket string) {
	f.t.Helper()
	var o struct{ Ticket string }
	f.ask("POST", "seats", from, who, map[string]string{"room": "walk"}, &o)
	return o.Ticket
}

// goodbye leaves a seat for good.
func (a *attacker) goodbye() {
	a.t.Helper()
	a.send(bye, []byte{0x03, 0xe8})
	a.closed(protocol.CloseNormal)
}

// tickets are good for one seat, once, and as they were given.
func tickets(f *fortress) {
	who := f.guest("Ann", "203.0.113.20")
	f.row("30: the same ticket twice", map[string]float64{`hindsight_joins_refused_total{code="4407"}`: 1}, func(*testing.T) {
		ticket := f.seat(who, "203.0.113.20")
		a := f.show(ticket, "walk")
		a.seated()
		f.show(ticket, "walk").closed(protocol.CloseTicketUsed)
		a.goodbye()
	})
	f.row("31: tickets that are none", map[string]float64{`hindsight_joins_refused_total{code="4405"}`: 6}, func(t *testing.T) {
		good := f.seat(who, "203.0.113.20")
		dot := strings.LastIndexByte(good, '.')
		flipped := []byte(good)
		flipped[dot/2] ^= 1
		for _, ticket := range []string{
			string(flipped), good[:dot+1], good[:len(good)-2], "x", strings.Repeat("a", protocol.MaxTicketBytes),
			"eyJhbGciOiJub25lIn0." + strings.Split(good, ".")[1] + ".",
		} {
			f.show(ticket, "walk").closed(protocol.CloseTicketBad)
		}
		a := f.show(good, "walk") // it is worth what it was
		a.seated()
		a.goodbye()
	})
	f.row("31: a ticket for another room", map[string]float64{`hindsight_joins_refused_total{code="4405"}`: 1}, func(*testing.T) {
		f.show(f.seat(who, "203.0.113.20"), "arena").closed(protocol.CloseTicketBad)
	})
}

// tokens are good for their seat until they are used, and nobody holds a seat twice.
func tokens(f *fortress) {
	resume := func(token string) *attacker {
		a := f.open()
		h := hello("Resume")
		h.Token = token
		a.hello(h)
		return a
	}
	counts := map[string]float64{closed(protocol.CloseReplaced): 1, `hindsight_joins_refused_total{code="4410"}`: 1}
	f.row("32: the newest connection has the seat", counts, func(t *testing.T) {
		a := f.join("Owner")
		b := resume(a.welcome.Token)
		b.seated()
		a.closed(protocol.CloseReplaced)
		if b.welcome.Player != a.welcome.Player || b.welcome.Token == a.welcome.Token {
			t.Errorf("resumed as %d with token %q, was %d with %q", b.welcome.Player, b.welcome.Token, a.welcome.Player, a.welcome.Token)
		}
		b.write(masked(data, b.input(1))) // from now on the old token is nobody's
		for range 5 {
			b.look(b.frame(data))
		}
		resume(a.welcome.Token).closed(protocol.CloseSessionGone)
		b.goodbye()
	})
	f.row("33: ten at once with one token", nil, func(t *testing.T) {
		a := f.join("Contested")
		taken := f.metrics().of(closed(protocol.CloseReplaced))
		var wg sync.WaitGroup
		var all []*attacker
		for range 10 {
			b := f.open()
			all = append(all, b)
			wg.Go(func() {
				h := hello("Resume")
				h.Token = a.welcome.Token
				_, _ = b.conn.Write(masked(data, b.enc.Hello(nil, &h)))
			})
		}
		wg.Wait()
		// All are let in, since none has spoken yet, and each takes the seat from the one before.
		await(t, "all but one to be replaced", func() bool { return f.metrics().of(closed(protocol.CloseReplaced))-taken == 10 })
		if n := f.metrics().of(`hindsight_players{kind="human"}`); n != players+1 {
			t.Errorf("%v people have seats, want the canary and one", n)
		}
		for _, b := range all {
			_ = b.conn.Close()
		}
	})
	f.row("34: tokens that are none", map[string]float64{`hindsight_joins_refused_total{code="4410"}`: 3}, func(*testing.T) {
		for _, token := range []string{"walk.0123456789abcdef0123456789abcdef", "walk.", "elsewhere.0123"} {
			resume(token).closed(protocol.CloseSessionGone)
		}
	})
}

// reservations are few for each address, and nobody else's trouble.
func reservations(f *fortress) {
	f.row("35: seats that nobody takes", map[string]float64{`hindsight_requests_refused_total{reason="too_many_seats"}`: 2}, func(t *testing.T) {
		for i := range 5 {
			status, _ := f.ask("POST", "seats", "203.0.113.30", f.guest(fmt.Sprint("Greedy", i), "203.0.113.30"), map[string]string{"room": "walk"}, nil)
			if want := map[bool]int{true: http.StatusCreated, false: http.StatusTooManyRequests}[i < 3]; status != want {
				t.Errorf("reservation %d: %d, want %d", i, status, want)
			}
		}
		a := f.show(f.seat(f.guest("Honest", "203.0.113.31"), "203.0.113.31"), "walk")
		a.seated()
		a.goodbye()
	})
}

// rooms are opened seldom and found by those who were told where.
func rooms(f *fortress) {
	who := f.guest("Opener", "203.0.113.40")
	f.row("36: rooms without end", map[string]float64{`hindsight_requests_refused_total{reason="rooms"}`: 2}, func(t *testing.T) {
		for i := range 5 {
			status, _ := f.ask("POST", "rooms", "203.0.113.40", who, map[string]string{"game": "walk"}, nil)
			if want := map[bool]int{true: http.StatusCreated, false: http.StatusTooManyRequests}[i < 3]; status != want {
				t.Errorf("room %d: %d, want %d", i, status, want)
			}
		}
	})
	f.row("37: codes that are guessed", map[string]float64{`hindsight_requests_refused_total{reason="codes"}`: 3}, func(t *testing.T) {
		answers := map[string]bool{}
		for i := range 8 {
			status, text := f.ask("POST", "parties/join", "203.0.113.41", who, map[string]string{"code": fmt.Sprintf("ABCD%04d", i)}, nil)
			if i < 5 {
				answers[fmt.Sprint(status, text)] = true
			} else if status != http.StatusTooManyRequests {
				t.Errorf("guess %d: %d", i, status)
			}
		}
		if len(answers) != 1 {
			t.Errorf("wrong codes are answered differently: %v", answers)
		}
	})
	f.row("42, 43: ids that are none", nil, func(t *testing.T) {
		for _, id := range []string{"*", ">", "a.b", "a b", "$SYS", "../../etc/passwd", "'; DROP TABLE players; --", "\x00", strings.Repeat("a", protocol.MaxRoomBytes)} {
			a := f.open()
			h := hello("Injector")
			h.Room = id
			a.hello(h)
			a.closed(protocol.CloseRoomUnknown)
			if status, text := f.ask("POST", "seats", "", who, map[string]string{"room": id}, nil); status/100 != 4 || !json.Valid([]byte(text)) {
				t.Errorf("a seat in %q: %d %s", id, status, text)
			}
		}
		if status, text := f.get("/api/v1/players/1'%20OR%20'1'='1"); status != http.StatusNotFound {
			t.Errorf("a player of SQL: %d %s", status, text)
		}
	})
	f.row("38: a list that is asked for without end", map[string]float64{`hindsight_requests_refused_total{reason="reads"}`: 1}, func(t *testing.T) {
		for i := range 51 {
			req, err := http.NewRequest(http.MethodGet, "http://"+f.addr+"/api/v1/rooms", nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("X-Forwarded-For", "203.0.113.42")
			resp, text := f.do(req)
			if len(text) > 16<<10 {
				t.Fatalf("a list of %d bytes", len(text))
			}
			if want := map[bool]int{true: http.StatusOK, false: http.StatusTooManyRequests}[i < 50]; resp.StatusCode != want {
				t.Errorf("list %d: %s, want %d", i, resp.Status, want)
			}
		}
	})
}
