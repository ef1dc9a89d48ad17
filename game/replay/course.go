package replay

import "math/bits"

// course foresees how far an aim turns from how far it turned before: a hand goes on as it went, and
// a bot comes to rest by the same fraction in each tick. It is a linear filter that learns by the
// signs of its errors (sign-sign LMS, as in lossless audio coders; it saves a fifth of a file), all in
// integers, so that writer and reader foresee the same.
type course struct {
	turns [taps]int64 // the last ones, newest first
	share [taps]int64 // how much of each is foreseen, in 1/1024
	off   int64       // by how much it was wrong of late, in 1/16
}

const (
	taps      = 4
	shareStep = 8
	mostShare = 4096
	courses   = 14 // contexts in which an error is coded, by how large it was of late
)

// next returns the turn that is foreseen, and the context of the error.
func (c *course) next() (turn int64, context int) {
	for i := range c.turns {
		turn += c.turns[i] * c.share[i]
	}
	return turn >> 10, min(bits.Len64(uint64(c.off>>3)), courses-1)
}

// learn takes in what came when something was foreseen.
func (c *course) learn(turn, foreseen int64) {
	wrong := turn - foreseen
	for i := range c.turns {
		step := signOf(wrong) * signOf(c.turns[i]) * shareStep
		c.share[i] = min(max(c.share[i]+step, -mostShare), mostShare)
	}
	c.off += (max(wrong, -wrong)<<4 - c.off) / 2
	copy(c.turns[1:], c.turns[:])
	c.turns[0] = turn
}

// signOf returns -1, 0 or 1.
func signOf(v int64) int64 {
	switch {
	case v < 0:
		return -1
	case v > 0:
		return 1
	}
	return 0
}
