package matchmaking

import (
	"errors"
	"fmt"
	"math"

	"hindsight/protocol"
)

// DefaultFillAfter is how long people wait for people before bots take the empty seats.
const DefaultFillAfter = 20 * protocol.Second

// Rules say what a match of a playlist looks like and how long people wait for a good one.
//
// A wait has three parts. From its start only full matches are made, of people within the window.
// From StartAfter on, MinPlayers are enough. From FillAfter on the window is without bounds and
// anybody is enough: bots take the seats that are left.
type Rules struct {
	// Teams is how many teams there are. 0 and 1 mean a free for all.
	Teams int
	// TeamSize is how many seats a team has. A free for all has MaxPlayers seats instead; of the two
	// the one that is not used is 0.
	TeamSize, MaxPlayers int
	// MinPlayers is the fewest people with whom a match starts before FillAfter. 0 means 2.
	MinPlayers int
	// StartAfter is the wait after which a match need not be full. 0 means half of FillAfter.
	StartAfter protocol.Micros
	// FillAfter is the wait after which bots fill the match. 0 means DefaultFillAfter.
	FillAfter protocol.Micros
	// NoBots keeps bots out. People then wait until there are MinPlayers, however long that takes,
	// and all teams have the same number of players.
	NoBots bool
	// JoinInProgress lets people into running rooms.
	JoinInProgress bool
	// Window says how far a player's skill may be from that of the one who waits, in points of
	// rating, by how long he waits. It is in order of After, the first of which is 0. Nil means 2
	// points, then 4 from a quarter and 8 from half of FillAfter on.
	Window []Step
}

// Step is a part of a window's schedule: from a wait of After on, Points to each side.
type Step struct {
	After  protocol.Micros
	Points float64
}

// withDefaults checks the rules and fills in what is 0.
func (r Rules) withDefaults() (Rules, error) {
	if r.Teams <= 1 {
		r.Teams = 1
		if r.TeamSize != 0 {
			return r, errors.New("a free for all has no team size")
		}
		r.TeamSize = r.MaxPlayers
	} else if r.MaxPlayers != 0 {
		return r, errors.New("the seats of teams are their size, not MaxPlayers")
	}
	if r.TeamSize < 1 || r.seats() > protocol.MaxPlayers {
		return r, fmt.Errorf("%d teams of %d: a match has 1 to %d seats", r.Teams, r.TeamSize, protocol.MaxPlayers)
	}
	if r.MinPlayers == 0 {
		r.MinPlayers = min(2, r.seats())
	}
	if r.MinPlayers < 1 || r.MinPlayers > r.seats() {
		return r, fmt.Errorf("at least %d of %d players", r.MinPlayers, r.seats())
	}
	if r.FillAfter == 0 {
		r.FillAfter = DefaultFillAfter
	}
	if r.StartAfter == 0 {
		r.StartAfter = r.FillAfter / 2
	}
	if r.StartAfter < 0 || r.StartAfter > r.FillAfter {
		return r, errors.New("StartAfter lies between 0 and FillAfter")
	}
	if r.Window == nil {
		r.Window = []Step{{0, 2}, {r.FillAfter / 4, 4}, {r.FillAfter / 2, 8}}
	}
	return r, r.checkWindow()
}

func (r Rules) checkWindow() error {
	if len(r.Window) == 0 || r.Window[0].After != 0 {
		return errors.New("the window's schedule does not begin at 0")
	}
	for i, s := range r.Window {
		if !(s.Points >= 0) || i > 0 && (s.After <= r.Window[i-1].After || s.Points < r.Window[i-1].Points) {
			return errors.New("the window's schedule is not in order, or narrows")
		}
	}
	return nil
}

// free reports that everybody plays for himself.
func (r Rules) free() bool { return r.Teams == 1 }

// seats is how many people a match has room for.
func (r Rules) seats() int { return r.Teams * r.TeamSize }

// reach is the window's half width after a wait.
func (r Rules) reach(wait protocol.Micros) float64 {
	if wait >= r.FillAfter {
		return math.Inf(1)
	}
	points := r.Window[0].Points
	for _, s := range r.Window[1:] {
		if wait >= s.After {
			points = s.Points
		}
	}
	return points
}
