package room

import (
	"context"
	"hindsight/protocol"
)

// Booking is a seat kept for somebody on the way here.
type Booking struct {
	ID      string          // what Entrant.Booking will say
	Expires protocol.Micros // when the seat is given away
}

// booking is a seat that counts as taken though nobody sits in it yet.
type booking struct{ expires protocol.Micros }

// Book keeps seats until they expire, all of them or none, and waits for the room's answer: nil, a
// Refusal, ErrClosed or the context's error. Booking the same id twice keeps one seat, for the
// longer of the two times.
func (r *Room) Book(ctx context.Context, seats ...Booking) error {
	return r.ask(ctx, func() error { return r.book(seats) })
}

func (r *Room) book(seats []Booking) error {
	now := r.cfg.Now()
	r.expire(now)
	n := 0
	for _, b := range seats {
		if _, have := r.bookings[b.ID]; !have {
			n++
		}
	}
	if r.locked {
		return Refusal(protocol.CloseForbidden)
	}
	if r.people()+len(r.bookings)+n > r.cfg.MaxPlayers {
		return Refusal(protocol.CloseRoomFull)
	}
	for _, b := range seats {
		r.bookings[b.ID] = booking{max(b.Expires, r.bookings[b.ID].expires)}
	}
	r.publish()
	return nil
}

// Unbook gives booked seats up. Ids that are not booked are ignored.
func (r *Room) Unbook(ctx context.Context, ids ...string) error {
	return r.ask(ctx, func() error {
		for _, id := range ids {
			delete(r.bookings, id)
		}
		r.publish()
		return nil
	})
}

// expire gives away the seats of those who did not come.
func (r *Room) expire(now protocol.Micros) {
	before := len(r.bookings)
	for id, b := range r.bookings {
		if now >= b.expires {
			delete(r.bookings, id)
		}
	}
	if len(r.bookings) != before {
		r.publish()
	}
}

// Lock closes the room to everyone who has no seat in it, or opens it again.
func (r *Room) Lock(ctx context.Context, locked bool) error {
	return r.ask(ctx, func() error {
		r.locked = locked
		r.publish()
		return nil
	})
}

// EndAfterMatch lets the running match be the last: when it is over the room ends, its players
// being told that the server restarts.
func (r *Room) EndAfterMatch(ctx context.Context) error {
	return r.ask(ctx, func() error {
		r.lastMatch = true
		return nil
	})
}

// Announce says a line to everyone in the room, as the server.
func (r *Room) Announce(ctx context.Context, text string) error {
	return r.ask(ctx, func() error {
		r.journal.Notice(serverSays(text))
		return nil
	})
}

// Kick takes a player's seat away and closes the connection with a code. A player who is not here
// is no error.
func (r *Room) Kick(ctx context.Context, id protocol.PlayerID, code protocol.CloseCode) error {
	return r.ask(ctx, func() error {
		if p := r.player(id); p != nil && !p.isBot() {
			if p.conn != nil {
				p.conn.sender.Close(code)
			}
			r.leave(p, "kicked")
		}
		return nil
	})
}

// ask has f done by the room's goroutine and returns its error.
func (r *Room) ask(ctx context.Context, f func() error) error {
	answer := make(chan error, 1)
	select {
	case r.ops <- func() { answer <- f() }:
		r.cfg.Alarm.Wake()
	case <-r.done:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-answer:
		return err
	case <-r.done:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}
