// Package arena is the flagship game: a top-down arena shooter with Quake's item control. Five
// weapons, health, armour and a mega on timers, a dash, rocket jumps; free-for-all, two teams, or a
// crowd of a thousand.
//
// One body, player, is stepped by the same functions in World (the authority) and Predictor (its
// player's client). What a player's own commands lead to is predicted bit for bit: movement,
// weapons, projectiles, the push and damage of own rockets, death by them, respawn, pickups, and
// phases that end by time. What others do to a player is the World's business; it calls
// game.Turn.Touch for each player concerned.
//
//	schema.go   what is networked          start.go    settings and the start blob
//	weapons.go  the table                  player.go   the body, its row
//	move.go     walking and dashing        fire.go     trigger, rays, hits
//	shots.go    projectiles                pickups.go  items
//	phase.go    warm-up, live, scoreboard  spawn.go    where to enter
//	world_step.go  the order of a tick     judge.go    rays, with hindsight
//	impact.go   what shots meet            damage.go   who hurt whom, and scores
//	predict.go  the client's half          events.go   what is seen and heard
//	bot*.go     computer players           nav*.go     how they find their way
//	crowd.go    what differs in a crowd
//
// Rays are judged by what the shooter saw (game.Past); projectiles are born as old as that view.
// Nothing in here reads a clock, uses a float or allocates in a tick.
package arena
