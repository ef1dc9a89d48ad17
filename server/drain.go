package server

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// warnings are how long before the end players are reminded of it.
var warnings = []time.Duration{10 * time.Minute, 5 * time.Minute, time.Minute, 10 * time.Second}

// announceTime bounds how long all rooms together may take to hear an announcement.
const announceTime = time.Second

// drain lets players play on until the last has left, the time is over or somebody hurries. Newcomers
// are told of the restart, those who lost their connection come back to their seats.
func (s *Server) drain() {
	s.draining.Store(true)
	if s.node == nil { // nobody plays here, and who plays elsewhere does not notice
		s.cfg.Log.Info("stopping")
		return
	}
	s.node.Drain()
	if s.link != nil {
		s.link.Goodbye()
	}
	people, _, _ := s.census()
	s.cfg.Log.Info("stopping", "people", people, "drain", s.cfg.Drain.String())
	if s.cfg.Drain <= 0 {
		return
	}
	end := time.Now().Add(s.cfg.Drain)
	over := time.NewTimer(s.cfg.Drain)
	defer over.Stop()
	look := time.NewTicker(time.Second)
	defer look.Stop()
	ahead := slices.DeleteFunc(slices.Clone(warnings), func(w time.Duration) bool { return w >= s.cfg.Drain })
	s.announce(s.cfg.Drain)
	for people > 0 {
		select {
		case <-over.C:
			return
		case <-s.hurry:
			return
		case now := <-look.C:
			people, _, _ = s.census()
			if len(ahead) > 0 && end.Sub(now) <= ahead[0] {
				s.announce(ahead[0])
				ahead = ahead[1:]
			}
		}
	}
}

// announce tells all players how long they have. A room that does not listen has worse problems.
func (s *Server) announce(left time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), announceTime)
	defer cancel()
	for _, l := range s.node.List() {
		if r, err := s.node.Room(l.Spec.ID); err == nil {
			_ = r.Announce(ctx, "The server restarts in "+spoken(left)+". You can play on until then.")
		}
	}
}

// spoken is a time as people say it.
func spoken(d time.Duration) string {
	n, unit := int64(max(d.Round(time.Second)/time.Second, 1)), "second"
	if n%60 == 0 {
		n, unit = n/60, "minute"
	}
	if n != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s", n, unit)
}
