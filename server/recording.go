package server

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"hindsight/game/replay"
	"hindsight/server/node"
	"hindsight/server/replays"
	"hindsight/server/room"
)

// openShelf opens the folder of replays, if there is to be one.
func (s *Server) openShelf() (err error) {
	if s.cfg.Replays == "" {
		return nil
	}
	s.shelf, err = replays.Open(replays.Config{Dir: s.cfg.Replays, Space: s.cfg.ReplaySpace, Log: s.cfg.Log})
	if err != nil {
		return fmt.Errorf("no replays can be kept in %s; choose another folder with --data-dir, or none with --no-replays: %w", s.cfg.Replays, err)
	}
	return nil
}

// runShelf starts the goroutine that writes replays. The function that it returns ends it, when the
// rooms have ended, and waits for the last of them to be written.
func (s *Server) runShelf() (stop func()) {
	if s.shelf == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.shelf.Run(ctx)
	}()
	return func() {
		cancel()
		<-done
	}
}

// tape gives each match a tape. A room that is on no list, or has a password, is not shown to everyone
// afterwards either: its replays are fetched by their ids, which nobody can guess.
func (s *Server) tape(match uuid.UUID, spec node.Spec, h *replay.Header) room.Tape {
	if s.shelf == nil {
		return nil
	}
	h.Began = uint64(time.Now().Unix())
	return s.shelf.Record(replays.Label{
		ID: uuid.NewString(), Match: match.String(), Room: spec.ID,
		Listed: !spec.Private && spec.Password == "",
	}, h)
}
