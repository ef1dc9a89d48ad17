package lab

import "hindsight/protocol"

// Overload is what a link that carries two thirds of what the room would send does to it.
type Overload struct {
	Demand, Rate int // bytes per second on the wire towards each player
	// Age is that of the snapshots on arrival beyond the way. Possible is the share delivered of the
	// snapshots that fit the link.
	Age      Histogram
	Possible float64
	Backlog  int // the most bytes waiting for one link
	// Course is the age of the newest snapshot that one player has, every 100 ms, in Micros.
	Course []protocol.Micros
}

// RunOverload first measures the demand, then plays for the cell's time on a link of two thirds of
// it.
func RunOverload(c Cell) (o Overload, err error) {
	c.Stall, c.Rate, c.FPS = 0, 0, 0
	free := c
	free.Play = 60 * protocol.Second
	r, err := free.Run()
	if err != nil {
		return o, err
	}
	o.Demand = int(r.PerSecond(r.BytesIn + int64(r.FramesIn*FrameOverhead)))
	o.Rate = o.Demand * 2 / 3
	cfg, err := c.config()
	if err != nil {
		return o, err
	}
	cfg.DownRate, cfg.Link.Overhead = o.Rate, FrameOverhead
	l, err := New(cfg)
	if err != nil {
		return o, err
	}
	b := l.Observe()
	for l.Now() < c.Play {
		if err := l.Run(100 * protocol.Millisecond); err != nil {
			return o, err
		}
		if age, ok := b.age(b.gauges[0].newest); ok {
			o.Course = append(o.Course, age)
		}
	}
	busy := resultOf(c, b)
	used := busy.PerSecond(busy.BytesIn + int64(busy.FramesIn*FrameOverhead))
	o.Age, o.Possible, o.Backlog = b.Age, used/float64(o.Rate), b.Backlog
	return o, nil
}
