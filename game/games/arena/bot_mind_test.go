package arena

import (
	"math/rand/v2"
	"testing"

	"hindsight/game"
	"hindsight/game/sim/fixed"
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// duel is a bench with a bot in seat 1 and a puppet in seat 2.
type duel struct {
	*bench
	bot game.Bot
	own [ownFields]int32
}

func newDuel(t *testing.T, rows []string, skill int) *duel {
	t.Helper()
	s := live(rows)
	d := &duel{bench: newBench(t, s, 2)}
	bot, err := NewBot(EncodeStart(s), 1, skill, 42)
	if err != nil {
		t.Fatal(err)
	}
	d.bot = bot
	return d
}

// sight returns what the bot is shown now: the present, without any lag.
func (d *duel) sight() *game.Sight {
	d.Own(1, d.own[:])
	s := &game.Sight{Tick: d.Tick() + 1, Me: 1, Own: d.own[:], Scene: d.Past().Seen(protocol.View{})}
	if d.turn != nil {
		for _, e := range d.turn.Events {
			if e.To == 0 || e.To == 1 {
				s.Events = append(s.Events, e.Event)
			}
		}
	}
	return s
}

// think lets the bot decide and the match go on by a tick.
func (d *duel) think() protocol.Command {
	c := d.bot.Think(d.sight())
	d.cmds[1] = c
	d.step()
	return c
}

// fires reports whether a command pulls the trigger.
func (d *duel) fires(c protocol.Command) bool {
	return c.Held&HeldFire != 0 || c.Press[0] != uint8(d.own[OwnPressFire])
}

// unharmed keeps both players alive and where they are put.
func (d *duel) unharmed(x1, y1, x2, y2 int) {
	d.put(1, x1, y1).health = fullHealth
	d.put(2, x2, y2).health = fullHealth
}

func TestBotArguments(t *testing.T) {
	start := EncodeStart(live(hall))
	for _, skill := range []int{0, 6, -1} {
		if _, err := NewBot(start, 1, skill, 1); err == nil {
			t.Errorf("skill %d was accepted", skill)
		}
	}
	if _, err := NewBot(start[:20], 1, 3, 1); err == nil {
		t.Error("a start that is cut off was accepted")
	}
}

// A bot fires at an enemy that comes into sight, but not before it can have reacted, and turns no
// faster than its hand.
func TestBotReactsInItsTime(t *testing.T) {
	for skill := MinSkill; skill <= MaxSkill; skill++ {
		d := newDuel(t, hall, skill)
		first, aim := 0, fixed.Angle(0)
		for i := 1; i <= 240 && first == 0; i++ {
			d.unharmed(300, 200, 480, 120)
			d.player(2).born = 7 // a new face
			c := d.think()
			if way := fixed.Angle(c.Aim).Diff(aim); i > 1 && max(way, -way) > skills[skill].turn {
				t.Errorf("skill %d: turned by %d in a tick, want at most %d", skill, way, skills[skill].turn)
			}
			aim = fixed.Angle(c.Aim)
			if d.fires(c) {
				first = i
			}
		}
		if first < skills[skill].react || first == 0 {
			t.Errorf("skill %d: fired after %d ticks, want at least %d", skill, first, skills[skill].react)
		}
	}
}

// cell is two rooms with a wall between them and no way from one to the other in sight.
var cell = []string{
	"####################",
	"#S.......#.........#",
	"#........#.........#",
	"#........#.........#",
	"#........#.........#",
	"#........#.........#",
	"#........#.......S.#",
	"#........#.........#",
	"#........#.........#",
	"####################",
}

// What is drawn behind a wall is not seen: the bot neither fires at it nor turns to follow it.
func TestBotDoesNotSeeThroughWalls(t *testing.T) {
	d := newDuel(t, cell, MaxSkill)
	for i := range 900 {
		d.unharmed(160, 160, 400+i%200, 160)
		if c := d.think(); d.fires(c) {
			t.Fatalf("tick %d: fired at someone behind a wall", i)
		}
		if b := d.bot.(*Bot); b.fight.target != 0 || b.goal.kind == goalHunt {
			t.Fatalf("tick %d: knows of someone behind a wall", i)
		}
	}
}

// Nor does it look for someone it has never seen; but a shot is heard through the wall.
func TestBotHearsShots(t *testing.T) {
	d := newDuel(t, cell, 3)
	for range 60 {
		d.unharmed(160, 160, 480, 160)
		d.think()
	}
	d.tap(2, 0, protocol.View{})
	d.unharmed(160, 160, 480, 160)
	d.think()
	if b := d.bot.(*Bot); b.senses.tracks[2].seen == 0 {
		t.Error("did not hear a shot from the next room")
	}
}

// Rays are aimed at what is seen, projectiles ahead of who walks across.
func TestBotLeadsWithProjectilesOnly(t *testing.T) {
	for _, c := range []struct {
		weapon uint8
		ahead  bool
	}{{Blaster, false}, {Rail, false}, {Plasma, true}, {Rocket, true}} {
		d := newDuel(t, hall, MaxSkill)
		d.arm(1, c.weapon, 50)
		sum := 0
		for i := range 40 {
			d.unharmed(320, 320, 150+i*5, 100)
			d.player(1).weapon, d.player(2).vel = c.weapon, fixed.Vec{X: fixed.FromInt(5)}
			d.think()
			if i < 20 {
				continue
			}
			b := d.bot.(*Bot)
			track := b.senses.tracks[2]
			sum += (b.mark(&track, c.weapon).X - track.at.X).Floor()
		}
		if mean := sum / 20; c.ahead != (mean > 40) || !c.ahead && mean != 0 {
			t.Errorf("%s is aimed %d units ahead of a walker", weapons[c.weapon].Name, mean)
		}
	}
}

// A rocket is not fired into one's own face, however good the aim.
func TestBotKeepsRocketsAtADistance(t *testing.T) {
	d := newDuel(t, hall, MaxSkill)
	for i := range 240 {
		d.unharmed(300, 200, 370, 200)
		d.arm(1, Rocket, 8)
		d.player(1).owned = 1<<(Rocket-1) | 1
		if c := d.think(); d.own[OwnWeapon] == int32(Rocket) && d.fires(c) {
			t.Fatalf("tick %d: fired a rocket at 70 units", i)
		}
	}
}

func TestBotChoosesItsWeapon(t *testing.T) {
	for _, c := range []struct {
		far  int
		want uint8
	}{{90, Shotgun}, {250, Rocket}, {560, Rail}} {
		d := newDuel(t, hall, 3)
		for range 80 {
			d.unharmed(40, 200, 40+c.far, 200)
			p := d.player(1)
			p.owned, p.ammo = 1<<WeaponCount-1, [WeaponCount]int32{0, 20, 100, 20, 20}
			d.think()
		}
		if got := d.player(1).weapon; got != c.want {
			t.Errorf("at %d units: the %s, want the %s", c.far, weapons[got].Name, weapons[c.want].Name)
		}
	}
}

// The trigger is a counter that goes round at 256, as a client's is.
func TestBotPressCounterWraps(t *testing.T) {
	d := newDuel(t, hall, MaxSkill)
	d.cmds[1].Press = [2]uint8{255, 255}
	d.step()
	for range 240 {
		d.unharmed(100, 200, 400, 200)
		d.arm(1, Rail, 10)
		c := d.think()
		if d.fires(c) {
			if c.Press[0] != 0 {
				t.Errorf("pressed from 255 to %d", c.Press[0])
			}
			return
		}
	}
	t.Error("never fired")
}

// A rocket on its way makes a good bot step or dash aside.
func TestBotDodgesRockets(t *testing.T) {
	d := newDuel(t, hall, MaxSkill)
	for range 60 {
		d.unharmed(500, 200, 60, 200)
		d.player(1).pos.Y = fixed.FromInt(200)
		d.think()
	}
	d.arm(2, Rocket, 5)
	d.unharmed(500, 200, 60, 200)
	d.tap(2, 0, protocol.View{})
	if len(d.find(EventFired)) == 0 {
		t.Fatal("the puppet's rocket did not fly")
	}
	for range 60 {
		d.think()
	}
	p := d.player(1)
	if aside := fixed.Abs(p.pos.Y - fixed.FromInt(200)).Floor(); p.health < 60 || aside < 30 {
		t.Errorf("health %d, %d units aside", p.health, aside)
	}
}

// The dead and the final scoreboard are left in peace.
func TestBotRests(t *testing.T) {
	for name, lay := range map[string]func(d *duel){
		"dead":         func(d *duel) { d.player(1).die(d.Tick()) },
		"intermission": func(d *duel) { d.w.ground.phase, d.w.ground.ends = PhaseIntermission, d.Tick()+600 },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDuel(t, hall, MaxSkill)
			for range 40 {
				d.unharmed(300, 200, 400, 200)
				d.think()
			}
			lay(d)
			if c := d.think(); c.MoveX != 0 || c.MoveY != 0 || d.fires(c) {
				t.Errorf("command %+v", c)
			}
		})
	}
}

// Equal sights and seeds give equal commands; another seed gives another player.
func TestBotIsDeterministic(t *testing.T) {
	s := live(yard)
	play := func(seed uint64) (sum uint64) {
		d := newDuel(t, yard, 4)
		bot, err := NewBot(EncodeStart(s), 1, 4, seed)
		if err != nil {
			t.Fatal(err)
		}
		d.bot = bot
		for range 600 {
			c := d.think()
			sum = sum*31 + uint64(c.Aim) + uint64(uint8(c.MoveX))<<16 + uint64(uint8(c.MoveY))<<24 + uint64(c.Press[0])<<32
		}
		return sum
	}
	if first, second := play(1), play(1); first != second {
		t.Error("the same seed played differently")
	}
	if play(1) == play(2) {
		t.Error("two seeds played alike")
	}
}

// A bot may be connected to any server: whatever rows and events the schema allows, it answers.
func TestBotSurvivesAnySight(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	cell := func(f *delta.Field) int32 {
		switch {
		case f.Min == 0 && f.Max == 0:
			return int32(r.Uint32())
		case r.IntN(8) == 0:
			return []int32{f.Min, f.Max}[r.IntN(2)]
		}
		return f.Min + int32(r.Int64N(int64(f.Max)-int64(f.Min)+1))
	}
	fill := func(k *delta.Kind, row []int32) {
		for i := range row {
			row[i] = cell(&k.Fields[i])
		}
	}
	bot, err := NewBot(EncodeStart(live(yard)), 1, MaxSkill, 1)
	if err != nil {
		t.Fatal(err)
	}
	var scene delta.Snapshot
	own := make([]int32, ownFields)
	for tick := protocol.Tick(1); tick < 3000; tick++ {
		s := game.Sight{Tick: tick, Me: 1, Own: own, Scene: &scene}
		fill(&Schema.Own, own)
		own[OwnAlive], own[OwnPhase] = 1, int32(r.IntN(2))
		if r.IntN(2) == 0 { // often inside the map
			own[OwnX], own[OwnY] = r.Int32N(20<<13), r.Int32N(12<<13)
		}
		scene.Reset(tick)
		for id := protocol.EntityID(1); id < 40; id++ {
			kind := uint8(r.IntN(len(Schema.Kinds)))
			k := &Schema.Kinds[kind]
			fill(k, scene.Add(id, kind, protocol.PlayerID(r.IntN(MaxPlayers+1)), protocol.Tick(r.IntN(3)), len(k.Fields)))
		}
		for range r.IntN(4) {
			e := protocol.Event{Kind: uint8(r.IntN(16)), Tick: tick, N: protocol.MaxEventArgs}
			for i := range e.Args {
				e.Args[i] = int32(r.Uint32()) >> r.IntN(32)
			}
			s.Events = append(s.Events, e)
		}
		bot.Think(&s)
	}
}
