package gametest

import (
	"fmt"

	"hindsight/game"
)

// checkWalls looks at what a server asks of a match whose walls hide something: see game.Start.Walls.
func checkWalls(def *game.Definition, start game.Start) error {
	if start.Walls == nil {
		return nil
	}
	t, err := full(def, start, crowd, 1)
	if err != nil {
		return err
	}
	for range 2 * def.TickRate {
		t.Tick()
	}
	own := def.Schema.Own.Fields
	for _, s := range t.Match.Sites() {
		if s.Cell < 0 || s.Cell >= len(own) || !own[s.Cell].Told {
			return fmt.Errorf("cell %d of the own row is a Site, and no Told field", s.Cell)
		}
	}
	for _, a := range t.Seats {
		if _, _, ok := t.Match.Eye(a.ID); !ok {
			return fmt.Errorf("tick %d: player %d looks from nowhere (a World with Walls is a Viewer)", t.Match.Tick(), a.ID)
		}
		for _, b := range t.Seats {
			if t.Match.Allies(a.ID, b.ID) != t.Match.Allies(b.ID, a.ID) {
				return fmt.Errorf("players %d and %d are allies one way only", a.ID, b.ID)
			}
		}
	}
	return nil
}
