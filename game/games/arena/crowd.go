package arena

import (
	"hindsight/game"
	"hindsight/game/sim/fixed"
	"hindsight/game/sim/grid"
	"hindsight/game/sim/rewind"
	"hindsight/game/sim/rng"
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// A crowd is a free-for-all of a thousand in one town. What differs from a small match:
//
//   - Nobody is sent the whole of it: see World.Reach and World.Eye.
//   - Everyone enters with a weapon besides the blaster, since there are few pickups for so many, and
//     at a spawn point taken by lot.
//   - Only who leads is on everyone's scoreboard.
//   - Rays end at crowdRange, so that nobody is hit who is not sent to the shooter.
//   - Who is near a shot is found through a grid, and not by asking everybody.
const (
	// crowdReach is how far around a player the world is sent, in units. The largest screen shows 693
	// (half the diagonal of a square of 980), and leans by 80 towards the aim. From when a snapshot is
	// taken to when it is drawn, a round trip of 200 ms, a snapshot of 33 ms and a view delay of 100 ms,
	// one runs 100 units and dashes another 80. The rest is for rays: crowdRange has to end as far
	// within as a player can come in the longest rewind, 767 ms: 310 units with a dash.
	crowdReach = 1152
	crowdRange = 800 // units that a ray goes
	crowdCell  = 128 // units along a side of the grid's cells
	crowdBoard = 10  // players on the scoreboard
	crowdNews  = 3   // of whom everybody hears whom they kill
)

// The ids of a crowd's avatars and shots, which have no room between those of a small match.
const (
	idCrowdPlayer protocol.EntityID = 1100 // + player: to 2100
	idCrowdShot   protocol.EntityID = 2200 // + (player-1)*MaxShots + slot: to 14,199
)

// crowd is what a World keeps only in a crowd.
type crowd struct {
	grid *grid.Grid // where the living stand since they walked
	// board is who leads, the first first, as last published.
	board [crowdBoard]protocol.PlayerID

	// Scratch.
	found []uint32
	near  []protocol.PlayerID
}

// isCrowd reports whether a match is one.
func (s *Settings) isCrowd() bool { return s.Mode == ModeCrowd }

// seats returns how many can play.
func (s *Settings) seats() int {
	if s.isCrowd() {
		return MaxCrowd
	}
	return MaxPlayers
}

// playerID returns the entity id of a player's avatar.
func (s *Settings) playerID(id protocol.PlayerID) protocol.EntityID {
	if s.isCrowd() {
		return idCrowdPlayer + protocol.EntityID(id)
	}
	return IDPlayer + protocol.EntityID(id)
}

// shotID returns the entity id of the shot in a player's slot.
func (s *Settings) shotID(id protocol.PlayerID, slot int) protocol.EntityID {
	n := protocol.EntityID(int(id-1)*MaxShots + slot)
	if s.isCrowd() {
		return idCrowdShot + n
	}
	return IDShot + n
}

// rayLength returns how far the rays of a weapon go.
func (s *Settings) rayLength(w *Weapon) fixed.Num {
	if s.isCrowd() {
		return min(w.Range, fixed.FromInt(crowdRange))
	}
	return w.Range
}

// arm gives a player who has just entered a crowd a weapon by lot. It follows from the seed, the tick and
// the player, so that both sides deal the same.
func (s *Settings) arm(id protocol.PlayerID, p *player, tick protocol.Tick) {
	if !s.isCrowd() {
		return
	}
	w := Shotgun + uint8(rng.Pick(rng.Mix(s.Seed, uint64(tick), uint64(id)), WeaponCount-1))
	p.owned |= 1 << (w - 1)
	p.ammo[w-1] = int32(weapons[w].MaxAmmo)
	p.weapon = w
}

// Seats implements game.Sized.
func (w *World) Seats() int { return w.rules.seats() }

// Reach implements game.Viewer.
func (w *World) Reach() int32 {
	if w.crowd == nil {
		return 0
	}
	return crowdReach
}

// Eye implements game.Viewer: who is dead looks at where he died until he is about to enter, and who
// looks on at who leads.
func (w *World) Eye(id protocol.PlayerID) (x, y int32, ok bool) {
	if id == 0 && w.crowd != nil {
		id = w.crowd.board[0]
	}
	if id == 0 || !w.seats[id].taken {
		return 0, 0, false
	}
	p := &w.seats[id].player
	at := p.pos
	if !p.alive && p.respawn.Sub(w.tick) < spawnNotice {
		at = p.spawnAt
	}
	return at.X.Wire(), at.Y.Wire(), true
}

// file notes where everyone stands, for around.
func (w *World) file() {
	if w.crowd == nil {
		return
	}
	w.crowd.grid.Clear()
	for _, id := range w.order {
		if p := &w.seats[id].player; p.alive {
			w.crowd.grid.Insert(uint32(id), p.pos)
		}
	}
}

// around returns, in ascending order, everyone alive whose middle is within reach of the segment from a
// to b, and maybe others. It is valid until the next call.
func (w *World) around(a, b fixed.Vec, reach fixed.Num) []protocol.PlayerID {
	c := w.crowd
	if c == nil {
		return w.order
	}
	lo, hi := box(a, b, reach)
	c.found, c.near = c.grid.Rect(c.found[:0], lo, hi), c.near[:0]
	for _, id := range c.found {
		c.near = append(c.near, protocol.PlayerID(id))
	}
	return c.near
}

// box returns the corners of what is within reach of a segment along each axis.
func box(a, b fixed.Vec, reach fixed.Num) (lo, hi fixed.Vec) {
	lo = fixed.Vec{X: min(a.X, b.X) - reach, Y: min(a.Y, b.Y) - reach}
	hi = fixed.Vec{X: max(a.X, b.X) + reach, Y: max(a.Y, b.Y) + reach}
	return lo, hi
}

// seen returns what is seen of others at a view from lo to hi, and maybe more.
func (w *World) seen(past game.Past, v protocol.View, lo, hi fixed.Vec) *delta.Snapshot {
	if w.crowd == nil {
		return past.Seen(v)
	}
	return past.SeenIn(v, rewind.Place{X: lo.X.Wire(), Y: lo.Y.Wire()}, rewind.Place{X: hi.X.Wire() + 1, Y: hi.Y.Wire() + 1})
}

// rank finds who leads. Of two with as many points the lower id comes first.
func (w *World) rank() {
	c, n := w.crowd, 0
	for _, id := range w.order {
		points := w.seats[id].player.points
		if n == crowdBoard && points <= w.seats[c.board[n-1]].player.points {
			continue
		}
		n = min(n+1, crowdBoard)
		i := n - 1
		for ; i > 0 && w.seats[c.board[i-1]].player.points < points; i-- {
			c.board[i] = c.board[i-1]
		}
		c.board[i] = id
	}
	clear(c.board[n:])
}

// leads reports whether a player is among the first n of a crowd.
func (w *World) leads(id protocol.PlayerID, n int) bool {
	for _, who := range w.crowd.board[:n] {
		if who == id {
			return true
		}
	}
	return false
}

// drawSpawn picks the player's next spawn point by lot.
func (w *World) drawSpawn(id protocol.PlayerID) {
	at := &w.rules.spawns[w.rand.Intn(len(w.rules.spawns))]
	w.spawnAt(id, at)
}
