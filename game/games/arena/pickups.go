package arena

import (
	"errors"
	"fmt"

	"hindsight/game/sim/fixed"
	"hindsight/game/sim/tilemap"
	"hindsight/protocol"
)

// The classes of a map's objects that the arena knows; others are ignored.
const (
	ClassSpawn  = "spawn"  // properties: angle in degrees clockwise from +x; team, 0 for any
	ClassHealth = "health" // +25, up to 100
	ClassMega   = "mega"   // +100, up to 200, and decays
	ClassArmour = "armour" // +50, up to 100
	ClassWeapon = "weapon" // property: weapon, Shotgun to Rail
	ClassAmmo   = "ammo"   // property: weapon, Shotgun to Rail
)

// PickupKind is what lies there.
type PickupKind uint8

// The kinds of pickup.
const (
	PickHealth PickupKind = iota
	PickMega
	PickArmour
	PickWeapon
	PickAmmo
	pickKinds
)

// pickupReach is how near a player's middle must come, in units.
const pickupReach = 26

// respawnTicks is how long each kind stays away after it was taken.
var respawnTicks = [pickKinds]int{
	PickHealth: 20 * TickRate, PickMega: 40 * TickRate, PickArmour: 25 * TickRate,
	PickWeapon: 10 * TickRate, PickAmmo: 12 * TickRate,
}

// Pickup is an item of the map. When it is there is in the own row, OwnPick + index.
type Pickup struct {
	Kind   PickupKind
	Weapon uint8 // of PickWeapon and PickAmmo, else 0
	At     fixed.Vec
}

// Respawn returns how many ticks the pickup stays away once taken.
func (p *Pickup) Respawn() int { return respawnTicks[p.Kind] }

// SpawnPoint is where players enter.
type SpawnPoint struct {
	At   fixed.Vec
	Aim  fixed.Angle
	Team uint8 // TeamNone is for everyone
}

// errMap is wrapped by what Layout finds wrong.
var errMap = errors.New("arena: bad map")

// Layout reads the pickups and spawn points of a map, in the order of its objects: a pickup's
// place in the list is its index in the own row and in events.
func Layout(m *tilemap.Map) ([]Pickup, []SpawnPoint, error) {
	var picks []Pickup
	var spawns []SpawnPoint
	for i := range m.Objects {
		o := &m.Objects[i]
		if o.Class == ClassSpawn {
			s, err := spawnPoint(m, o)
			if err != nil {
				return nil, nil, fmt.Errorf("%w: object %d: %w", errMap, i, err)
			}
			spawns = append(spawns, s)
			continue
		}
		p, known, err := pickup(o)
		if err != nil {
			return nil, nil, fmt.Errorf("%w: object %d: %w", errMap, i, err)
		}
		if known {
			picks = append(picks, p)
		}
	}
	if len(picks) > MaxPickups {
		return nil, nil, fmt.Errorf("%w: %d pickups, want at most %d", errMap, len(picks), MaxPickups)
	}
	if len(spawns) == 0 {
		return nil, nil, fmt.Errorf("%w: no object of class %q", errMap, ClassSpawn)
	}
	return picks, spawns, nil
}

func spawnPoint(m *tilemap.Map, o *tilemap.Object) (SpawnPoint, error) {
	angle, team := o.Int("angle", 0), o.Int("team", 0)
	switch {
	case team < 0 || team > int32(TeamBlue):
		return SpawnPoint{}, fmt.Errorf("spawn of team %d", team)
	case angle < 0 || angle >= 360:
		return SpawnPoint{}, fmt.Errorf("spawn with angle %d, want 0 to 359", angle)
	case !m.Free(o.At, playerRadius):
		return SpawnPoint{}, errors.New("spawn inside something solid")
	}
	return SpawnPoint{At: o.At, Aim: fixed.Angle(angle * 65536 / 360), Team: uint8(team)}, nil
}

func pickup(o *tilemap.Object) (p Pickup, known bool, err error) {
	p.At = o.At
	switch o.Class {
	case ClassHealth:
		p.Kind = PickHealth
	case ClassMega:
		p.Kind = PickMega
	case ClassArmour:
		p.Kind = PickArmour
	case ClassWeapon, ClassAmmo:
		p.Kind = PickWeapon
		if o.Class == ClassAmmo {
			p.Kind = PickAmmo
		}
		w := o.Int("weapon", 0)
		if w <= int32(Blaster) || w > WeaponCount {
			return p, true, fmt.Errorf("%s of weapon %d, want %d to %d", o.Class, w, Shotgun, WeaponCount)
		}
		p.Weapon = uint8(w)
	default:
		return p, false, nil
	}
	return p, true, nil
}

// checkMap reports whether the arena can be played on a map.
func checkMap(m *tilemap.Map) error {
	if _, _, err := Layout(m); err != nil {
		return fmt.Errorf("%w: %w", ErrStart, err)
	}
	return nil
}

// near reports whether the player stands on the pickup.
func (p *Pickup) near(pos fixed.Vec) bool {
	const reach = int64(pickupReach) * int64(fixed.One)
	away := pos.Sub(p.At)
	return uint64(int64(away.X)+reach) <= 2*uint64(reach) && away.Len2() <= reach*reach // most are not even in line
}

// take gives the pickup to the player and reports whether he had any use for it. A new weapon
// takes the place of a blaster in hand.
func (p *Pickup) take(pl *player, tick protocol.Tick) bool {
	switch p.Kind {
	case PickHealth:
		return raise(&pl.health, 25, fullHealth)
	case PickMega:
		return raise(&pl.health, 100, maxHealth)
	case PickArmour:
		return raise(&pl.armour, 50, maxArmour)
	case PickWeapon:
		w, bit := &weapons[p.Weapon], uint8(1)<<(p.Weapon-1)
		isNew := pl.owned&bit == 0
		pl.owned |= bit
		more := raise(&pl.ammo[p.Weapon-1], int32(w.Ammo), int32(w.MaxAmmo))
		if isNew && pl.weapon == Blaster {
			pl.choose(p.Weapon, tick)
		}
		return more || isNew
	case PickAmmo:
		w := &weapons[p.Weapon]
		return raise(&pl.ammo[p.Weapon-1], int32(w.Ammo), int32(w.MaxAmmo))
	}
	return false
}

// raise adds n to v but not beyond limit; it reports whether v changed.
func raise(v *int32, n, limit int32) bool {
	if *v >= limit {
		return false
	}
	*v = min(*v+n, limit)
	return true
}

// collect lets the player take what he stands on, and notes what he stands on but is not there.
// Nothing saves one whose health has run out in this tick.
func (r *rules) collect(p *player, g *ground, tick protocol.Tick, out *outcome) {
	if !p.alive || p.health <= 0 || g.frozen() {
		return
	}
	for i := range r.pickups {
		switch item := &r.pickups[i]; {
		case !item.near(p.pos):
		case tick.Sub(g.picks[i]) < 0:
			out.missed |= 1 << i
		case item.take(p, tick):
			g.picks[i] = tick.Add(item.Respawn())
			out.taken |= 1 << i
		}
	}
}
