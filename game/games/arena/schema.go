package arena

import (
	"strconv"

	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// Limits of the arena.
const (
	TickRate   = 60
	MaxPlayers = 32   // in a match but a crowd
	MaxCrowd   = 1000 // in a crowd
	MaxPickups = 24   // pickups on a map
	MaxShots   = 12   // shots of one player in flight
)

// The entity kinds, as indices of Schema.Kinds.
const (
	KindMatch uint8 = iota
	KindScore
	KindPlayer
	KindShot
)

// The entity ids. Each player has fixed ones, so an id never says anything about order. In a crowd avatars
// and shots have others, see idCrowdPlayer.
const (
	IDMatch  protocol.EntityID = 1
	IDScore  protocol.EntityID = 1 // + player: 2 to 33, in a crowd to 1001
	IDPlayer protocol.EntityID = 100
	IDShot   protocol.EntityID = 200 // + (player-1)*MaxShots + slot
)

// The fields of KindMatch.
const (
	MatchPhase = iota // PhaseWarmup, PhaseLive or PhaseIntermission
	MatchEnds         // the tick at which the phase ends
	MatchMode         // ModeFFA, ModeTDM or ModeCrowd
	MatchLimit        // the score that ends the match
	MatchRed          // team scores
	MatchBlue
	matchFields
)

// The fields of KindScore, one row for each seated player. In a crowd the row of who does not lead is his
// own: he alone is sent it.
const (
	ScorePlayer  = iota // whose row this is
	ScoreTeam           // TeamNone, TeamRed or TeamBlue
	ScoreKills          // of others
	ScoreDeaths         // however they came
	ScoreAssists        // kills by others of whom this player had hurt badly
	ScoreStreak         // kills since the last death
	ScorePoints         // what the limit counts: kills less own goals
	scoreFields
)

// The fields of KindPlayer, one row for each player that is alive. A new life is a new birth. The
// first three are what is foreseen of a mover.
const (
	PlayerX      = iota // 1/16 unit
	PlayerY             // 1/16 unit
	PlayerAim           // 1/256 turn
	PlayerWeapon        // Blaster to Rail
	PlayerFlags         // Flag bits
	PlayerTeam          // TeamNone, TeamRed or TeamBlue
	PlayerHealth        // for a bar over the head: 1 to 10 tenths of 100, more is 10
	playerFields
)

// The bits of PlayerFlags.
const (
	FlagProtected = 1 << iota // just spawned: cannot be hurt
	FlagDashing
	FlagFiring // fired within the last few ticks
	FlagMega   // health above 100
	FlagArmour // wears armour
)

// The fields of KindShot. It flies by delta.Motion and costs nothing after its birth.
const (
	ShotX      = iota // 1/16 unit, at tick ShotT0
	ShotY             // 1/16 unit
	ShotVX            // 1/256 unit per tick
	ShotVY            // 1/256 unit per tick
	ShotT0            // tick
	ShotWeapon        // Plasma or Rocket
	ShotTeam          // of its owner
	shotFields
)

// The fields of the own row. Times are absolute ticks, so that what merely waits does not change.
// Positions and velocities are fixed.Num. Those that the server alone decides are Told.
const (
	OwnX         = iota // 1/256 unit
	OwnY                // 1/256 unit
	OwnVX               // 1/256 unit per tick
	OwnVY               // 1/256 unit per tick
	OwnAim              // 1/65536 turn
	OwnHealth           // 0 or less is dead
	OwnArmour           // bears two thirds of damage
	OwnAlive            // 1 while in play
	OwnWeapon           // in hand, Blaster to Rail
	OwnOwned            // bit w-1 is set if weapon w is owned
	OwnReady            // tick from which anything may be fired: raising, recovery
	OwnFired            // tick of the last shot
	OwnQueued           // a press of fire counts until this tick, 0 for none
	OwnPressFire        // Command.Press[0] last seen
	OwnPressDash        // Command.Press[1] last seen
	OwnDashEnd          // tick at which the dash under way ends
	OwnDashReady        // tick from which one may dash again
	OwnPushEnd          // tick until which a push carries: little grip on the ground
	OwnBorn             // tick of the last spawn
	OwnSafeEnd          // tick at which spawn protection ends
	OwnRespawn          // tick of the next spawn, if dead
	OwnSpawnX           // told: where the next spawn will be
	OwnSpawnY           // told
	OwnSpawnAim         // told
	OwnTeam             // told
	OwnPhase            // told
	OwnPhaseEnds        // told: tick
	OwnPoints           // told: as in the score row
	OwnStreak           // told: as in the score row
	ownSingles
)

// The tables in the own row follow the single fields.
const (
	OwnAmmo   = ownSingles            // + weapon-1; the blaster's is unused
	OwnNext   = OwnAmmo + WeaponCount // + weapon-1: tick from which that weapon may fire again
	OwnPick   = OwnNext + WeaponCount // + pickup: tick at which it is (or was) there. Told
	OwnShot   = OwnPick + MaxPickups  // + slot*ownShotCells + one of the cells below
	ownFields = OwnShot + MaxShots*ownShotCells
)

// The cells of one shot slot in the own row. A slot is free when its weapon is 0; the other cells
// then keep their last values, which costs nothing on the wire.
const (
	OwnShotWeapon = iota
	OwnShotT0     // tick at which it was at X, Y; up to maxLead before it was fired
	OwnShotX      // fixed.Num
	OwnShotY      // fixed.Num
	OwnShotAngle  // 1/65536 turn; its speed is the weapon's
	OwnShotEnd    // tick at which it meets a wall or runs out
	OwnShotBorn   // tick at which it was fired
	ownShotCells
)

// Schema is the arena's networked state.
var Schema = buildSchema()

func buildSchema() *delta.Schema {
	const farthest = 1 << 22 // fixed.Num's range of use
	step := func(name string, lo, hi int32) delta.Field {
		return delta.Field{Name: name, Min: lo, Max: hi}
	}
	tick := func(name string) delta.Field { return delta.Field{Name: name, Tick: true} }
	count := func(name string) delta.Field { return delta.Field{Name: name, Bits: 1} }
	return &delta.Schema{
		Kinds: []delta.Kind{
			KindMatch: {Name: "match", Fields: []delta.Field{
				MatchPhase: step("phase", 0, 2), MatchEnds: tick("ends"), MatchMode: step("mode", 0, int32(modes)-1),
				MatchLimit: step("limit", 0, maxScoreLimit), MatchRed: count("red"), MatchBlue: count("blue"),
			}},
			KindScore: {Name: "score", Fields: []delta.Field{
				ScorePlayer: step("player", 1, MaxCrowd), ScoreTeam: step("team", 0, 2),
				ScoreKills: count("kills"), ScoreDeaths: count("deaths"), ScoreAssists: count("assists"),
				ScoreStreak: count("streak"), ScorePoints: count("points"),
			}},
			KindPlayer: {Name: "player", Positioned: true, Private: true, Fields: []delta.Field{
				PlayerX:      {Name: "x", Mode: delta.Lerp, Min: -farthest, Max: farthest},
				PlayerY:      {Name: "y", Mode: delta.Lerp, Min: -farthest, Max: farthest},
				PlayerAim:    {Name: "aim", Mode: delta.Turn, Turn: 256, Min: 0, Max: 255},
				PlayerWeapon: step("weapon", 1, WeaponCount), PlayerFlags: step("flags", 0, 127),
				PlayerTeam: step("team", 0, 2), PlayerHealth: step("health", 0, 10),
			}},
			KindShot: {Name: "shot", Positioned: true, Private: true,
				Motion: &delta.Motion{X: ShotX, Y: ShotY, VX: ShotVX, VY: ShotVY, T0: ShotT0},
				Fields: []delta.Field{
					ShotX: step("x", -farthest, farthest), ShotY: step("y", -farthest, farthest),
					ShotVX: step("vx", -1<<16, 1<<16), ShotVY: step("vy", -1<<16, 1<<16), ShotT0: tick("t0"),
					ShotWeapon: step("weapon", 1, WeaponCount), ShotTeam: step("team", 0, 2),
				}},
		},
		Own: ownKind(farthest),
	}
}

// ownKind lists the own row. The ranges are what Load relies on: a row from the network is inside
// them or was refused by the decoder.
func ownKind(farthest int32) delta.Kind {
	f := make([]delta.Field, ownFields)
	f[OwnX] = delta.Field{Name: "x", Min: -farthest, Max: farthest, Bits: 6}
	f[OwnY] = delta.Field{Name: "y", Min: -farthest, Max: farthest, Bits: 6}
	f[OwnVX] = delta.Field{Name: "vx", Min: -1 << 16, Max: 1 << 16, Bits: 8}
	f[OwnVY] = delta.Field{Name: "vy", Min: -1 << 16, Max: 1 << 16, Bits: 8}
	f[OwnAim] = delta.Field{Name: "aim", Min: 0, Max: 65535, Bits: 11}
	f[OwnHealth] = delta.Field{Name: "health", Min: -10000, Max: maxHealth}
	f[OwnArmour] = delta.Field{Name: "armour", Min: 0, Max: maxArmour}
	f[OwnAlive] = delta.Field{Name: "alive", Min: 0, Max: 1}
	f[OwnWeapon] = delta.Field{Name: "weapon", Min: 1, Max: WeaponCount}
	f[OwnOwned] = delta.Field{Name: "owned", Min: 0, Max: 1<<WeaponCount - 1}
	f[OwnPressFire] = delta.Field{Name: "pressFire", Min: 0, Max: 255}
	f[OwnPressDash] = delta.Field{Name: "pressDash", Min: 0, Max: 255}
	f[OwnSpawnX] = delta.Field{Name: "spawnX", Min: -farthest, Max: farthest, Told: true}
	f[OwnSpawnY] = delta.Field{Name: "spawnY", Min: -farthest, Max: farthest, Told: true}
	f[OwnSpawnAim] = delta.Field{Name: "spawnAim", Min: 0, Max: 65535, Told: true}
	f[OwnTeam] = delta.Field{Name: "team", Min: 0, Max: 2, Told: true}
	f[OwnPhase] = delta.Field{Name: "phase", Min: 0, Max: 2, Told: true}
	f[OwnPoints] = delta.Field{Name: "points", Bits: 1, Told: true}
	f[OwnStreak] = delta.Field{Name: "streak", Bits: 1, Told: true}
	f[OwnPhaseEnds] = delta.Field{Name: "phaseEnds", Tick: true, Told: true}
	for _, t := range [...]struct {
		i    int
		name string
	}{
		{OwnReady, "ready"}, {OwnFired, "fired"}, {OwnQueued, "queued"}, {OwnDashEnd, "dashEnd"},
		{OwnDashReady, "dashReady"}, {OwnPushEnd, "pushEnd"}, {OwnBorn, "born"},
		{OwnSafeEnd, "safeEnd"}, {OwnRespawn, "respawn"},
	} {
		f[t.i] = delta.Field{Name: t.name, Tick: true}
	}
	for w := range WeaponCount {
		n := strconv.Itoa(w + 1)
		f[OwnAmmo+w] = delta.Field{Name: "ammo" + n, Min: 0, Max: maxAmmo}
		f[OwnNext+w] = delta.Field{Name: "next" + n, Tick: true}
	}
	for i := range MaxPickups {
		f[OwnPick+i] = delta.Field{Name: "pick" + strconv.Itoa(i), Tick: true, Told: true}
	}
	for i := range MaxShots {
		n, at := strconv.Itoa(i), OwnShot+i*ownShotCells
		f[at+OwnShotWeapon] = delta.Field{Name: "shotWeapon" + n, Min: 0, Max: WeaponCount}
		f[at+OwnShotT0] = delta.Field{Name: "shotT0_" + n, Tick: true}
		f[at+OwnShotX] = delta.Field{Name: "shotX" + n, Min: -farthest, Max: farthest, Bits: 13}
		f[at+OwnShotY] = delta.Field{Name: "shotY" + n, Min: -farthest, Max: farthest, Bits: 13}
		f[at+OwnShotAngle] = delta.Field{Name: "shotAngle" + n, Min: 0, Max: 65535, Bits: 13}
		f[at+OwnShotEnd] = delta.Field{Name: "shotEnd" + n, Tick: true}
		f[at+OwnShotBorn] = delta.Field{Name: "shotBorn" + n, Tick: true}
	}
	return delta.Kind{Name: "own", Fields: f, Drifts: []delta.Drift{{Place: OwnX, Speed: OwnVX}, {Place: OwnY, Speed: OwnVY}}}
}
