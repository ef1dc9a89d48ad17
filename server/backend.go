package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"

	"hindsight/game"
	"hindsight/game/rating"
	"hindsight/protocol"
	"hindsight/server/api"
	"hindsight/server/identity"
	"hindsight/server/identity/names"
	"hindsight/server/identity/oidc"
	"hindsight/server/identity/signing"
	"hindsight/server/identity/stored"
	"hindsight/server/lobby"
	"hindsight/server/matchmaking"
	"hindsight/server/moderation"
	"hindsight/server/node"
	"hindsight/server/replays"
	"hindsight/server/room"
	"hindsight/server/session"
	"hindsight/server/storage"
	"hindsight/server/ticket"
)

const (
	openTime      = time.Minute            // for the database to open, its tables being brought up to date
	lookUpTime    = time.Second            // for a question that a player waits for at the door
	announceEvery = 250 * time.Millisecond // the node's rooms to the lobby
	drainTime     = 10 * time.Second       // for results to reach the database at the end
)

// OIDC is another site that players may sign in by way of; the zero value is none.
type OIDC struct{ Issuer, ClientID, Secret string }

// backend is what a server knows of its players beyond a match: who they are, where they may sit and
// what they did. It has no part in a match: when the database is away, those who play play on, and
// their results wait in the outbox.
type backend struct {
	cfg     *Config
	store   *storage.Store
	scratch string // the folder of a database that is thrown away, "" for none
	ring    *signing.Ring
	outbox  *storage.Outbox
	lobby   *lobby.Lobby
	api     *api.API
}

// newBackend opens the database and the keys.
func newBackend(c *Config) (*backend, error) {
	b := &backend{cfg: c}
	if err := b.open(); err != nil {
		b.close()
		return nil, err
	}
	b.outbox = storage.NewOutbox(b.store, storage.DefaultOutbox, time.Now)
	b.outbox.Log = c.Log
	return b, nil
}

func (b *backend) open() (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), openTime)
	defer cancel()
	where := b.cfg.Database
	if where == "" {
		if b.scratch, err = os.MkdirTemp("", "hindsight-"); err != nil {
			return fmt.Errorf("no place for a database; give one with --database or HINDSIGHT_DATABASE: %w", err)
		}
		where = "sqlite:" + filepath.Join(b.scratch, "hindsight.db")
	}
	if b.store, err = storage.Open(ctx, where); err != nil {
		return fmt.Errorf("cannot open %s; choose another with --database or HINDSIGHT_DATABASE, or its folder with --data-dir: %w", databaseName(where), err)
	}
	b.ring, err = signing.Open(ctx, signing.Config{Store: stored.New(b.store, time.Now)})
	if err != nil {
		return fmt.Errorf("cannot read the signing keys in %s: %w", databaseName(where), err)
	}
	return nil
}

// databaseName is a database for the log: a URL may hold a password.
func databaseName(url string) string {
	if scheme, _, ok := strings.Cut(url, "://"); ok {
		return "the " + scheme + " database"
	}
	return "the database " + strings.TrimPrefix(url, "sqlite:")
}

// front makes the lobby and its API in front of a node and its replays, nil for none. Who is to come
// back later is counted by refused.
func (b *backend) front(shelf *replays.Shelf, refused func(reason string)) error {
	c := b.cfg
	who, err := identity.New(identity.Config{
		Store: stored.New(b.store, time.Now), Ring: b.ring, Names: &names.Rules{Allowed: c.Filter.Allowed},
		Limits: c.Identity,
	})
	if err != nil {
		return err
	}
	site, err := b.site()
	if err != nil {
		return err
	}
	b.lobby, err = lobby.New(lobby.Config{
		Signer: ticket.NewSigner(b.ring), Playlists: playlists(c.Hosts, c.FillAfter), Ratings: ratings{b.store, c.Log},
		Chat: moderation.NewChat(moderation.ChatConfig{Filter: c.Filter}), Log: c.Log,
		SeatsPerAddress: c.SeatsPerAddress,
	})
	if err != nil {
		return err
	}
	var kept api.Replays
	if shelf != nil {
		kept = shelf
	}
	b.api, err = api.New(api.Config{
		Replays: kept,
		Lobby:   b.lobby, Who: who, Ring: b.ring, Store: b.store, Hosts: c.Hosts, Maps: c.Maps, Site: site,
		From:   func(r *http.Request) netip.Addr { return session.ClientAddr(r, c.Proxies) },
		Secure: strings.HasPrefix(c.PublicURL, "https://"), Decent: c.Filter.Allowed, Limits: c.APILimits, Refused: refused, Log: c.Log,
	})
	return err
}

// site is the one that players may sign in by way of, or nil.
func (b *backend) site() (*oidc.Site, error) {
	c := b.cfg
	if c.OIDC == (OIDC{}) {
		return nil, nil
	}
	if c.PublicURL == "" {
		return nil, errors.New("sign-in by another site needs the address that players use; give it with --public-url or HINDSIGHT_PUBLIC_URL")
	}
	s, err := oidc.New(oidc.Config{
		Name: "oidc", Issuer: c.OIDC.Issuer, ClientID: c.OIDC.ClientID, Secret: c.OIDC.Secret,
		RedirectURL: strings.TrimSuffix(c.PublicURL, "/") + api.Root + "oidc/callback", Ring: b.ring,
	})
	if err != nil {
		return nil, fmt.Errorf("--oidc-issuer, --oidc-client-id or --public-url: %w", err)
	}
	return s, nil
}

// playlists are what can be queued for: each mode of each game.
func playlists(hosts []game.Host, fill time.Duration) map[matchmaking.Playlist]matchmaking.Rules {
	lists := map[matchmaking.Playlist]matchmaking.Rules{}
	for _, h := range hosts {
		for _, m := range h.Modes {
			r := matchmaking.Rules{MaxPlayers: m.Players}
			if m.Teams > 1 {
				r = matchmaking.Rules{Teams: m.Teams, TeamSize: m.Players / m.Teams}
			}
			r.FillAfter = protocol.Micros(fill.Microseconds())
			lists[matchmaking.Playlist{Game: h.Name, Mode: m.Name}] = r
		}
	}
	return lists
}

// ratings tells the lobby how well players play. Without a database everyone is a newcomer.
type ratings struct {
	store *storage.Store
	log   *slog.Logger
}

// Ratings implements lobby.Ratings.
func (r ratings) Ratings(ctx context.Context, players []uuid.UUID, game, mode string) ([]rating.Rating, error) {
	ids := make([]string, len(players))
	for i, id := range players {
		ids[i] = id.String()
	}
	ctx, cancel := context.WithTimeout(ctx, lookUpTime)
	defer cancel()
	skills, err := r.store.Ratings(ctx, ids, game, mode)
	if err != nil {
		r.log.Warn("ratings cannot be looked up", "error", err)
	}
	all := make([]rating.Rating, len(players))
	for i := range all {
		all[i] = rating.Default
		if err == nil {
			all[i] = skills[i].Rating
		}
	}
	return all, nil
}

// localNode is this process's node as its lobby sees it.
type localNode struct{ *node.Node }

// URL implements lobby.Node: the socket is where the lobby is.
func (localNode) URL() string { return "" }

// announceRooms tells the lobby of the node's rooms until ctx ends or the server drains.
func (s *Server) announceRooms(ctx context.Context) {
	look := time.NewTicker(announceEvery)
	defer look.Stop()
	defer s.backend.lobby.Forget(s.node.Name())
	for !s.draining.Load() {
		list := s.node.List()
		s.backend.lobby.Announce(localNode{s.node}, list, len(list) >= s.node.MaxRooms())
		select {
		case <-look.C:
		case <-ctx.Done():
			return
		}
	}
}

// door lets people from the game socket into the node's rooms, or not.
type door struct {
	node    *node.Node
	store   *storage.Store // nil where another process has it
	tickets bool           // nobody comes in without one
	log     *slog.Logger
}

// Join implements session.Finder.
func (d *door) Join(ctx context.Context, roomID, game string, en room.Entrant) (room.Seat, error) {
	if d.tickets && en.Ticket == "" && en.Token == "" {
		return nil, room.Refusal(protocol.CloseForbidden)
	}
	if d.store == nil { // its lobby looks before it keeps a seat
		return d.node.Join(ctx, roomID, game, en)
	}
	look, cancel := context.WithTimeout(ctx, lookUpTime)
	defer cancel()
	_, banned, err := d.store.Banned(look, "", en.Addr, time.Now())
	switch {
	case err != nil: // the game goes on without the database
		d.log.Warn("bans cannot be looked up", "error", err)
	case banned:
		return nil, ticket.ErrBanned
	}
	return d.node.Join(ctx, roomID, game, en)
}

// close gives up the database. A nil backend has none.
func (b *backend) close() {
	if b == nil {
		return
	}
	if b.store != nil {
		if err := b.store.Close(); err != nil {
			b.cfg.Log.Warn("the database was not closed", "error", err)
		}
	}
	if b.scratch != "" {
		_ = os.RemoveAll(b.scratch)
	}
}

// runBackend keeps the keys, the lobby and the results going until ctx ends.
func (s *Server) runBackend(ctx context.Context, w *workers) {
	b := s.backend
	w.start(func() error {
		b.ring.Run(ctx, func(err error) { s.cfg.Log.Warn("the signing keys cannot be read", "error", err) })
		return nil
	})
	w.start(func() error { return b.lobby.Run(ctx) })
	if s.node != nil {
		w.start(func() error { s.announceRooms(ctx); return nil })
	}
	w.start(func() error { _ = b.outbox.Run(ctx); return nil }) // it ends with ctx and never by itself
}

// settle brings the last results to the database.
func (b *backend) settle() {
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	if err := b.outbox.Drain(ctx); err != nil {
		b.cfg.Log.Error("match results are lost", "error", err)
	}
}
