//go:build js && wasm

package main

import (
	"hindsight/game"
	"hindsight/game/games/arena"
)

// arenaEvents names the arena's events and their arguments, as events.go of the arena lists them. A
// last name in the plural stands for all arguments from there on.
var arenaEvents = []namedRow{
	{game.Verdict, "verdict", []string{"tick", "flags", "pairs"}},
	{game.VerdictResult, "verdictResult", []string{"tick", "agreed", "pairs"}},
	{arena.EventFired, "fired", []string{"player", "weapon", "x", "y", "rays"}},
	{arena.EventHit, "hit", []string{"victim", "damage", "killed", "weapon"}},
	{arena.EventHurt, "hurt", []string{"attacker", "damage", "angle", "weapon"}},
	{arena.EventExplosion, "explosion", []string{"x", "y", "weapon", "owner"}},
	{arena.EventKill, "kill", []string{"killer", "victim", "weapon", "assist", "streak"}},
	{arena.EventPickup, "pickup", []string{"player", "pickup"}},
	{arena.EventSpawn, "spawn", []string{"player", "x", "y"}},
	{arena.EventDash, "dash", []string{"player", "x", "y", "angle"}},
	{arena.EventPhase, "phase", []string{"phase", "ends", "winner", "team"}},
	{arena.EventEmpty, "empty", []string{"weapon"}},
	{arena.EventStreak, "streak", []string{"player", "kills"}},
}

type constant struct {
	name  string
	value int32
}

// bodyRadius is the size at which drones are drawn, in units: that of the body in the arena's rules.
const bodyRadius = 14

var arenaConstants = []constant{
	{"bodyRadius", bodyRadius},
	{"flagProtected", arena.FlagProtected},
	{"flagDashing", arena.FlagDashing},
	{"flagFiring", arena.FlagFiring},
	{"flagMega", arena.FlagMega},
	{"flagArmour", arena.FlagArmour},
	{"heldFire", int32(arena.HeldFire)},
	{"phaseWarmup", int32(arena.PhaseWarmup)},
	{"phaseLive", int32(arena.PhaseLive)},
	{"phaseIntermission", int32(arena.PhaseIntermission)},
	{"modeTDM", int32(arena.ModeTDM)},
	{"teamRed", int32(arena.TeamRed)},
	{"teamBlue", int32(arena.TeamBlue)},
}

func describeWeapons(r *record) {
	r.num(arena.WeaponCount)
	for w := uint8(1); w <= arena.WeaponCount; w++ {
		info := arena.WeaponInfo(w)
		r.str(info.Name)
		r.num(int32(info.MaxAmmo))
	}
}

// pickupNames are the names by which the page knows what lies there.
var pickupNames = map[arena.PickupKind]string{
	arena.PickHealth: arena.ClassHealth, arena.PickMega: arena.ClassMega, arena.PickArmour: arena.ClassArmour,
	arena.PickWeapon: arena.ClassWeapon, arena.PickAmmo: arena.ClassAmmo,
}

// ground returns a record of the map of the match: title, width and height in tiles, the tiles as
// one text of bytes, and its pickups as kind, weapon, x and y in 1/256 unit, and the ticks each stays
// away. 0 if there is no match.
//
//go:wasmexport ground
func ground() int32 {
	if client == nil {
		return 0
	}
	start, n := client.Start()
	if n == 0 {
		return 0
	}
	return groundOf(start.Blob)
}

// groundOf is the ground of the match that this blob starts.
func groundOf(blob []byte) int32 {
	settings, err := arena.DecodeStart(blob)
	if err != nil {
		return 0 // who made a match of this start has refused it already
	}
	picks, _, err := arena.Layout(settings.Map)
	if err != nil {
		return 0
	}
	m, r := settings.Map, &texts
	r.reset()
	r.str(m.Title)
	r.num(int32(m.W))
	r.num(int32(m.H))
	r.num(int32(len(m.Tiles)))
	for _, t := range m.Tiles {
		r.b = append(r.b, byte(t))
	}
	r.num(int32(len(picks)))
	for i := range picks {
		p := &picks[i]
		r.str(pickupNames[p.Kind])
		r.num(int32(p.Weapon))
		r.num(int32(p.At.X))
		r.num(int32(p.At.Y))
		r.num(int32(p.Respawn()))
	}
	return give(r.b)
}
