package room

import (
	"fmt"

	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// botNames are given in turn; a room has at most as many bots as seats.
var botNames = [...]string{
	"Ada", "Babbage", "Cray", "Dijkstra", "Euler", "Fermat", "Gauss", "Hopper",
	"Ito", "Jacquard", "Knuth", "Lovelace", "McCarthy", "Noether", "Oberth", "Pascal",
	"Quine", "Ritchie", "Shannon", "Turing", "Ulam", "Von Neumann", "Wirth", "Xenakis",
	"Yao", "Zuse", "Backus", "Codd", "Floyd", "Hamming", "Lamport", "Minsky",
}

// fill brings bots in or sends them away until the room is as full as it is configured to be.
func (r *Room) fill() {
	for len(r.players) < r.cfg.Bots {
		if r.seat(r.botName(), true, 0) == nil {
			break
		}
	}
	for len(r.players) > r.cfg.Bots && r.dismiss(0) {
	}
}

// dismiss sends a bot away, the newest of that team or else the newest of any, so that who comes
// instead does not upset the balance. It reports false if there is none.
func (r *Room) dismiss(team uint8) bool {
	var bot *player
	for _, p := range r.players {
		if p.isBot() && (bot == nil || r.teamOf(p) == int(team) || r.teamOf(bot) != int(team)) {
			bot = p
		}
	}
	if bot == nil {
		return false
	}
	r.leave(bot, "made room")
	return true
}

// teamOf returns the team that a player plays in, 0 if the game has none.
func (r *Room) teamOf(p *player) int {
	if f, s := r.cfg.Host.Standing, r.match.Snapshot(); f != nil && s != nil {
		return f(s, p.id).Team
	}
	return 0
}

// botName returns the first name that no one in the room has; in a crowd they are numbered.
func (r *Room) botName() string {
	for _, name := range botNames {
		if len(r.players) < 2*len(botNames) && !r.named(name) {
			return name
		}
	}
	n := len(r.players)
	return fmt.Sprintf("%s %d", botNames[n%len(botNames)], 1+n/len(botNames))
}

func (r *Room) named(name string) bool {
	for _, p := range r.players {
		if p.name == name {
			return true
		}
	}
	return false
}

// newBot makes the mind of the bot in seat id.
func (r *Room) newBot(id protocol.PlayerID) game.Bot {
	seed := mix(r.cfg.Seed, uint64(id)<<32|uint64(r.played))
	skill := r.cfg.BotSkill
	if skill == 0 {
		skill = 1 + int(mix(seed, 1)%5)
	}
	var b game.Bot
	var err error
	if kin, ok := r.minds.(game.Sibling); ok {
		b, err = kin.Sibling(id, skill, seed)
	} else {
		b, err = r.cfg.Host.NewBot(r.match.Start.Blob, id, skill, seed)
	}
	if err != nil {
		panic("room: the blob of a running match makes no bot: " + err.Error())
	}
	r.minds = b
	return b
}

// present returns what a bot sees in this tick: nil before the first. It is good until the next bot is asked
// about.
func (r *Room) present(p *player) *delta.Snapshot {
	s := r.match.Snapshot()
	switch {
	case s == nil:
		return nil
	case r.crowd != nil:
		return r.crowd.present(r.match, p.id)
	case r.veil != nil:
		delta.SeenOf(r.cfg.Host.Schema, s, p.eye.Unveiled(&r.looking, r.veil, r.cfg.Host.Schema, s, p.id), &r.unveiled)
		return &r.unveiled
	case r.scene == nil:
		r.scene = r.match.Past().Seen(protocol.View{})
	}
	return r.scene
}

// think asks a bot for its command for tick t. It sees the present; a bot's view is the zero view.
func (r *Room) think(p *player, t protocol.Tick) protocol.Command {
	if !r.thinks(p, t) {
		p.said.Tick = t
		return p.said
	}
	scene := r.present(p)
	if scene == nil { // before the first tick
		return protocol.Command{Tick: t}
	}
	r.ownRow(p, r.own)
	p.sight.Tick, p.sight.Me, p.sight.Own, p.sight.Scene = t, p.id, r.own, scene
	cmd := p.bot.Think(&p.sight)
	cmd.Tick, cmd.View = t, protocol.View{}
	if !p.isBot() { // it stands in
		cmd.Press[0] += p.press[0]
		cmd.Press[1] += p.press[1]
		p.schedule.last, p.schedule.done = cmd, t
	}
	p.said = cmd
	p.sight.Events = p.sight.Events[:0]
	return cmd
}
