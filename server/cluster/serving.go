package cluster

import (
	"context"
	"slices"
	"sync"
	"time"

	"hindsight/protocol"
	"hindsight/server/node"
	"hindsight/server/room"
)

// serving is one connection of a link.
type serving struct {
	link  *Link
	node  Node
	wire  *wire
	slots chan struct{} // one for each request under way

	welcome chan struct{} // closed by the reader when the lobby said it
	met     bool          // the same; owned by the reader

	work sync.WaitGroup // requests under way; the reader adds
	ctx  context.Context

	// order is held from looking at the rooms until the list is queued, and while an answer is: a list
	// that lacks a room never follows the answer that the room is open.
	order sync.Mutex
}

// run says hello and serves the lobby until the connection is over.
func (s *serving) run() (met bool, err error) {
	ctx, cancel := context.WithCancel(context.Background())
	s.ctx = ctx
	late := time.AfterFunc(helloTime, func() { s.wire.end(&hangup{protocol.CloseNoHello, "no welcome"}) })
	defer late.Stop()
	if err := s.wire.send(s.hello()); err != nil {
		s.wire.end(err)
	}
	s.work.Go(func() {
		select {
		case <-s.welcome:
			late.Stop()
			s.report()
		case <-s.wire.done:
		}
	})
	err = s.wire.run()
	s.link.up.Store(false)
	cancel()
	s.work.Wait()
	return s.met, err
}

func (s *serving) hello() *message {
	h := &hello{
		Protocol: Version, Build: s.link.cfg.Build, Name: s.node.Name(),
		URL: s.link.cfg.URL, Capacity: s.node.MaxRooms(),
	}
	select {
	case <-s.link.leaving:
		h.Leaving = true
	default:
	}
	return &message{Hello: h}
}

// take handles a message from the lobby.
func (s *serving) take(b []byte) error {
	m, err := decode(b)
	if err != nil {
		return err
	}
	switch {
	case m.Ping != nil:
		return nil
	case m.Welcome != nil:
		if s.met {
			return errOrder
		}
		if err := s.link.keys.Set(m.Welcome.Keys); err != nil {
			return err
		}
		s.met = true
		s.link.up.Store(true)
		s.link.cfg.Log.Info("connected to the lobby", "lobby", s.link.cfg.Lobby, "build", m.Welcome.Build)
		close(s.welcome)
		return nil
	case m.Keys != nil:
		return s.link.keys.Set(m.Keys)
	case m.Stored != nil:
		s.stored(m.Stored)
		return nil
	}
	return s.request(m)
}

func (s *serving) stored(m *stored) {
	if m.Refused != "" {
		s.link.cfg.Log.Error("a match result was refused and is lost", "match", m.Match, "err", m.Refused)
	}
	s.link.results.stored(m.Match)
}

// request has a request carried out, beside others.
func (s *serving) request(m *message) error {
	do := s.duty(m)
	if do == nil || m.ID == 0 {
		return errOrder
	}
	select {
	case s.slots <- struct{}{}:
	default:
		return s.wire.send(&message{ID: m.ID, Answer: &answer{Error: failed(ErrBusy)}})
	}
	s.work.Go(func() {
		defer func() { <-s.slots }()
		ctx, cancel := context.WithTimeout(s.ctx, askTime)
		defer cancel()
		a := &answer{}
		li, err := do(ctx)
		if err == nil && li.Spec.ID != "" {
			a.Room = &li
		}
		a.Error = failed(err)
		s.order.Lock()
		defer s.order.Unlock()
		_ = s.wire.send(&message{ID: m.ID, Answer: a})
	})
	return nil
}

// duty returns what a request asks for, nil if it is none. Only create gives a room back.
func (s *serving) duty(m *message) func(ctx context.Context) (node.Listing, error) {
	var do func(ctx context.Context) error
	switch {
	case m.Create != nil:
		return func(ctx context.Context) (node.Listing, error) { return s.node.Create(ctx, *m.Create) }
	case m.Book != nil:
		life := time.Duration(m.Book.Life) * time.Millisecond
		do = func(ctx context.Context) error { return s.node.Book(ctx, m.Book.Room, life, m.Book.Seats...) }
	case m.Unbook != nil:
		do = func(ctx context.Context) error { return s.node.Unbook(ctx, m.Unbook.Room, m.Unbook.Seats...) }
	case m.Lock != nil:
		do = func(ctx context.Context) error { return s.node.Lock(ctx, m.Lock.Room, m.Lock.Locked) }
	case m.Kick != nil:
		do = s.in(m.Kick.Room, func(ctx context.Context, r *room.Room) error {
			return r.Kick(ctx, m.Kick.Player, m.Kick.Code)
		})
	case m.Announce != nil:
		do = s.in(m.Announce.Room, func(ctx context.Context, r *room.Room) error {
			return r.Announce(ctx, m.Announce.Text)
		})
	case m.Close != nil:
		do = func(context.Context) error { s.node.Close(m.Close.Room); return nil }
	default:
		return nil
	}
	return func(ctx context.Context) (node.Listing, error) { return node.Listing{}, do(ctx) }
}

// in does something in a room.
func (s *serving) in(id string, f func(context.Context, *room.Room) error) func(context.Context) error {
	return func(ctx context.Context) error {
		r, err := s.node.Room(id)
		if err != nil {
			return err
		}
		return f(ctx, r)
	}
}

// report tells the lobby of rooms and results until the connection is over.
func (s *serving) report() {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	var said state
	leaving := s.link.leaving
	for {
		if leaving != nil {
			said = s.list(said)
		}
		for _, b := range s.link.results.due(s.wire, time.Now()) {
			if s.wire.post(b) != nil {
				return
			}
		}
		select {
		case <-look.C:
		case <-s.link.results.wake:
		case <-leaving:
			leaving = nil
			if s.wire.send(&message{Goodbye: &empty{}}) != nil {
				return
			}
		case <-s.wire.done:
			return
		}
	}
}

// state is what the lobby was told last.
type state struct {
	rooms []node.Listing
	full  bool
	when  time.Time // zero for never
}

// list sends the list of rooms if it has changed, or else renews the lease when that is due.
func (s *serving) list(said state) state {
	s.order.Lock()
	defer s.order.Unlock()
	now := state{rooms: s.node.List(), when: time.Now()}
	now.full = len(now.rooms) >= s.node.MaxRooms()
	switch {
	case said.when.IsZero() || now.full != said.full || !slices.EqualFunc(now.rooms, said.rooms, same):
		parts, err := parcelled(now.rooms, now.full)
		if err != nil {
			s.wire.end(err)
			return said
		}
		for _, m := range parts {
			if err := s.wire.send(m); err != nil {
				s.wire.end(err)
				return said
			}
		}
	case now.when.Sub(said.when) >= beatEvery:
		_ = s.wire.send(&message{Renew: &empty{}})
	default:
		return said
	}
	return now
}

// same reports that two listings are the same room, opened once, in the same state.
func same(a, b node.Listing) bool {
	return a.Spec.ID == b.Spec.ID && a.Info == b.Info && a.Opened.Equal(b.Opened)
}
