package moderation_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"hindsight/server/moderation"
	"hindsight/server/throttle"
)

var start = time.Unix(1_800_000_000, 0)

func TestSay(t *testing.T) {
	ann, bob := uuid.New(), uuid.New()
	mutes := &moderation.Mutes{}
	mutes.Set(moderation.Mute{Player: bob, Since: start, Until: start.Add(time.Minute)})
	c := moderation.NewChat(moderation.ChatConfig{
		Filter: moderation.NewFilter(), Mutes: mutes, Rate: throttle.Rate{Every: time.Second, Burst: 3},
	})
	for i, s := range []struct {
		who  uuid.UUID
		line string
		at   time.Duration
		want moderation.Saying
	}{
		{ann, "oh shit", 0, moderation.Saying{Line: "oh ****"}},
		{ann, "OH SHIT", 0, moderation.Saying{Verdict: moderation.Repeated, Wait: 5 * time.Second}},
		{bob, "hello", 0, moderation.Saying{Verdict: moderation.Muted, Wait: time.Minute}},
		{ann, "again", 0, moderation.Saying{Line: "again"}},
		{ann, "and again", 0, moderation.Saying{Verdict: moderation.TooFast, Wait: time.Second}},
		{ann, "and again", time.Second, moderation.Saying{Line: "and again"}},
		{ann, "and again", 4 * time.Second, moderation.Saying{Verdict: moderation.Repeated, Wait: 2 * time.Second}},
		{ann, "and again", 6 * time.Second, moderation.Saying{Line: "and again"}},
		{ann, ":)", 10 * time.Second, moderation.Saying{Line: ":)"}},
		{ann, ":(", 11 * time.Second, moderation.Saying{Line: ":("}},
		{bob, "hello", time.Minute, moderation.Saying{Line: "hello"}},
	} {
		got := c.Say(s.who, s.line, start.Add(s.at))
		got.Wait = got.Wait.Round(time.Millisecond)
		if got != s.want {
			t.Errorf("line %d: %+v, want %+v", i, got, s.want)
		}
	}
}
