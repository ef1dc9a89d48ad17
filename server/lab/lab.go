// Package lab plays real client cores against a real room over simulated TCP links in virtual time:
// the whole of the netcode in one goroutine, without sockets or clocks. Equal configurations give
// equal results to the last bit, and ten minutes of play take seconds, so what it measures can be
// asserted exactly in a test.
//
// A Lab belongs to one goroutine. It leaves out what only a real server has: gws, the guard and the
// kernel.
package lab

import (
	"fmt"

	"hindsight/game"
	"hindsight/game/netcode"
	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/protocol/simnet"
	"hindsight/server/room"
)

// Config is an experiment. Host and Rotation are required.
type Config struct {
	Host     game.Host
	Rotation game.Rotation
	// Players is how many clients join, one each quarter second.
	Players int
	// Bots is how many seats the room fills with its own bots; see room.Config.
	Bots int
	// Skill is that of every brain, 1 to 5; 0 means 3.
	Skill int
	// Link is each direction of each player's connection; seeds are derived from Seed.
	Link simnet.Config
	// FPS is how often a player's screen is drawn. 0 means 60.
	FPS int
	// SnapshotEvery is the ticks between snapshots. 0 means 1.
	SnapshotEvery int
	// WatchDelay is how far behind those are kept who look on.
	WatchDelay protocol.Micros
	Seed       uint64
}

// Lab is a running experiment.
type Lab struct {
	cfg     Config
	now     protocol.Micros
	Room    *room.Room
	Players []*Player
	// OnFrame, if set, is called whenever a player's screen was drawn.
	OnFrame func(p *Player, pic *netcode.Picture)
	tokens  int
}

// sendBuffer is what the kernel would hold for a connection before a write has to wait.
const sendBuffer = 64 << 10

// New returns an experiment at time 0.
func New(cfg Config) (*Lab, error) {
	if cfg.FPS <= 0 {
		cfg.FPS = 60
	}
	if cfg.Skill <= 0 {
		cfg.Skill = 3
	}
	l := &Lab{cfg: cfg}
	r, err := room.New(room.Config{
		ID: "lab", Host: cfg.Host, Rotation: cfg.Rotation, Seed: cfg.Seed,
		Bots: cfg.Bots, BotSkill: cfg.Skill, SnapshotEvery: cfg.SnapshotEvery, Watchers: 4, WatchDelay: cfg.WatchDelay,
		Now:   func() protocol.Micros { return l.now },
		Token: func() string { l.tokens++; return fmt.Sprint("lab.", l.tokens) },
	})
	if err != nil {
		return nil, err
	}
	l.Room = r
	for i := range cfg.Players {
		l.Players = append(l.Players, newPlayer(l, i))
	}
	return l, nil
}

// Now returns the virtual time.
func (l *Lab) Now() protocol.Micros { return l.now }

// Run lets d of virtual time pass. The error is a breach of the protocol by either side, which is a
// bug.
func (l *Lab) Run(d protocol.Micros) error {
	for end := l.now + d; ; {
		at := end
		if next, awake := l.Room.Next(); awake {
			at = min(at, next)
		}
		for _, p := range l.Players {
			at = min(at, p.next())
		}
		if at >= end {
			l.now = end
			return nil
		}
		l.now = max(l.now, at)
		for _, p := range l.Players {
			if err := p.pass(l.now); err != nil {
				return fmt.Errorf("lab: %v: player %d: %w", l.now, p.Index, err)
			}
		}
		if next, awake := l.Room.Next(); awake && next <= l.now {
			l.Room.Tick(l.now)
		}
	}
}

// Player is a client core with a brain, and its connection to the room.
type Player struct {
	Index int
	Core  *netcode.Client
	Link  *simnet.Pair

	lab    *Lab
	period protocol.Micros
	frame  protocol.Micros // when its next frame is drawn
	brain  game.Bot
	match  int // the match the brain was made for

	// The server's end of the connection.
	seat   room.Seat
	dec    frame.Decoder
	input  frame.Input
	report frame.Report
	buf    []byte
	Closed protocol.CloseCode
	// JoinBytes is the size of all that brought the player into its first match, up to and with
	// the first snapshot. MaxFrame is its largest frame.
	JoinBytes, MaxFrame int
	shown               bool
}

func newPlayer(l *Lab, i int) *Player {
	link := l.cfg.Link
	link.Seed = l.cfg.Seed*1000 + uint64(i)
	period := protocol.Second / protocol.Micros(l.cfg.FPS)
	return &Player{
		Index: i, lab: l, period: period,
		Core: netcode.New(netcode.Config{Game: l.cfg.Host.Definition, Name: fmt.Sprint("Player ", i+1), Build: "lab"}),
		Link: simnet.NewPair(link),
		// Screens are out of step with each other and with the room.
		frame: protocol.Micros(i)*protocol.Second/4 + protocol.Micros(i*i*7919)%period,
	}
}

// next returns when something happens to the player.
func (p *Player) next() protocol.Micros {
	at := p.frame
	if d, ok := p.Link.Next(); ok {
		at = min(at, d)
	}
	return at
}

// pass does what is due by now.
func (p *Player) pass(now protocol.Micros) error {
	for b, ok := p.Link.Up.Deliver(now); ok; b, ok = p.Link.Up.Deliver(now) {
		if err := p.serve(now, b); err != nil {
			return err
		}
	}
	for b, ok := p.Link.Down.Deliver(now); ok; b, ok = p.Link.Down.Deliver(now) {
		if err := p.Core.Receive(now, b); err != nil {
			return err
		}
	}
	if now >= p.frame {
		p.frame += p.period
		return p.draw(now)
	}
	return nil
}

// draw is one frame of the client: look, think, answer.
func (p *Player) draw(now protocol.Micros) error {
	if p.seat == nil && p.Core.Stats().Connections == 0 {
		p.Link.Up.Send(now, p.Core.Hello(now))
		return nil
	}
	pic := p.Core.Draw(now)
	if !p.Core.Joined() {
		return nil
	}
	if p.lab.OnFrame != nil {
		p.lab.OnFrame(p, pic)
	}
	if s, n := p.Core.Start(); n != p.match && p.Core.Welcome().Player == 0 {
		p.brain, p.match = onlooker{}, n
	} else if n != p.match {
		brain, err := p.lab.cfg.Host.NewBot(s.Blob, p.Core.Welcome().Player, p.lab.cfg.Skill, p.lab.cfg.Seed+uint64(p.Index))
		if err != nil {
			return err
		}
		p.brain, p.match = brain, n
	}
	controls := netcode.ControlsOf(p.brain.Think(p.Core.Sight()))
	if b := p.Core.Advance(now, controls, p.Link.Up.Backlog(now)); b != nil {
		p.Link.Up.Send(now, b)
	}
	if b := p.Core.Report(now, p.Link.Up.Backlog(now)); b != nil {
		p.Link.Up.Send(now, b)
	}
	return nil
}

// serve does what a session does with a frame from its client.
func (p *Player) serve(now protocol.Micros, b []byte) error {
	t, err := p.dec.Type(b)
	if err != nil {
		return err
	}
	switch t {
	case frame.TypeHello:
		var h frame.Hello
		if err := p.dec.Hello(b, &h); err != nil {
			return err
		}
		p.seat, err = p.lab.Room.Admit(room.Entrant{Name: h.Name, Token: h.Token, Watch: h.Watch, Sender: p})
		return err
	case frame.TypeInput:
		if err := p.dec.Input(b, &p.input); err != nil {
			return err
		}
		p.seat.Input(now, &p.input)
		return nil
	case frame.TypeReport:
		if err := p.dec.Report(b, &p.report); err != nil {
			return err
		}
		p.seat.Report(now, &p.report)
		return nil
	default:
		return fmt.Errorf("lab: a client sent a frame of type %d", t)
	}
}

// Ready implements room.Sender.
func (p *Player) Ready() bool { return p.Link.Down.Backlog(p.lab.now) < sendBuffer }

// Waited implements room.Sender. What the kernel would hold it takes at once.
func (p *Player) Waited() protocol.Micros { return 0 }

// Buffer implements room.Sender.
func (p *Player) Buffer() []byte { return p.buf[:0] }

// Send implements room.Sender.
func (p *Player) Send(b []byte) {
	p.buf = b
	p.down(b)
	p.shown = true
}

// Post implements room.Sender.
func (p *Player) Post(b []byte) { p.down(b) }

func (p *Player) down(b []byte) {
	p.Link.Down.Send(p.lab.now, b)
	p.MaxFrame = max(p.MaxFrame, len(b))
	if !p.shown {
		p.JoinBytes += len(b)
	}
}

// Close implements room.Sender.
func (p *Player) Close(code protocol.CloseCode) { p.Closed = code }

// onlooker is the brain of a player without a seat.
type onlooker struct{}

// Think implements game.Bot.
func (onlooker) Think(*game.Sight) protocol.Command { return protocol.Command{} }
