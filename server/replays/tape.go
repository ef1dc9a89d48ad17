package replays

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"hindsight/server/room"
)

// Why a replay ends before its match.
var (
	errSlow  = errors.New("the disk is too slow")
	errSpace = errors.New("there is no space left for it")
	errStop  = errors.New("the server stops")
)

// overhead is what a file costs beside its bytes: its entry, and the rest of its last block.
const overhead = 4 << 10

// Tape records one match. It is a room.Tape: its methods belong to the room's goroutine, and none of
// them waits.
type Tape struct {
	shelf *Shelf
	dead  atomic.Bool // given up; set by either side

	// Owned by Run.
	entry *Entry
	bytes int64 // in the file
	saves int
}

// File is where the replay is once the tape has been closed.
func (t *Tape) File() string { return t.shelf.path(t.entry.ID + whole) }

// piece is a job for Run.
type piece struct {
	tape    *Tape
	do      job
	data    []byte
	credits room.Credits
}

type job uint8

const (
	jobWrite job = iota
	jobSave
	jobClose
)

// Write implements room.Tape.
func (t *Tape) Write(b []byte) bool {
	return !t.dead.Load() && t.send(piece{tape: t, do: jobWrite, data: slices.Clone(b)})
}

// Save implements room.Tape.
func (t *Tape) Save(b []byte) { t.send(piece{tape: t, do: jobSave, data: slices.Clone(b)}) }

// Close implements room.Tape.
func (t *Tape) Close(c room.Credits) {
	c.People = slices.Clone(c.People)
	t.send(piece{tape: t, do: jobClose, credits: c})
}

// send queues a job. When the queue is full the tape is given up: what came before is kept.
func (t *Tape) send(p piece) bool {
	s := t.shelf
	if s.queued.Add(int64(len(p.data))) <= queueBytes {
		select {
		case s.queue <- p:
			return true
		default:
		}
	}
	s.queued.Add(-int64(len(p.data)))
	if t.dead.CompareAndSwap(false, true) {
		s.mu.Lock()
		s.late = append(s.late, t)
		s.mu.Unlock()
	}
	return false
}

// do does a job.
func (s *Shelf) do(p *piece) {
	s.queued.Add(-int64(len(p.data)))
	t := p.tape
	switch p.do {
	case jobWrite:
		if err := s.write(t, p.data); err != nil {
			s.cut(t, err)
		}
	case jobSave:
		if err := s.save(t, p.data); err != nil {
			s.cfg.Log.Warn("a reproduction was not saved", "replay", t.entry.ID, "error", err)
		}
	case jobClose:
		s.close(t, &p.credits)
	}
	s.cutLate()
}

// cutLate ends the replays of tapes that were given up because the queue was full.
func (s *Shelf) cutLate() {
	s.mu.Lock()
	late := s.late
	s.late = nil
	s.mu.Unlock()
	for _, t := range late {
		s.cut(t, errSlow)
	}
}

// write appends to the file of a tape, which it makes if there is none yet.
func (s *Shelf) write(t *Tape, b []byte) error {
	if t.dead.Load() {
		return nil // it has been cut, or is about to be
	}
	f := s.tapes[t]
	cost := int64(len(b))
	if f == nil {
		cost += overhead
	}
	if !s.grow(cost) {
		return errSpace
	}
	if f == nil {
		var err error
		if f, err = s.create(t); err != nil {
			s.shrink(cost)
			return err
		}
	}
	if _, err := f.Write(b); err != nil {
		s.shrink(int64(len(b)))
		_ = f.Truncate(t.bytes) // a file of whole chunks; if even that fails, readers know what is cut off
		return err
	}
	t.bytes += int64(len(b))
	return nil
}

// create makes the file of a tape, and its entry for the case that the server does not see its end.
func (s *Shelf) create(t *Tape) (*os.File, error) {
	if err := t.entry.write(s.cfg.Dir); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(s.path(t.entry.ID+partial), os.O_CREATE|os.O_RDWR|os.O_EXCL, 0o600)
	if err != nil {
		_ = os.Remove(s.path(t.entry.ID + about))
		return nil, err
	}
	s.tapes[t] = f
	return f, nil
}

func (s *Shelf) path(name string) string { return filepath.Join(s.cfg.Dir, name) }

// save writes a reproduction, unless there were too many of late.
func (s *Shelf) save(t *Tape, b []byte) error {
	f, now := s.tapes[t], s.cfg.Now()
	if f == nil || len(s.saves) == maxSaves && now.Sub(s.saves[0]) < savesEvery {
		return nil
	}
	all := make([]byte, t.bytes, t.bytes+int64(len(b)))
	if _, err := f.ReadAt(all, 0); err != nil {
		return err
	}
	all = append(all, b...)
	if !s.grow(int64(len(all)) + overhead) {
		return errSpace
	}
	t.saves++
	name := fmt.Sprintf("%s%s-%d%s", saved, t.entry.ID, t.saves, whole)
	if err := os.WriteFile(s.path(name), all, 0o600); err != nil {
		s.shrink(int64(len(all)) + overhead)
		_ = os.Remove(s.path(name))
		return err
	}
	s.add(stored{name: name, bytes: int64(len(all)) + overhead, began: now})
	s.saves = append(s.saves, now)
	s.saves = s.saves[max(len(s.saves)-maxSaves, 0):]
	s.cfg.Log.Warn("a prediction was wrong for no known reason; open the file with hindsight replay info", "file", s.path(name))
	return nil
}

// close finishes the file of a tape whose match is over, or whose room closes.
func (s *Shelf) close(t *Tape, c *room.Credits) {
	e := t.entry
	e.People, e.Bots = c.People, c.Bots
	e.Length = time.Duration(c.Ticks) * time.Second / time.Duration(max(c.TickRate, 1))
	s.finish(t)
}

// cut finishes the file of a tape that can go on no more.
func (s *Shelf) cut(t *Tape, why error) {
	t.dead.Store(true)
	f := s.tapes[t]
	if f == nil {
		s.cfg.Log.Warn("a match is not recorded", "replay", t.entry.ID, "room", t.entry.Room, "error", why)
		return
	}
	b := make([]byte, t.bytes)
	_, err := f.ReadAt(b, 0)
	if err == nil {
		err = t.entry.survey(b)
	}
	s.cfg.Log.Warn("a replay is cut off", "replay", t.entry.ID, "room", t.entry.Room, "length", t.entry.Length.String(), "error", errors.Join(why, err))
	s.finish(t)
}

// finish puts the file of a tape on the shelf if people are in it, and away otherwise.
func (s *Shelf) finish(t *Tape) {
	f, e := s.tapes[t], t.entry
	if f == nil {
		return
	}
	delete(s.tapes, t)
	err := f.Close()
	e.Bytes = t.bytes
	if len(e.People) > 0 && err == nil {
		// If only the entry cannot be written, as on a full disk, the next Open makes it anew.
		if err := e.write(s.cfg.Dir); err != nil {
			s.cfg.Log.Warn("a replay has no entry", "replay", e.ID, "error", err)
		}
		if err = os.Rename(s.path(e.ID+partial), s.path(e.ID+whole)); err == nil {
			s.add(stored{name: e.ID + whole, bytes: t.bytes + overhead, began: e.Began, entry: e})
			return
		}
	}
	if err != nil {
		s.cfg.Log.Warn("a replay is lost", "replay", e.ID, "error", err)
	}
	_ = os.Remove(s.path(e.ID + partial))
	_ = os.Remove(s.path(e.ID + about))
	s.shrink(t.bytes + overhead)
}
