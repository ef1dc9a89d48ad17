package arena

import "hindsight/game/sim/fixed"

// The weapons. 0 is none.
const (
	Blaster uint8 = 1 + iota // the starter: endless ammunition, rewound hitscan
	Shotgun                  // a cone of pellets, rewound hitscan
	Plasma                   // a stream of fast bolts
	Rocket                   // slow, with splash and push
	Rail                     // one precise ray, rewound hitscan

	WeaponCount = 5
)

// Weapon is what a weapon does. Lengths are fixed.Num (1/256 unit), speeds 1/256 unit per tick,
// times ticks.
type Weapon struct {
	Name string
	// Refire is the time between two shots of this weapon; Recover the time after a shot before
	// any other may fire, so that switching is a choice and not a combination.
	Refire, Recover int
	Damage          int // of one pellet, ray or direct hit
	Pellets         int // rays of a hitscan weapon, 0 for projectiles
	Spread          int // half the width of the cone, 1/65536 turn
	Range           fixed.Num
	Push            fixed.Num // speed given to who is hit, for Damage of it
	Ammo            int       // what a pick-up of the weapon holds
	MaxAmmo         int

	// Projectiles only.
	Speed  fixed.Num
	Life   int       // ticks of flight
	Radius fixed.Num // of the projectile against players
	Splash fixed.Num // radius of the explosion, 0 for none
	// SplashDamage is dealt at the centre and falls off linearly to nothing at Splash.
	SplashDamage int
	SplashPush   fixed.Num
}

// perSecond turns units per second into fixed.Num per tick.
func perSecond(units int) fixed.Num { return fixed.FromInt(units) / TickRate }

// weapons is the table, by weapon; entry 0 is none. It does not change.
var weapons = [WeaponCount + 1]Weapon{
	Blaster: {
		Name: "blaster", Refire: 6, Recover: 6, Damage: 7, Pellets: 1, Spread: 240,
		Range: fixed.FromInt(900), Push: perSecond(20),
	},
	Shotgun: {
		Name: "shotgun", Refire: 54, Recover: 30, Damage: 9, Pellets: 8, Spread: 1300,
		Range: fixed.FromInt(620), Push: perSecond(35), Ammo: 10, MaxAmmo: 30,
	},
	Plasma: {
		Name: "plasma", Refire: 6, Recover: 12, Damage: 18, Push: perSecond(60), Ammo: 50, MaxAmmo: 150,
		Speed: perSecond(700), Life: 60, Radius: fixed.FromInt(4),
	},
	Rocket: {
		Name: "rocket", Refire: 48, Recover: 36, Damage: 100, Push: perSecond(420), Ammo: 8, MaxAmmo: 25,
		Speed: perSecond(560), Life: 180, Radius: fixed.FromInt(5),
		Splash: fixed.FromInt(90), SplashDamage: 84, SplashPush: perSecond(620),
	},
	Rail: {
		Name: "rail", Refire: 90, Recover: 36, Damage: 80, Pellets: 1,
		Range: fixed.FromInt(2400), Push: perSecond(200), Ammo: 8, MaxAmmo: 20,
	},
}

// maxPellets bounds the rays of one volley.
const maxPellets = 8

// WeaponInfo returns the table entry of a weapon; that of 0 or an unknown one is empty. It must not
// be changed.
func WeaponInfo(w uint8) *Weapon {
	if w > WeaponCount {
		w = 0
	}
	return &weapons[w]
}

// preference is the order in which a weapon is chosen when the one in hand runs dry.
var preference = [...]uint8{Rocket, Plasma, Rail, Shotgun, Blaster}
