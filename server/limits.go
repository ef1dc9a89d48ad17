package server

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"hindsight/server/api"
	"hindsight/server/identity"
	"hindsight/server/lobby"
	"hindsight/server/session"
	"hindsight/server/throttle"
)

// Limit is a bound of what clients may cost, by the name that a host sets it by.
type Limit struct {
	Name   string
	Help   string
	Metric string // counts what was refused

	at func(c *Config) any // *int, *time.Duration or *throttle.Rate
}

// Default is the limit's default in the form that SetLimit takes.
func (l *Limit) Default() string {
	c := Config{
		Limits: session.DefaultLimits(), Front: DefaultFrontLimits, APILimits: api.DefaultLimits,
		Identity: identity.DefaultLimits, SeatsPerAddress: lobby.DefaultSeats,
	}
	switch v := l.at(&c).(type) {
	case *int:
		return strconv.Itoa(*v)
	case *time.Duration:
		return v.String()
	case *throttle.Rate:
		return fmt.Sprintf("%d/%v", v.Burst, v.Every)
	}
	panic("server: a limit of another kind: " + l.Name)
}

// The metrics that limits are seen in.
const (
	closesOf  = "hindsight_closes_total"
	deniedOf  = "hindsight_handshakes_denied_total"
	droppedOf = "hindsight_messages_dropped_total"
	refusedOf = "hindsight_requests_refused_total"
)

// Limits are all limits that SetLimit knows. Numbers are numbers, times are like 3s, and rates like
// 30/10s: 30 at once, and one more every ten seconds.
var Limits = []Limit{
	{"sockets", "HTTP connections at once", refusedOf + `{reason="sockets"}`, func(c *Config) any { return &c.Front.Sockets }},
	{"sockets-per-address", "of those, from one address", refusedOf + `{reason="sockets_per_address"}`, func(c *Config) any { return &c.Front.PerAddress }},

	{"arrivals", "connections taken in a second; more wait, and half as many are taken however busy the server is", `hindsight_arrivals_held_total`, func(c *Config) any { return &c.Front.Arrivals }},

	{"handshakes", "game sockets opened in a second", deniedOf + `{reason="rate"}`, func(c *Config) any { return &c.Limits.Handshakes }},
	{"handshakes-per-address", "of those, from one address; twice as many at once", deniedOf + `{reason="address_rate"}`, func(c *Config) any { return &c.Limits.HandshakesPerAddress }},
	{"waiting", "game sockets that have not said hello", deniedOf + `{reason="waiting"}`, func(c *Config) any { return &c.Limits.Waiting }},
	{"waiting-per-address", "of those, from one address", deniedOf + `{reason="address_waiting"}`, func(c *Config) any { return &c.Limits.WaitingPerAddress }},
	{"hello", "time to say hello", closesOf + `{code="4401"}`, func(c *Config) any { return &c.Limits.Hello }},
	{"join", "time to find a seat", closesOf + `{code="1011"}`, func(c *Config) any { return &c.Limits.Join }},
	{"silence", "time without a sign of life", closesOf + `{code="4408"}`, func(c *Config) any { return &c.Limits.Silence }},
	{"write", "time that a frame may wait for a full connection", closesOf + `{code="4413"}`, func(c *Config) any { return &c.Limits.Write }},
	{"bytes", "bytes from one game socket in a second", closesOf + `{code="4429"}`, func(c *Config) any { return &c.Limits.Bytes }},
	{"bytes-burst", "of those, at once", closesOf + `{code="4429"}`, func(c *Config) any { return &c.Limits.BytesBurst }},
	{"messages", "frames from one game socket in a second; more are dropped", droppedOf, func(c *Config) any { return &c.Limits.Messages }},
	{"messages-burst", "of those, at once", droppedOf, func(c *Config) any { return &c.Limits.MessagesBurst }},
	{"overrun", "time that frames may be dropped before the connection is closed", closesOf + `{code="4429"}`, func(c *Config) any { return &c.Limits.Overrun }},
	{"reports", "reports of the game from one client in a second; more are dropped", droppedOf, func(c *Config) any { return &c.Limits.Reports }},
	{"control", "pings and pongs from one game socket in a second", closesOf + `{code="4429"}`, func(c *Config) any { return &c.Limits.Control }},
	{"chats", "lines that a player may say in a chat-window; more are dropped", "hindsight_chats_dropped_total", func(c *Config) any { return &c.Limits.Chats }},
	{"chat-window", "the time for those", "hindsight_chats_dropped_total", func(c *Config) any { return &c.Limits.ChatWindow }},

	{"reads", "questions to the lobby from one address", refusedOf + `{reason="reads"}`, func(c *Config) any { return &c.APILimits.Reads }},
	{"writes", "other requests from one address", refusedOf + `{reason="writes"}`, func(c *Config) any { return &c.APILimits.Writes }},
	{"rooms-opened", "of those, rooms opened", refusedOf + `{reason="rooms"}`, func(c *Config) any { return &c.APILimits.Rooms }},
	{"codes", "of those, party codes and room passwords tried", refusedOf + `{reason="codes"}`, func(c *Config) any { return &c.APILimits.Codes }},
	{"streams", "event streams at once", refusedOf + `{reason="too_many_streams"}`, func(c *Config) any { return &c.APILimits.Streams }},
	{"streams-each", "of those, of one player", refusedOf + `{reason="too_many_streams"}`, func(c *Config) any { return &c.APILimits.StreamsEach }},
	{"seats-per-address", "seats kept for one address that nobody has taken yet", refusedOf + `{reason="too_many_seats"}`, func(c *Config) any { return &c.SeatsPerAddress }},

	{"guests", "guests made from one address", refusedOf + `{reason="guests"}`, func(c *Config) any { return &c.Identity.Guests }},
	{"all-guests", "guests made in all", refusedOf + `{reason="all_guests"}`, func(c *Config) any { return &c.Identity.AllGuests }},
	{"logins", "sign-ins tried from one address", refusedOf + `{reason="logins"}`, func(c *Config) any { return &c.Identity.Logins }},
	{"logins-each", "sign-ins tried with one login", refusedOf + `{reason="per_login"}`, func(c *Config) any { return &c.Identity.PerLogin }},
	{"registrations", "accounts made from one address", refusedOf + `{reason="registrations"}`, func(c *Config) any { return &c.Identity.Registrations }},
	{"renames", "new names of one player", refusedOf + `{reason="renames"}`, func(c *Config) any { return &c.Identity.Renames }},
}

// SetLimit sets a limit by its name. The error is for people.
func (c *Config) SetLimit(name, value string) error {
	for i := range Limits {
		if l := &Limits[i]; l.Name == name {
			if !set(l.at(c), value) {
				return fmt.Errorf("limit %s is %q, want something like %s", name, value, l.Default())
			}
			return nil
		}
	}
	return fmt.Errorf("there is no limit %q", name)
}

// set reads a value, which must be positive.
func set(at any, value string) (ok bool) {
	switch v := at.(type) {
	case *int:
		n, err := strconv.Atoi(value)
		*v, ok = n, err == nil && n > 0 && n <= 1<<30
	case *time.Duration:
		d, err := time.ParseDuration(value)
		*v, ok = d, err == nil && d > 0
	case *throttle.Rate:
		burst, every, found := strings.Cut(value, "/")
		var r throttle.Rate
		ok = found && set(&r.Burst, burst) && set(&r.Every, every)
		*v = r
	}
	return ok
}
