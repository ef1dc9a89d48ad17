package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/lxzan/gws"

	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server/room"
	"hindsight/server/room/walk"
	"hindsight/server/storage"
)

// sprint is walking against one another: a match of two seconds, and then one that nobody waits for.
func sprint() game.Host {
	h := walk.Game
	h.Modes = []game.Mode{{Name: "duel", Title: "Duel", Players: 2}}
	h.NewRotation = func(map[string]string, fs.FS) (game.Rotation, error) { return sprints{}, nil }
	return h
}

type sprints struct{}

func (sprints) Match(n int, _ uint64) game.Start {
	s := game.Start{Title: "a sprint", Mode: "duel", Map: "lawn", Blob: make([]byte, 2)}
	if n > 0 {
		s.Blob = make([]byte, 600)
	}
	return s
}

// send sends JSON to the lobby and reads the answer.
func (n *running) send(method, path, session string, body, out any) int {
	n.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		n.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(n.t.Context(), method, n.url+"/api/v1/"+path, bytes.NewReader(text))
	if err != nil {
		n.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+session)
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		n.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		n.t.Fatal(err)
	}
	if out != nil {
		if err := json.Unmarshal(answer, out); err != nil || resp.StatusCode >= 300 {
			n.t.Fatalf("%s %s: %s %s (%v)", method, path, resp.Status, answer, err)
		}
	}
	return resp.StatusCode
}

// account is a guest as the lobby tells of one.
type account struct {
	Session string
	Player  struct{ ID, Name string }
}

// dial says hello on the game socket. What comes goes to a player's frames; the answer may be a close.
func (n *running) dial(hello frame.Hello) (*player, *gws.Conn) {
	n.t.Helper()
	p := &player{frames: make(chan []byte, 1024), closed: make(chan *gws.CloseError, 1)}
	c, _, err := gws.NewClient(p, &gws.ClientOption{
		Addr:          "ws" + strings.TrimPrefix(n.url, "http") + "/ws",
		RequestHeader: http.Header{"Sec-WebSocket-Protocol": {protocol.Subprotocol}},
	})
	if err != nil {
		n.t.Fatal(err)
	}
	go c.ReadLoop()
	var enc frame.Encoder
	hello.Version, hello.Game = protocol.Version, "walk"
	if err := c.WriteMessage(gws.OpcodeBinary, enc.Hello(nil, &hello)); err != nil {
		n.t.Fatal(err)
	}
	return p, c
}

// walkTo plays until the second match begins, walking at a speed, and hangs up.
func (n *running) walkTo(ticket string, speed int8) error {
	p, c := n.dial(frame.Hello{Ticket: ticket})
	defer func() { _ = c.WriteClose(uint16(protocol.CloseNormal), nil); _ = c.NetConn().Close() }()
	var dec frame.Decoder
	var enc frame.Encoder
	matches := 0
	for late := time.After(patience); ; {
		select {
		case b := <-p.frames:
			kind, err := dec.Type(b)
			if err != nil {
				return err
			}
			if kind == frame.TypeStart {
				if matches++; matches == 2 {
					return nil
				}
			}
			if kind != frame.TypeSnapshot {
				continue
			}
			h, err := dec.Header(b)
			if err != nil {
				return err
			}
			in := frame.Input{Echo: h.Tick, Commands: []protocol.Command{{Tick: h.Tick.Add(6), MoveX: speed, View: protocol.View{A: h.Tick, B: h.Tick}}}}
			if err := c.WriteMessage(gws.OpcodeBinary, enc.Input(nil, &in)); err != nil {
				return err
			}
		case e := <-p.closed:
			return fmt.Errorf("closed: %v", e)
		case <-late:
			return fmt.Errorf("the match does not end")
		}
	}
}

// Two guests meet, play to the end, and what they did is remembered once: in the history, in the
// ratings, on the leaderboard, and after a restart.
func TestAMatchIsRemembered(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hindsight.db")
	n := start(t, Config{Hosts: []game.Host{sprint()}, Database: path, SeatHold: time.Second})
	var ann, bob account
	n.send("POST", "guests", "", map[string]string{"name": "Ann"}, &ann)
	n.send("POST", "guests", "", map[string]string{"name": "Bob"}, &bob)
	done := make(chan error, 2)
	var offers [2]struct{ Ticket, Room string }
	for i, who := range []account{ann, bob} {
		n.send("POST", "seats", who.Session, map[string]string{"game": "walk"}, &offers[i])
	}
	for i, o := range offers {
		go func() { done <- n.walkTo(o.Ticket, int8(100-50*i)) }() // Ann is faster
	}
	for range offers {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	var list struct {
		Matches []struct {
			ID, Mode, Map, Name string
			Place, Score, Seats int
			Void, Rated         bool
		}
	}
	n.until("the result", func() bool {
		n.send("GET", "players/"+ann.Player.ID+"/matches", "", nil, &list)
		return len(list.Matches) > 0
	})
	m := list.Matches[0]
	if len(list.Matches) != 1 || m.Place != 1 || m.Score == 0 || m.Seats != 2 || m.Void || !m.Rated || m.Mode != "duel" || m.Map != "lawn" || !strings.HasPrefix(m.Name, "Ann#") {
		t.Errorf("Ann's history is %+v", list)
	}
	id := m.ID
	n.send("GET", "players/"+bob.Player.ID+"/matches", "", nil, &list)
	if len(list.Matches) != 1 || list.Matches[0].ID != id || list.Matches[0].Place != 2 {
		t.Errorf("Bob's history is %+v", list)
	}
	var rated struct {
		Ratings []struct {
			Mode          string
			Mu            float64
			Matches, Wins int
		}
	}
	n.send("GET", "players/"+ann.Player.ID+"/ratings", "", nil, &rated)
	if len(rated.Ratings) != 1 || rated.Ratings[0].Matches != 1 || rated.Ratings[0].Wins != 1 || rated.Ratings[0].Mu <= 25 {
		t.Errorf("Ann's ratings are %+v", rated)
	}
	n.stop()
	if err := <-n.done; err != nil {
		t.Fatal(err)
	}
	n.done <- nil // for the end of the test

	again := start(t, Config{Hosts: []game.Host{sprint()}, Database: path})
	var board struct {
		Rows []struct {
			Name          string
			Place, Points int
		}
	}
	again.send("GET", "leaderboards?game=walk&mode=duel&period=week", ann.Session, nil, &board)
	if len(board.Rows) != 2 || board.Rows[0].Name != "Ann" || board.Rows[0].Points != 2 {
		t.Errorf("after a restart the board is %+v", board)
	}
	// The keys are the same, so a session goes on; a ticket was for the server before.
	if code := again.send("GET", "me", ann.Session, nil, nil); code != http.StatusOK {
		t.Errorf("after a restart the session is answered with %d", code)
	}
	p, _ := again.dial(frame.Hello{Ticket: offers[0].Ticket})
	p.stopped(t, protocol.CloseTicketBad)
}

// What the database has not taken yet when the server is told to stop is not lost.
func TestLastResultsAreKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "hindsight.db")
	s, err := New(Config{Hosts: []game.Host{sprint()}, Database: path, Addr: "127.0.0.1:0", AdminAddr: AdminOff, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	match := uuid.New()
	for range 2 {
		s.backend.record(match, room.Result{Game: "walk", Ticks: 60, TickRate: 60, Players: []room.PlayerResult{{Name: "somebody"}}})
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := s.Run(ctx); err != nil {
		t.Fatal(err)
	}
	db, err := storage.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if r, err := db.Match(t.Context(), match.String()); err != nil || !r.Void || r.Seats != 1 {
		t.Errorf("after the restart the match is %+v (%v)", r, err)
	}
}

// until waits until something is so.
func (n *running) until(what string, so func() bool) {
	n.t.Helper()
	for end := time.Now().Add(patience); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			n.t.Fatalf("waited in vain for %s", what)
		}
	}
}

func TestDoor(t *testing.T) {
	n := start(t, Config{Hosts: []game.Host{sprint()}, TicketsOnly: true})
	p, _ := n.dial(frame.Hello{Name: "walk-in"})
	p.stopped(t, protocol.CloseForbidden)
	var ann account
	n.send("POST", "guests", "", map[string]string{"name": "Ann"}, &ann)
	var offer struct{ Ticket string }
	n.send("POST", "seats", ann.Session, map[string]string{"game": "walk"}, &offer)
	err := n.backend.store.AddBan(t.Context(), storage.Ban{ID: uuid.NewString(), Prefix: netip.MustParsePrefix("127.0.0.0/8"), Created: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	p, _ = n.dial(frame.Hello{Ticket: offer.Ticket})
	p.stopped(t, protocol.CloseForbidden)
	if err := n.backend.store.Close(); err != nil { // nobody is banned by a database that is away
		t.Fatal(err)
	}
	_, c := n.dial(frame.Hello{Ticket: offer.Ticket})
	n.until("the player to be in", func() bool { people, _, _ := n.census(); return people == 1 })
	_ = c.NetConn().Close()
}

func TestBadDatabase(t *testing.T) {
	for url, want := range map[string]string{
		filepath.Join(t.TempDir(), "no", "such", "folder.db"):   "no/such/folder.db",
		"mysql://me:secret@example.org/db":                      "--database",
		"postgres://me:secret@127.0.0.1:1/db?connect_timeout=1": "the postgres database",
	} {
		_, err := New(Config{Database: url})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "--database or HINDSIGHT_DATABASE") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", url, err)
		}
	}
}

// Without --database nothing is left behind.
func TestScratchDatabase(t *testing.T) {
	s, err := New(Config{AdminAddr: AdminOff, Addr: "127.0.0.1:99999"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(s.backend.scratch); err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context()); err == nil {
		t.Error("a port that does not exist can be listened on")
	}
	if _, err := os.Stat(s.backend.scratch); !os.IsNotExist(err) {
		t.Errorf("the throwaway database is still there: %v", err)
	}
}

func TestOIDCNeedsAnAddress(t *testing.T) {
	site := OIDC{Issuer: "https://id.example.org", ClientID: "us"}
	if _, err := New(Config{OIDC: site}); err == nil || !strings.Contains(err.Error(), "--public-url") {
		t.Errorf("New says %v", err)
	}
	if _, err := New(Config{OIDC: site, PublicURL: "http://play.example.org"}); err == nil || !strings.Contains(err.Error(), "https") {
		t.Errorf("New says %v", err)
	}
}

func TestPlaces(t *testing.T) {
	type p = room.PlayerResult
	of := func(team, score int) p { return p{Standing: game.Standing{Team: team, Score: score}} }
	for name, tt := range map[string]struct {
		players []p
		want    []int
	}{
		"nobody":       {},
		"by score":     {[]p{of(0, 3), of(0, 9), of(0, 5)}, []int{3, 1, 2}},
		"a tie":        {[]p{of(0, 5), of(0, 5), of(0, 1)}, []int{1, 1, 3}},
		"teams":        {[]p{of(1, 9), of(2, 5), of(2, 5), of(1, 0)}, []int{2, 1, 1, 2}},
		"teams alike":  {[]p{of(1, 4), of(2, 4)}, []int{1, 1}},
		"below zero":   {[]p{of(0, -1), of(0, 0)}, []int{2, 1}},
		"three teams":  {[]p{of(1, 1), of(2, 2), of(3, 3), of(3, 3)}, []int{3, 2, 1, 1}},
		"team against": {[]p{of(1, 6), of(1, 6), of(0, 7)}, []int{1, 1, 2}},
	} {
		got := placesOf(tt.players)
		if fmt.Sprint(got) != fmt.Sprint(tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

// A match that nobody known played is void, and one among bots is no match.
func TestResults(t *testing.T) {
	end := time.UnixMilli(1_700_000_000_000)
	r := room.Result{Game: "walk", Mode: "duel", Map: "lawn", Room: "walk-1", Ticks: 600, TickRate: 60, Players: []room.PlayerResult{{Name: "Botty", Bot: true}}}
	if _, people := resultOf(uuid.New(), r, end); people {
		t.Error("bots are people")
	}
	r.Players = append(r.Players, room.PlayerResult{Name: "somebody", Ticks: 300})
	got, people := resultOf(uuid.New(), r, end)
	if !people || !got.Void || end.Sub(got.Started) != 10*time.Second || got.Players[1].Played != 5*time.Second {
		t.Errorf("among strangers: %+v", got)
	}
	r.Players = append(r.Players, room.PlayerResult{ID: uuid.NewString(), Name: "Ann#0042"})
	if got, _ = resultOf(uuid.New(), r, end); got.Void || got.Mode != "duel" || got.Map != "lawn" || got.Room != "walk-1" {
		t.Errorf("with one who is known: %+v", got)
	}
}
