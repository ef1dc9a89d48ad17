package arena

import (
	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// publish adds the avatar as everyone sees it, if it is alive. World and Predictor share it.
func (r *rules) publish(s *delta.Snapshot, id protocol.PlayerID, p *player, tick protocol.Tick) {
	if !p.alive {
		return
	}
	row := s.Add(r.playerID(id), KindPlayer, id, p.born, playerFields)
	row[PlayerX], row[PlayerY] = p.pos.X.Wire(), p.pos.Y.Wire()
	row[PlayerAim] = int32(uint8((uint32(p.aim) + 128) >> 8))
	row[PlayerWeapon], row[PlayerTeam] = int32(p.weapon), int32(p.team)
	row[PlayerFlags] = p.flags(tick)
	row[PlayerHealth] = min(max((p.health+9)/10, 1), 10)
}

func (p *player) flags(tick protocol.Tick) (f int32) {
	if p.safe(tick) {
		f |= FlagProtected
	}
	if tick.Sub(p.dashEnd) < 0 {
		f |= FlagDashing
	}
	if p.fired != 0 && tick.Sub(p.fired) < firingTicks {
		f |= FlagFiring
	}
	if p.health > fullHealth {
		f |= FlagMega
	}
	if p.armour > 0 {
		f |= FlagArmour
	}
	return f
}

// publishShots adds the player's shots in flight.
func (r *rules) publishShots(s *delta.Snapshot, id protocol.PlayerID, p *player) {
	for i := 0; i < len(p.shots) && p.flying > 0; i++ {
		sh := &p.shots[i]
		if sh.weapon == 0 {
			continue
		}
		row, v := s.Add(r.shotID(id, i), KindShot, id, sh.born, shotFields), sh.velocity()
		row[ShotX], row[ShotY] = sh.at.X.Wire(), sh.at.Y.Wire()
		row[ShotVX], row[ShotVY], row[ShotT0] = int32(v.X), int32(v.Y), int32(sh.t0)
		row[ShotWeapon], row[ShotTeam] = int32(sh.weapon), int32(p.team)
	}
}

// Publish adds the match, the scores, the living and the shots, in that order of ids.
func (w *World) Publish(s *delta.Snapshot) {
	row := s.Add(IDMatch, KindMatch, 0, 0, matchFields)
	row[MatchPhase], row[MatchEnds] = int32(w.ground.phase), int32(w.ground.ends)
	row[MatchMode], row[MatchLimit] = int32(w.rules.Mode), int32(w.rules.ScoreLimit)
	row[MatchRed], row[MatchBlue] = w.teams[TeamRed], w.teams[TeamBlue]
	if w.crowd != nil {
		w.rank()
	}
	for _, id := range w.order {
		owner := protocol.PlayerID(0) // everyone's to see
		if w.crowd != nil && !w.leads(id, crowdBoard) {
			owner = id
		}
		w.seats[id].score.publish(s, id, owner, &w.seats[id].player)
	}
	for _, id := range w.order {
		w.rules.publish(s, id, &w.seats[id].player, w.tick)
	}
	for _, id := range w.order {
		w.rules.publishShots(s, id, &w.seats[id].player)
	}
}

// Standing reads a player's line of the scoreboard; it is zero if there is none.
func Standing(s *delta.Snapshot, id protocol.PlayerID) game.Standing {
	e := s.Find(IDScore + protocol.EntityID(id))
	if e == nil || e.Kind != KindScore || len(e.Row) != scoreFields || e.Row[ScorePlayer] != int32(id) {
		return game.Standing{}
	}
	return game.Standing{
		Team: int(e.Row[ScoreTeam]), Score: int(e.Row[ScorePoints]), Kills: int(e.Row[ScoreKills]),
		Deaths: int(e.Row[ScoreDeaths]), Assists: int(e.Row[ScoreAssists]),
	}
}

func (c *score) publish(s *delta.Snapshot, id, owner protocol.PlayerID, p *player) {
	row := s.Add(IDScore+protocol.EntityID(id), KindScore, owner, c.since, scoreFields)
	row[ScorePlayer], row[ScoreTeam] = int32(id), int32(p.team)
	row[ScoreKills], row[ScoreDeaths], row[ScoreAssists] = c.kills, c.deaths, c.assists
	row[ScoreStreak], row[ScorePoints] = p.streak, p.points
}
