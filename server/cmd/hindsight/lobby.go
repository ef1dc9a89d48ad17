package main

import "hindsight/server"

// lobbyCmd runs a lobby whose game servers are elsewhere.
type lobbyCmd struct{ hostFlags }

// Run serves until it is told to stop.
func (c *lobbyCmd) Run() error {
	cfg, err := c.config(server.LobbyOnly)
	if err != nil {
		return err
	}
	return c.run(cfg)
}
