// Package metrics is what a node counts about itself, as one struct of Prometheus collectors.
//
// Every label value is resolved once, in New, so that an increment is one atomic add: no map, no lock,
// no allocation. Whoever does a thing counts it: sessions count bytes and closes, rooms count ticks,
// inputs and shots, for themselves, and add them here once a second. This package only names the
// numbers; package admin shows them. All names begin with hindsight_; durations are in seconds, sizes in bytes.
package metrics

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/frame"
)

// Metrics are a node's numbers. All of it may be used from any goroutine.
type Metrics struct {
	// Connections is how many game sockets are open now, and Handshakes how many were accepted. Polled
	// is how many of the open ones are read at polls; the others have goroutines of their own.
	Connections, Polled prometheus.Gauge
	Handshakes          prometheus.Counter
	ArrivalsHeld        prometheus.Counter // connections that waited until matches had time
	// Joins counts accepted Hellos, newcomers and resumed seats alike.
	Joins prometheus.Counter
	// Panics counts panics that ended one connection or request: in gws, in a handler, or beside them.
	Panics prometheus.Counter
	// BytesIn and BytesOut are what crossed the sockets once the handshake had been read; FramesIn
	// and FramesOut the binary messages among it.
	BytesIn, BytesOut, FramesIn, FramesOut prometheus.Counter
	// MessagesDropped counts frames over the message budget, ChatsDropped lines over the chat's.
	MessagesDropped, ChatsDropped prometheus.Counter

	// InputsUsed are commands used in the tick they were meant for, InputsLate those that came
	// after it and were judged only for what they fired, InputsStale those that came later still and
	// counted for nothing, InputsEarly those too far ahead to be kept, InputsRepeated second copies,
	// InputsFlooded those a full queue had no room for. InputsMissing are no commands: they are the
	// ticks of players that had none in time.
	InputsUsed, InputsLate, InputsStale, InputsEarly, InputsRepeated, InputsFlooded, InputsMissing prometheus.Counter

	// Rooms is how many rooms run now, Players and Bots who sits in them. They are set when they are
	// asked for, not in a tick.
	Rooms, Players, Bots prometheus.Gauge
	// RoomFailures counts rooms that ended in a panic, RoomStalls those that were found hanging;
	// RoomsStalled is how many hang now.
	RoomFailures, RoomStalls prometheus.Counter
	RoomsStalled             prometheus.Gauge
	// Queue is how many people wait for a match, LobbyRooms how many rooms the lobby knows, on all
	// nodes. OutboxPending is how many match results the database has not taken, OutboxSeconds for
	// how long the oldest has been waiting. All are set when they are asked for.
	Queue, LobbyRooms, OutboxPending, OutboxSeconds prometheus.Gauge
	// TickSeconds is how long a tick took, from its first input read to its last snapshot handed
	// over; LateSeconds how long after its deadline it began, of ticks made up for together that of
	// the first. EncodeSeconds is the part of a tick that composed snapshots, and gave them to the
	// kernel where connections are polled.
	TickSeconds, LateSeconds, EncodeSeconds *Histogram
	// Overruns counts ticks that were given up because a room could not keep its schedule.
	Overruns prometheus.Counter
	// SnapshotBytes is the size of the snapshots handed to connections, and their number;
	// SnapshotsSkipped counts those not composed because a connection could not take them.
	SnapshotBytes    *Histogram
	SnapshotsSkipped prometheus.Counter
	// OwnBytes, EntityBytes and RestBytes are what snapshots' bytes are for: their player's own row,
	// the entities, and the rest (header, removals, events, notices).
	OwnBytes, EntityBytes, RestBytes prometheus.Counter
	// SendWaitSeconds is how long a snapshot took from being composed until the kernel had it: 0 for one that
	// the room itself could give to it.
	SendWaitSeconds *Histogram
	// RTTSeconds is the round trip of each person, once a second, from a snapshot sent to the first
	// input that echoes it.
	RTTSeconds *Histogram

	// MarginSeconds is how early each command came that was in time or late, negative if late;
	// InputWaitSeconds how long one that was used had waited for its tick.
	MarginSeconds, InputWaitSeconds *Histogram
	// Views counts, by its reason, every view of a command that had to be changed;
	// Views[game.ClampNone] is the honest rest.
	Views [game.Clamps]prometheus.Counter

	// Shots counts rewound shots, Hits those that hit a player. Clamps counts, by its reason,
	// every shot whose view had to be changed; Clamps[game.ClampNone] is the honest rest.
	Shots, Hits prometheus.Counter
	Clamps      [game.Clamps]prometheus.Counter

	// Unsaid counts records that were kept out of the log because there were too many of their kind.
	Unsaid prometheus.Counter

	Client Client

	inbound  [inbounds]prometheus.Counter
	closes   map[protocol.CloseCode]prometheus.Counter // immutable after New
	dropped  prometheus.Counter                        // closes without a code: the line was cut
	refusals map[protocol.CloseCode]prometheus.Counter // immutable after New
	denials  [Denials]prometheus.Counter
	requests map[string]prometheus.Counter // immutable after New
}

// inbounds is the number of the frame types that clients send, from 1 on.
const inbounds = int(frame.TypeReport) + 1

// Received counts the bytes of a client's frame of that type.
func (m *Metrics) Received(t frame.Type, bytes int) {
	if int(t) < inbounds && m.inbound[t] != nil {
		m.inbound[t].Add(float64(bytes))
	}
}

// Denial is why a handshake was answered with an HTTP error.
type Denial uint8

// The denials.
const (
	DenyRequest        Denial = iota // not a WebSocket handshake of our subprotocol
	DenyOrigin                       // a page of another site
	DenyRate                         // too many handshakes in all
	DenyAddressRate                  // too many handshakes from one address
	DenyFull                         // too many connections in all
	DenyAddressFull                  // too many connections from one address
	DenyWaiting                      // too many connections that have not said Hello
	DenyAddressWaiting               // too many of those from one address
	DenyDraining                     // the server is stopping
	Denials                          // how many there are
)

// String returns the reason's name as used in metrics and logs.
func (d Denial) String() string {
	names := [Denials]string{"request", "origin", "rate", "address_rate", "full", "address_full", "waiting", "address_waiting", "draining"}
	if d < Denials {
		return names[d]
	}
	return "invalid"
}

// New makes the collectors and registers them with reg. A nil reg registers nothing, which is for
// tests and for owners that do not care. It panics if reg already holds them.
func New(reg prometheus.Registerer) *Metrics {
	f := factory{reg}
	m := &Metrics{
		Connections:  f.gauge("connections", "Open game sockets."),
		Polled:       f.gauge("polled_connections", "Of those, the ones read at polls; the others have goroutines of their own."),
		Handshakes:   f.counter("handshakes_total", "Accepted WebSocket handshakes."),
		ArrivalsHeld: f.counter("arrivals_held_total", "Connections that waited until there was time for them beside the matches."),
		Joins:        f.counter("joins_total", "Hellos answered with a seat, new or resumed."),
		Panics:       f.counter("ws_panics_total", "Panics that ended one connection."),

		MessagesDropped: f.counter("messages_dropped_total", "Frames over the message budget of their connection."),
		ChatsDropped:    f.counter("chats_dropped_total", "Chat lines over the budget of their connection."),

		Rooms:            f.gauge("rooms", "Running rooms."),
		RoomFailures:     f.counter("room_failures_total", "Rooms that ended in a panic; their matches have no result."),
		RoomStalls:       f.counter("room_stalls_total", "Times that a room was found to hang."),
		RoomsStalled:     f.gauge("rooms_stalled", "Rooms that hang now."),
		Queue:            f.gauge("queue_players", "People who wait for a match."),
		LobbyRooms:       f.gauge("lobby_rooms", "Rooms that the lobby knows."),
		OutboxPending:    f.gauge("outbox_pending", "Match results that the database has not taken yet."),
		OutboxSeconds:    f.gauge("outbox_waiting_seconds", "How long the oldest of them has been waiting."),
		TickSeconds:      f.times("tick_seconds", "Duration of a tick, snapshots included.", tickBuckets),
		LateSeconds:      f.times("tick_late_seconds", "How long after its deadline a tick began.", tickBuckets),
		EncodeSeconds:    f.times("tick_encode_seconds", "The part of a tick in which snapshots were composed, and on polled connections sent.", tickBuckets),
		Overruns:         f.counter("tick_overruns_total", "Ticks given up because a room could not keep its schedule."),
		SnapshotBytes:    f.sizes("snapshot_bytes", "Size of the snapshots handed to connections.", sizeBuckets),
		SnapshotsSkipped: f.counter("snapshots_skipped_total", "Snapshots not composed because their connection was behind."),

		SendWaitSeconds:  f.times("send_wait_seconds", "From a snapshot composed until the kernel had it.", sendBuckets),
		RTTSeconds:       f.times("round_trip_seconds", "Round trip of each person once a second, as the server sees it.", tripBuckets),
		MarginSeconds:    f.times("input_margin_seconds", "How early commands came before their tick was due; late is negative.", marginBuckets),
		InputWaitSeconds: f.times("input_wait_seconds", "How long commands waited from their arrival to their tick.", waitBuckets),

		Shots: f.counter("shots_total", "Rewound shots."),
		Hits:  f.counter("hits_total", "Rewound shots that hit a player."),

		Unsaid: f.counter("log_unsaid_total", "Log records left out because there were too many of their kind."),
	}
	m.resolve(f)
	return m
}

// resolve looks up every labelled counter once.
func (m *Metrics) resolve(f factory) {
	bytes := f.counters("bytes_total", "Bytes over the game sockets.", "direction")
	m.BytesIn, m.BytesOut = bytes("in"), bytes("out")
	frames := f.counters("frames_total", "Binary messages over the game sockets.", "direction")
	m.FramesIn, m.FramesOut = frames("in"), frames("out")

	inputs := f.counters("inputs_total", "Commands by what became of them.", "fate")
	m.InputsUsed, m.InputsLate, m.InputsStale, m.InputsEarly = inputs("used"), inputs("late"), inputs("stale"), inputs("early")
	m.InputsRepeated, m.InputsFlooded, m.InputsMissing = inputs("repeated"), inputs("flooded"), inputs("missing")

	parts := f.counters("snapshot_part_bytes_total", "Bytes of snapshots by what they are for.", "part")
	m.OwnBytes, m.EntityBytes, m.RestBytes = parts("own"), parts("entities"), parts("rest")
	received := f.counters("received_bytes_total", "Bytes of clients' frames by their type.", "type")
	for t, name := range map[frame.Type]string{
		frame.TypeHello: "hello", frame.TypeInput: "input", frame.TypeChat: "chat", frame.TypeReport: "report",
	} {
		m.inbound[t] = received(name)
	}

	seats := f.gauges("players", "Taken seats.", "kind")
	m.Players, m.Bots = seats("human"), seats("bot")

	clamps := f.counters("view_clamps_total", "Shots by why their view was changed.", "reason")
	for c := range m.Clamps {
		m.Clamps[c] = clamps(game.Clamp(c).String())
	}
	views := f.counters("command_views_total", "Commands by why their view was changed.", "reason")
	for c := range m.Views {
		m.Views[c] = views(game.Clamp(c).String())
	}
	m.Client = newClient(f)
	denials := f.counters("handshakes_denied_total", "Handshakes answered with an HTTP error.", "reason")
	for d := range m.denials {
		m.denials[d] = denials(Denial(d).String())
	}

	requests := f.counters("requests_refused_total", "HTTP requests and connections that were told to come back later, by limit.", "reason")
	m.requests = make(map[string]prometheus.Counter)
	for _, r := range requestReasons {
		m.requests[r] = requests(r)
	}

	closes := f.counters("closes_total", "Ended connections by close code; cut is a line that broke.", "code")
	refusals := f.counters("joins_refused_total", "Refused Hellos by close code.", "code")
	m.closes = make(map[protocol.CloseCode]prometheus.Counter)
	m.refusals = make(map[protocol.CloseCode]prometheus.Counter)
	m.dropped = closes("cut")
	protocol.CloseCodes(func(c protocol.CloseCode) {
		m.closes[c] = closes(strconv.Itoa(int(c)))
		m.refusals[c] = refusals(strconv.Itoa(int(c)))
	})
}

// Closed counts a connection that ended with c. A code that is not on the protocol's list, such as
// one a client made up, counts as a cut line.
func (m *Metrics) Closed(c protocol.CloseCode) {
	if n, ok := m.closes[c]; ok {
		n.Inc()
		return
	}
	m.dropped.Inc()
}

// Refused counts a Hello answered with c, which is on the protocol's list.
func (m *Metrics) Refused(c protocol.CloseCode) {
	if n, ok := m.refusals[c]; ok {
		n.Inc()
	}
}

// Denied counts a handshake answered with an HTTP error.
func (m *Metrics) Denied(d Denial) { m.denials[d].Inc() }

// requestReasons are the limits that an HTTP request may come up against, and the codes of refusals
// that are no limit of one's own.
var requestReasons = []string{
	"sockets", "sockets_per_address",
	"reads", "writes", "rooms", "codes", "guests", "all_guests", "logins", "per_login", "registrations", "renames",
	"too_many_streams", "too_many_seats", "too_many_rooms", "too_fast", "repeated",
	"busy", "no_server", "no_database", "stopping", "other",
}

// RequestRefused counts a request that was told to come back later.
func (m *Metrics) RequestRefused(reason string) {
	n, ok := m.requests[reason]
	if !ok {
		n = m.requests["other"]
	}
	n.Inc()
}
