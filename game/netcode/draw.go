package netcode

import (
	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// Picture is what there is to draw. All of it is the client's own and valid until the next call of
// any of its methods.
type Picture struct {
	// Tick is the newest predicted tick and Own the own row after it: what the HUD shows.
	Tick protocol.Tick
	Own  []int32
	// View is the moment at which others are drawn: exactly what the next command tells the server.
	View protocol.View
	// Scene holds the entities blended for drawing, the player's own as predicted and smoothed.
	Scene *delta.Snapshot
	// Events are those to be shown now, each in one Picture only. A game.Verdict among them is what
	// this client foresees; the authority's comes later as a game.VerdictResult.
	Events []protocol.Event
}

// scene puts a picture together: the received past at the view, and the predicted present in the
// place of the player's own entities.
type scene struct {
	others delta.Snapshot // what is seen at the view
	own    delta.Snapshot // what is predicted, blended for the moment
	all    delta.Snapshot
}

// compose fills s.all. The offset is added to the positions of the player's own.
func (s *scene) compose(schema *delta.Schema, me protocol.PlayerID, dx, dy int32) {
	s.all.Reset(s.others.Tick)
	others, own := s.others.Entities(), s.own.Entities()
	for len(others) > 0 || len(own) > 0 {
		if len(own) == 0 || len(others) > 0 && others[0].ID < own[0].ID {
			if e := &others[0]; e.Owner != me || !schema.Kinds[e.Kind].Private {
				s.take(e)
			}
			others = others[1:]
			continue
		}
		e := &own[0]
		if row := s.take(e); schema.Kinds[e.Kind].Positioned {
			row[0] += dx
			row[1] += dy
		}
		if len(others) > 0 && others[0].ID == e.ID {
			others = others[1:]
		}
		own = own[1:]
	}
}

func (s *scene) take(e *delta.Entity) []int32 {
	row := s.all.Add(e.ID, e.Kind, e.Owner, e.Birth, len(e.Row))
	copy(row, e.Row)
	return row
}

// Draw returns what to draw at local time now. Before the first snapshot of a match it is an empty
// scene.
func (c *Client) Draw(now protocol.Micros) *Picture {
	pos, jumps, elapsed := c.view.pos, c.view.jumps, now-c.view.now
	c.look(now)
	c.notice(now, pos, jumps, elapsed)
	reached := protocol.Tick(c.view.key >> 8)
	c.picture.Events = c.events.due(reached, c.stale())
	return &c.picture
}

// look makes the picture of this moment, all but the events.
func (c *Client) look(now protocol.Micros) {
	p := &c.picture
	if !c.live {
		*p = Picture{Scene: &c.scene.all}
		c.scene.all.Reset(0)
		return
	}
	c.clock.advance(now)
	c.view.advance(now, c.past.Newest())
	c.smooth.advance(now)
	schema := c.cfg.Game.Schema

	p.View = c.view.view(c.past)
	delta.Seen(schema, p.View, c.past.At(p.View.A), c.past.At(p.View.B), &c.scene.others)
	c.drawOwn()
	dx, dy := c.smooth.offset()
	c.scene.compose(schema, c.welcome.Player, dx, dy)
	p.Scene, p.Tick, p.Own = &c.scene.all, c.predict.to, c.predict.own
	c.looked = true
}

// drawOwn blends the player's own entities for the present moment.
func (c *Client) drawOwn() {
	v := c.predict.view(c.clock.pos)
	delta.Seen(c.cfg.Game.Schema, v, c.predict.prev, c.predict.cur, &c.scene.own)
}

// Sight returns the last picture as a bot sees it, for the command it is to give next. It is valid
// until the next call of any method.
func (c *Client) Sight() *game.Sight {
	c.sight = game.Sight{
		Tick:   c.predict.last + 1,
		Me:     c.welcome.Player,
		Own:    c.picture.Own,
		Scene:  c.picture.Scene,
		Events: c.picture.Events,
	}
	return &c.sight
}
