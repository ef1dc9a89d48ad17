package netcode

import (
	"fmt"
	"slices"
	"testing"

	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/delta"
	"hindsight/protocol/delta/deltatest"
	"hindsight/protocol/frame"
	"hindsight/protocol/simnet"
)

const ms = protocol.Millisecond

// The authority is the smallest server these tests can do with: it steps a game.Match on schedule,
// gives each tick the command that is meant for it, checks views, and sends every peer a delta.
type authority struct {
	t      testing.TB
	match  *game.Match
	every  int // ticks between snapshots
	now    protocol.Micros
	origin protocol.Micros
	peers  []*peer
	inputs []game.Input
	maxAge int             // ticks
	late   protocol.Micros // how late each tick is begun
}

// heardFrame is a frame as a client got it, or with no bytes a call of Draw and Advance.
type heardFrame struct {
	now   protocol.Micros
	bytes []byte
	in    Controls
}

type pause struct{ from, until protocol.Micros }

// peer is a client, its link and what the authority knows of it.
type peer struct {
	id     protocol.PlayerID
	link   *simnet.Pair
	client *Client
	hands  func(p *peer, pic *Picture) Controls

	// The client's shell.
	frame  protocol.Micros // between two of its frames
	next   protocol.Micros
	skew   protocol.Micros // its clock less the authority's
	asleep pause
	prompt bool // it also gives commands when they are due, as the hands last were
	in     Controls
	drawn  map[protocol.View][]int32
	older  map[protocol.View][]int32   // drawn before those
	watch  func(p *peer, pic *Picture) // after Draw
	given  func(p *peer)               // after Advance
	tape   *[]heardFrame               // if set, records what the client is given
	rider  *rider                      // if set, keeps the client connected

	// The authority's side.
	joined    bool // has a seat
	connected bool
	dec       frame.Decoder
	enc       frame.Encoder
	commands  [256]protocol.Command
	held      protocol.Command
	heard     protocol.Tick
	echo      protocol.Tick
	margin    int32
	cause     frame.Cause
	base      protocol.Tick // of the last snapshot sent, 0 for none
	ents      *deltatest.Sender
	own       []int32
	sentAt    [256]protocol.Tick
	key       int64
	events    []protocol.Event
	notices   []frame.Notice
	gap       int             // snapshots to leave out
	wait      protocol.Micros // how long each snapshot is said to have waited
	reporting bool
	reports   []frame.Report

	// What was measured.
	shots                     int
	consumed, absent, clamped int
	viewErrors, viewsChecked  int
	margins                   []int32 // of each input frame's newest command
	largest                   int     // commands in one input frame
}

// newAuthority starts a match on the course.
func newAuthority(t testing.TB, targets int, flags ...byte) *authority {
	blob := append([]byte{byte(targets)}, append(flags, 0, 0)...)[:3]
	m, err := game.NewMatch(course, game.Start{Title: "course", Blob: blob})
	if err != nil {
		t.Fatal(err)
	}
	return &authority{t: t, match: m, every: 1, maxAge: 46}
}

// join adds a player on a link of this kind whose shell runs fps times a second.
func (a *authority) join(cfg simnet.Config, fps int, hands func(p *peer, pic *Picture) Controls) *peer {
	id := protocol.PlayerID(len(a.peers) + 1)
	p := &peer{
		ents: deltatest.NewSender(courseSchema),
		id:   id, link: simnet.NewPair(cfg), hands: hands,
		client: New(Config{Game: course, Name: fmt.Sprint("player ", id)}),
		frame:  protocol.Second / protocol.Micros(fps), next: a.now + protocol.Micros(id)*3_700,
		skew:  12345678 * protocol.Micros(id),
		drawn: map[protocol.View][]int32{}, own: make([]int32, len(courseSchema.Own.Fields)),
	}
	a.peers = append(a.peers, p)
	p.link.Up.Send(a.now, p.client.Hello(a.now+p.skew))
	return p
}

// due is when the authority steps tick t.
func (a *authority) due(t protocol.Tick) protocol.Micros {
	return a.origin + protocol.Micros(int64(t)*1_000_000/60)
}

// run lets time pass.
func (a *authority) run(d protocol.Micros) {
	until := a.now + d
	for {
		at := a.due(a.match.Tick()+1) + a.late
		for _, p := range a.peers {
			asleep := a.sleeps(p)
			if asleep {
				p.next = max(p.next, p.asleep.until)
			}
			at = min(at, p.next, a.dueBy(p))
			if p.rider != nil { // its link may be one that it has left
				if !asleep {
					at = min(at, p.rider.next())
				}
				continue
			}
			if next, ok := p.link.Down.Next(); ok && !asleep {
				at = min(at, next)
			}
			if next, ok := p.link.Up.Next(); ok {
				at = min(at, next)
			}
		}
		if at > until {
			a.now = until
			return
		}
		a.now = max(a.now, at) // what waited for a sleeper is long overdue
		a.moment()
	}
}

// moment does all that is due now.
func (a *authority) moment() {
	for _, p := range a.peers {
		if p.rider != nil {
			if !a.sleeps(p) {
				p.rider.pass(a)
			}
			continue
		}
		for b, ok := p.link.Up.Deliver(a.now); ok; b, ok = p.link.Up.Deliver(a.now) {
			a.hear(p, b)
		}
	}
	if a.now >= a.due(a.match.Tick()+1)+a.late {
		a.step()
	}
	for _, p := range a.peers {
		a.shell(p)
	}
}

// sleeps reports whether a client's owner is not being run.
func (a *authority) sleeps(p *peer) bool { return a.now >= p.asleep.from && a.now < p.asleep.until }

// shell is the client's owner: it feeds frames, draws and sends.
func (a *authority) shell(p *peer) {
	now := a.now + p.skew
	if a.sleeps(p) {
		return
	}
	if p.rider == nil {
		a.feed(p)
	}
	if a.now < p.next {
		if a.now >= a.dueBy(p) {
			a.give(p, now)
		}
		return
	}
	p.next += p.frame
	if p.rider != nil {
		p.rider.orders(a)
	}
	pic := p.client.Draw(now)
	if p.client.Joined() {
		p.remember(pic)
	}
	if p.watch != nil {
		p.watch(p, pic)
	}
	p.in = p.hands(p, pic)
	if p.tape != nil {
		*p.tape = append(*p.tape, heardFrame{now: now, in: p.in})
	}
	a.give(p, now)
}

// give lets a client send commands.
func (a *authority) give(p *peer, now protocol.Micros) {
	if p.rider != nil {
		if b := p.client.Advance(now, p.in, p.rider.backlog(a.now)); b != nil {
			p.rider.send(a.now, b)
		}
	} else if b := p.client.Advance(now, p.in, p.link.Up.Backlog(a.now)); b != nil {
		p.link.Up.Send(a.now, b)
	}
	if p.reporting {
		if b := p.client.Report(now, p.link.Up.Backlog(a.now)); b != nil {
			p.link.Up.Send(a.now, b)
		}
	}
	if p.given != nil {
		p.given(p)
	}
}

// dueBy is when a client gives its next command if it is prompt, and else never.
func (a *authority) dueBy(p *peer) protocol.Micros {
	if p.prompt {
		if at, ok := p.client.Due(); ok {
			return max(at-p.skew, a.now)
		}
	}
	return 1 << 62
}

// feed gives a client what has come for it.
func (a *authority) feed(p *peer) {
	now := a.now + p.skew
	for b, ok := p.link.Down.Deliver(a.now); ok; b, ok = p.link.Down.Deliver(a.now) {
		if p.tape != nil {
			*p.tape = append(*p.tape, heardFrame{now: now, bytes: slices.Clone(b)})
		}
		if err := p.client.Receive(now, b); err != nil {
			a.t.Fatalf("player %d at %d: %v", p.id, a.now, err)
		}
	}
}

// remember keeps what was drawn at a view, for a while.
func (p *peer) remember(pic *Picture) {
	if len(p.drawn) > 1000 {
		p.older, p.drawn = p.drawn, map[protocol.View][]int32{}
	}
	p.drawn[pic.View] = others(pic.Scene, p.id)
}

// others flattens what a scene holds beside a player's own entities.
func others(s *delta.Snapshot, me protocol.PlayerID) (flat []int32) {
	for i := range s.Entities() {
		if e := &s.Entities()[i]; e.Owner != me {
			flat = append(flat, int32(e.ID), int32(e.Kind), int32(e.Birth))
			flat = append(flat, e.Row...)
		}
	}
	return flat
}

// hear takes in a frame of a client's.
func (a *authority) hear(p *peer, b []byte) {
	switch t, _ := p.dec.Type(b); t {
	case frame.TypeHello:
		a.welcome(p)
	case frame.TypeInput:
		var in frame.Input
		if err := p.dec.Input(b, &in); err != nil {
			a.t.Fatalf("input of player %d: %v", p.id, err)
		}
		p.echo, p.largest = in.Echo, max(p.largest, len(in.Commands))
		for _, c := range in.Commands {
			p.commands[c.Tick%256] = c
			if c.Tick.Sub(p.heard) > 0 {
				p.heard = c.Tick
				p.margin = int32((a.due(c.Tick) - a.now) / quarter)
			}
		}
		p.margins = append(p.margins, p.margin)
	case frame.TypeReport:
		var r frame.Report
		if err := p.dec.Report(b, &r); err != nil {
			a.t.Fatalf("report of player %d: %v", p.id, err)
		}
		p.reports = append(p.reports, r)
	default:
		a.t.Fatalf("player %d sent a frame of type %d", p.id, t)
	}
}

func (a *authority) welcome(p *peer) {
	p.link.Down.Send(a.now, p.enc.Welcome(nil, &frame.Welcome{
		Version: protocol.Version, Room: "course-1", Player: p.id, Token: fmt.Sprint("token-", p.id, "-", a.now),
		TickRate: 60, SnapshotEvery: uint32(a.every), MaxLead: 32, MaxRewind: uint32(a.maxAge), SeatSeconds: 30,
	}))
	a.start(p)
}

// start tells a peer of the match and seats it.
func (a *authority) start(p *peer) {
	if !p.joined {
		a.match.Join(p.id, game.Joiner{})
	}
	p.joined, p.connected = true, true
	p.base = 0
	p.heard, p.cause = 0, 0
	p.sentAt = [256]protocol.Tick{}
	p.link.Down.Send(a.now, p.enc.Start(nil, &frame.Start{
		Tick: a.match.Tick(), Title: a.match.Start.Title, Blob: a.match.Start.Blob,
		Roster: []frame.Seat{{Player: p.id, Name: "ada"}},
	}))
}

// next goes on to another match: ticks begin anew.
func (a *authority) next() {
	m, err := game.NewMatch(course, a.match.Start)
	if err != nil {
		a.t.Fatal(err)
	}
	a.match, a.origin = m, a.now
	for _, p := range a.peers {
		p.joined, p.commands, p.held, p.key, p.events = false, [256]protocol.Command{}, protocol.Command{}, 0, nil
		a.start(p)
	}
}

// reconnect replaces a peer's connection by a new one of this kind.
func (a *authority) reconnect(p *peer, cfg simnet.Config) {
	p.link, p.connected = simnet.NewPair(cfg), false
	p.link.Up.Send(a.now, p.client.Hello(a.now+p.skew))
}

// step steps the match and sends snapshots.
func (a *authority) step() {
	tick := a.match.Tick() + 1
	a.inputs = a.inputs[:0]
	for _, p := range a.peers {
		if p.joined {
			a.inputs = append(a.inputs, a.take(p, tick))
		}
	}
	turn := a.match.Step(a.inputs)
	for _, p := range a.peers {
		if !p.joined {
			continue
		}
		if turn.Touched(p.id) {
			p.cause |= frame.CauseTouch
		}
		for i := range turn.Events {
			if e := &turn.Events[i]; (e.To == 0 || e.To == p.id) && e.Except != p.id {
				p.events = append(p.events, e.Event)
			}
		}
		switch {
		case !p.connected:
		case p.gap > 0:
			p.gap--
		case int(tick)%a.every == 0:
			a.send(p, tick)
		}
	}
}

// take returns what a player does in a tick.
func (a *authority) take(p *peer, tick protocol.Tick) game.Input {
	c := p.commands[tick%256]
	if c.Tick != tick {
		if p.heard != 0 { // a newcomer's first commands are still on their way
			p.absent++
		}
		p.cause |= frame.CauseLate
		c = p.held
		c.Tick, c.View = tick, protocol.View{}
		return game.Input{Player: p.id, Command: c, Clamp: game.ClampAbsent}
	}
	p.consumed++
	p.held = c
	a.checkPicture(p, &c)
	if clamp := a.clamp(p, &c); clamp != game.ClampNone {
		p.clamped++
		p.cause |= frame.CauseClamp
		c.View = protocol.View{}
		return game.Input{Player: p.id, Command: c, Clamp: clamp}
	}
	return game.Input{Player: p.id, Command: c}
}

// clamp is the check of a view.
func (a *authority) clamp(p *peer, c *protocol.Command) game.Clamp {
	v := c.View
	key := int64(v.A)<<8 + int64(v.B.Sub(v.A))*int64(v.Frac)
	switch {
	case v.A == 0:
		return game.ClampNone
	case p.sentAt[v.A%256] != v.A || p.sentAt[v.B%256] != v.B:
		return game.ClampUnsent
	case v.B.Sub(p.echo) > 0:
		return game.ClampEcho
	case v.B.Sub(v.A) < 0:
		return game.ClampSpan
	case key < p.key:
		return game.ClampBack
	case c.Tick.Sub(v.A) > a.maxAge:
		return game.ClampAge
	}
	p.key = key
	return game.ClampNone
}

// checkPicture compares what a client drew at a view with what the authority finds there.
func (a *authority) checkPicture(p *peer, c *protocol.Command) {
	drawn, ok := p.drawn[c.View]
	if !ok {
		drawn, ok = p.older[c.View]
	}
	if !ok || c.View.A == 0 || a.match.Past().At(c.View.A) == nil {
		return
	}
	p.viewsChecked++
	if !slices.Equal(drawn, others(a.match.Past().Seen(c.View), p.id)) {
		p.viewErrors++
	}
}

// send writes the snapshot of a tick to a peer, as the difference from the last one written.
func (a *authority) send(p *peer, tick protocol.Tick) {
	var seen delta.Snapshot
	seen.Reset(tick)
	for i := range a.match.Snapshot().Entities() {
		e := &a.match.Snapshot().Entities()[i]
		if !courseSchema.Kinds[e.Kind].Private || e.Owner != p.id {
			copy(seen.Add(e.ID, e.Kind, e.Owner, e.Birth, len(e.Row)), e.Row)
		}
	}
	if p.base == 0 {
		p.ents.Restart()
	}
	a.match.Own(p.id, p.own)
	p.ents.SendOwn(tick, p.own)
	h := frame.Header{
		Tick: tick, Base: p.base, Heard: p.heard, Margin: p.margin,
		Late: uint32((a.now - a.due(tick)) / quarter), Wait: uint16(p.wait / quarter), Cause: p.cause,
	}
	h.Skipped = p.ents.Send(&seen)
	rows := frame.Rows{Scene: &p.ents.Scene, Changes: &p.ents.Changes, Own: &p.ents.Own}
	p.link.Down.Send(a.now, p.enc.Snapshot(nil, &h, rows, p.events, p.notices))
	p.base = tick
	p.events, p.notices, p.cause = p.events[:0], nil, 0
	p.sentAt[tick%256] = tick
}
