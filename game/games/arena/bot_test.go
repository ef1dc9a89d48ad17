package arena_test

import (
	"testing"

	"hindsight/game"
	"hindsight/game/games/arena"
	"hindsight/game/games/arena/maps"
	"hindsight/game/gametest"
	"hindsight/protocol"
)

// startOn returns a match on a built-in map without limits that matter.
func startOn(t testing.TB, name string, mode uint8, seed uint64) game.Start {
	t.Helper()
	m, err := maps.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	s := arena.Settings{Mode: mode, TimeLimit: 3600 * arena.TickRate, Seed: seed, Map: m}
	return game.Start{Title: name, Blob: arena.EncodeStart(s)}
}

// table seats bots of the given skills in the seats from 1 on.
func table(t testing.TB, start game.Start, skills ...int) *gametest.Table {
	t.Helper()
	table, err := gametest.NewTable(arena.Game, start, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, skill := range skills {
		if err := table.Join(protocol.PlayerID(i+1), skill); err != nil {
			t.Fatal(err)
		}
	}
	return table
}

// score returns a player's row of the scoreboard.
func score(t *gametest.Table, id protocol.PlayerID) []int32 {
	return t.Match.Snapshot().Find(arena.IDScore + protocol.EntityID(id)).Row
}

// Better bots kill more, level by level, and the best die less than the worst.
func TestSkillsAreOrdered(t *testing.T) {
	const rounds = 3 * 60 * arena.TickRate
	seats := []int{1, 2, 3, 4, 5, 5, 4, 3, 2, 1}
	var kills, deaths [arena.MaxSkill + 1]int32
	for i, name := range maps.Names {
		table := table(t, startOn(t, name, arena.ModeFFA, uint64(i)), seats...)
		for range rounds {
			table.Tick()
		}
		for j, skill := range seats {
			row := score(table, protocol.PlayerID(j+1))
			kills[skill] += row[arena.ScoreKills]
			deaths[skill] += row[arena.ScoreDeaths]
		}
	}
	t.Logf("kills %v, deaths %v", kills[1:], deaths[1:])
	for skill := arena.MinSkill; skill < arena.MaxSkill; skill++ {
		if kills[skill]*6/5 > kills[skill+1] {
			t.Errorf("skill %d killed %d times and skill %d %d times, want a fifth more at least",
				skill, kills[skill], skill+1, kills[skill+1])
		}
	}
	if deaths[5] >= deaths[1] {
		t.Errorf("skill 5 died %d times, skill 1 %d", deaths[5], deaths[1])
	}
}

// A bot by itself finds its way about every map: it takes things in many places, never stays put
// for long unless it waits for something, and walks without trembling.
func TestLoneBotGetsAbout(t *testing.T) {
	const ticks = 120 * arena.TickRate
	for _, name := range maps.Names {
		t.Run(name, func(t *testing.T) {
			table := table(t, startOn(t, name, arena.ModeFFA, 3), arena.MaxSkill)
			s := table.Seats[0]
			taken := map[int32]bool{}
			idle, longest, reversals := 0, 0, 0
			var x, y int32
			var last protocol.Command
			for range ticks {
				table.Tick()
				for _, e := range s.Events {
					if e.Kind == arena.EventPickup {
						taken[e.Args[1]] = true
					}
				}
				dx, dy := s.Own[arena.OwnX]-x, s.Own[arena.OwnY]-y
				if idle++; max(dx, -dx, dy, -dy) > 64*256 {
					x, y, idle = s.Own[arena.OwnX], s.Own[arena.OwnY], 0
				}
				longest = max(longest, idle)
				c := s.Input.Command
				if int(c.MoveX)*int(last.MoveX)+int(c.MoveY)*int(last.MoveY) < 0 {
					reversals++
				}
				last = c
			}
			if len(taken) < 12 || longest > 6*arena.TickRate || reversals > ticks/100 {
				t.Errorf("took %d different things, stayed in one place for up to %d ticks, turned back %d times",
					len(taken), longest, reversals)
			}
		})
	}
}

func TestThinkDoesNotAllocate(t *testing.T) {
	table := table(t, startOn(t, "warren", arena.ModeTDM, 2), 1, 2, 3, 4, 5, 5)
	sights := make([]game.Sight, len(table.Seats))
	for range 1800 {
		table.Tick()
	}
	for i, s := range table.Seats {
		sights[i] = game.Sight{Me: s.ID, Own: s.Own, Scene: &s.Scene, Events: s.Events}
	}
	tick := table.Match.Tick()
	if n := testing.AllocsPerRun(1, func() {
		for range 600 {
			tick++
			for i, s := range table.Seats {
				sights[i].Tick = tick
				s.Bot.Think(&sights[i])
			}
		}
	}); n != 0 {
		t.Errorf("%v allocations in 600 ticks of 6 bots, want 0", n)
	}
}

func BenchmarkThink(b *testing.B) {
	for _, name := range maps.Names {
		b.Run(name, func(b *testing.B) {
			skills := make([]int, 16)
			for i := range skills {
				skills[i] = 1 + i%5
			}
			table := table(b, startOn(b, name, arena.ModeFFA, 1), skills...)
			for range 600 {
				table.Tick()
			}
			for b.Loop() {
				for _, s := range table.Seats {
					s.Bot.Think(&game.Sight{Tick: table.Match.Tick() + 1, Me: s.ID, Own: s.Own, Scene: &s.Scene})
				}
				b.StopTimer()
				table.Tick()
				b.StartTimer()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(table.Seats)), "ns/think")
		})
	}
}
