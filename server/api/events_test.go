package api

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

	"hindsight/server/identity"
	"hindsight/server/lobby"
)

func TestEvents(t *testing.T) {
	r := newRig(t)
	me := r.guest("Ann")
	r.ask("GET", "events", "", nil).is(401, "no_session")
	events, stop := r.listening(me.Session)
	began := time.Now()
	var none struct{}
	for range 3 { // however many rooms open, the page is told once a second at most
		r.ask("POST", "rooms", me.Session, `{}`).ok(nil)
	}
	r.next(events, lobby.EventRooms, &none)
	r.ask("POST", "rooms", me.Session, `{}`).ok(nil)
	r.next(events, lobby.EventRooms, &none)
	if took := time.Since(began); took < roomsEvery {
		t.Errorf("told of rooms twice in %v", took)
	}
	stop()
	r.await("the stream to be counted out", func() bool { return r.Streaming(uuid.MustParse(me.Player.ID)) == 0 })
}

// A stream outlives the time that the server gives a request.
func TestStreamOutlivesRequests(t *testing.T) {
	r := newRig(t)
	me := r.guest("Ann")
	slow := &http.Server{Addr: "127.0.0.1:0", Handler: r.API, ReadTimeout: 100 * time.Millisecond, WriteTimeout: 100 * time.Millisecond}
	l := listen(t)
	go func() { _ = slow.Serve(l) }()
	defer slow.Close()
	r.url = "http://" + l.Addr().String()
	events, _ := r.listening(me.Session)
	time.Sleep(300 * time.Millisecond) // the requests' time is over
	r.ask("POST", "chat", r.guest("Bob").Session, `{"to":"lobby","text":"still here?"}`).ok(nil)
	var line lobby.Line
	r.next(events, lobby.EventChat, &line)
}

// A stream ends when the session does.
func TestStreamEndsWithSession(t *testing.T) {
	r := newRig(t)
	me := r.guest("Ann")
	r.pass(identity.SessionLife - time.Second)
	events, _ := r.listening(me.Session)
	late := time.After(patienceOfTests)
	for {
		select {
		case _, open := <-events:
			if !open {
				return
			}
		case <-late:
			t.Fatal("the stream goes on")
		}
	}
}

func TestStreamsAreBounded(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Limits.StreamsEach, c.Limits.Streams = 2, 3 })
	ann, bob := r.guest("Ann"), r.guest("Bob")
	_, stop := r.listening(ann.Session)
	_, _ = r.listening(ann.Session)
	r.ask("GET", "events", ann.Session, nil).is(429, "too_many_streams")
	_, _ = r.listening(bob.Session)
	r.ask("GET", "events", bob.Session, nil).is(429, "too_many_streams")
	stop()
	r.await("a stream to be counted out", func() bool { return r.Streaming(uuid.MustParse(ann.Player.ID)) == 1 })
	_, _ = r.listening(bob.Session)
}
