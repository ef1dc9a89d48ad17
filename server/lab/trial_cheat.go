package lab

import (
	"fmt"

	"hindsight/game"
	"hindsight/game/netcode"
	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/protocol/simnet"
	"hindsight/server/lab/track"
)

// Cheat is a schedule of inputs that an honest client would not send.
type Cheat struct {
	Name string
	// Gain is the longest way run in any second, divided by that of an honest client on a clean link,
	// Total the same of the whole way.
	Gain, Total float64
}

// tamper changes what a player sends: it is given each input frame, sends what it likes.
type tamper func(now protocol.Micros, b []byte, send func([]byte))

// RunCheats runs along the track with each schedule.
func RunCheats(c Cell) ([]Cheat, error) {
	clean := Cell{RTT: c.RTT, Play: c.Play, Seed: c.Seed}
	honest, total, err := runTrack(clean, nil)
	if err != nil {
		return nil, err
	}
	var cheats []Cheat
	for _, s := range []struct {
		name string
		t    tamper
	}{
		{"burst: everything is held back and sent four times a second", hold(250 * protocol.Millisecond)},
		{"lag switch: everything is held back and sent once a second", hold(protocol.Second)},
		{"lag switch: everything is held back and sent every three seconds", hold(3 * protocol.Second)},
		{"double: every command is sent again for a later tick", double()},
	} {
		way, all, err := runTrack(c, s.t)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		cheats = append(cheats, Cheat{Name: s.name, Gain: float64(way) / float64(honest), Total: float64(all) / float64(total)})
	}
	return cheats, nil
}

// hold keeps frames back and sends what has gathered once in every period.
func hold(every protocol.Micros) tamper {
	var kept [][]byte
	var next protocol.Micros
	return func(now protocol.Micros, b []byte, send func([]byte)) {
		kept = append(kept, append([]byte(nil), b...))
		if now < next {
			return
		}
		next = now + every
		for _, k := range kept {
			send(k)
		}
		kept = kept[:0]
	}
}

// double sends every frame and, a fifth of a second ahead of it, its commands for later ticks: as if
// time passed twice as fast.
func double() tamper {
	var dec frame.Decoder
	var enc frame.Encoder
	var first protocol.Tick
	return func(_ protocol.Micros, b []byte, send func([]byte)) {
		send(b)
		var in frame.Input
		if t, err := dec.Type(b); err != nil || t != frame.TypeInput || dec.Input(b, &in) != nil {
			return
		}
		for i := range in.Commands {
			k := &in.Commands[i]
			if first == 0 {
				first = k.Tick
			}
			k.Tick += protocol.Tick(min(k.Tick.Sub(first), 12))
		}
		send(enc.Input(nil, &in))
	}
}

// runTrack runs for the cell's time at full speed, turning back now and then, and returns the longest
// way in any second and the whole way, in 1/16 unit.
func runTrack(c Cell, t tamper) (most, total int64, err error) {
	l, err := New(Config{
		Host: track.Game, Rotation: track.Rotation{}, Players: 1, Seed: c.Seed,
		Link: simnet.Config{Latency: c.RTT / 2, Jitter: c.Jitter, Loss: c.Loss},
	})
	if err != nil {
		return 0, 0, err
	}
	p := l.Players[0]
	p.tamper = t
	p.hands = func(s *game.Sight) netcode.Controls {
		if s.Tick/240%2 == 1 {
			return netcode.Controls{MoveX: -127}
		}
		return netcode.Controls{MoveX: 127}
	}
	if err := l.Run(5 * protocol.Second); err != nil {
		return 0, 0, err
	}
	// Track steps are measured where they count, in the room.
	var steps [60]int64
	var sum int64
	row := make([]int32, 1)
	l.Room.Match().Own(1, row)
	last := row[0]
	for i := 0; l.Now() < c.Play; i++ {
		next, _ := l.Room.Next()
		if err := l.Run(next - l.Now() + 1); err != nil {
			return 0, 0, err
		}
		l.Room.Match().Own(1, row)
		step := int64(row[0] - last)
		step, last = max(step, -step), row[0]
		sum += step - steps[i%60]
		steps[i%60] = step
		most, total = max(most, sum), total+step
	}
	return most, total, nil
}
