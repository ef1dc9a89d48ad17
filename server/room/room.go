package room

import (
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"

	"hindsight/game"
	"hindsight/game/replay"
	"hindsight/protocol"
	"hindsight/protocol/delta"
	"hindsight/protocol/frame"
	"hindsight/server/alarm"
	"hindsight/server/replication"
)

// Timing of a room.
const (
	maxCatchUp  = 4                           // ticks made up for at once; more lateness shifts the schedule
	lagAfter    = 200 * protocol.Millisecond  // without input: shown as lagging, a quarter of a second after the cable was pulled
	detachAfter = 4600 * protocol.Millisecond // without input, page not hidden: the connection is given up
	deafAfter   = 4900 * protocol.Millisecond // without an echo of what was sent, page not hidden: the same
	queuedOps   = 256                         // joins and chat lines waiting for the room

	// standInAfter is how long a player whose connection was lost has sent nothing before a bot plays. Most who
	// were cut are back by then. Where thousands were there is no time for as many bots, least of all while they
	// come back: none is made unless every tick was on time for punctualFor.
	standInAfter = 2 * protocol.Second
	punctualFor  = protocol.Second
)

// MaxWatchDelay is the longest delay for onlookers.
const MaxWatchDelay = 120 * protocol.Second

// rewind is MaxRewind in ticks.
func (c *Config) rewind() int {
	if n := int(c.MaxRewind * protocol.Micros(c.Host.TickRate) / protocol.Second); n > 0 {
		return min(n, replication.MaxRewind)
	}
	return replication.MaxRewind
}

// Refusal is the error of a join that was refused; it says which close code tells why.
type Refusal protocol.CloseCode

// Error returns the close code's text.
func (r Refusal) Error() string { return "room: refused: " + r.CloseCode().Text() }

// CloseCode returns the code to close the connection with.
func (r Refusal) CloseCode() protocol.CloseCode { return protocol.CloseCode(r) }

// ErrClosed says that the room has ended.
var ErrClosed = errors.New("room: closed")

// Config is a room's settings. ID, Host, Rotation and Now are required.
type Config struct {
	ID       string
	Host     game.Host
	Rotation game.Rotation
	// Seed makes the matches of the room; equal seeds and inputs give equal matches.
	Seed uint64
	// SnapshotEvery is the ticks between two snapshots. 0 means 1, and 30 snapshots a second in a crowd.
	SnapshotEvery int
	// MaxPlayers is the number of seats. 0 means as many as its matches have.
	MaxPlayers int
	// Bots is how many seats bots fill while fewer people are there; each person takes a bot's place.
	Bots int
	// BotSkill is 1 to 5; 0 gives each bot its own.
	BotSkill int
	// MaxRewind is how long ago what a shooter saw may be, replication.MaxRewind ticks at most. 0 means
	// that. Less is kinder to those who are shot at, and has players on bad lines miss what they see hit.
	MaxRewind protocol.Micros
	// SeatHold is how long a lost connection's seat is kept. 0 means 30 s.
	SeatHold protocol.Micros
	// StandIn has a bot play for a player whose connection was lost, from standInAfter on until it is
	// back.
	StandIn bool
	// Booked refuses walk-ins: only who has a booking, a seat or a resume token comes in.
	Booked bool
	// Watchers is how many may look on. 0 means none.
	Watchers int
	// WatchDelay is how long ago what they see happened. 0 shows them the present; MaxWatchDelay is
	// the most.
	WatchDelay protocol.Micros
	// Sights is what remembers the maps' lines of sight, nil for nobody: then each match whose walls hide
	// something works them out for itself as it begins.
	Sights *Sights
	// Build is told to clients.
	Build string
	// Phase is where between two snapshots of the clock's own grid the room's snapshots lie, so that the
	// rooms of a process need not all be at work in the same moment. 0 begins a match when it begins.
	Phase protocol.Micros
	// Now is the server's monotonic clock.
	Now func() protocol.Micros
	// Alarm is what Run sleeps on, and closes at its end; nil for an alarm.Timer.
	Alarm Alarm
	// Token makes resume tokens: unguessable, at most protocol.MaxTokenBytes long.
	Token func() string
	// Result receives the result of each match that was played to its end, in the room's goroutine:
	// it must not block. Nil for nobody.
	Result func(Result)
	// Mismatch receives wrong predictions that nothing explains, as clients report them, at most one
	// in ten seconds, in the room's goroutine: it must not block. Nil for nobody.
	Mismatch func(Mismatch)
	// Record is called as each match begins and returns the tape that it is recorded on, nil for
	// none. It may fill in the header's Began, and must not block. Nil records nothing.
	Record func(h *replay.Header) Tape
	// Meter makes what receives the room's measurements; nil for none. It is called once.
	Meter func() Meter
	// Log receives joins, leaves and matches; nil for none.
	Log *slog.Logger
}

// Alarm wakes a room's goroutine; package alarm has two.
type Alarm interface {
	// Wait returns once it is at, or Wake was called since the last Wait. It may return early.
	Wait(at protocol.Micros)
	// Wake may be called from any goroutine, also before the first Wait and after Close.
	Wake()
	Close()
}

// Info is what a room tells the outside about itself.
type Info struct {
	ID, Game, Title          string
	Mode, Map                string // of the match being played, if the game has several
	People, Bots, MaxPlayers int
	Booked                   int // seats kept for people on their way
	Watchers, MaxWatchers    int
	Locked                   bool
}

// Room is one room. Create it with New and call Run, or call Admit and Tick by hand.
type Room struct {
	cfg   Config
	meter Meter
	ops   chan func()
	done  chan struct{}
	info  atomic.Pointer[Info]
	beat  atomic.Int64 // when Run was last well, in Micros

	// Owned by the goroutine of Run, or by whoever calls Admit and Tick.
	match     *game.Match
	played    int             // matches begun
	origin    protocol.Micros // when tick 0 of the match was due
	players   []*player       // ascending by id
	watchers  []*watcher
	bookings  map[string]booking
	locked    bool
	record    record
	recording recording
	// lastMatch says that no match follows the running one, ended that it is over.
	lastMatch, ended bool
	inputs           []game.Input
	own              []int32 // of whoever it is about
	table            *replication.Table
	letters          []letter // due in this tick
	desks            []*desk
	sharing          int                 // goroutines that compose, 0 for as many as it is worth
	crowd            *crowd              // nil in a world that is shown whole
	veil             *veil               // nil where walls hide nothing
	scene            *delta.Snapshot     // what bots see in this tick, nil until one is asked
	unveiled         delta.Snapshot      // what one bot sees where walls hide the rest
	looking          replication.Scratch // for that
	minds            game.Bot            // one of the match, if there was one: others share what it knows
	journal          *replication.Journal
	broadcast        *broadcast // nil if onlookers see the present
	enc              frame.Encoder
	measuredAt       protocol.Micros // see measure
	handedOn         bool            // a mismatch was
	handedAt         protocol.Micros // when the last one was
	lateAt           protocol.Micros // when a tick began later than the next was due, last
	lateness         protocol.Micros // of the newest tick, or of the oldest that was made up for with it
}

// New returns a room whose first match is ready to begin.
func New(cfg Config) (*Room, error) {
	// All matches of a rotation are of a size.
	first, err := game.NewMatch(cfg.Host.Definition, cfg.Rotation.Match(0, cfg.Seed))
	if err != nil {
		return nil, fmt.Errorf("room %s: %w", cfg.ID, err)
	}
	if cfg.SnapshotEvery <= 0 {
		cfg.SnapshotEvery = 1
		if first.Reach() > 0 {
			cfg.SnapshotEvery = max(1, cfg.Host.TickRate/crowdRate)
		}
	}
	if most := first.MaxPlayers(); cfg.MaxPlayers <= 0 || cfg.MaxPlayers > most {
		cfg.MaxPlayers = most
	}
	cfg.Bots = min(cfg.Bots, cfg.MaxPlayers)
	if cfg.SeatHold <= 0 {
		cfg.SeatHold = 30 * protocol.Second
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Alarm == nil {
		cfg.Alarm = alarm.NewTimer(cfg.Now)
	}
	r := &Room{
		cfg:      cfg,
		ops:      make(chan func(), queuedOps),
		done:     make(chan struct{}),
		bookings: map[string]booking{},
		table:    replication.NewTable(cfg.Host.Schema),
		journal:  &replication.Journal{},
		own:      make([]int32, len(cfg.Host.Schema.Own.Fields)),
	}
	if r.meter = (NoMeter{}); cfg.Meter != nil {
		r.meter = cfg.Meter()
	}
	if r.cfg.WatchDelay = min(cfg.WatchDelay, MaxWatchDelay); r.cfg.WatchDelay > 0 && cfg.Watchers > 0 {
		r.broadcast = newBroadcast(&r.cfg, r.journal)
	}
	now := cfg.Now()
	r.beat.Store(int64(now))
	if err := r.begin(now); err != nil {
		return nil, err
	}
	return r, nil
}

// ID returns the room's id.
func (r *Room) ID() string { return r.cfg.ID }

// Info returns what the room last said about itself. It may be called from any goroutine.
func (r *Room) Info() Info { return *r.info.Load() }

// Beat returns when the room's goroutine was last well, by Config.Now: it says so in every tick, and
// every BeatEvery at rest. It may be called from any goroutine. Before Run it is when New was called.
func (r *Room) Beat() protocol.Micros { return protocol.Micros(r.beat.Load()) }

// Match returns the running match, for tests and the laboratory; only its owner may look.
func (r *Room) Match() *game.Match { return r.match }

// Status returns how the connection of the player in a seat is doing, Detached for a free one. Like
// Match it is for tests and the laboratory.
func (r *Room) Status(id protocol.PlayerID) frame.Status {
	if p := r.player(id); p != nil {
		return p.status
	}
	return frame.Detached
}

// begin starts the room's next match at time now and brings everyone over.
func (r *Room) begin(now protocol.Micros) error {
	start := r.cfg.Rotation.Match(r.played, mix(r.cfg.Seed, uint64(r.played)))
	m, err := game.NewMatch(r.cfg.Host.Definition, start)
	if err != nil {
		return fmt.Errorf("room %s: match %d: %w", r.cfg.ID, r.played, err)
	}
	r.match, r.origin = m, r.align(now)
	r.played++
	r.table.Reset()
	r.crowd, r.veil, r.scene, r.minds = newCrowd(m), r.newVeil(m), nil, nil
	r.startRecording()
	for _, p := range r.players {
		m.Join(p.id, game.Joiner{Bot: p.isBot(), Team: p.team})
		r.recording.joined(p)
		p.sites = p.sites[:0]
		p.schedule.begin()
		p.heard, p.margin, p.cause = 0, 0, 0
		if p.bot != nil {
			p.bot, p.said = r.newBot(p.id), protocol.Command{}
			p.eye.Forget()
		}
	}
	r.record.begin(r.players)
	for _, p := range r.players {
		if p.conn != nil {
			p.peer.Restart()
			p.conn.sender.Post(r.startFrame(p.peer, p.id, p.schedule.last.Press))
		}
	}
	if b := r.broadcast; b != nil {
		b.begin(&start, r.startFrame(b.recorder, 0, [2]uint8{}))
	} else {
		r.raise()
	}
	r.fill()
	r.publish()
	r.cfg.Log.Info("match begins", "room", r.cfg.ID, "match", r.played, "title", start.Title)
	return nil
}

// startFrame returns the Start frame of the running match for a peer, that of a player whose press
// counters go on from these.
func (r *Room) startFrame(p *replication.Peer, me protocol.PlayerID, press [2]uint8) []byte {
	s := frame.Start{
		Tick: r.match.Tick(), Press: press,
		Title: r.match.Start.Title, Blob: r.match.Start.Blob,
	}
	seats := make([]frame.Seat, 0, len(r.players))
	for _, p := range r.players {
		seats = append(seats, frame.Seat{Player: p.id, Name: p.name, Bot: p.isBot(), Status: p.status})
	}
	enrol(&s, seats, me, p)
	return r.enc.Start(nil, &s)
}

// publish renews what Info returns.
func (r *Room) publish() {
	i := Info{
		ID: r.cfg.ID, Game: r.cfg.Host.Name, Title: r.match.Start.Title, Mode: r.match.Start.Mode, Map: r.match.Start.Map, MaxPlayers: r.cfg.MaxPlayers,
		Booked: len(r.bookings), Watchers: len(r.watchers), MaxWatchers: r.cfg.Watchers, Locked: r.locked,
	}
	for _, p := range r.players {
		if p.isBot() {
			i.Bots++
		} else {
			i.People++
		}
	}
	r.info.Store(&i)
}

// mix makes a seed out of two numbers (splitmix64's finisher).
func mix(a, b uint64) uint64 {
	z := a + b*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
