package netcode

import (
	"hindsight/game/sim/fixed"
	"hindsight/protocol"
)

// idle hands do nothing.
func idle(*peer, *Picture) Controls { return Controls{} }

// wander returns hands that change direction every so often and never shoot.
func wander() func(*peer, *Picture) Controls {
	n := uint32(1)
	var c Controls
	return func(*peer, *Picture) Controls {
		if n = n*1664525 + 1013904223; n>>24 < 12 {
			c.MoveX, c.MoveY, c.Aim = max(int8(n>>8), -127), max(int8(n>>16), -127), uint16(n)
		}
		return c
	}
}

// hunt returns hands that wander and shoot three times a second at what they see, well enough to
// hit about half the time.
func hunt() func(*peer, *Picture) Controls {
	walk, n, last := wander(), uint32(7), protocol.Tick(0)
	var press uint8
	var aim uint16
	return func(p *peer, pic *Picture) Controls {
		c := walk(p, pic)
		last = min(last, pic.Tick) // in a new match ticks begin anew
		if n = n*1664525 + 1013904223; pic.Tick.Sub(last) >= 20 && len(pic.Own) > 0 {
			ents := pic.Scene.Entities()
			e := &ents[int(n>>16)%len(ents)]
			to := fixed.Vec{X: fixed.FromWire(e.Row[0]) - fixed.Num(pic.Own[0]), Y: fixed.FromWire(e.Row[1]) - fixed.Num(pic.Own[1])}
			aim = uint16(to.Angle()) + uint16(int16(n)>>5)
			press++
			last = pic.Tick
			p.shots++
		}
		c.Press[0], c.Aim = press, aim
		return c
	}
}
