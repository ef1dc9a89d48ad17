package moderation

import (
	"hash/maphash"
	"sync"
	"time"

	"github.com/google/uuid"

	"hindsight/server/confusable"
	"hindsight/server/throttle"
)

// DefaultChatRate lets a player say five lines at once and one every second and a half after that.
var DefaultChatRate = throttle.Rate{Every: 1500 * time.Millisecond, Burst: 5}

// DefaultRepeatAfter is how soon a player may say the same line again.
const DefaultRepeatAfter = 5 * time.Second

// ChatConfig is how chat is moderated. The zero value limits the rate and filters nothing.
type ChatConfig struct {
	// Filter masks words; nil for none.
	Filter *Filter
	// Mutes are the players that may not speak; nil for none.
	Mutes *Mutes
	// Rate is how often a player may speak. The zero value means DefaultChatRate.
	Rate throttle.Rate
	// RepeatAfter is how soon the same line may be said again. 0 means DefaultRepeatAfter.
	RepeatAfter time.Duration
}

// Verdict is what becomes of a line.
type Verdict uint8

// The verdicts.
const (
	Said     Verdict = iota
	Muted            // the operator silenced the player
	TooFast          // too many lines
	Repeated         // the same line again
)

// Saying is a line with its verdict.
type Saying struct {
	Line    string // what the others read; "" unless it was said
	Verdict Verdict
	// Wait is how long the player has to be silent after TooFast and Repeated, and after Muted unless
	// that is for good: then it is 0.
	Wait time.Duration
}

// Chat moderates what players say. Players are told apart by id and not by connection, so that a new
// connection is no new start.
type Chat struct {
	cfg  ChatConfig // immutable
	rate *throttle.Throttle[uuid.UUID]
	seed maphash.Seed

	mu   sync.Mutex
	turn time.Time          // when new becomes old; guarded by mu
	old  map[uuid.UUID]line // what each said last in the RepeatAfter before this one; guarded by mu
	new  map[uuid.UUID]line // and in this one; guarded by mu
}

// line is what a player said last.
type line struct {
	looks uint64
	at    time.Time
}

// NewChat moderates as cfg says.
func NewChat(cfg ChatConfig) *Chat {
	if cfg.Rate == (throttle.Rate{}) {
		cfg.Rate = DefaultChatRate
	}
	if cfg.RepeatAfter <= 0 {
		cfg.RepeatAfter = DefaultRepeatAfter
	}
	return &Chat{cfg: cfg, rate: throttle.New[uuid.UUID](cfg.Rate, 0), seed: maphash.MakeSeed()}
}

// Say judges a line, which is clean in the technical sense and not empty.
func (c *Chat) Say(player uuid.UUID, text string, now time.Time) Saying {
	if c.cfg.Mutes != nil {
		if m, ok := c.cfg.Mutes.Of(player, now); ok {
			return Saying{Verdict: Muted, Wait: m.left(now)}
		}
	}
	if wait := c.rate.Take(player, now); wait > 0 {
		return Saying{Verdict: TooFast, Wait: wait}
	}
	if wait := c.repeats(player, text, now); wait > 0 {
		return Saying{Verdict: Repeated, Wait: wait}
	}
	if c.cfg.Filter != nil {
		text, _ = c.cfg.Filter.Clean(text)
	}
	return Saying{Line: text}
}

// repeats returns how long to wait before a line that looks like the player's last may be said, 0 if
// it may; then it is the last.
func (c *Chat) repeats(player uuid.UUID, text string, now time.Time) time.Duration {
	looks := confusable.Skeleton(text)
	if looks == "" {
		looks = text // signs only
	}
	l := line{maphash.String(c.seed, looks), now}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !now.Before(c.turn) {
		c.old, c.new = c.new, map[uuid.UUID]line{}
		c.turn = now.Add(c.cfg.RepeatAfter)
	}
	last, ok := c.new[player]
	if !ok {
		last, ok = c.old[player]
	}
	if wait := last.at.Add(c.cfg.RepeatAfter).Sub(now); ok && last.looks == l.looks && wait > 0 {
		return wait
	}
	c.new[player] = l
	return 0
}
