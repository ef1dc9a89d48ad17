package session

import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	"hindsight/protocol"
	"hindsight/server/alarm"
	"hindsight/server/metrics"
	"hindsight/server/mono"
	"hindsight/server/room"
)

// Finder gives out seats; package lobby satisfies it.
type Finder interface {
	// Join seats e in the room of that id, or in the best one if it is "". The game is what the
	// client has rules for. The room sends Welcome and Start through e.Sender. An error that wraps a
	// room.Refusal refuses with its code, any other with CloseInternal.
	Join(ctx context.Context, roomID, game string, e room.Entrant) (room.Seat, error)
}

// Config is what a Handler needs. Only Rooms must be set.
type Config struct {
	Rooms Finder
	// Origins are the pages, besides those of this host, whose scripts may connect:
	// "https://example.org", or "*" for all. Clients that are no browsers send no origin.
	Origins []string
	// Proxies are the reverse proxies whose X-Forwarded-For is believed. Nobody else's is.
	Proxies []netip.Prefix
	Limits  Limits
	// Transport is how connections are read and written [Auto].
	Transport Transport
	// Clock wakes the pollers; nil makes one. Polls and ticks that share a clock share its wake-ups.
	Clock *alarm.Clock
	// Words are what names and chat may not hold; nil allows everything.
	Words Words
	// Now is the clock that inputs are stamped with and budgets refill by; nil is mono.Now.
	Now     func() protocol.Micros
	Metrics *metrics.Metrics // nil counts for nobody
	Log     *slog.Logger     // nil is slog.Default
}

// Words judges what players say. It is called from many goroutines; moderation.Filter is one.
type Words interface {
	// Clean returns a line with what may not be said made unreadable, and whether there was any.
	Clean(line string) (string, bool)
	// Allowed reports whether a player may be called that.
	Allowed(name string) bool
}

// Limits are the bounds of what clients may cost. A zero field takes the default in brackets.
type Limits struct {
	// Hello is how long a connection may take to say Hello [3 s], Join how long a Finder may take
	// to answer it [5 s].
	Hello, Join time.Duration
	// Ping is the mean time between two of our pings [5 s]; Silence how long a peer may answer
	// neither ping nor anything else before it counts as gone [12 s].
	Ping, Silence time.Duration
	// Write is how long the kernel may refuse to take a frame [2 s], Farewell the same for a close
	// frame [500 ms], Linger how long a closed connection is kept open for it to be read [1 s].
	Write, Farewell, Linger time.Duration
	// Bytes is what a client may send in a second [64 KiB], BytesBurst at once [128 KiB].
	Bytes, BytesBurst int
	// Messages is how many frames a client may send in a second [120], MessagesBurst at once
	// [240]. More are dropped, and after Overrun of that [5 s] the connection is closed.
	Messages, MessagesBurst int
	Overrun                 time.Duration
	// Reports is how many reports of its game a client may send in a second [4], twice that at once.
	// More are dropped, and close the connection as other messages do.
	Reports int
	// Control is how many pings and pongs a client may send in a second [10], twice that at once.
	Control int
	// Chats is how many lines a player may say [5] in ChatWindow [10 s]; more are dropped.
	Chats      int
	ChatWindow time.Duration
	// Connections is the most open at once [10,000], PerAddress of one IPv4 address or IPv6 /64
	// network [64], Waiting of those that have not said Hello [1,024], WaitingPerAddress of these of
	// one address [32], so that nobody has all places at the door.
	Connections, PerAddress, Waiting, WaitingPerAddress int
	// Handshakes is how many are accepted in a second [2,000], HandshakesPerAddress of one address
	// [20, twice that at once]. Loopback is exempt from the three limits per address: those are
	// bots, tests and proxies nobody told us of.
	Handshakes, HandshakesPerAddress int
	// Lingering is how many closed connections may linger at once [512]; others are cut.
	Lingering int
}

// withDefaults fills what is zero.
func (c Config) withDefaults() Config {
	if c.Now == nil {
		c.Now = mono.Now
	}
	if c.Clock == nil {
		c.Clock = alarm.NewClock(mono.Now)
	}
	if c.Metrics == nil {
		c.Metrics = metrics.New(nil)
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	l := &c.Limits
	orDuration := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	orInt := func(n *int, v int) {
		if *n <= 0 {
			*n = v
		}
	}
	orDuration(&l.Hello, 3*time.Second)
	orDuration(&l.Join, 5*time.Second)
	orDuration(&l.Ping, 5*time.Second)
	orDuration(&l.Silence, 12*time.Second)
	orDuration(&l.Write, 2*time.Second)
	orDuration(&l.Farewell, 500*time.Millisecond)
	orDuration(&l.Linger, time.Second)
	orInt(&l.Bytes, 64<<10)
	orInt(&l.BytesBurst, 128<<10)
	orInt(&l.Messages, 120)
	orInt(&l.MessagesBurst, 240)
	orDuration(&l.Overrun, 5*time.Second)
	orInt(&l.Reports, 4)
	orInt(&l.Control, 10)
	orInt(&l.Chats, 5)
	orDuration(&l.ChatWindow, 10*time.Second)
	orInt(&l.Connections, 10_000)
	orInt(&l.PerAddress, 64)
	orInt(&l.Waiting, 1024)
	orInt(&l.WaitingPerAddress, 32)
	orInt(&l.Handshakes, 2000)
	orInt(&l.HandshakesPerAddress, 20)
	orInt(&l.Lingering, 512)
	return c
}

// at is a moment of Config.Now in the type that package rate wants. The date means nothing.
func at(now protocol.Micros) time.Time { return time.UnixMicro(int64(now)) }
