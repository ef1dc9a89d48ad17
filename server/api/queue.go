package api

import (
	"errors"

	"hindsight/server/lobby"
)

// postQueue lets the player, or the party that the player leads, wait for a match.
func (c *call) postQueue() (any, error) {
	var in struct {
		Game string `json:"game"`
		Mode string `json:"mode"`
	}
	if err := c.read(&in); err != nil {
		return nil, err
	}
	g, err := c.game(in.Game)
	if err != nil {
		return nil, err
	}
	if err := c.banned(); err != nil {
		return nil, err
	}
	return c.cfg.Lobby.Queue(c.ctx(), g.Name, in.Mode, c.player())
}

// getQueue tells where the player stands; no content says nowhere.
func (c *call) getQueue() (any, error) {
	state, err := c.cfg.Lobby.Queued(c.me.Player)
	if errors.Is(err, lobby.ErrNotQueued) {
		return nil, nil
	}
	return state, err
}

// deleteQueue ends the wait, for those who wait together.
func (c *call) deleteQueue() (any, error) {
	c.cfg.Lobby.Dequeue(c.me.Player)
	return nil, nil
}
