// Package netcode is the client half of the protocol: clock, prediction, reconciliation,
// interpolation, and what is drawn of them. The browser's client and the bots are two shells around
// the same Client.
//
//	c := netcode.New(netcode.Config{Game: def, Name: "ada"})
//	send(c.Hello(now))
//	// for each frame received:
//	if err := c.Receive(now, frame); err != nil { close }
//	// for each frame drawn, or each tick of a bot:
//	draw(c.Draw(now))
//	if b := c.Advance(now, controls, backlog); b != nil { send(b) }
//	if b := c.Report(now, backlog); b != nil { send(b) }
//
// It opens no socket and reads no clock: the owner feeds it frames and local monotonic time and
// sends what it returns. Time must not go backwards from call to call. A Client belongs to one
// goroutine; what its methods return is valid until the next call of any of them. A Lifeline keeps a
// player connected over as many connections as that takes, with a Client for each. Receive, Advance
// and Draw allocate nothing once warm, but for a match's start and people's news.
package netcode

import (
	"errors"
	"strings"
	"unicode/utf8"

	"hindsight/game"
	"hindsight/game/sim/rewind"
	"hindsight/protocol"
	"hindsight/protocol/delta"
	"hindsight/protocol/frame"
)

// Config is what a client is.
type Config struct {
	Game  *game.Definition
	Name  string // the wanted name
	Room  string // the room to join, "" for the best one
	Token string // a resume token from an earlier visit, or ""
	// Ticket is a seat reservation from a lobby, "" for a walk-in. It is shown once.
	Ticket string
	// Watch asks to look on without a seat: Welcome.Player is 0, the own row empty, and what the
	// hands do is not used.
	Watch bool
	// Tape keeps the last seconds of the match for Rewatch, in a megabyte or two.
	Tape  bool
	Build string // for the server's log
}

// Errors of Receive beside frame.ErrBad. Each is a breach of the protocol: the connection is to be
// closed.
var (
	ErrOrder = errors.New("netcode: a frame that does not belong here")
	ErrBase  = errors.New("netcode: a snapshot that does not follow the one before")
	ErrRates = errors.New("netcode: impossible tick or snapshot rate")
	ErrStart = errors.New("netcode: a match this client has no rules for")
)

// Client is one player's end of a connection, and of the next one when it is lost.
type Client struct {
	cfg Config
	dec frame.Decoder
	enc frame.Encoder
	out []byte // the frame last returned

	// The connection.
	welcome  frame.Welcome
	start    frame.Start
	matches  int // Starts received
	token    string
	helloAt  protocol.Micros
	welcomed bool
	started  bool
	live     bool // a snapshot of the match has arrived
	trip     trip
	uplink   uplink

	// The match.
	past      *rewind.History
	base      delta.Snapshot // the base, when its slot in past is the new snapshot's
	body      frame.Body
	clock     clock
	view      viewTime
	predict   prediction
	reconcile reconciler
	smooth    smoothing
	verdicts  verdicts
	events    events
	roster    Roster
	hitches   hitches
	report    report
	tape      *tape // nil without Config.Tape

	// What is drawn.
	scene   scene
	picture Picture
	sight   game.Sight
	looked  bool // a picture of this match was made

	// Press counters: what is added to the owner's, once known for this match.
	pressBase [2]uint8
	based     bool

	input frame.Input
	stats Stats
}

// New returns a client that has yet to say Hello.
func New(cfg Config) *Client {
	c := &Client{cfg: cfg, token: cfg.Token, past: rewind.New(cfg.Game.Schema)}
	if cfg.Tape {
		c.tape = new(tape)
	}
	return c
}

// Hello returns the first frame of a connection: of the first, and again of each after one was
// lost. It forgets what belonged to the connection before and uses the newest resume token.
func (c *Client) Hello(now protocol.Micros) []byte {
	c.helloAt = now
	c.welcomed, c.started = false, false
	c.trip = trip{}
	c.leaveMatch()
	room := c.cfg.Room
	if c.welcome.Room != "" {
		room = c.welcome.Room
	}
	c.stats.Connections++
	c.out = c.enc.Hello(c.out[:0], &frame.Hello{
		Version: protocol.Version, Game: c.cfg.Game.Name, Build: c.cfg.Build,
		Name: c.cfg.Name, Room: room, Token: c.token, Ticket: c.cfg.Ticket, Watch: c.cfg.Watch,
	})
	return c.sent()
}

// leaveMatch forgets everything about the match that runs.
func (c *Client) leaveMatch() {
	c.live, c.looked = false, false
	c.clock.stop()
	c.past.Clear()
	c.uplink.reset()
	c.verdicts.reset()
	c.events.reset()
	c.hitches.leave()
	c.reconcile.row.tick = 0
	c.tape.clear()
	c.smooth = smoothing{}
}

// sent counts c.out as sent and returns it.
func (c *Client) sent() []byte {
	c.stats.FramesOut++
	c.stats.BytesOut += int64(len(c.out))
	return c.out
}

// Joined reports whether a match is being received.
func (c *Client) Joined() bool { return c.live }

// Welcome returns the server's last Welcome; the zero one before the first.
func (c *Client) Welcome() *frame.Welcome { return &c.welcome }

// Start returns the last Start and how many there were: with each begins a match, and whatever the
// owner has made from the blob is to be made anew.
func (c *Client) Start() (s *frame.Start, n int) { return &c.start, c.matches }

// Roster returns who is in the room.
func (c *Client) Roster() *Roster { return &c.roster }

// Say returns a line of chat as a frame, shortened to what the protocol allows; nil for an empty one
// and before the server's Welcome.
func (c *Client) Say(text string) []byte {
	text = shorten(strings.ToValidUTF8(text, ""), protocol.MaxChatRunes, protocol.MaxChatBytes)
	if text == "" || !c.welcomed {
		return nil
	}
	c.out = c.enc.Chat(c.out[:0], &frame.Chat{Text: text})
	return c.sent()
}

// shorten returns as much of the start of s as fits both limits, in whole characters.
func shorten(s string, runes, bytes int) string {
	n := 0
	for i, r := range s {
		if n++; n > runes || i+utf8.RuneLen(r) > bytes {
			return s[:i]
		}
	}
	return s
}

// ticksIn returns how many ticks of the match a time is.
func (c *Client) ticksIn(m protocol.Micros) int {
	return int(m * protocol.Micros(c.welcome.TickRate) / protocol.Second)
}

// stale is how many ticks old a cosmetic event may be.
func (c *Client) stale() int { return c.ticksIn(protocol.Second / 2) }
