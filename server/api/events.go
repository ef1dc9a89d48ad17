package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"time"

	"github.com/google/uuid"

	"hindsight/server/lobby"
)

// Times of an event stream.
const (
	heartbeat = 15 * time.Second
	// takeTime is how long a page may take to take what it is sent.
	takeTime = 10 * time.Second
	// roomsEvery is the least time between two events that say only that the rooms have changed.
	roomsEvery = time.Second
)

// getEvents streams a player's events (text/event-stream) until the reader leaves, the session ends
// or the server does. A page that opens one has missed what came before and looks at everything.
func (c *call) getEvents() error {
	if err := c.openStream(); err != nil {
		return err
	}
	defer c.closeStream()
	box := c.cfg.Lobby.Subscribe(c.me.Player)
	defer box.Close()
	head := c.w.Header()
	head.Set("Content-Type", "text/event-stream")
	head.Set("X-Accel-Buffering", "no") // nginx would keep events to itself
	s := stream{w: c.w, rc: http.NewResponseController(c.w)}
	// The server's time for reading a request is over some day, and would end the stream.
	if err := s.rc.SetReadDeadline(time.Time{}); err != nil {
		c.cfg.Log.Debug("event stream without deadlines", "error", err)
	}
	s.write([]byte(": open\n\n"))
	s.run(c, box)
	return nil
}

// stream is one event stream.
type stream struct {
	w   http.ResponseWriter
	rc  *http.ResponseController
	err error // the first that writing gave
}

func (s *stream) run(c *call, box *lobby.Inbox) {
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	ends := time.NewTimer(c.me.Expires.Sub(c.cfg.Now()))
	defer ends.Stop()
	rooms := time.NewTimer(0) // runs while a change of the rooms may not be told yet
	defer rooms.Stop()
	changed, told := false, true
	for s.err == nil {
		select {
		case e := <-box.C:
			if e.Kind != lobby.EventRooms {
				s.event(e)
				continue
			}
			changed = true
		case <-rooms.C:
			told = false
		case <-beat.C:
			s.write([]byte(": beat\n\n"))
		case <-ends.C:
			return
		case <-c.done:
			return
		case <-c.ctx().Done():
			return
		}
		if changed && !told {
			s.event(lobby.Event{Kind: lobby.EventRooms})
			changed, told = false, true
			rooms.Reset(roomsEvery)
		}
	}
}

// event writes one event.
func (s *stream) event(e lobby.Event) {
	data := []byte("{}")
	if e.Data != nil {
		var err error
		if data, err = json.Marshal(e.Data); err != nil {
			panic("api: event " + string(e.Kind) + ": " + err.Error()) // ours, not the reader's
		}
	}
	var b bytes.Buffer
	b.WriteString("event: " + string(e.Kind) + "\ndata: ")
	b.Write(data) // one line: JSON breaks none
	b.WriteString("\n\n")
	s.write(b.Bytes())
}

func (s *stream) write(b []byte) {
	if s.err != nil {
		return
	}
	_ = s.rc.SetWriteDeadline(time.Now().Add(takeTime)) // of the socket, whatever clock is configured
	if _, s.err = s.w.Write(b); s.err == nil {
		s.err = s.rc.Flush()
	}
}

// openStream counts a stream in.
func (c *call) openStream() error {
	select {
	case <-c.done:
		return errStopping
	default:
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open >= c.cfg.Limits.Streams || c.streams[c.me.Player] >= c.cfg.Limits.StreamsEach {
		return errStreams
	}
	c.open++
	c.streams[c.me.Player]++
	return nil
}

// closeStream counts a stream out.
func (c *call) closeStream() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open--
	if c.streams[c.me.Player]--; c.streams[c.me.Player] == 0 {
		delete(c.streams, c.me.Player)
	}
}

// Streaming reports how many event streams a player has open.
func (a *API) Streaming(player uuid.UUID) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.streams[player]
}
