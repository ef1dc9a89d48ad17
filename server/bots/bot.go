package bots

import (
	"context"
	"fmt"
	"sync"
	"time"

	"hindsight/game"
	"hindsight/game/netcode"
	"hindsight/protocol"
)

const (
	reportEvery  = 250 * time.Millisecond
	frameBacklog = 512 // news of lines not yet taken in; more is a bot that cannot keep up
	// persist is how long a bot tries to come back: a person is given longer.
	persist = 30 * protocol.Second
)

// bot is one client. All of it belongs to the goroutine of run.
type bot struct {
	swarm *Swarm
	cfg   netcode.Config
	life  *netcode.Lifeline
	lines map[int]*line
	news  chan news
	mind  game.Bot
	match int // the match the mind was made for

	reported time.Time
	lastErr  error // why the last line ended
	report   Report
	before   game.Standing // of the matches before this one
	standing game.Standing // of this one
}

func newBot(s *Swarm, i int) *bot {
	b := &bot{swarm: s, report: s.reports[i], lines: map[int]*line{}, news: make(chan news, frameBacklog)}
	b.cfg = netcode.Config{Game: s.cfg.Game, Name: b.report.Name, Room: s.cfg.Room, Build: s.cfg.Build}
	first := b.cfg
	if i < len(s.cfg.Tickets) {
		first.Ticket = s.cfg.Tickets[i]
	}
	b.life = netcode.NewLifeline(netcode.LifelineConfig{
		Client: first, Seed: s.cfg.Seed + uint64(i) + uint64(s.cfg.Now()), Persist: persist,
	}, s.cfg.Now())
	return b
}

// run connects and plays, on one line after another, until ctx ends or there is no point.
func (b *bot) run(ctx context.Context) {
	var reading sync.WaitGroup
	lines, end := context.WithCancel(context.WithoutCancel(ctx)) // goodbyes are still said
	defer reading.Wait()
	defer end()
	defer b.hangUp()
	tick := time.NewTicker(time.Second / time.Duration(b.swarm.cfg.FPS))
	defer tick.Stop()
	for {
		b.obey(lines, &reading)
		b.state()
		if b.report.State == Failed {
			return
		}
		select {
		case n := <-b.news:
			b.hear(n)
		case t := <-tick.C:
			if err := b.play(); err != nil {
				b.fail(err)
				return
			}
			if t.Sub(b.reported) >= reportEvery {
				b.reported = t
				b.tell()
			}
		case <-ctx.Done():
			b.report.State = Done
			b.tell()
			return
		}
	}
}

// obey does what the lifeline orders.
func (b *bot) obey(ctx context.Context, reading *sync.WaitGroup) {
	now := b.swarm.cfg.Now()
	for o, ok := b.life.Next(now); ok; o, ok = b.life.Next(now) {
		switch o.Kind {
		case netcode.OrderDial:
			l := newLine(ctx, o.Line, b.news)
			b.lines[o.Line] = l
			reading.Go(func() { l.run(b.swarm.addr) })
		case netcode.OrderDrop:
			b.drop(o.Line, o.Code)
		case netcode.OrderAsk:
			b.life.Join(now, b.cfg)
		}
	}
}

// drop ends a line.
func (b *bot) drop(id int, code protocol.CloseCode) {
	if l := b.lines[id]; l != nil {
		delete(b.lines, id)
		l.drop(code)
	}
}

// hangUp ends all lines.
func (b *bot) hangUp() {
	for id := range b.lines {
		b.drop(id, protocol.CloseNormal)
	}
}

// hear takes in what happened on a line.
func (b *bot) hear(n news) {
	now, id := b.swarm.cfg.Now(), n.line.id
	if b.lines[id] != n.line {
		return // it was dropped meanwhile
	}
	switch {
	case n.conn != nil:
		n.line.conn = n.conn
		if hello := b.life.Opened(now, id); hello != nil {
			n.line.send(hello)
		}
	case n.frame != nil:
		if err := b.life.Receive(now, id, n.frame); err != nil {
			b.lastErr = err
		}
	default:
		b.lastErr = n.err
		delete(b.lines, id)
		n.line.end()
		b.life.Ended(now, id, closeCode(n.err))
	}
}

// play is one frame of a bot that is in a match.
func (b *bot) play() error {
	if b.life.State().Phase != netcode.Live {
		return nil
	}
	now := b.swarm.cfg.Now()
	out, err := b.think(now)
	l := b.lines[b.life.Line()]
	if l == nil || err != nil {
		return err
	}
	if out != nil {
		l.send(out)
	}
	if out := b.life.Client().Report(now, 0); out != nil {
		l.send(out)
	}
	return nil
}

// think is one frame: look, decide, answer.
func (b *bot) think(now protocol.Micros) ([]byte, error) {
	core := b.life.Client()
	pic := core.Draw(now)
	if !core.Joined() {
		return nil, nil
	}
	me := core.Welcome().Player
	if start, n := core.Start(); n != b.match {
		skill := b.swarm.cfg.Skill
		if skill == 0 {
			skill = 1 + b.report.Index%5
		}
		mind, err := b.swarm.cfg.Game.NewBot(start.Blob, me, skill, b.swarm.cfg.Seed+uint64(b.report.Index))
		if err != nil {
			return nil, err
		}
		b.before = plus(b.before, b.standing)
		b.mind, b.match, b.standing = mind, n, game.Standing{}
		if f := b.swarm.cfg.Match; f != nil {
			f(core.Welcome().Room, start)
		}
	}
	if f := b.swarm.cfg.Game.Standing; f != nil && pic.Scene.Tick != 0 {
		b.standing = f(pic.Scene, me)
	}
	return core.Advance(now, netcode.ControlsOf(b.mind.Think(core.Sight())), 0), nil
}

// state reports what the bot does now, if that has changed.
func (b *bot) state() {
	link := b.life.State()
	states := [...]State{netcode.Joining: Connecting, netcode.Live: Playing, netcode.Retrying: Reconnecting, netcode.Stopped: Failed}
	if s := states[link.Phase]; s != b.report.State {
		b.report.State, b.report.Err = s, ""
		if s == Reconnecting || s == Failed {
			b.report.Err = why(link.Code, b.lastErr)
		}
		b.tell()
	}
}

// why tells people about the end of a line.
func why(code protocol.CloseCode, err error) string {
	if code == cutLine && err != nil {
		return err.Error()
	}
	return fmt.Sprintf("closed with %d: %s", code, code.Text())
}

// fail ends the bot.
func (b *bot) fail(err error) {
	b.report.State, b.report.Err = Failed, err.Error()
	b.tell()
}

// tell brings the report up to date and posts it.
func (b *bot) tell() {
	r, core, link := &b.report, b.life.Client(), b.life.State()
	if core.Joined() {
		r.Played, r.Room = true, core.Welcome().Room
	}
	r.Hedged, r.Rescued = link.Hedged, link.Rescued
	r.Net, r.Game = *core.Stats(), plus(b.before, b.standing)
	b.swarm.post(*r)
}

func plus(a, b game.Standing) game.Standing {
	return game.Standing{
		Team: b.Team, Score: a.Score + b.Score, Kills: a.Kills + b.Kills,
		Deaths: a.Deaths + b.Deaths, Assists: a.Assists + b.Assists,
	}
}
