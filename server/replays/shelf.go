package replays

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"hindsight/game/replay"
)

// Bounds of what waits for the disk.
const (
	queueLength = 4096     // pieces: a minute of 64 rooms
	queueBytes  = 16 << 20 // in them
	savesEvery  = time.Hour
	maxSaves    = 8 // reproductions in savesEvery, over all matches
)

// DefaultSpace is enough for some hundred matches.
const DefaultSpace = 256 << 20

// ErrUnknown says that there is no such replay, or none any more.
var ErrUnknown = errors.New("replays: there is no such replay")

// Config is a shelf's settings. Dir is required.
type Config struct {
	// Dir is the folder; it is made if it is not there.
	Dir string
	// Space is how many bytes the files may take together. 0 means DefaultSpace.
	Space int64
	// Now is the clock. Nil means time.Now.
	Now func() time.Time
	Log *slog.Logger // nil for none
}

// Shelf is a folder of replays.
type Shelf struct {
	cfg    Config
	queue  chan piece
	queued atomic.Int64 // bytes in the queue

	// Owned by Run.
	tapes map[*Tape]*os.File
	saves []time.Time // when reproductions were saved, the last maxSaves

	mu    sync.Mutex
	kept  []stored // guarded by mu: finished files, oldest first
	taken int64    // guarded by mu: bytes of all files, unfinished ones too
	late  []*Tape  // guarded by mu: given up, and not yet cut
}

// stored is a finished file.
type stored struct {
	name  string // of the file
	bytes int64
	began time.Time
	entry *Entry // nil for a reproduction
}

// Open opens a shelf and finishes what a crash has left unfinished.
func Open(cfg Config) (*Shelf, error) {
	if cfg.Space <= 0 {
		cfg.Space = DefaultSpace
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Shelf{cfg: cfg, queue: make(chan piece, queueLength), tapes: map[*Tape]*os.File{}}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("replays: %w", err)
	}
	if err := s.scan(); err != nil {
		return nil, fmt.Errorf("replays: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.makeRoom()
	return s, nil
}

// scan takes stock of the folder.
func (s *Shelf) scan() error {
	files, err := os.ReadDir(s.cfg.Dir)
	if err != nil {
		return err
	}
	for _, f := range files {
		if id, ok := idOf(f.Name(), partial); ok {
			s.recover(id)
		}
	}
	if files, err = os.ReadDir(s.cfg.Dir); err != nil {
		return err
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		k := stored{name: f.Name(), bytes: info.Size(), began: info.ModTime()}
		if id, ok := idOf(f.Name(), whole); ok {
			if k.entry, err = s.entry(id); err != nil {
				continue // somebody else's
			}
			k.entry.Bytes, k.began = k.bytes, k.entry.Began
		} else if !isSaved(f.Name()) {
			continue
		}
		k.bytes += overhead
		s.kept = append(s.kept, k)
		s.taken += k.bytes
	}
	slices.SortFunc(s.kept, older)
	return nil
}

// older orders files by their beginning, and then by name.
func older(a, b stored) int { return cmp.Or(a.began.Compare(b.began), cmp.Compare(a.name, b.name)) }

// entry reads the entry of a replay, or makes it anew if the one there was written as it began.
func (s *Shelf) entry(id string) (*Entry, error) {
	e, err := readEntry(s.cfg.Dir, id)
	if err != nil || len(e.People) > 0 {
		return e, err
	}
	b, err := os.ReadFile(s.path(id + whole))
	if err == nil {
		err = e.survey(b)
	}
	return e, err
}

// isSaved reports whether a file is a reproduction of ours.
func isSaved(name string) bool {
	return len(name) > len(saved)+36 && name[:len(saved)] == saved && validID(name[len(saved):len(saved)+36]) && filepath.Ext(name) == whole
}

// recover finishes a replay that was being recorded when the server ended.
func (s *Shelf) recover(id string) {
	path := s.path(id + partial)
	e, err := readEntry(s.cfg.Dir, id)
	if err == nil {
		var b []byte
		if b, err = os.ReadFile(path); err == nil {
			err = e.survey(b)
		}
	}
	if err == nil && len(e.People) > 0 {
		if err = e.write(s.cfg.Dir); err == nil {
			err = os.Rename(path, s.path(id+whole))
		}
		s.cfg.Log.Info("a replay was cut off when the server ended", "replay", id, "length", e.Length.String())
	}
	if err != nil || len(e.People) == 0 {
		_ = os.Remove(path)
		_ = os.Remove(s.path(id + about))
	}
}

// Record begins a replay, as a match begins. It touches no disk: the file is made with the first
// bytes. It may be called from any goroutine.
func (s *Shelf) Record(l Label, h *replay.Header) *Tape {
	return &Tape{shelf: s, entry: entryOf(l, h)}
}

// List returns listed replays, the newest first: those that began before a time (the zero time for
// all), at most limit. Cursor is the id of the last one seen, so that of several that began at once
// none is left out.
func (s *Shelf) List(before time.Time, cursor string, limit int) []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Entry
	for _, k := range slices.Backward(s.kept) {
		if len(list) == limit {
			break
		}
		if e := k.entry; e != nil && e.Listed && (before.IsZero() || compare(e, before, cursor) < 0) {
			list = append(list, *e)
		}
	}
	return list
}

// compare orders entries by their beginning, and then by id.
func compare(e *Entry, began time.Time, id string) int {
	return cmp.Or(e.Began.Compare(began), cmp.Compare(e.ID, id))
}

// OfMatch returns the replay of a match, or ErrUnknown.
func (s *Shelf) OfMatch(match string) (Entry, error) {
	return s.find(func(e *Entry) bool { return e.Match == match })
}

func (s *Shelf) find(is func(*Entry) bool) (Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.kept {
		if e := s.kept[i].entry; e != nil && is(e) {
			return *e, nil
		}
	}
	return Entry{}, ErrUnknown
}

// Open opens a replay that is whole, listed or not, by its id. The caller closes it.
func (s *Shelf) Open(id string) (io.ReadSeekCloser, Entry, error) {
	e, err := s.find(func(e *Entry) bool { return e.ID == id })
	if err != nil {
		return nil, e, err
	}
	f, err := os.Open(s.path(id + whole))
	if errors.Is(err, os.ErrNotExist) { // it was the oldest just now
		err = ErrUnknown
	}
	if err != nil {
		return nil, e, err
	}
	return f, e, nil
}

// Space returns how many bytes the files take, and how many they may.
func (s *Shelf) Space() (taken, most int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken, s.cfg.Space
}

// add puts a finished file on the shelf; its bytes are counted already.
func (s *Shelf) add(k stored) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, _ := slices.BinarySearchFunc(s.kept, k, older)
	s.kept = slices.Insert(s.kept, at, k)
}

// makeRoom deletes the oldest files until the rest fits, and reports whether it does. The caller
// holds mu.
func (s *Shelf) makeRoom() bool {
	for s.taken > s.cfg.Space && len(s.kept) > 0 {
		k := s.kept[0]
		s.kept = slices.Delete(s.kept, 0, 1)
		s.taken -= k.bytes
		_ = os.Remove(s.path(k.name))
		if k.entry != nil {
			_ = os.Remove(s.path(k.entry.ID + about))
		}
	}
	return s.taken <= s.cfg.Space
}

// grow counts bytes that are about to be written, and reports whether there is room for them.
func (s *Shelf) grow(n int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken += n
	if s.makeRoom() {
		return true
	}
	s.taken -= n
	return false
}

// shrink takes bytes back that were not written, or are no longer there.
func (s *Shelf) shrink(n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken -= n
}

// Run writes what the tapes bring until ctx ends, then what is still waiting, and ends the replays that
// are being recorded. End it after the rooms have.
func (s *Shelf) Run(ctx context.Context) {
	for {
		select {
		case p := <-s.queue:
			s.do(&p)
		case <-ctx.Done():
			for {
				select {
				case p := <-s.queue:
					s.do(&p)
					continue
				default:
				}
				s.cutLate()
				for t := range s.tapes {
					s.cut(t, errStop)
				}
				return
			}
		}
	}
}
