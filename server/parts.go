package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"hindsight/protocol"
	"hindsight/server/alarm"
	"hindsight/server/cluster"
	"hindsight/server/mono"
	"hindsight/server/node"
	"hindsight/server/room"
	"hindsight/server/session"
	"hindsight/server/storage"
	"hindsight/server/ticket"
)

// Part says which half of a server one is. The halves are the same code whether they share a
// process or not: a game server that has its lobby elsewhere is told of it by a cluster.Link, and
// a lobby learns of game servers elsewhere by a cluster.Hub.
type Part uint8

// The parts.
const (
	Both       Part = iota // rooms and the lobby in one process
	LobbyOnly              // the lobby, its page and its database; no rooms
	GameServer             // rooms, for a lobby elsewhere
)

// assemble makes the parts that this server has.
func (s *Server) assemble() (err error) {
	c := &s.cfg
	if c.Part == GameServer {
		return s.joinLobby()
	}
	if s.backend, err = newBackend(c); err != nil {
		return err
	}
	if c.Part == Both {
		name := uuid.NewString()
		if err := s.makeNode(name, ticket.NewVerifier(s.backend.ring, name), s.backend.record, s.backend.store); err != nil {
			return err
		}
	}
	if err := s.backend.front(s.shelf, s.metrics.RequestRefused); err != nil {
		return err
	}
	if c.Token == "" {
		if c.Part == LobbyOnly {
			return errors.New("a lobby without rooms of its own needs game servers; give it the secret that they will show with --token or HINDSIGHT_TOKEN")
		}
		return nil
	}
	s.hub, err = cluster.NewHub(cluster.HubConfig{
		Lobby: s.backend.lobby, Token: c.Token, Keys: s.backend.ring.JWKS, Store: s.backend.keep,
		Build: c.Version, Log: c.Log,
	})
	return explain(err)
}

// joinLobby makes a game server for a lobby elsewhere.
func (s *Server) joinLobby() (err error) {
	c := &s.cfg
	where, err := s.socketURL()
	if err != nil {
		return err
	}
	s.link, err = cluster.NewLink(cluster.LinkConfig{
		Lobby: c.Lobby, Token: c.Token, URL: where, Build: c.Version, Log: c.Log,
	})
	if err != nil {
		return explain(err)
	}
	if u, err := url.Parse(c.Lobby); err == nil { // its page will connect here
		c.Origins = append(c.Origins, strings.Replace(u.Scheme, "ws", "http", 1)+"://"+u.Host)
	}
	name := uuid.NewString()
	return s.makeNode(name, ticket.NewVerifier(s.link.Keys(), name), s.link.Result, nil)
}

// explain says which flags a mistake in the cluster's settings is about.
func explain(err error) error {
	if err != nil {
		return fmt.Errorf("--lobby, --token or --public-url: %w", err)
	}
	return nil
}

// socketURL is where players reach this game server's socket: by PublicURL, or else by the address
// that this machine has on the way to the lobby.
func (s *Server) socketURL() (string, error) {
	c := &s.cfg
	if c.PublicURL != "" {
		return strings.Replace(strings.TrimSuffix(c.PublicURL, "/"), "http", "ws", 1) + "/ws", nil
	}
	u, err := url.Parse(c.Lobby)
	if err != nil || u.Hostname() == "" {
		return "", fmt.Errorf("--lobby is %q, want its address, such as https://play.example.org", c.Lobby)
	}
	scheme := "ws"
	if s.tls != nil {
		scheme = "wss"
	}
	_, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return "", fmt.Errorf("--addr is %q, want host:port", c.Addr)
	}
	if port == "0" {
		return "", errors.New("a game server with --addr :0 does not know its address beforehand; give it with --public-url")
	}
	host := u.Hostname()
	if host != "localhost" {
		way, err := net.Dial("udp", net.JoinHostPort(host, "9")) // sends nothing: it only asks for the route
		if err != nil {
			return "", fmt.Errorf("this server does not know the address that players reach it by; give it with --public-url: %w", err)
		}
		host, _, _ = net.SplitHostPort(way.LocalAddr().String())
		_ = way.Close()
	}
	return scheme + "://" + net.JoinHostPort(host, port) + "/ws", nil
}

// makeNode makes the rooms' half. Store is where bans are looked up, or nil.
func (s *Server) makeNode(name string, tickets *ticket.Verifier, result func(uuid.UUID, room.Result), store *storage.Store) (err error) {
	c := &s.cfg
	transport, err := c.Transport.Resolve(s.tls != nil)
	if err != nil {
		return fmt.Errorf("--transport %v: %w", c.Transport, err)
	}
	c.Log.Info("game sockets", "transport", transport.String())
	if err := s.openShelf(); err != nil {
		return err
	}
	s.clock = alarm.NewClock(mono.Now)
	s.node, err = node.New(node.Config{
		Name: name, Tickets: tickets, Result: result, Record: s.tape, Bare: c.Part == GameServer,
		Failed: s.roomFailed, Stalled: s.roomStalled,
		Hosts: c.Hosts, Settings: c.Settings, Maps: c.Maps, MaxRooms: c.MaxRooms,
		Log:   c.Log,
		Alarm: func() room.Alarm { return s.clock.New() },
		Room: room.Config{
			MaxPlayers: c.MaxPlayers, Bots: c.Bots, BotSkill: c.BotSkill,
			SnapshotEvery: c.SnapshotEvery,
			MaxRewind:     protocol.Micros(c.MaxRewind.Microseconds()),
			SeatHold:      protocol.Micros(c.SeatHold.Microseconds()),
			StandIn:       c.StandIn,
			Watchers:      c.Watchers,
			WatchDelay:    protocol.Micros(c.WatchDelay.Microseconds()),
			Build:         c.Version,
			Now:           mono.Now,
			Meter:         func() room.Meter { return newMeter(s.metrics) },
			Log:           c.Log,
		},
	})
	s.sessions = session.New(session.Config{
		Rooms:   &door{s.node, store, c.TicketsOnly, c.Log},
		Origins: c.Origins, Proxies: c.Proxies, Limits: c.Limits, Transport: transport, Words: c.Filter,
		Clock: s.clock, Metrics: s.metrics, Log: c.Log,
	})
	return err
}

// runParts starts the goroutines of the parts; they end with ctx.
func (s *Server) runParts(ctx context.Context, w *workers, web *http.Server) {
	if s.node != nil {
		w.start(func() error { return s.node.Run(ctx) })
	}
	if s.link != nil {
		w.start(func() error { return s.link.Run(ctx, s.node) })
	}
	if s.backend != nil {
		s.runBackend(ctx, w)
		web.RegisterOnShutdown(s.backend.api.Shutdown)
	}
}

// hangUp ends the connections that the rooms have not ended by themselves: those of clients that
// have not said hello, and those of game servers.
func (s *Server) hangUp(ctx context.Context) {
	if s.sessions != nil {
		if err := s.sessions.Shutdown(ctx); err != nil {
			s.cfg.Log.Warn("clients were cut off", "open", s.sessions.Open())
		}
	}
	if s.hub != nil {
		_ = s.hub.Shutdown(ctx)
	}
}
