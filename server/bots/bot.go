package bots

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/lxzan/gws"

	"hindsight/game"
	"hindsight/game/netcode"
	"hindsight/protocol"
)

const (
	reportEvery  = 250 * time.Millisecond
	frameBacklog = 512 // frames received and not yet taken in; more is a bot that cannot keep up
	retryFirst   = 250 * time.Millisecond
	retryMost    = 5 * time.Second
	retries      = 8
)

// bot is one client. All of it belongs to the goroutine of run.
type bot struct {
	swarm *Swarm
	core  *netcode.Client
	mind  game.Bot
	match int // the match the mind was made for

	report   Report
	before   game.Standing // of the matches before this one
	standing game.Standing // of this one
}

func newBot(s *Swarm, i int) *bot {
	b := &bot{swarm: s, report: s.reports[i]}
	cfg := netcode.Config{Game: s.cfg.Game, Name: b.report.Name, Room: s.cfg.Room, Build: s.cfg.Build}
	if i < len(s.cfg.Tickets) {
		cfg.Ticket = s.cfg.Tickets[i]
	}
	b.core = netcode.New(cfg)
	return b
}

// run connects and plays, again after a lost connection, until ctx ends or there is no point.
func (b *bot) run(ctx context.Context) {
	for attempt := 0; ; attempt++ {
		b.state(Connecting)
		played, err := b.play(ctx)
		if played {
			attempt = 0
		}
		if ctx.Err() != nil {
			b.state(Done)
			return
		}
		action := protocol.Retry
		var closed *gws.CloseError
		if errors.As(err, &closed) {
			code := protocol.CloseCode(closed.Code)
			action, err = code.Action(), fmt.Errorf("closed with %d: %s", code, code.Text())
		}
		b.report.Err = err.Error()
		if action == protocol.Stop || attempt >= retries {
			b.state(Failed)
			return
		}
		if action == protocol.Rejoin {
			b.core.Rejoin()
		}
		b.state(Reconnecting)
		// Full jitter, so that a thousand bots do not come back in the same moment.
		wait := min(retryFirst<<attempt, retryMost)
		select {
		case <-time.After(rand.N(wait)):
		case <-ctx.Done():
		}
	}
}

// socket hands what gws reads to the bot's goroutine.
type socket struct {
	gws.BuiltinEventHandler
	frames chan []byte
	closed chan error
}

// OnMessage implements gws.Event.
func (s *socket) OnMessage(_ *gws.Conn, m *gws.Message) {
	b := append([]byte(nil), m.Bytes()...)
	_ = m.Close()
	s.frames <- b
}

// OnClose implements gws.Event.
func (s *socket) OnClose(_ *gws.Conn, err error) { s.closed <- err }

// play is one connection, from the dial to its end. It reports whether a match was joined.
func (b *bot) play(ctx context.Context) (played bool, err error) {
	s := &socket{frames: make(chan []byte, frameBacklog), closed: make(chan error, 1)}
	conn, _, err := gws.NewClient(s, &gws.ClientOption{
		Addr:               b.swarm.addr,
		RequestHeader:      http.Header{"Sec-Websocket-Protocol": {protocol.Subprotocol}},
		ReadMaxPayloadSize: 2 * protocol.MaxFrame,
		ReadBufferSize:     4096,
		HandshakeTimeout:   5 * time.Second,
	})
	if err != nil {
		return false, err
	}
	done := make(chan struct{})
	go func() { defer close(done); conn.ReadLoop() }()
	defer func() {
		_ = conn.WriteClose(uint16(protocol.CloseNormal), nil)
		_ = conn.NetConn().Close()
		for range frameBacklog + 1 { // the read loop may be waiting to hand over a frame
			select {
			case <-s.frames:
			case <-done:
				return
			}
		}
	}()
	now := b.swarm.cfg.Now
	if err := conn.WriteMessage(gws.OpcodeBinary, b.core.Hello(now())); err != nil {
		return false, err
	}
	tick := time.NewTicker(time.Second / time.Duration(b.swarm.cfg.FPS))
	defer tick.Stop()
	var reported time.Time
	for {
		select {
		case f := <-s.frames:
			if err := b.core.Receive(now(), f); err != nil {
				return played, err
			}
		case t := <-tick.C:
			out, err := b.think(now())
			if err != nil {
				return played, err
			}
			if out != nil {
				if err := conn.WriteMessage(gws.OpcodeBinary, out); err != nil {
					return played, err
				}
			}
			if out := b.core.Report(now(), 0); out != nil {
				if err := conn.WriteMessage(gws.OpcodeBinary, out); err != nil {
					return played, err
				}
			}
			if played = played || b.core.Joined(); t.Sub(reported) >= reportEvery {
				reported = t
				b.tell()
			}
		case err := <-s.closed:
			return played, err
		case <-ctx.Done():
			b.tell()
			return played, ctx.Err()
		}
	}
}

// think is one frame: look, decide, answer.
func (b *bot) think(now protocol.Micros) ([]byte, error) {
	pic := b.core.Draw(now)
	if !b.core.Joined() {
		return nil, nil
	}
	me := b.core.Welcome().Player
	if start, n := b.core.Start(); n != b.match {
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
	}
	if f := b.swarm.cfg.Game.Standing; f != nil && pic.Scene.Tick != 0 {
		b.standing = f(pic.Scene, me)
	}
	return b.core.Advance(now, netcode.ControlsOf(b.mind.Think(b.core.Sight())), 0), nil
}

// state reports what the bot does now.
func (b *bot) state(s State) {
	b.report.State = s
	b.tell()
}

// tell brings the report up to date and posts it.
func (b *bot) tell() {
	r := &b.report
	if b.core.Joined() {
		r.Played, r.Room = true, b.core.Welcome().Room
		if r.State == Connecting {
			r.State, r.Err = Playing, ""
		}
	}
	r.Net, r.Game = *b.core.Stats(), plus(b.before, b.standing)
	b.swarm.post(*r)
}

func plus(a, b game.Standing) game.Standing {
	return game.Standing{
		Team: b.Team, Score: a.Score + b.Score, Kills: a.Kills + b.Kills,
		Deaths: a.Deaths + b.Deaths, Assists: a.Assists + b.Assists,
	}
}
