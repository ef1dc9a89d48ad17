//go:build js && wasm

package main

import (
	"unsafe"

	"hindsight/game/netcode"
	"hindsight/protocol"
	"hindsight/protocol/frame"
)

// roomNews is what the page was last told of the room.
type roomNews struct {
	told    bool
	changes int
	matches int
	token   string
}

var room roomNews

// news returns a record of the room, or 0 if nothing has changed since the last call: number of the
// match, room id, resume token, server's build, own player or 0, title of the match; the seats as player,
// name, bot and status; and the lines of chat since the last call as player, name and text.
//
//go:wasmexport news
func news() int32 {
	if client == nil || client.Welcome().Room == "" {
		return 0
	}
	welcome, roster := client.Welcome(), client.Roster()
	start, matches := client.Start()
	now := roomNews{true, roster.Changes(), matches, welcome.Token}
	lines := roster.Lines()
	if now == room && len(lines) == 0 {
		return 0
	}
	room = now
	r := &texts
	r.reset()
	r.num(int32(matches))
	r.str(welcome.Room)
	r.str(welcome.Token)
	r.str(welcome.Build)
	r.num(int32(welcome.Player))
	r.str(start.Title)
	appendSeats(r, roster)
	r.num(int32(len(lines)))
	for i := range lines {
		r.num(int32(lines[i].Player))
		r.str(lines[i].Name)
		r.str(lines[i].Text)
	}
	return give(r.b)
}

func appendSeats(r *record, roster *netcode.Roster) {
	n := 0
	for id := range protocol.PlayerID(protocol.MaxPlayers + 1) {
		if roster.Person(id).Present {
			n++
		}
	}
	r.num(int32(n))
	for id := range protocol.PlayerID(protocol.MaxPlayers + 1) {
		if p := roster.Person(id); p.Present {
			r.num(int32(id))
			r.str(p.Name)
			r.flag(p.Bot)
			r.num(int32(p.Status))
		}
	}
}

// stat is one number of the net graph.
type stat struct {
	name string
	of   func(*netcode.Stats) int64
}

// netStats are in microseconds where a time is meant; totals count since the client was made.
var netStats = []stat{
	{"rtt", func(s *netcode.Stats) int64 { return int64(s.RTT) }},
	{"jitter", func(s *netcode.Stats) int64 { return int64(s.Jitter) }},
	{"margin", func(s *netcode.Stats) int64 { return int64(s.Margin) }},
	{"lead", func(s *netcode.Stats) int64 { return int64(s.Lead) }},
	{"delay", func(s *netcode.Stats) int64 { return int64(s.Delay) }},
	{"serverLate", func(s *netcode.Stats) int64 { return int64(s.ServerLate) }},
	{"sendWait", func(s *netcode.Stats) int64 { return int64(s.SendWait) }},
	{"bytesIn", func(s *netcode.Stats) int64 { return s.BytesIn }},
	{"bytesOut", func(s *netcode.Stats) int64 { return s.BytesOut }},
	{"snapshots", func(s *netcode.Stats) int64 { return int64(s.Snapshots) }},
	{"skipped", func(s *netcode.Stats) int64 { return int64(s.Skipped) }},
	{"lateCommands", func(s *netcode.Stats) int64 { return int64(s.LateCommands) }},
	{"underruns", func(s *netcode.Stats) int64 { return int64(s.Underruns) }},
	{"confirmed", func(s *netcode.Stats) int64 { return int64(s.Corrections.Confirmed) }},
	{"correctedLate", func(s *netcode.Stats) int64 { return int64(s.Corrections.Late) }},
	{"correctedTouch", func(s *netcode.Stats) int64 { return int64(s.Corrections.Touch) }},
	{"correctedClamp", func(s *netcode.Stats) int64 { return int64(s.Corrections.Clamp) }},
	{"correctedUnknown", func(s *netcode.Stats) int64 { return int64(s.Corrections.Unknown) }},
	{"shotsAgreed", func(s *netcode.Stats) int64 { return int64(s.Verdicts.Agreed) }},
	{"shotsDenied", func(s *netcode.Stats) int64 { return int64(s.Verdicts.Denied) }},
	{"shotsExcused", func(s *netcode.Stats) int64 { return int64(s.Verdicts.Excused) }},
	{"hitchFrame", func(s *netcode.Stats) int64 { return int64(s.Hitches.Count[frame.HitchFrame]) }},
	{"hitchServer", func(s *netcode.Stats) int64 { return int64(s.Hitches.Count[frame.HitchServer]) }},
	{"hitchSend", func(s *netcode.Stats) int64 { return int64(s.Hitches.Count[frame.HitchSend]) }},
	{"hitchNetwork", func(s *netcode.Stats) int64 { return int64(s.Hitches.Count[frame.HitchNetwork]) }},
	{"hitchLong", func(s *netcode.Stats) int64 { return int64(s.Hitches.Last.Long) }},
}

func statNames() []string {
	names := make([]string, len(netStats))
	for i := range netStats {
		names[i] = netStats[i].name
	}
	return names
}

var statWords = make([]int32, len(netStats))

// stats returns where the numbers of the net graph are, in the order of their names.
//
//go:wasmexport stats
func stats() unsafe.Pointer {
	if client != nil {
		s := client.Stats()
		for i := range netStats {
			statWords[i] = int32(netStats[i].of(s))
		}
	}
	return unsafe.Pointer(unsafe.SliceData(statWords))
}
