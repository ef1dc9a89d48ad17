package lab

import (
	"math/rand/v2"
	"slices"

	"hindsight/protocol"
	"hindsight/protocol/frame"
	"hindsight/server/replication"
)

// cheater is a client that plays as its hands say and then rewrites what it sends. All it sends are
// well-formed frames of the protocol: others end the connection.
type cheater struct {
	p    *Player
	rng  *rand.Rand
	dec  frame.Decoder
	enc  frame.Encoder
	in   frame.Input
	out  func([]byte)
	kept []frame.Input // held back, or sent before
	n    int           // frames given so far
}

// trick sends what a cheater likes in place of one honest frame, whose commands it may change.
type trick func(c *cheater, in *frame.Input)

// change is what a cheater makes of a command, with the newest tick that he has by then.
type change func(c *cheater, k *protocol.Command, echo protocol.Tick)

// cheats has the player cheat from now on.
func (p *Player) cheats(t trick) *cheater {
	c := &cheater{p: p, rng: rand.New(rand.NewPCG(uint64(p.Index), 1))}
	p.tamper = func(_ protocol.Micros, b []byte, send func([]byte)) {
		if kind, err := c.dec.Type(b); err != nil || kind != frame.TypeInput || c.dec.Input(b, &c.in) != nil {
			send(b)
			return
		}
		c.out = send
		t(c, &c.in)
		c.n++
	}
	return c
}

// send sends an input as it is.
func (c *cheater) send(in *frame.Input) {
	if len(in.Commands) > 0 {
		c.out(c.enc.Input(nil, in))
	}
}

// say sends commands in as many frames as they need: a frame holds a few, of ascending ticks.
func (c *cheater) say(echo protocol.Tick, cs ...protocol.Command) {
	in := frame.Input{Echo: echo}
	for _, k := range cs {
		if n := len(in.Commands); n == protocol.MaxCommands || n > 0 && k.Tick <= in.Commands[n-1].Tick {
			c.send(&in)
			in.Commands = in.Commands[:0]
		}
		in.Commands = append(in.Commands, k)
	}
	c.send(&in)
}

// keep remembers a frame.
func (c *cheater) keep(in *frame.Input) {
	k := *in
	k.Commands = slices.Clone(in.Commands)
	c.kept = append(c.kept, k)
}

// each changes every command before it is sent.
func each(f change) trick {
	return func(c *cheater, in *frame.Input) {
		for i := range in.Commands {
			f(c, &in.Commands[i], in.Echo)
		}
		c.send(in)
	}
}

// withhold keeps n frames back and then sends them at once, changed by one who meanwhile has seen more.
func withhold(n int, f change) trick {
	return func(c *cheater, in *frame.Input) {
		if c.keep(in); len(c.kept) < n {
			return
		}
		for i := range c.kept {
			if f != nil {
				c.kept[i].Echo = in.Echo
				each(f)(c, &c.kept[i])
			} else {
				c.send(&c.kept[i])
			}
		}
		c.kept = c.kept[:0]
	}
}

// again sends every frame n times.
func again(n int) trick {
	return func(c *cheater, in *frame.Input) {
		for range n {
			c.send(in)
		}
	}
}

// ahead sends every command for the n next ticks as well.
func ahead(n int) trick {
	return func(c *cheater, in *frame.Input) {
		for _, k := range in.Commands {
			var cs []protocol.Command
			for range n {
				cs = append(cs, k)
				k.Tick++
			}
			c.say(in.Echo, cs...)
		}
	}
}

// every sends the commands of one tick in n.
func every(n protocol.Tick) trick {
	return func(c *cheater, in *frame.Input) {
		in.Commands = slices.DeleteFunc(in.Commands, func(k protocol.Command) bool { return k.Tick%n != 0 })
		c.send(in)
	}
}

// hurried sends every command again for a later tick, as if time passed twice as fast.
func hurried() trick {
	return func(c *cheater, in *frame.Input) {
		c.send(in)
		for i := range in.Commands {
			in.Commands[i].Tick += protocol.Tick(min(c.n, 12))
		}
		c.send(in)
	}
}

// backwards sends eight frames in the opposite order.
func backwards(c *cheater, in *frame.Input) {
	if c.keep(in); len(c.kept) < 8 {
		return
	}
	slices.Reverse(c.kept)
	for i := range c.kept {
		c.send(&c.kept[i])
	}
	c.kept = c.kept[:0]
}

// rewrites sends every frame, and then what it would rather have done in the ticks before.
func rewrites(c *cheater, in *frame.Input) {
	c.send(in)
	if c.keep(in); len(c.kept) > 24 {
		c.kept = c.kept[1:]
	}
	for i := range c.kept {
		for _, k := range c.kept[i].Commands {
			k.MoveX, k.MoveY, k.Held, k.Aim = -k.MoveX, 127, 1, k.Aim+1
			k.Press[0]++
			k.Press[1]++
			c.say(in.Echo, k)
		}
	}
}

// anytime sends every command, and the same for ticks that cannot be.
func anytime(c *cheater, in *frame.Input) {
	c.send(in)
	k := in.Commands[0]
	for _, t := range []protocol.Tick{1, 2, k.Tick - 17, k.Tick - 64, k.Tick + 33, k.Tick + 1000, k.Tick + 1<<31, 1<<32 - 1} {
		k.Tick, k.Held = max(t, 1), 255
		k.Press[0]++
		c.say(in.Echo, k)
	}
}

// twice has two opinions on every tick: to let go, and to fire and dash.
func twice(c *cheater, in *frame.Input) {
	for _, k := range in.Commands {
		k.Held, k.Press = 0, [2]uint8{uint8(2 * k.Tick), uint8(2 * k.Tick)}
		c.say(in.Echo, k)
		k.Held, k.Press = 1, [2]uint8{uint8(2*k.Tick + 1), uint8(2*k.Tick + 1)}
		c.say(in.Echo, k)
	}
}

// strays leaves out a tick now and then and plays on as one who never hears of it, so as to be believed
// where it says it went.
func strays(c *cheater, in *frame.Input) {
	if c.n%120 == 0 {
		c.kept = c.kept[:0]
		c.keep(in)
		return
	}
	in.Echo = min(in.Echo, c.kept[0].Commands[0].Tick)
	for i := range in.Commands {
		if k := &in.Commands[i]; c.n%120 < 12 {
			k.MoveX, k.MoveY, k.Press[1] = -k.MoveX, 127, uint8(k.Tick)
		}
	}
	c.send(in)
}

// reconnects drops the connection now and then. In the first frame of the next it fires in the ticks in
// which there was none.
func reconnects(c *cheater, in *frame.Input) {
	if len(c.kept) > 0 {
		c.kept = c.kept[:0]
		var cs []protocol.Command
		for i := range 30 {
			k := in.Commands[0]
			k.Tick, k.Held, k.Press[0] = k.Tick.Add(i-30), 1, k.Press[0]+uint8(i)
			cs = append(cs, k)
		}
		c.say(in.Echo, cs...)
	}
	if c.send(in); c.n%90 == 89 {
		c.keep(in)
		c.p.Drop()
	}
}

// echoes lies about what it has received.
func echoes(lie func(in *frame.Input) protocol.Tick) trick {
	return func(c *cheater, in *frame.Input) {
		in.Echo = lie(in)
		c.send(in)
	}
}

// ancient claims the oldest view there can be, and to have received nothing since.
func ancient(c *cheater, in *frame.Input) {
	in.Echo = in.Commands[0].Tick.Add(-replication.MaxRewind)
	each(sees(replication.MaxRewind))(c, in)
}

// prophetic claims to have received what is yet to be sent, and to have drawn beyond it.
func prophetic(c *cheater, in *frame.Input) {
	in.Echo = in.Commands[0].Tick - 1
	each(foresees)(c, in)
}

// wild sends whatever the protocol has a place for.
func wild(c *cheater, k *protocol.Command, _ protocol.Tick) {
	r := c.rng
	k.MoveX, k.MoveY, k.Aim = int8(r.IntN(255)-127), int8(r.IntN(255)-127), uint16(r.Uint32())
	k.Held, k.Select = protocol.Buttons(r.Uint32()), uint8(r.Uint32())
	k.Press = [2]uint8{uint8(r.Uint32()), uint8(r.Uint32())}
	if a := 1 + r.IntN(4096); protocol.Tick(a) < k.Tick {
		k.View = protocol.View{A: k.Tick.Add(-a), B: k.Tick.Add(r.IntN(4097) - a), Frac: uint16(r.IntN(protocol.MaxFrac))}
	}
}

// zigzag steers half right and half left in turns of n ticks: where acceleration across the way adds to
// the speed along it, that is faster than to run straight.
func zigzag(n protocol.Tick) change {
	return func(_ *cheater, k *protocol.Command, _ protocol.Tick) {
		if k.MoveY = 127; k.Tick/n%2 == 0 {
			k.MoveY = -127
		}
	}
}

// presses jumps by n with both counters in every tick.
func presses(n int) change {
	return func(_ *cheater, k *protocol.Command, _ protocol.Tick) {
		k.Press = [2]uint8{uint8(int(k.Tick) * n), uint8(int(k.Tick) * n)}
	}
}

// juggles changes weapons in every tick, and fires.
func juggles(_ *cheater, k *protocol.Command, _ protocol.Tick) {
	k.Select, k.Held = uint8(1+k.Tick%5), 1
}

// grabs chooses a weapon that it may have taken while its commands were kept back.
func grabs(_ *cheater, k *protocol.Command, _ protocol.Tick) {
	k.Select, k.Held = uint8(2+k.Tick/64%4), 1
}

// knows fires a command that was kept back at what is seen now.
func knows(_ *cheater, k *protocol.Command, echo protocol.Tick) {
	k.Held = 1
	if span := echo.Sub(k.Tick - 1); span > 0 && span <= protocol.MaxInterp {
		k.View = protocol.View{A: k.Tick - 1, B: echo, Frac: 256}
	}
}

// sees claims a view so many ticks before the command's.
func sees(back int) change {
	return func(_ *cheater, k *protocol.Command, _ protocol.Tick) {
		if int(k.Tick) > back {
			k.View = protocol.View{A: k.Tick.Add(-back), B: k.Tick.Add(-back)}
		}
	}
}

// foresees claims to have drawn as far beyond the newest snapshot as one may.
func foresees(_ *cheater, k *protocol.Command, echo protocol.Tick) {
	if a := min(echo, k.Tick-1) - 1; int32(a) > 0 {
		k.View = protocol.View{A: a, B: a + 1, Frac: 7 * 256}
	}
}
