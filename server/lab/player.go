package lab

import (
	"fmt"
	"slices"

	"hindsight/game"
	"hindsight/game/netcode"
	"hindsight/protocol"
	"hindsight/protocol/simnet"
)

// Player is a client with a brain, a screen and connections to the room, as many as its Lifeline
// wants.
type Player struct {
	Index int
	// Closed is the code with which the server last ended a connection that it did not replace, 0 for
	// never.
	Closed protocol.CloseCode
	// JoinBytes is the size of all that brought the player into its first match, up to and with
	// the first snapshot. MaxFrame is its largest frame.
	JoinBytes, MaxFrame int

	lab      *Lab
	life     *netcode.Lifeline
	watch    bool
	period   protocol.Micros
	frame    protocol.Micros // when its next frame is drawn
	hands    func(s *game.Sight) netcode.Controls
	controls netcode.Controls // what the hands do
	tamper   tamper           // changes what is sent, nil for an honest client
	brain    game.Bot
	match    int // the match the brain was made for

	path    *simnet.Path
	conns   []*conn         // by age
	dialled int             // so far
	stallAt protocol.Micros // when the next regular stall begins
}

// newPlayer returns a player who comes in when the experiment is i quarters of a second old, to look on
// if watch is set.
func newPlayer(l *Lab, i int, watch bool) *Player {
	period := protocol.Second / protocol.Micros(l.cfg.FPS)
	up := l.cfg.Link
	up.Seed = l.cfg.Seed*1_000_003 + uint64(i)*1009
	down := up
	down.Rate = l.cfg.DownRate
	p := &Player{
		Index: i, lab: l, watch: watch, period: period, path: simnet.NewPathOf(up, down),
		// Screens are out of step with each other and with the room.
		frame: protocol.Micros(i)*protocol.Second/4 + protocol.Micros(i*i*7919)%period,
	}
	if l.cfg.Stall > 0 {
		p.stallAt = l.cfg.StallEvery + l.cfg.StallEvery*protocol.Micros(i)/protocol.Micros(max(l.cfg.Players, 1))
	}
	p.hands = p.think
	p.life = netcode.NewLifeline(netcode.LifelineConfig{Client: p.config(), Seed: up.Seed}, p.frame)
	return p
}

// config is whom the player wants to be.
func (p *Player) config() netcode.Config {
	return netcode.Config{Game: p.lab.cfg.Host.Definition, Name: fmt.Sprint("Player ", p.Index+1), Build: "lab", Watch: p.watch}
}

// Core returns the player's client. It is another one after a new connection took over.
func (p *Player) Core() *netcode.Client { return p.life.Client() }

// Stall takes the player's network down from one time until another.
func (p *Player) Stall(from, until protocol.Micros) {
	p.path.Stall(from, until)
	p.lab.probe.stalled(p, until)
}

// Drop breaks the connection that plays as a reset does: both ends know at once.
func (p *Player) Drop() {
	if c := p.playing(); c != nil {
		c.hangUp(abnormal)
		p.forget(c)
		p.life.Ended(p.lab.now, c.line, abnormal)
	}
}

// abnormal is the code of an end without a close frame.
const abnormal protocol.CloseCode = 1006

// playing returns the connection that plays, nil if there is none.
func (p *Player) playing() *conn { return p.find(p.life.Line()) }

func (p *Player) find(line int) *conn {
	for _, c := range p.conns {
		if c.line == line && line != 0 {
			return c
		}
	}
	return nil
}

func (p *Player) forget(c *conn) {
	p.conns = slices.DeleteFunc(p.conns, func(o *conn) bool { return o == c })
}

// next returns when something happens to the player.
func (p *Player) next() protocol.Micros {
	at := min(p.frame, p.due())
	for _, c := range p.conns {
		at = min(at, c.next())
	}
	return at
}

// pass does what is due by now.
func (p *Player) pass(now protocol.Micros) error {
	if p.stallAt > 0 && now >= p.stallAt {
		p.Stall(p.stallAt, p.stallAt+p.lab.cfg.Stall)
		p.stallAt += p.lab.cfg.StallEvery
	}
	for i := 0; i < len(p.conns); i++ {
		c := p.conns[i]
		if err := c.pass(now); err != nil {
			return err
		}
		if i < len(p.conns) && p.conns[i] != c { // it is gone
			i--
		}
	}
	switch {
	case now >= p.frame:
		p.frame += p.period
		p.obey(now)
		return p.draw(now)
	case now >= p.due():
		p.give(now)
	}
	return nil
}

// obey does what the lifeline wants.
func (p *Player) obey(now protocol.Micros) {
	for o, ok := p.life.Next(now); ok; o, ok = p.life.Next(now) {
		switch o.Kind {
		case netcode.OrderDial:
			p.conns = append(p.conns, dial(p, o.Line))
		case netcode.OrderDrop:
			if c := p.find(o.Line); c != nil {
				c.leave(o.Code)
			}
		case netcode.OrderAsk:
			p.life.Join(now, p.config())
		}
	}
}

// draw is one frame of the client: look, think, answer.
func (p *Player) draw(now protocol.Micros) error {
	core := p.Core()
	pic := core.Draw(now)
	if !core.Joined() {
		return nil
	}
	if p.lab.OnFrame != nil {
		p.lab.OnFrame(p, pic)
	}
	p.lab.probe.drew(p, pic)
	if err := p.wake(); err != nil {
		return err
	}
	p.controls = p.hands(core.Sight())
	p.give(now)
	if c := p.playing(); c != nil {
		if b := core.Report(now, c.link.Up.Backlog(now)); b != nil {
			c.link.Up.Send(now, b)
		}
	}
	return nil
}

// give sends the commands that are due, with the hands as they are.
func (p *Player) give(now protocol.Micros) {
	c, core := p.playing(), p.Core()
	if c == nil {
		return // there is nobody to send commands to
	}
	first := core.Sight().Tick
	b := core.Advance(now, p.controls, c.link.Up.Backlog(now))
	p.lab.probe.gave(p, first)
	switch {
	case b == nil:
	case p.tamper != nil:
		p.tamper(now, b, func(b []byte) { c.link.Up.Send(now, b) })
	default:
		c.link.Up.Send(now, b)
	}
}

// due is when the player's next command is, between two frames drawn.
func (p *Player) due() protocol.Micros {
	if p.playing() != nil {
		if at, ok := p.Core().Due(); ok {
			return at
		}
	}
	return p.frame
}

// wake makes the brain for a match that has begun.
func (p *Player) wake() (err error) {
	s, n := p.Core().Start()
	if n == p.match {
		return nil
	}
	p.match = n
	if p.brain = (onlooker{}); p.Core().Welcome().Player != 0 && p.lab.cfg.Host.NewBot != nil {
		p.brain, err = p.lab.cfg.Host.NewBot(s.Blob, p.Core().Welcome().Player, p.lab.cfg.Skill, p.lab.cfg.Seed+uint64(p.Index))
	}
	return err
}

// think is what moves the hands unless the experiment does.
func (p *Player) think(s *game.Sight) netcode.Controls {
	return netcode.ControlsOf(p.brain.Think(s))
}

// onlooker is the brain of a player without a seat.
type onlooker struct{}

// Think implements game.Bot.
func (onlooker) Think(*game.Sight) protocol.Command { return protocol.Command{} }
