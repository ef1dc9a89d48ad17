package arena

// Skills of a bot.
const (
	MinSkill = 1 // beginner
	MaxSkill = 5 // expert
)

// skill is what a bot can do and how well. Angles are in 1/65536 turn (a degree is 182), times in
// ticks.
type skill struct {
	react  int // from when an enemy comes into sight to when he is noticed
	turn   int // fastest turn in a tick
	gain   int // share of the way to the wanted aim that is turned in a tick, of 256
	noise  int // of the aim once it has settled
	flinch int // of the aim when a new target is taken on
	settle int // share of the flinch that is lost in a tick, of 256
	lead   int // share of the right lead with projectiles, of 256
	dodge  int // projectiles that are noticed, of 100
	strafe int // shortest time before changing sides; the longest is twice as long
	look   int // how far it looks for items, in units
	timing int // how long before its return an item is waited for
	combos bool
}

// skills is the table, by skill; entry 0 is unused. It does not change.
var skills = [MaxSkill + 1]skill{
	1: {react: 30, turn: 420, gain: 30, noise: 1700, flinch: 5200, settle: 6, lead: 60, dodge: 0, strafe: 80, look: 500},
	2: {react: 22, turn: 650, gain: 44, noise: 1350, flinch: 3900, settle: 8, lead: 120, dodge: 25, strafe: 60, look: 750},
	3: {react: 15, turn: 1050, gain: 64, noise: 980, flinch: 2700, settle: 11, lead: 180, dodge: 55, strafe: 40, look: 1100, timing: 60},
	4: {react: 10, turn: 1700, gain: 92, noise: 640, flinch: 1700, settle: 15, lead: 220, dodge: 80, strafe: 28, look: 1600, timing: 120, combos: true},
	5: {react: 6, turn: 2800, gain: 132, noise: 400, flinch: 1000, settle: 20, lead: 246, dodge: 100, strafe: 20, look: 2400, timing: 180, combos: true},
}
