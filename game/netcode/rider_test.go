package netcode

import (
	"hindsight/protocol/delta/deltatest"

	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/protocol/simnet"
)

// rider keeps a peer of the authority connected by a Lifeline over a path in virtual time: its sockets,
// and what a server does with several connections of one seat.
type rider struct {
	life            *Lifeline
	path            *simnet.Path
	peer            *peer
	wires           []*wire
	seen            protocol.Micros // when the authority last heard input
	watch           bool            // it looks on
	asked, detached int
	refuse          protocol.CloseCode // what the server says to a hello, 0 for welcome
	hellos          []frame.Hello
}

// wire is one socket.
type wire struct {
	line   int
	pair   *simnet.Pair
	opens  protocol.Micros
	opened bool
	seated bool // the seat is on this one
}

const never = protocol.Micros(1) << 60

// avatar is the entity a player has in the match.
func (a *authority) avatar(id protocol.PlayerID) protocol.EntityID {
	for i := range a.match.Snapshot().Entities() {
		if e := &a.match.Snapshot().Entities()[i]; e.Owner == id && e.Kind == kindAvatar {
			return e.ID
		}
	}
	a.t.Fatalf("player %d has no avatar", id)
	return 0
}

// ride adds a player that is kept connected.
func (a *authority) ride(cfg simnet.Config, single bool, hands func(p *peer, pic *Picture) Controls) *rider {
	p := &peer{
		ents: deltatest.NewSender(courseSchema),
		id:   protocol.PlayerID(len(a.peers) + 1), link: simnet.NewPair(cfg), hands: hands,
		frame: protocol.Second / 60, next: a.now + 3_700, skew: 12345678,
		drawn: map[protocol.View][]int32{}, own: make([]int32, len(courseSchema.Own.Fields)),
	}
	r := &rider{peer: p, path: simnet.NewPath(cfg)}
	r.life = NewLifeline(LifelineConfig{
		Client: Config{Game: course, Name: "ada", Ticket: "once"}, Seed: cfg.Seed, Single: single,
	}, a.now+p.skew)
	p.rider, p.client = r, r.life.Client()
	a.peers = append(a.peers, p)
	return r
}

// next is when something happens on a wire.
func (r *rider) next() protocol.Micros {
	at := never
	for _, w := range r.wires {
		if !w.opened {
			at = min(at, w.opens)
		} else if next, ok := w.pair.Next(); ok {
			at = min(at, next)
		}
	}
	return at
}

// pass does what is due on the wires.
func (r *rider) pass(a *authority) {
	for _, w := range append([]*wire(nil), r.wires...) {
		now := a.now + r.peer.skew
		if !w.opened && a.now >= w.opens {
			w.opened = true
			if b := r.life.Opened(now, w.line); b != nil {
				w.pair.Up.Send(a.now, b)
			}
		}
		for b, ok := w.pair.Up.Deliver(a.now); ok; b, ok = w.pair.Up.Deliver(a.now) {
			r.serve(a, w, b)
		}
		for b, ok := w.pair.Down.Deliver(a.now); ok; b, ok = w.pair.Down.Deliver(a.now) {
			if b[0] == closeMark {
				r.forget(w.line)
				r.life.Ended(now, w.line, protocol.CloseCode(b[1])<<8|protocol.CloseCode(b[2]))
			} else if err := r.life.Receive(now, w.line, b); err != nil {
				a.t.Fatalf("at %d on line %d: %v", a.now, w.line, err)
			}
		}
		r.peer.client = r.life.Client()
	}
	if p := r.peer; p.joined && p.connected && a.now-r.seen > max(4*protocol.Second, 2*p.frame) {
		p.connected = false // the server gives up a silent connection
		r.detached++
		for _, w := range r.wires {
			w.close(a.now, protocol.CloseHeartbeat)
		}
	}
}

// close has the server close a wire: the code waits its turn behind what was sent.
func (w *wire) close(now protocol.Micros, code protocol.CloseCode) {
	if w.seated {
		w.seated = false
		w.pair.Down.Send(now, []byte{closeMark, byte(code >> 8), byte(code)})
	}
}

// closeMark begins what stands for a close frame; no frame of the protocol begins so.
const closeMark = 0xc0

// serve is the server's end of a wire.
func (r *rider) serve(a *authority, w *wire, b []byte) {
	p := r.peer
	switch t, _ := p.dec.Type(b); {
	case t == frame.TypeHello:
		var h frame.Hello
		if err := p.dec.Hello(b, &h); err != nil {
			a.t.Fatal(err)
		}
		r.hellos = append(r.hellos, h)
		if r.refuse != 0 {
			w.seated = true
			w.close(a.now, r.refuse)
			return
		}
		for _, old := range r.wires {
			old.close(a.now, protocol.CloseReplaced)
		}
		w.seated, p.link = true, w.pair
		r.seen = a.now
		a.welcome(p)
	case w.seated:
		r.seen = a.now
		a.hear(p, b)
	}
}

func (r *rider) forget(line int) {
	for i, w := range r.wires {
		if w.line == line {
			r.wires = append(r.wires[:i], r.wires[i+1:]...)
			return
		}
	}
}

// orders does what the lifeline wants.
func (r *rider) orders(a *authority) {
	now := a.now + r.peer.skew
	for o, ok := r.life.Next(now); ok; o, ok = r.life.Next(now) {
		switch o.Kind {
		case OrderDial:
			w := &wire{line: o.Line}
			w.pair, w.opens = r.path.Dial(a.now)
			r.wires = append(r.wires, w)
		case OrderDrop:
			r.forget(o.Line)
		case OrderAsk:
			r.asked++
			r.life.Join(now, Config{Game: course, Name: "ada", Watch: r.watch})
		}
	}
}

// send sends a frame of the client's on the line that plays.
func (r *rider) send(now protocol.Micros, b []byte) {
	for _, w := range r.wires {
		if w.line == r.life.Line() {
			w.pair.Up.Send(now, b)
		}
	}
}

// backlog is what waits on the line that plays.
func (r *rider) backlog(now protocol.Micros) int {
	for _, w := range r.wires {
		if w.line == r.life.Line() {
			return w.pair.Up.Backlog(now)
		}
	}
	return 0
}

// hangUp has the server close the line that plays.
func (r *rider) hangUp(a *authority, code protocol.CloseCode) {
	for _, w := range r.wires {
		w.close(a.now, code)
	}
}

// cut breaks the line that plays, as a reset does.
func (r *rider) cut(a *authority) {
	line := r.life.Line()
	r.forget(line)
	r.life.Ended(a.now+r.peer.skew, line, abnormal)
}
