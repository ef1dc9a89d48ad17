package lab

import (
	"hindsight/game"
	"hindsight/game/netcode"
	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server/replication"
	"hindsight/server/room"
)

// Probe observes an experiment: what the issue of every command was, what every screen showed and
// what lay between them. It changes nothing. The first seconds of each player, in which its clocks
// settle, are left out of everything but Converged, JoinTime and JoinBytes.
type Probe struct {
	lab *Lab

	// Times, in Micros.
	Wait       Histogram // of a command at the server, from its arrival to its tick
	Motion     Histogram // from a player's hand to another's screen, less both ways
	Peek       Histogram // from a player's own screen to another's, less both ways
	Delay      Histogram // of what is drawn, behind the newest snapshot received
	Age        Histogram // of a snapshot on arrival, less the way
	ClockError Histogram // of a client's idea of the server's time
	Recovery   Histogram // from the end of an outage until all is well again
	Converged  Histogram // from the first snapshot until the clock error is below half a tick
	JoinTime   Histogram // from opening the first connection to the first snapshot
	Reconnect  Histogram // from opening a later connection to its first snapshot

	SpeedError Histogram // of the view's pace, in millionths of real time
	Displaced  Histogram // of a victim between where it was hit and where it was, in 1/256 unit
	RewindAge  Histogram // of the views judged, in 1/256 tick

	Frames, Backward int   // frames drawn; of these, with a view older than the one before
	Rows, Wrong      int64 // drawn entities compared with the rewound; of these, different
	Edges            int64 // of these, drawn as they were where a wall began or ceased to hide them: neither
	ViewError        int64 // the largest distance of a drawn entity from the rewound, in 1/256 unit
	Lag              int   // the most ticks by which the own avatar was drawn behind its commands

	Ticks, Missing     int64 // ticks in which a player was to be moved; of these, without a command in time
	Commands, Tardy    int64 // commands that arrived; of these, after their tick
	Sent, Skipped      int   // snapshots
	SentBytes          int64 // of snapshots; SharedBits of these were encoded once for everyone, OwnBits are own rows
	SharedBits         int64
	OwnBits            int64
	Backlog            int // most bytes waiting in a connection
	Detached, Lagging  int // heartbeat closes; times a player was marked as lagging
	Closed             int // closes for any other reason
	Recovered, Stalled int // outages after which all was well again; outages there were

	gauges []gauge
}

// settling is how long after its first snapshot a player is not measured.
const settling = 5 * protocol.Second

// Ring sizes: ticks between a command and the last screen that shows it, at most.
const gaugeRing = 1024

// gauge is what a probe knows of one player.
type gauge struct {
	from protocol.Micros // measured from then on, 0 before the first snapshot
	base netcode.Stats   // at that time
	seen bool            // base was taken

	// The player's commands, by tick, of the match that its client is in.
	given [gaugeRing]given
	shown protocol.Tick // the newest own tick drawn
	// The room's side, of the match that it plays.
	arrived [gaugeRing]arrival
	begun   bool // a command of the match was used
	used    [gaugeRing]given

	newest    protocol.Tick // the newest snapshot received
	view      int64         // the last view drawn, 1/256 tick, 0 for none
	drawn     protocol.Micros
	reached   protocol.Tick // the newest tick of others of which something was drawn
	converged bool

	healing protocol.Micros // the end of the outage that is being recovered from, 0 for none
	heard   protocol.Micros // when a command was last used
	status  frame.Status
}

type given struct {
	tick      protocol.Tick
	at, shown protocol.Micros // when the hands were read; when the own screen showed it
}

type arrival struct {
	tick protocol.Tick
	at   protocol.Micros
}

// Observe attaches a probe to an experiment that has not run yet.
func (l *Lab) Observe() *Probe {
	b := &Probe{lab: l, gauges: make([]gauge, len(l.Players))}
	for _, h := range [...]*Histogram{
		&b.Wait, &b.Motion, &b.Peek, &b.Delay, &b.Age, &b.ClockError, &b.Recovery, &b.Converged, &b.JoinTime, &b.Reconnect,
	} {
		h.Bin = int64(protocol.Millisecond) / 4
	}
	b.SpeedError.Bin, b.Displaced.Bin, b.RewindAge.Bin = 1000, 64, 64
	l.probe = b
	return b
}

// of returns the gauge of a player, nil for one who came later.
func (b *Probe) of(p *Player) *gauge {
	if b == nil || p.Index >= len(b.gauges) {
		return nil
	}
	return &b.gauges[p.Index]
}

// steady reports whether the player is being measured.
func (g *gauge) steady(now protocol.Micros) bool { return g.from != 0 && now >= g.from }

// counted returns what a player's client counted since it was measured.
func (b *Probe) counted(p *Player) (now, base netcode.Stats) {
	g := &b.gauges[p.Index]
	if !g.seen {
		return *p.Core().Stats(), *p.Core().Stats()
	}
	return *p.Core().Stats(), g.base
}

// measured returns how long all players together were measured.
func (b *Probe) measured() (sum protocol.Micros) {
	for i := range b.gauges {
		if g := &b.gauges[i]; g.steady(b.lab.now) {
			sum += b.lab.now - g.from
		}
	}
	return sum
}

// received takes in that a snapshot arrived at its client.
func (b *Probe) received(c *conn, h *frame.Header) {
	g := b.of(c.p)
	if g == nil {
		return
	}
	now := b.lab.now
	switch {
	case c.live:
	case g.from == 0:
		b.JoinTime.Add(int64(now - c.dialed))
		g.from = now + settling
	default:
		b.Reconnect.Add(int64(now - c.dialed))
	}
	g.newest = h.Tick
	if age, ok := b.age(h.Tick); ok && g.steady(now) {
		b.Age.Add(int64(age - b.lab.cfg.Link.Latency))
	}
}

// age returns how long ago a tick of the running match was due.
func (b *Probe) age(t protocol.Tick) (protocol.Micros, bool) {
	ahead := t.Sub(b.lab.Room.Match().Tick())
	next, _ := b.lab.Room.Next()
	return b.lab.now - next - protocol.Micros(ahead-1)*protocol.Second/protocol.Micros(b.lab.cfg.Host.TickRate), ahead <= 0
}

// closed takes in that the server ended a connection.
func (b *Probe) closed(code protocol.CloseCode) {
	switch {
	case b == nil || code == protocol.CloseReplaced:
	case code == protocol.CloseHeartbeat:
		b.Detached++
	default:
		b.Closed++
	}
}

// waiting takes in how many bytes wait in a connection.
func (b *Probe) waiting(bytes int) {
	if b != nil {
		b.Backlog = max(b.Backlog, bytes)
	}
}

// stalled takes in that a player's network is down until then.
func (b *Probe) stalled(p *Player, until protocol.Micros) {
	if g := b.of(p); g != nil {
		b.Stalled++
		g.healing = until
	}
}

// meter is what a room tells a Lab.
type meter struct {
	room.NoMeter
	lab *Lab
}

// Snapshot implements room.Meter.
func (m *meter) Snapshot(bytes int, parts replication.Parts) {
	if b := m.lab.probe; b != nil {
		b.Sent++
		b.SentBytes += int64(bytes)
		b.SharedBits += int64(parts.EntityBits)
		b.OwnBits += int64(parts.OwnBits)
	}
}

// Skipped implements room.Meter.
func (m *meter) Skipped() {
	if b := m.lab.probe; b != nil {
		b.Skipped++
	}
}

// Shot implements room.Meter. Shots of the room's own bots see the present.
func (m *meter) Shot(s *game.Shot) {
	b := m.lab.probe
	if b == nil || s.View.A == 0 {
		return
	}
	b.RewindAge.Add(int64(s.Age))
	if s.Target != 0 && s.Damage > 0 {
		b.Displaced.Add(distance(s.RewoundX-s.LiveX, s.RewoundY-s.LiveY))
	}
}

// distance returns the length of a way in 1/16 unit, in 1/256 unit, rounded down.
func distance(dx, dy int32) int64 {
	square := (int64(dx)*int64(dx) + int64(dy)*int64(dy)) << 8
	root := int64(0)
	for bit := int64(1) << 31; bit > 0; bit >>= 1 {
		if r := root | bit; r*r <= square {
			root = r
		}
	}
	return root
}
