package threat

import (
	"strings"
	"testing"
	"time"

	"hindsight/protocol"
	"hindsight/server/calm"
	"hindsight/server/session"
)

// Whoever makes a server say the same thing again and again is counted every time, and heard of ten
// times a second; and nothing that opens a seat is ever in the log, at whatever level.
func TestLogs(t *testing.T) {
	f := raise(t, session.Auto, nil)
	const many = 100
	f.row("51: a flood of lines", map[string]float64{"hindsight_ws_panics_total": many, closed(protocol.CloseProtocol): many}, func(t *testing.T) {
		began := time.Now()
		for range many {
			a := f.open()
			a.write(header(data, 1<<63))
			a.closed(protocol.CloseProtocol)
		}
		said := len(f.log.lines("a frame made the WebSocket reader panic"))
		most := 2*calm.Rate + int(time.Since(began).Seconds()*calm.Rate) + 1
		if said == 0 || said > most {
			t.Errorf("%d lines were logged of %d panics, want %d at most", said, many, most)
		}
	})
	f.row("50: secrets in the log", nil, func(t *testing.T) {
		who := f.guest("Ann", "203.0.113.50")
		ticket := f.seat(who, "203.0.113.50")
		a := f.show(ticket, "walk")
		a.seated()
		f.show(ticket, "walk").closed(protocol.CloseTicketUsed)
		a.hello(hello("Again"))
		a.closed(protocol.CloseWrongState)
		f.ask("POST", "login", "203.0.113.50", "", map[string]string{"login": "ann", "password": "hunter2hunter2"}, nil)
		log := f.log.String()
		for what, secret := range map[string]string{"session": who, "ticket": ticket, "resume token": a.welcome.Token, "password": "hunter2hunter2"} {
			if secret == "" || strings.Contains(log, secret) {
				t.Errorf("the log has the %s %q", what, secret)
			}
		}
	})
}
