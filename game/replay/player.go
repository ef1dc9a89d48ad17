package replay

import (
	"fmt"
	"io"
	"slices"

	"hindsight/game"
	"hindsight/protocol"
	"hindsight/protocol/delta"
)

// Bounds of a Player.
const (
	// MaxSpeed is the fastest play, in percent of real time.
	MaxSpeed = 1600
	// defaultBudget is how many ticks Advance simulates at most if it is not told.
	defaultBudget = 120
)

// Person is who holds a seat in the tick that is shown.
type Person struct {
	Present, Bot bool
	Name         string
}

// Player plays a replay for a viewer: it runs the match and says what is to be seen at a moment. A
// moment is in 1/256 tick. It is told how much time has passed, and never simulates more ticks in a
// call than it was allowed, so that a page that draws never stands still: a jump is made in slices.
//
// What its methods return is its own and valid until the next Advance.
type Player struct {
	file *File
	def  *game.Definition

	run    run   // at the end of the tick in which the moment lies
	moment int64 // 1/256 tick
	part   int64 // of 1/256 tick that play has not yet used up, in millionths of a percent
	speed  int64
	goal   protocol.Tick // of a seek; 0 for none
	origin protocol.Tick // where the seek began
	keys   keyframes
	other  protocol.Tick // see Differs

	scene   delta.Snapshot
	pending []game.Event // of the run's last ticks, not yet reached by the moment
	events  []game.Event
}

// run is a match that is being run again.
type run struct {
	match  *game.Match
	reader *Reader
	people []Person // by id, as far as anybody ever came
	news   int      // changes of people
}

// Open checks a file, which it keeps, and readies its first tick. Find returns a game's definition by
// name, nil if there is none.
func Open(data []byte, find func(name string) *game.Definition) (*Player, error) {
	f, err := Parse(data)
	if err != nil {
		return nil, err
	}
	def := find(f.Header.Game)
	switch {
	case def == nil:
		return nil, fmt.Errorf("%w: %q", ErrGame, f.Header.Game)
	case f.Ticks == 0:
		return nil, ErrEmpty
	}
	p := &Player{file: f, def: def, speed: 100, moment: 1 << 8}
	if err := p.run.begin(f, def); err != nil {
		return nil, err
	}
	if _, err := p.run.step(); err != nil {
		return nil, err
	}
	p.look()
	return p, nil
}

// begin readies the match before its first tick.
func (r *run) begin(f *File, def *game.Definition) (err error) {
	*r = run{reader: f.Reader(), news: r.news + 1}
	r.match, err = f.Header.Match(def)
	return err
}

// step runs the next tick.
func (r *run) step() (*game.Turn, error) {
	t, err := r.reader.Next()
	if err != nil {
		return nil, err
	}
	for i := range t.Moves {
		v := &t.Moves[i]
		if n := int(v.Player) + 1 - len(r.people); n > 0 {
			r.people = append(r.people, make([]Person, n)...)
		}
		r.people[v.Player] = Person{Present: v.Join, Bot: v.Join && v.Who.Bot, Name: v.Name}
		r.news++
	}
	if !t.Apply(r.match) {
		return nil, r.reader.damaged("a seat that the game does not have")
	}
	return r.match.Step(t.Inputs), nil
}

// clone returns a run that goes on as r would, or false if the game cannot be copied.
func (r *run) clone() (run, bool) {
	c := *r
	if c.match = r.match.Clone(); c.match == nil {
		return c, false
	}
	c.reader, c.people = r.reader.Clone(), slices.Clone(r.people)
	return c, true
}

// Header says what was played.
func (p *Player) Header() *Header { return &p.file.Header }

// Definition returns the game.
func (p *Player) Definition() *game.Definition { return p.def }

// Len returns the last tick, Clean whether the match ends with it.
func (p *Player) Len() protocol.Tick { return p.file.Ticks }

// Clean reports that the recording goes up to the match's end.
func (p *Player) Clean() bool { return p.file.Over }

// Mismatches returns what a reproduction file was saved for.
func (p *Player) Mismatches() []Mismatch { return p.file.Mismatches }

// Moment returns what is shown, in 1/256 tick: 1<<8 to Len()<<8.
func (p *Player) Moment() int64 { return p.moment }

// View returns the moment as a view.
func (p *Player) View() protocol.View {
	v := protocol.View{A: protocol.Tick(p.moment >> 8), Frac: uint16(p.moment & 255)}
	v.B = v.A
	if v.Frac > 0 {
		v.B++
	}
	return v
}

// SetSpeed sets how fast Advance plays, in percent of real time: 0, which stands still, to MaxSpeed.
// It is 100 at first.
func (p *Player) SetSpeed(percent int) { p.speed = int64(min(max(percent, 0), MaxSpeed)) }

// Seek begins a jump to a tick, or to the first or last one if there is no such. The Advances that
// follow make it.
func (p *Player) Seek(t protocol.Tick) {
	p.goal = min(max(t, 1), p.file.Ticks)
	p.part, p.pending = 0, p.pending[:0]
	now := p.run.match.Tick()
	if k := p.keys.before(p.goal); k != nil && (p.goal < now || k.match.Tick() > now) {
		p.run.restore(k)
	} else if p.goal < now {
		// Begin cannot fail: the same header has begun this match already.
		_ = p.run.begin(p.file, p.def)
	}
	p.origin = p.run.match.Tick()
}

// restore goes on from a copy, which stays as it is.
func (r *run) restore(k *run) {
	news := r.news
	*r, _ = k.clone() // it is a copy: it can be copied
	r.news = news + 1
}

// Seeking reports that a jump is not made yet.
func (p *Player) Seeking() bool { return p.goal != 0 }

// Progress returns how far a jump is: the tick it runs the match from, the one it has come to and its
// goal. Without a jump all three are the tick that is shown.
func (p *Player) Progress() (from, at, to protocol.Tick) {
	at = p.run.match.Tick()
	if p.goal == 0 {
		return at, at, at
	}
	return p.origin, at, p.goal
}

// Differs returns the tick of the first digest found to be another than the file's, 0 as long as there
// is none. From there on, what is shown is not what was played: the rules that recorded it are others.
func (p *Player) Differs() protocol.Tick { return p.other }

// Ended reports that the last tick is shown.
func (p *Player) Ended() bool { return p.goal == 0 && p.moment == int64(p.file.Ticks)<<8 }

// Advance goes on by dt of real time, times the speed; or with a jump, which takes no time. It
// simulates at most budget ticks (0 means 120): what does not fit is done by the next call if it is a
// jump, and is left out if it is play. The error says what is damaged, and at which byte and tick;
// what was shown before can still be.
func (p *Player) Advance(dt protocol.Micros, budget int) error {
	if budget <= 0 {
		budget = defaultBudget
	}
	p.events = p.events[:0]
	if p.goal != 0 {
		return p.jump(budget)
	}
	p.part += max(int64(dt), 0) * p.speed * int64(p.file.Header.TickRate) << 8
	const whole = 100 * int64(protocol.Second)
	to := min(p.moment+p.part/whole, int64(p.file.Ticks)<<8)
	p.part %= whole
	for need := protocol.Tick((to + 255) >> 8); p.run.match.Tick() < need; budget-- {
		if budget == 0 {
			to, p.part = int64(p.run.match.Tick())<<8, 0
			break
		}
		turn, err := p.step()
		if err != nil {
			return err
		}
		p.note(turn.Events)
	}
	p.moment = max(to, p.moment)
	p.reached()
	p.look()
	return nil
}

// jump runs the match towards the goal.
func (p *Player) jump(budget int) error {
	for ; p.run.match.Tick() < p.goal; budget-- {
		if budget == 0 {
			return nil
		}
		if _, err := p.step(); err != nil {
			p.goal = 0
			return err
		}
	}
	p.moment, p.goal = int64(p.goal)<<8, 0
	p.look()
	return nil
}

// step runs a tick and keeps a copy now and then.
func (p *Player) step() (*game.Turn, error) {
	turn, err := p.run.step()
	if err == io.EOF {
		err = p.run.reader.damaged("fewer ticks than announced")
	}
	if err == nil {
		p.compare(&p.run.reader.tick)
		p.keys.offer(&p.run, p.file)
	}
	return turn, err
}

// compare holds the tick that was run against its digest, as long as all have been the same.
func (p *Player) compare(t *Tick) {
	if t.Digested && p.other == 0 && t.Digest != p.run.match.Hash() {
		p.other = t.Tick
	}
}

// look blends the scene of the moment.
func (p *Player) look() {
	v, past := p.View(), p.run.match.Past()
	if a, b := past.At(v.A), past.At(v.B); a != nil && b != nil {
		delta.Seen(p.def.Schema, v, a, b, &p.scene)
	}
}

// maxPending bounds the events that wait: nobody can follow more at once.
const maxPending = 1024

// note takes in the events of a tick.
func (p *Player) note(es []game.Event) {
	for i := range es {
		if es[i].Kind != game.Verdict && len(p.pending) < maxPending {
			p.pending = append(p.pending, es[i])
		}
	}
}

// reached moves the events that the moment has come to from pending to events.
func (p *Player) reached() {
	n := 0
	for n < len(p.pending) && int64(p.pending[n].Tick)<<8 <= p.moment {
		n++
	}
	p.events = append(p.events, p.pending[:n]...)
	p.pending = append(p.pending[:0], p.pending[n:]...)
}

// Scene returns everyone's entities, blended for the moment. During a jump it stays what it was.
func (p *Player) Scene() *delta.Snapshot { return &p.scene }

// Events returns what the moment has come to in the last Advance, each once; a jump passes over its
// events. To is kept: whoever follows a player shows him what is to everyone and what is to that
// player. Except is no matter, since nobody here predicts.
func (p *Player) Events() []game.Event { return p.events }

// Own fills row with a player's own row after the tick in which the moment lies (View().B). It
// reports false if the player has no seat, and during a jump.
func (p *Player) Own(id protocol.PlayerID, row []int32) bool {
	if p.goal != 0 || !p.Person(id).Present {
		return false
	}
	p.run.match.Own(id, row)
	return true
}

// Person returns who holds a seat, the zero Person if nobody does.
func (p *Player) Person(id protocol.PlayerID) Person {
	return p.run.person(id)
}

func (r *run) person(id protocol.PlayerID) Person {
	if int(id) >= len(r.people) {
		return Person{}
	}
	return r.people[id]
}

// Changes counts the changes so far of what Person returns.
func (p *Player) Changes() int { return p.run.news }

// Seats returns who is seated, in ascending order.
func (p *Player) Seats() []protocol.PlayerID { return p.run.match.Seats() }
