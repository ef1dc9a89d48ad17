package api

import (
	"bytes"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lxzan/gws"

	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server/lobby"
	"hindsight/server/node"
	"hindsight/server/storage"
	"hindsight/server/ticket"
)

func TestGames(t *testing.T) {
	r := newRig(t)
	var list struct{ Games []gameJSON }
	r.ask("GET", "games", "", nil).is(200, "").ok(&list)
	if len(list.Games) != 1 || list.Games[0].Name != "walk" || len(list.Games[0].Modes) != 2 || len(list.Games[0].Settings) != 1 {
		t.Errorf("the games are %+v", list)
	}
}

func TestRooms(t *testing.T) {
	r := newRig(t)
	me, other := r.guest("Ann"), r.guest("Bob")
	var made roomJSON
	a := r.ask("POST", "rooms", me.Session, `{"name":"Ann's  place","maxPlayers":4,"bots":0,"watchers":2,"password":"sesame"}`).is(201, "").ok(&made)
	if made.Name != "Ann's place" || made.MaxPlayers != 4 || made.Bots != 0 || made.WatchSeats != 2 || !made.Password || made.Owner != me.Player.ID {
		t.Errorf("the room is %+v", made)
	}
	if strings.Contains(string(a.body), "sesame") || a.head.Get("Location") != Root+"rooms/"+made.ID {
		t.Errorf("answered %v %s", a.head, a.body)
	}
	var hidden roomJSON
	r.ask("POST", "rooms", me.Session, `{"private":true,"mode":"pairs"}`).is(201, "").ok(&hidden)
	for query, want := range map[string]int{
		"": 2, "?game=walk": 2, "?game=chess": 0, "?free=1": 2, "?q=ann": 1, "?q=ANN%27S": 1, "?q=nothing": 0, "?mode=ffa": 0, "?map=lawn": 0,
	} {
		var list struct{ Rooms []roomJSON }
		if r.ask("GET", "rooms"+query, "", nil).is(200, "").ok(&list); len(list.Rooms) != want {
			t.Errorf("%q lists %d rooms, want %d", query, len(list.Rooms), want)
		}
	}
	r.ask("GET", "rooms/"+hidden.ID, "", nil).is(200, "")
	r.ask("GET", "rooms/walk-nothing", "", nil).is(404, "room_gone")
	r.ask("GET", "rooms?fre=1", "", nil).is(400, "invalid")
	r.ask("GET", "rooms?free=maybe", "", nil).is(400, "invalid")

	r.ask("POST", "rooms/"+made.ID+"/lock", other.Session, nil).is(403, "not_owner")
	r.ask("POST", "rooms/walk/lock", me.Session, nil).is(403, "not_owner")
	r.ask("POST", "rooms/walk-nothing/lock", me.Session, nil).is(404, "room_gone")
	r.ask("POST", "rooms/"+made.ID+"/lock", me.Session, nil).is(204, "")
	r.ask("POST", "seats", other.Session, map[string]string{"room": made.ID, "password": "sesame"}).is(403, "room_locked")
	r.ask("POST", "rooms/"+made.ID+"/lock", me.Session, `{"locked":false}`).is(204, "")
	r.ask("POST", "seats", other.Session, map[string]string{"room": made.ID, "password": "sesame"}).is(201, "")
}

func TestARoomElsewhere(t *testing.T) {
	const url = "wss://eu1.example/ws"
	if r := roomOf(lobby.Room{URL: url}); r.URL != url {
		t.Errorf("a room at %q is said to be at %q", url, r.URL)
	}
}

func TestRoomRefusals(t *testing.T) {
	r := newRig(t)
	me := r.guest("Ann")
	for body, code := range map[string]string{
		`{"game":"chess"}`:     "invalid",
		`{"mode":"chess"}`:     "invalid_settings",
		`{"maxPlayers":9}`:     "invalid",
		`{"maxPlayers":-1}`:    "invalid",
		`{"bots":99}`:          "invalid",
		`{"botSkill":6}`:       "invalid",
		`{"watchers":1000}`:    "invalid",
		`{"name":"fuck this"}`: "invalid_name",
		`{"password":"` + strings.Repeat("x", 65) + `"}`:   "invalid",
		`{"maps":[` + strings.Repeat(`"a",`, 40) + `"a"]}`: "invalid",
		`{"owner":"me"}`: "invalid",
	} {
		r.ask("POST", "rooms", me.Session, body).is(400, code)
	}
	r.ask("POST", "rooms", me.Session, `{}`, "Idempotency-Key", strings.Repeat("k", 65)).is(400, "invalid")
	r.full.Store(true)
	r.await("the node to be full", func() bool {
		return r.ask("POST", "rooms", me.Session, `{}`).code() == "no_server"
	})
}

// However often a request is repeated, there is one room.
func TestOpeningIsIdempotent(t *testing.T) {
	r := newRig(t)
	me := r.guest("Ann")
	ids := make([]string, 8)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			var room roomJSON
			r.ask("POST", "rooms", me.Session, `{"name":"one"}`, "Idempotency-Key", "k1").is(201, "").ok(&room)
			ids[i] = room.ID
		})
	}
	wg.Wait()
	var another roomJSON
	r.ask("POST", "rooms", r.guest("Bob").Session, `{"name":"one"}`, "Idempotency-Key", "k1").ok(&another)
	var list struct{ Rooms []roomJSON }
	r.ask("GET", "rooms?q=one", "", nil).ok(&list)
	if len(list.Rooms) != 2 || another.ID == ids[0] {
		t.Errorf("%d rooms of two players", len(list.Rooms))
	}
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("one key opened %s and %s", ids[0], id)
		}
	}
}

// caller is a client on the game socket.
type caller struct {
	gws.BuiltinEventHandler
	welcome chan frame.Welcome
	closed  chan protocol.CloseCode
}

func (c *caller) OnMessage(_ *gws.Conn, m *gws.Message) {
	defer m.Close()
	var dec frame.Decoder
	var w frame.Welcome
	b := bytes.Clone(m.Bytes())
	if kind, _ := dec.Type(b); kind == frame.TypeWelcome && dec.Welcome(b, &w) == nil {
		c.welcome <- w
	}
}

func (c *caller) OnClose(_ *gws.Conn, err error) {
	code := protocol.CloseCode(0)
	if e, ok := err.(*gws.CloseError); ok {
		code = protocol.CloseCode(e.Code)
	}
	c.closed <- code
}

// call shows a ticket on the game socket and returns the room that it led to, or the close code.
func (r *rig) call(token, room string, watch bool) (welcome frame.Welcome, code protocol.CloseCode, hangUp func()) {
	r.Helper()
	c := &caller{welcome: make(chan frame.Welcome, 1), closed: make(chan protocol.CloseCode, 1)}
	conn, _, err := gws.NewClient(c, &gws.ClientOption{
		Addr: "ws" + strings.TrimPrefix(r.url, "http") + "/ws", RequestHeader: http.Header{"Sec-Websocket-Protocol": {protocol.Subprotocol}},
	})
	if err != nil {
		r.Fatal(err)
	}
	go conn.ReadLoop()
	hangUp = func() { _ = conn.NetConn().Close() }
	r.Cleanup(hangUp)
	var enc frame.Encoder
	hello := frame.Hello{Version: protocol.Version, Game: "walk", Name: "somebody", Room: room, Ticket: token, Watch: watch}
	if err := conn.WriteMessage(gws.OpcodeBinary, enc.Hello(nil, &hello)); err != nil {
		r.Fatal(err)
	}
	select {
	case welcome = <-c.welcome:
	case code = <-c.closed:
	case <-time.After(patienceOfTests):
		r.Fatal("the game socket says nothing")
	}
	return welcome, code, hangUp
}

func TestSeats(t *testing.T) {
	r := newRig(t)
	me := r.guest("Ann")
	var o lobby.Offer
	r.ask("POST", "seats", me.Session, `{"game":"walk"}`).is(201, "").ok(&o)
	if w, code, _ := r.call(o.Ticket, "", false); w.Room != "walk" || code != 0 {
		t.Errorf("the ticket led to %q (%d)", w.Room, code)
	}
	var room roomJSON
	r.ask("POST", "rooms", me.Session, `{"maxPlayers":1,"watchers":1}`).ok(&room)
	r.ask("POST", "seats", me.Session, map[string]any{"room": room.ID, "watch": true}).is(201, "").ok(&o)
	if w, code, _ := r.call(o.Ticket, "", true); w.Room != room.ID || w.Player != 0 {
		t.Errorf("a watcher is player %d in %q (%d)", w.Player, w.Room, code)
	}
}

func TestSeatRefusals(t *testing.T) {
	r := newRig(t)
	me, other := r.guest("Ann"), r.guest("Bob")
	var room roomJSON
	r.ask("POST", "rooms", me.Session, `{"maxPlayers":1,"password":"sesame"}`).ok(&room)
	seat := func(who signedIn, body map[string]any, head ...string) answer {
		return r.ask("POST", "seats", who.Session, body, head...)
	}
	seat(me, map[string]any{"room": "walk-nothing"}).is(404, "room_gone")
	seat(me, map[string]any{"room": room.ID}).is(403, "wrong_password")
	seat(me, map[string]any{"room": room.ID, "password": "Sesame"}).is(403, "wrong_password")
	seat(me, map[string]any{"room": room.ID, "protocol": 99}).is(409, "wrong_version")
	seat(me, map[string]any{"game": "chess"}).is(400, "invalid")
	seat(me, map[string]any{"room": room.ID, "password": "sesame"}).is(201, "")
	seat(other, map[string]any{"room": room.ID, "password": "sesame"}).is(409, "room_full")
	r.pass(lobby.SeatLife + time.Second)

	r.ban(storage.Ban{Player: other.Player.ID, Reason: "Spam.", Until: r.now().Add(time.Hour)})
	if a := seat(other, map[string]any{"game": "walk"}).is(403, "banned"); !strings.Contains(string(a.body), "Spam.") {
		t.Errorf("a ban gives no reason: %s", a.body)
	}
	r.ask("POST", "rooms", other.Session, `{}`).is(403, "banned")
	r.ask("POST", "queue", other.Session, `{"mode":"duel"}`).is(403, "banned")
	r.ban(storage.Ban{Prefix: netip.MustParsePrefix("10.3.0.0/16")})
	seat(me, map[string]any{"game": "walk"}, "X-From", "10.3.4.5").is(403, "banned")
	seat(me, map[string]any{"game": "walk"}, "X-From", "10.4.4.5").is(201, "")

	for i := range 8 {
		seat(r.guest(""), map[string]any{"game": "walk"}, "X-From", "10.6.0.1").is(201, "")
		if i == 7 {
			seat(r.guest(""), map[string]any{"game": "walk"}, "X-From", "10.6.0.1").is(429, "too_many_seats")
		}
	}
}

// A real connection with a ticket that is not good is closed with a code that says so, and takes no
// seat.
func TestBadTickets(t *testing.T) {
	r := newRig(t)
	me := r.guest("Ann")
	offer := func() lobby.Offer {
		var o lobby.Offer
		r.ask("POST", "seats", me.Session, `{"game":"walk"}`).is(201, "").ok(&o)
		return o
	}
	refused := func(what, token, room string, want protocol.CloseCode) {
		t.Helper()
		if w, code, _ := r.call(token, room, false); code != want {
			t.Errorf("%s: welcomed to %q, close code %d", what, w.Room, code)
		}
	}
	o := offer()
	refused("forged", o.Ticket[:len(o.Ticket)-8]+"AAAAAAAA", "", protocol.CloseTicketBad)
	refused("a session", me.Session, "", protocol.CloseTicketBad)
	refused("another room's", o.Ticket, "walk-other", protocol.CloseTicketBad)
	elsewhere := ticket.Ticket{Room: "walk", Player: [16]byte{1}, Name: "Ann", Node: "run-0"}
	refused("another run's", must(ticket.NewSigner(r.ring).Sign(&elsewhere, r.now()))(t), "", protocol.CloseTicketBad)
	if _, code, _ := r.call(o.Ticket, "walk", false); code != 0 {
		t.Errorf("after all that the ticket itself is refused with %d", code)
	}
	refused("used", o.Ticket, "", protocol.CloseTicketUsed)
	o = offer()
	r.pass(lobby.SeatLife + time.Second)
	refused("expired", o.Ticket, "", protocol.CloseTicketLate)
	if n := must(r.node.Room("walk"))(t).Info().People; n != 1 {
		t.Errorf("%d people are in the room, want the one with a good ticket", n)
	}
}

// Of many who want the last seat at once one gets it, and of those who use one ticket at once one is
// let in.
func TestSeatRace(t *testing.T) {
	r := newRig(t)
	players := make([]signedIn, 4)
	for i := range players {
		players[i] = r.guest("")
	}
	for range 200 {
		li := must(r.lobby.Open(r.Context(), lobby.Player{ID: [16]byte{1}, Name: "Host"}, "", node.Spec{Game: "walk", MaxPlayers: 1, Private: true}))(t)
		var wg sync.WaitGroup
		got := make(chan string, len(players))
		for _, p := range players {
			wg.Go(func() {
				a := r.ask("POST", "seats", p.Session, map[string]string{"room": li.Spec.ID})
				switch {
				case a.status == 201:
					got <- p.Player.ID
				case a.code() != "room_full":
					t.Errorf("refused with %s", a.body)
				}
			})
		}
		wg.Wait()
		if n := len(got); n != 1 {
			t.Fatalf("%d have the one seat", n)
		}
		r.node.Close(li.Spec.ID)
	}
}
