package netcode

import (
	"hindsight/game/sim/rng"
	"hindsight/protocol"
)

// Lifeline keeps a player connected: it joins, notices that a line has gone silent and tries a second
// one beside it, comes back after a loss, and stops when there is no point. It is the policy and owns
// the clients; the lines, which are sockets, are its owner's:
//
//	l := netcode.NewLifeline(netcode.LifelineConfig{Client: cfg, Seed: seed}, now)
//	// each frame, before Draw and Advance:
//	for o, ok := l.Next(now); ok; o, ok = l.Next(now) {
//		switch o.Kind {
//		case netcode.OrderDial: // open a socket and call it o.Line
//		case netcode.OrderDrop: // close the socket o.Line and say nothing more of it
//		case netcode.OrderAsk:  // get another pass, then l.Join(now, cfg), or give up
//		}
//	}
//	// as it happens:
//	send(line, l.Opened(now, line))
//	err := l.Receive(now, line, frame) // for the log; what follows from it is an order
//	l.Ended(now, line, code)
//	// what the player does:
//	if b := l.Client().Advance(...); b != nil { send(l.Line(), b) }
//
// Each line has a client of its own, so that no frame of one meets the state of another. A new line
// shows the newest resume token, so the server moves the seat to it and closes the one before as
// replaced, which is no takeover while the own second line did it. With its first snapshot it becomes
// the line that plays, and the one before is dropped. Until it has said hello, a frame on the one
// before ends the race. The token stays good until the server has heard input on the new line, so
// nothing is lost by trying, nor by trying again.
//
// Times must not go backwards. A Lifeline belongs to one goroutine.
type Lifeline struct {
	cfg    LifelineConfig
	rng    rng.Rand
	client *Client // the one that plays, or played last
	line   int     // that of client, 0 for none
	next   attempt // the line that is tried
	lines  int     // ever dialled
	drops  []Order
	state  LifelineState

	calledAt protocol.Micros // when the owner last called
	heardAt  protocol.Micros // when line brought its last frame, or a join was wanted
	wokeAt   protocol.Micros // when the owner was last found to have slept, or line began
	openedAt protocol.Micros // when line opened
	quickest protocol.Micros // the shortest time a line took to open, 0 while unknown

	silent   bool // the path fell silent, rather than that somebody hung up
	failures int  // in a row, as the back-off counts them
	slow     int  // lines in a row that opened and did not answer in time
	absent   bool // the owner slept long, and the server has heard nothing since
	barred   bool // every dial takes a pass
	passed   bool // there is one
	asking   bool // one was asked for
}

// LifelineConfig is whom to keep connected. Client is required.
type LifelineConfig struct {
	Client Config
	// Seed makes the jitter.
	Seed uint64
	// Persist is how long to try after a loss. 0 means four minutes; then the player is asked.
	Persist protocol.Micros
	// Single never tries a second line beside a silent one.
	Single bool
}

// Phase is how a player is connected.
type Phase uint8

// The phases.
const (
	Joining  Phase = iota // for the first time
	Live                  // playing, maybe on a line that has gone silent
	Retrying              // lost; the next dial is at RetryAt, or under way
	Stopped               // Code says why, and the player decides
)

// LifelineState is what there is to show of the connection.
type LifelineState struct {
	Phase Phase
	// Code is why the last line was lost.
	Code protocol.CloseCode
	// Tries counts the dials since the last frame.
	Tries int
	// RetryAt is before when nothing is dialled.
	RetryAt protocol.Micros
	// Hedged counts the second lines that were tried beside a silent one, Committed those of them that
	// said hello, and Rescued those that won.
	Hedged, Committed, Rescued int
}

// OrderKind is what an owner is to do.
type OrderKind uint8

// The kinds.
const (
	OrderDial OrderKind = iota + 1
	OrderDrop
	OrderAsk
)

// Order is something for the owner to do.
type Order struct {
	Kind OrderKind
	Line int                // names a socket, from 1 and never used twice
	Code protocol.CloseCode // of OrderDrop: the code to close it with
}

// attempt is a line that does not play yet.
type attempt struct {
	line        int // 0 for none
	client      *Client
	from, until protocol.Micros // dialled; given up
	said        bool            // hello is: the server may have moved the seat
	beside      bool            // another line was playing when it was dialled
}

const (
	// keepSeat closes a line that another takes the place of. With CloseNormal, which is how a player
	// leaves, a close frame that gets through after all would give the seat up.
	keepSeat = protocol.CloseHeartbeat
	// deadAfter is the silence after which a line is given up: the server does so too.
	deadAfter    = 4 * protocol.Second
	settledAfter = 5 * protocol.Second // a line that lasted this long was a good one
	persistFor   = 240 * protocol.Second
	// When the owner did not call for asleepAfter it was asleep, and what has come is still to be read;
	// after absentAfter the seat may be in use elsewhere.
	asleepAfter = 300 * protocol.Millisecond
	absentAfter = 30 * protocol.Second
	// abnormal is the code of an end that the network brought about, as browsers give it.
	abnormal protocol.CloseCode = 1006
)

// NewLifeline returns the lifeline of somebody who wants in.
func NewLifeline(cfg LifelineConfig, now protocol.Micros) *Lifeline {
	if cfg.Persist == 0 {
		cfg.Persist = persistFor
	}
	l := &Lifeline{cfg: cfg, rng: rng.New(cfg.Seed), client: New(cfg.Client), heardAt: now}
	l.Join(now, cfg.Client)
	return l
}

// Join goes in by another pass: the answer to OrderAsk.
func (l *Lifeline) Join(now protocol.Micros, cfg Config) {
	l.cfg.Client = cfg
	l.asking, l.passed, l.barred = false, true, cfg.Watch
	l.state.RetryAt = now
}

// Client returns the client that plays, or played last. It is another one when a line took over.
func (l *Lifeline) Client() *Client { return l.client }

// Line returns the line to send the client's frames on, 0 for none.
func (l *Lifeline) Line() int { return l.line }

// HeardAt returns when the line that plays brought its last frame.
func (l *Lifeline) HeardAt() protocol.Micros { return l.heardAt }

// State returns how the player is connected.
func (l *Lifeline) State() LifelineState { return l.state }

// Next returns what is to be done now. It is to be called until there is nothing, in every frame or
// several times a second.
func (l *Lifeline) Next(now protocol.Micros) (o Order, ok bool) {
	l.wake(now)
	l.judge(now)
	if n := len(l.drops); n > 0 {
		o, l.drops = l.drops[n-1], l.drops[:n-1]
		return o, true
	}
	wanted := l.line == 0 || l.silent && !l.barred && !l.cfg.Single
	if !wanted || l.state.Phase == Stopped || l.asking || l.next.line != 0 || now < l.state.RetryAt {
		return Order{}, false
	}
	if l.barred && !l.passed {
		l.asking = true
		return Order{Kind: OrderAsk}, true
	}
	return l.dial(now), true
}

// wake takes in that time passed. When it leapt the owner was asleep: the silence is nobody's fault,
// and no line had its time.
func (l *Lifeline) wake(now protocol.Micros) {
	if leap := now - l.calledAt; l.calledAt != 0 && leap > asleepAfter {
		l.absent = l.absent || leap > absentAfter
		l.next.until += leap
		if l.line != 0 {
			l.heardAt, l.wokeAt = now, now
		}
	}
	l.calledAt = now
}

// judge gives up what has had its time.
func (l *Lifeline) judge(now protocol.Micros) {
	if l.state.Phase == Stopped {
		return
	}
	if l.line != 0 {
		rtt := l.client.trip.smooth
		l.silent = max(now-l.heardAt, l.unheard(now)-rtt-ackSlack) > suspicion(rtt)
		if now-l.heardAt > deadAfter {
			l.hangUp(keepSeat)
			l.state.Phase, l.state.Code = Retrying, abnormal
		}
	}
	if l.next.line != 0 && now > l.next.until {
		if l.next.said {
			l.slow++
		}
		l.abandon(keepSeat)
		l.failed(now, false)
	}
	if l.line == 0 && !l.asking && now-l.heardAt > l.cfg.Persist {
		l.stop(l.state.Code)
	}
}

// unheard is for how long the oldest command has been on its way of those that the server did not say
// it had, 0 if it has them all.
func (l *Lifeline) unheard(now protocol.Micros) protocol.Micros {
	at, ok := l.client.uplink.unheard(l.client.predict.last)
	if !ok {
		return 0
	}
	return now - max(at, l.wokeAt)
}

// dial begins a line.
func (l *Lifeline) dial(now protocol.Micros) Order {
	l.lines++
	l.state.Tries++
	l.passed = false
	if l.line != 0 {
		l.state.Hedged++
	}
	l.next = attempt{
		line: l.lines, client: l.client, from: now, until: now + l.patience(), beside: l.line != 0,
	}
	if l.client.Joined() || l.client.cfg != l.cfg.Client {
		l.next.client = New(l.cfg.Client) // the picture of the one before stays
		l.next.client.follow(l.client)
	}
	return Order{Kind: OrderDial, Line: l.next.line}
}

// patience is how long the next line may take to open. A server that was there a moment ago and does
// not answer now is busy, and is given time.
func (l *Lifeline) patience() protocol.Micros {
	switch {
	case l.state.Phase == Joining:
		return dialMost
	case !l.silent:
		return min(dialMost, protocol.Second*protocol.Micros(2+l.failures))
	}
	p := dialTime(l.client.trip.smooth, l.quickest)
	for range min(l.failures+l.slow, 10) {
		p += p / 2
	}
	return min(p, dialMost) + protocol.Micros(l.rng.Intn(int(dialSpread)))
}

// Opened takes in that a line is open and returns its first frame, nil if it is not wanted any more.
func (l *Lifeline) Opened(now protocol.Micros, line int) []byte {
	n := &l.next
	if line != n.line {
		return nil
	}
	if took := now - n.from; l.quickest == 0 || took < l.quickest {
		l.quickest = took
	}
	n.said = true
	n.until = now + answerTimes*max(n.until-n.from, dialLeast)
	if n.beside {
		l.state.Committed++
	}
	return n.client.Hello(now)
}

// Receive takes in a frame of a line. An error says what was wrong with it, for a log: the line is
// given up.
func (l *Lifeline) Receive(now protocol.Micros, line int, b []byte) error {
	l.wake(now)
	switch line {
	case 0:
	case l.line:
		if err := l.client.Receive(now, b); err != nil {
			l.hangUp(protocol.CloseBadMessage)
			l.lost(now, abnormal)
			return err
		}
		l.heard(now)
	case l.next.line:
		return l.answered(now, b)
	}
	return nil
}

// heard takes in that the line that plays is alive.
func (l *Lifeline) heard(now protocol.Micros) {
	l.heardAt, l.slow = now, 0
	if now-l.openedAt > settledAfter {
		l.failures = 0
	}
	if s := l.client.uplink.record(l.client.uplink.heard); s != nil && s.at > l.wokeAt {
		l.absent = false
	}
	if l.next.line != 0 && !l.next.said && l.unheard(now) < l.client.trip.smooth+ackFresh {
		l.abandon(keepSeat)
	}
	if l.next.line == 0 {
		l.state.Tries = 0
	}
}

// answered takes in a frame of the line that is tried.
func (l *Lifeline) answered(now protocol.Micros, b []byte) error {
	n := &l.next
	if err := n.client.Receive(now, b); err != nil {
		l.abandon(protocol.CloseBadMessage)
		l.failed(now, true)
		return err
	}
	// What it was welcomed with is the newest token, whatever becomes of it.
	if w := n.client.Welcome(); n.client.welcomed {
		l.cfg.Client.Token, l.cfg.Client.Room, l.cfg.Client.Ticket = n.client.token, w.Room, ""
		l.barred = l.cfg.Client.Watch
	}
	if n.client.Joined() {
		l.take(now)
	}
	return nil
}

// take makes the line that was tried the one that plays.
func (l *Lifeline) take(now protocol.Micros) {
	n := l.next
	l.next = attempt{}
	if n.beside {
		l.state.Rescued++
	}
	if l.line != 0 {
		l.hangUp(keepSeat)
	}
	if n.client != l.client {
		n.client.succeed(l.client)
		l.client = n.client
	}
	l.line, l.openedAt, l.wokeAt, l.absent = n.line, now, now, false
	l.state.Phase, l.state.Code = Live, 0
	l.heard(now)
}

// Ended takes in that a line has ended, with the code it was closed with or 1006.
func (l *Lifeline) Ended(now protocol.Micros, line int, code protocol.CloseCode) {
	l.wake(now)
	switch line {
	case 0:
	case l.line:
		l.line = 0
		moved := code == protocol.CloseReplaced && l.next.said
		if l.next.line != 0 && (moved || code.Action() == protocol.Retry) {
			return // the second line goes on
		}
		l.lost(now, code)
	case l.next.line:
		// The first line may have come to life. But a seat that was moved to the second is gone from it.
		moved := l.next.client.welcomed
		l.next = attempt{}
		l.silent = l.silent && now-l.heardAt < quickFor
		if l.line != 0 && !moved {
			l.failed(now, true)
			return
		}
		if l.line != 0 {
			l.hangUp(keepSeat)
		}
		l.lost(now, code)
	}
}

// failed has a line tried again after one came to nothing. Refused says that somebody or something
// answered, which may be a server with a crowd before its door.
func (l *Lifeline) failed(now protocol.Micros, refused bool) {
	if l.line == 0 {
		l.state.Phase = Retrying
		if l.state.Code == 0 {
			l.state.Code = abnormal
		}
	}
	l.state.RetryAt = now
	if refused || !l.silent {
		l.state.RetryAt += Backoff(&l.rng, l.failures)
	}
	if !l.silent || now-l.heardAt > quickFor {
		l.failures++
	}
}

// lost does what a code asks for that ended the only line.
func (l *Lifeline) lost(now protocol.Micros, code protocol.CloseCode) {
	if l.next.line != 0 {
		l.abandon(keepSeat)
	}
	action := code.Action()
	if action == protocol.Stop || action == protocol.Rejoin && l.absent {
		l.stop(code)
		return
	}
	if action == protocol.Rejoin {
		l.cfg.Client.Token, l.cfg.Client.Ticket, l.barred = "", "", true
	}
	l.state.Code = code
	l.failed(now, true)
}

// Hurry dials at once instead of when the back-off says, for one who knows that the network is back.
func (l *Lifeline) Hurry(now protocol.Micros) {
	if l.state.Phase != Retrying {
		return
	}
	l.state.RetryAt = min(l.state.RetryAt, now)
	if l.next.line != 0 && !l.next.said && now-l.next.from > dialLeast {
		l.abandon(keepSeat)
	}
}

// stop gives up.
func (l *Lifeline) stop(code protocol.CloseCode) {
	if l.next.line != 0 {
		l.abandon(protocol.CloseNormal)
	}
	if l.line != 0 {
		l.hangUp(protocol.CloseNormal)
	}
	l.state.Phase, l.state.Code = Stopped, code
}

// hangUp has the line that plays closed, abandon the one that is tried.
func (l *Lifeline) hangUp(code protocol.CloseCode) {
	l.drops = append(l.drops, Order{Kind: OrderDrop, Line: l.line, Code: code})
	l.line = 0
}

func (l *Lifeline) abandon(code protocol.CloseCode) {
	l.drops = append(l.drops, Order{Kind: OrderDrop, Line: l.next.line, Code: code})
	l.next = attempt{}
}
