package moderation_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"hindsight/server/moderation"
)

func TestMutes(t *testing.T) {
	var l moderation.Mutes
	a, b, c := uuid.New(), uuid.New(), uuid.New()
	l.Set(moderation.Mute{Player: a, Since: start, Until: start.Add(time.Hour), Reason: "spam", By: "eve"})
	l.Set(moderation.Mute{Player: b, Since: start.Add(time.Second)})
	if m, ok := l.Of(a, start); !ok || m.Reason != "spam" || m.By != "eve" {
		t.Errorf("%+v, %v", m, ok)
	}
	if _, ok := l.Of(a, start.Add(time.Hour)); ok {
		t.Error("muted after the hour")
	}
	if _, ok := l.Of(b, start.Add(100*24*time.Hour)); !ok {
		t.Error("a mute for good ended")
	}
	if _, ok := l.Of(c, start); ok {
		t.Error("a stranger is muted")
	}
	if got := l.List(start); len(got) != 2 || got[0].Player != b || got[1].Player != a {
		t.Errorf("listed %+v", got)
	}
	if got := l.List(start.Add(time.Hour)); len(got) != 1 || got[0].Player != b {
		t.Errorf("after the hour %+v", got)
	}
	if !l.Lift(b) || l.Lift(b) || l.Lift(c) {
		t.Error("lifting says what it should not")
	}
	if _, ok := l.Of(b, start); ok {
		t.Error("muted after it was lifted")
	}
}

func TestIgnored(t *testing.T) {
	var l moderation.Ignored
	first := uuid.New()
	if l.Has(first) || !l.Set(first, false) {
		t.Error("the empty list is not empty")
	}
	for range 2 {
		if !l.Set(first, true) || !l.Has(first) {
			t.Error("not on the list")
		}
	}
	for range moderation.MaxIgnored - 1 {
		if !l.Set(uuid.New(), true) {
			t.Fatal("full too early")
		}
	}
	if l.Set(uuid.New(), true) {
		t.Error("longer than its bound")
	}
	if !l.Set(first, true) || !l.Set(first, false) || l.Has(first) || !l.Set(uuid.New(), true) {
		t.Error("a full list cannot be changed")
	}
}
