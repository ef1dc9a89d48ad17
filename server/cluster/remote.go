package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"hindsight/protocol"
	"hindsight/server/lobby"
	"hindsight/server/node"
	"hindsight/server/ticket"
)

// Remote is a connected game server, as package lobby's Node. Its methods may be called from any
// goroutine; those that ask it something return what it answered, or ErrAway, ErrSilent or ErrBusy.
// A Remote is for one connection: after that it answers ErrAway for ever.
type Remote struct {
	hub     *Hub
	wire    *wire
	asks    asks
	results chan Result
	keys    atomic.Pointer[[]byte] // that were sent last
	late    *time.Timer            // for hello

	// Written once, before the hub knows it.
	hello hello

	// Owned by the reader.
	greeted bool
	left    bool           // goodbye was said
	part    []node.Listing // of a list that is still coming
	rooms   []node.Listing // the last list
	full    bool           // no more rooms
}

var _ lobby.Node = (*Remote)(nil)

func newRemote(h *Hub, c net.Conn) *Remote {
	r := &Remote{hub: h, wire: newWire(c, h.cfg.Log), results: make(chan Result, window)}
	r.wire.take, r.wire.beat = r.take, r.beat
	return r
}

// Name names the run of the game server, "" before hello.
func (r *Remote) Name() string { return r.hello.Name }

// URL is where players reach it.
func (r *Remote) URL() string { return r.hello.URL }

// Build is the version of its program.
func (r *Remote) Build() string { return r.hello.Build }

// Capacity is how many rooms may be open at once.
func (r *Remote) Capacity() int { return r.hello.Capacity }

// Create opens a room, or returns the one that has the id already.
func (r *Remote) Create(ctx context.Context, s node.Spec) (node.Listing, error) {
	if b, err := json.Marshal(&s); err != nil || len(b) > maxSpec {
		return node.Listing{}, ErrTooBig
	}
	a, err := r.ask(ctx, &message{Create: &s})
	if err != nil {
		return node.Listing{}, err
	}
	if a.Room == nil {
		return node.Listing{}, fmt.Errorf("%w: its answer has no room", ErrSilent)
	}
	return *a.Room, nil
}

// Book keeps a seat for each id for a while, all of them or none.
func (r *Remote) Book(ctx context.Context, roomID string, life time.Duration, ids ...string) error {
	return r.tell(ctx, &message{Book: &seats{Room: roomID, Seats: ids, Life: life.Milliseconds()}})
}

// Unbook gives seats up.
func (r *Remote) Unbook(ctx context.Context, roomID string, ids ...string) error {
	if len(ids) == 0 {
		return nil
	}
	return r.tell(ctx, &message{Unbook: &seats{Room: roomID, Seats: ids}})
}

// Lock closes a room to everyone who has no seat in it, or opens it again.
func (r *Remote) Lock(ctx context.Context, roomID string, locked bool) error {
	return r.tell(ctx, &message{Lock: &lock{roomID, locked}})
}

// Kick takes a player's seat in a room away and closes the connection with a code.
func (r *Remote) Kick(ctx context.Context, roomID string, p protocol.PlayerID, code protocol.CloseCode) error {
	if !code.Known() {
		return fmt.Errorf("cluster: %d is not a close code", code)
	}
	return r.tell(ctx, &message{Kick: &kick{roomID, p, code}})
}

// Announce says a line to everyone in a room, as the server.
func (r *Remote) Announce(ctx context.Context, roomID, text string) error {
	return r.tell(ctx, &message{Announce: &announce{roomID, text}})
}

// Close ends a room. An id that is not open is no error.
func (r *Remote) Close(ctx context.Context, roomID string) error {
	return r.tell(ctx, &message{Close: &closeRoom{roomID}})
}

func (r *Remote) tell(ctx context.Context, m *message) error {
	_, err := r.ask(ctx, m)
	return err
}

// run serves the connection until it is over. Its goroutine is the reader.
func (r *Remote) run() error {
	r.late = time.AfterFunc(helloTime, func() { r.wire.end(&hangup{protocol.CloseNoHello, "no hello"}) })
	defer r.late.Stop()
	var recorder sync.WaitGroup
	recorder.Go(r.record)
	defer recorder.Wait()
	return r.wire.run()
}

// welcome answers hello.
func (r *Remote) welcome(b []byte) error {
	h, err := decodeHello(b)
	if err != nil {
		return err
	}
	if err := h.check(); err != nil {
		r.hub.cfg.Log.Warn("a game server is refused", "node", printable([]byte(h.Name)), "url", printable([]byte(h.URL)), "err", err)
		return err
	}
	r.late.Stop()
	r.hello, r.greeted, r.left = *h, true, h.Leaving
	keys := r.hub.cfg.Keys()
	if err := r.wire.send(&message{Welcome: &welcome{Protocol: Version, Build: r.hub.cfg.Build, Keys: keys}}); err != nil {
		return err
	}
	r.keys.Store(&keys)
	r.hub.greet(r)
	return nil
}

// beat sends the keys if they are others than before. The writer calls it.
func (r *Remote) beat() {
	before := r.keys.Load()
	if before == nil {
		return // not yet welcome
	}
	if keys := r.hub.cfg.Keys(); !bytes.Equal(keys, *before) && r.wire.send(&message{Keys: keys}) == nil {
		r.keys.Store(&keys)
	}
}

// check says what is wrong with a hello.
func (h *hello) check() error {
	u, err := url.Parse(h.URL)
	switch {
	case h.Protocol > Version:
		return &hangup{protocol.CloseVersion, fmt.Sprintf("update the lobby: it speaks version %d of %s, this game server %d", Version, Path, h.Protocol)}
	case h.Protocol < Version:
		return &hangup{protocol.CloseVersion, fmt.Sprintf("update this game server: it speaks version %d of %s, the lobby %d", h.Protocol, Path, Version)}
	case h.Name == "" || len(h.Name) > ticket.MaxNodeBytes:
		return &hangup{protocol.CloseBadMessage, "a game server needs a name of 1 to 64 bytes"}
	case err != nil || u.Host == "" || u.Scheme != "ws" && u.Scheme != "wss":
		return &hangup{protocol.CloseBadMessage, "a game server needs a url that players reach it by: ws:// or wss://"}
	}
	return nil
}

// take handles a message, of which the first is hello.
func (r *Remote) take(b []byte) error {
	if !r.greeted {
		return r.welcome(b)
	}
	m, err := decode(b)
	if err != nil {
		return err
	}
	switch {
	case m.Ping != nil:
		return nil
	case m.List != nil:
		return r.list(m.List)
	case m.Renew != nil:
		r.announce()
	case m.Goodbye != nil:
		r.left = true
		r.hub.goodbye(r)
	case m.Answer != nil:
		r.asks.answer(m.ID, m.Answer)
	case m.Result != nil:
		select {
		case r.results <- *m.Result:
		default: // it comes again
		}
	default:
		return errOrder
	}
	return nil
}

// list gathers the parts of a list.
func (r *Remote) list(l *list) error {
	if len(r.part)+len(l.Rooms) > maxRooms {
		return fmt.Errorf("%w: more than %d rooms", ErrTooBig, maxRooms)
	}
	for _, b := range l.Rooms {
		var room node.Listing
		if err := strict(b, &room); err != nil {
			return err
		}
		r.part = append(r.part, room)
	}
	if !l.More {
		r.rooms, r.full, r.part = r.part, l.Full, nil
		r.announce()
	}
	return nil
}

func (r *Remote) announce() {
	if !r.left {
		r.hub.list(r, r.rooms, r.full)
	}
}

// record stores results, one after the other, until the connection is over.
func (r *Remote) record() {
	for {
		select {
		case res := <-r.results:
			r.store(res)
		case <-r.wire.done:
			return
		}
	}
}

// store stores a result and says so. One that could not be stored is sent again later.
func (r *Remote) store(res Result) {
	ctx, cancel := context.WithTimeout(r.hub.ctx, storeTime)
	defer cancel()
	err := r.hub.cfg.Store(ctx, r.Name(), res)
	if err != nil {
		r.hub.cfg.Log.Warn("a result could not be stored", "node", r.Name(), "match", res.Match, "err", err)
	}
	switch {
	case err == nil:
		_ = r.wire.send(&message{Stored: &stored{Match: res.Match}})
	case errors.Is(err, ErrRefused):
		_ = r.wire.send(&message{Stored: &stored{Match: res.Match, Refused: err.Error()}})
	}
}
