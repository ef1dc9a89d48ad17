//go:build js && wasm

package main

import (
	"errors"
	"unsafe"

	"hindsight/game/games"
	"hindsight/game/netcode"
	"hindsight/game/replay"
	"hindsight/protocol"
)

// watched is the replay that is open, nil if none is. It and the client know nothing of each other.
var watched *replay.Player

// The replay's own memory.
var (
	replayFile  []byte
	replayOwn   []int32
	replayShown netcode.Picture
)

// Why a replay cannot be played, for the page to put into words.
const (
	replayDamaged = 1 + iota
	replayForeign // of a game or a format that this build does not know
	replayEmpty
)

// replaySpace makes room for a file of n bytes and returns where the page is to put it.
//
//go:wasmexport replaySpace
func replaySpace(n int32) unsafe.Pointer {
	watched, replayFile = nil, make([]byte, max(n, 1))
	return unsafe.Pointer(unsafe.SliceData(replayFile))
}

// replayOpen opens the file. It returns 0, or the length of a record: why it cannot be played, and
// the details.
//
//go:wasmexport replayOpen
func replayOpen() int32 {
	p, err := replay.Open(replayFile, games.Find)
	if err != nil {
		return replayTrouble(err)
	}
	watched = p
	replayOwn = make([]int32, len(p.Definition().Schema.Own.Fields))
	return 0
}

func replayTrouble(err error) int32 {
	kind := int32(replayDamaged)
	switch {
	case errors.Is(err, replay.ErrGame), errors.Is(err, replay.ErrFormat):
		kind = replayForeign
	case errors.Is(err, replay.ErrEmpty):
		kind = replayEmpty
	}
	texts.reset()
	texts.num(kind)
	texts.str(err.Error())
	return give(texts.b)
}

// replayAbout returns a record of what is played: title, build, the second of the wall clock at which
// it began in two halves, tick rate, the last tick, and whether the match ends with it.
//
//go:wasmexport replayAbout
func replayAbout() int32 {
	h, r := watched.Header(), &texts
	r.reset()
	r.str(h.Title)
	r.str(h.Build)
	r.num(int32(h.Began >> 32))
	r.num(int32(h.Began))
	r.num(int32(h.TickRate))
	r.num(int32(watched.Len()))
	r.flag(watched.Clean())
	return give(r.b)
}

// replayGround returns the ground as ground does.
//
//go:wasmexport replayGround
func replayGround() int32 { return groundOf(watched.Header().Blob) }

// replayPeople returns a record of who is seated: their number, then of each player, name and bot.
//
//go:wasmexport replayPeople
func replayPeople() int32 {
	r, seats := &texts, watched.Seats()
	r.reset()
	r.num(int32(len(seats)))
	for _, id := range seats {
		p := watched.Person(id)
		r.num(int32(id))
		r.str(p.Name)
		r.flag(p.Bot)
	}
	return give(r.b)
}

// replaySpeed sets the speed in percent of real time, 0 to stand still.
//
//go:wasmexport replaySpeed
func replaySpeed(percent int32) { watched.SetSpeed(int(percent)) }

// replaySeek begins a jump to a tick.
//
//go:wasmexport replaySeek
func replaySeek(tick int32) { watched.Seek(protocol.Tick(max(tick, 1))) }

// replayAdvance goes on by dt microseconds, simulating so many ticks at most, for who follows that
// player, 0 for nobody. It leaves a picture at picture() and returns its length in words, or less than
// 0: the length of a record as of replayOpen.
//
//go:wasmexport replayAdvance
func replayAdvance(dt float64, budget, follow int32) int32 {
	if err := watched.Advance(micros(dt), int(budget)); err != nil {
		return -replayTrouble(err)
	}
	return lay(replayPicture(protocol.PlayerID(follow)))
}

// replayPicture is what is to be seen by who follows a player. The own row is that player's, or
// anybody's: what all are told is in it too.
func replayPicture(follow protocol.PlayerID) *netcode.Picture {
	view := watched.View()
	p := &replayShown
	*p = netcode.Picture{Tick: view.B, View: view, Scene: watched.Scene(), Events: p.Events[:0]}
	known := watched.Own(follow, replayOwn)
	for _, id := range watched.Seats() {
		if known {
			break
		}
		known = watched.Own(id, replayOwn)
	}
	if known {
		p.Own = replayOwn
	}
	for _, e := range watched.Events() {
		if e.To == 0 || e.To == follow {
			p.Events = append(p.Events, e.Event)
		}
	}
	return p
}

// replayState returns a record of where the replay is: the tick that is shown; whether it has ended;
// whether a jump is being made, and of it the first tick, the one it has come to and its goal; the
// count of changes of people; and the tick from which on it is not what was played, 0 for none.
//
//go:wasmexport replayState
func replayState() int32 {
	from, at, to := watched.Progress()
	r := &texts
	r.reset()
	r.num(int32(watched.Moment() >> 8))
	r.flag(watched.Ended())
	r.flag(watched.Seeking())
	for _, t := range [...]protocol.Tick{from, at, to} {
		r.num(int32(t))
	}
	r.num(int32(watched.Changes()))
	r.num(int32(watched.Differs()))
	return give(r.b)
}
