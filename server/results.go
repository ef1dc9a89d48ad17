package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"hindsight/server/cluster"
	"hindsight/server/room"
	"hindsight/server/storage"
)

// record hands a match that has ended to the outbox. It is called in a room's goroutine and does not
// wait. A match among bots is nobody's history.
func (b *backend) record(match uuid.UUID, r room.Result) {
	result, people := resultOf(match, r, time.Now())
	if !people {
		return
	}
	if err := b.outbox.Put(result); err != nil {
		b.cfg.Log.Error("a match result is lost", "match", match, "room", r.Room, "error", err)
	}
}

// keep stores a match that was played on another game server. A match among bots is nobody's history
// and settled at once.
func (b *backend) keep(ctx context.Context, _ string, r cluster.Result) error {
	result, people := resultOf(r.Match, r.Result, r.Ended)
	if !people {
		return nil
	}
	_, err := b.store.RecordMatch(ctx, result)
	if errors.Is(err, storage.ErrInvalid) {
		return fmt.Errorf("%w: %w", cluster.ErrRefused, err)
	}
	return err
}

// resultOf puts a room's result into the form that is stored, and reports whether people played. A
// match in which nobody known played counts for nothing: it is void.
func resultOf(match uuid.UUID, r room.Result, ended time.Time) (result storage.Result, people bool) {
	span := func(ticks uint32) time.Duration {
		return time.Duration(ticks) * time.Second / time.Duration(max(r.TickRate, 1))
	}
	result = storage.Result{
		ID: match.String(), Game: r.Game, Mode: r.Mode, Map: r.Map, Room: r.Room,
		Started: ended.Add(-span(uint32(r.Ticks))), Ended: ended, Void: true,
	}
	places := placesOf(r.Players)
	for i, p := range r.Players {
		people = people || !p.Bot
		if p.ID != "" {
			result.Void = false
		}
		result.Players = append(result.Players, storage.Line{
			Player: p.ID, Name: p.Name, Bot: p.Bot, Team: p.Team, Place: places[i],
			Score: p.Score, Kills: p.Kills, Deaths: p.Deaths, Assists: p.Assists,
			Shots: p.Shots, Hits: p.Hits, Played: span(uint32(p.Ticks)),
		})
	}
	return result, people
}

// placesOf ranks players by score, and those who have a team by that of their team. Equals share a
// place: it is one more than the number of sides that did better.
func placesOf(players []room.PlayerResult) []int {
	teams := map[int]int{} // the score of each
	for _, p := range players {
		teams[p.Team] += p.Score
	}
	score := func(p *room.PlayerResult) int {
		if p.Team != 0 {
			return teams[p.Team]
		}
		return p.Score
	}
	places := make([]int, len(players))
	for i := range players {
		places[i] = 1
		better := map[int]bool{} // teams that were counted
		for j := range players {
			o := &players[j]
			if cmp.Compare(score(o), score(&players[i])) <= 0 || better[o.Team] {
				continue
			}
			places[i]++
			better[o.Team] = o.Team != 0
		}
	}
	return places
}
