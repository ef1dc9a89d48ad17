package replays

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"hindsight/game/replay"
)

// Label is what a host says of a match as it begins.
type Label struct {
	// ID names the replay: a random UUID, since it is all that one needs to fetch it. Match is the
	// match's id in results and histories.
	ID, Match string
	Room      string
	// Listed shows the replay to everyone, once it is whole.
	Listed bool
}

// Entry is what is known of a replay without opening it.
type Entry struct {
	Label
	Game  string
	Title string
	Mode  string
	Map   string
	Build string
	Began time.Time
	// Length is how long was played.
	Length time.Duration
	// People are the names of those who played, Bots how many bots did with them.
	People []string
	Bots   int
	Bytes  int64
}

// entryOf returns the entry of a replay that begins.
func entryOf(l Label, h *replay.Header) *Entry {
	return &Entry{
		Label: l, Game: h.Game, Title: h.Title, Mode: h.Mode, Map: h.Map, Build: h.Build,
		Began: time.Unix(int64(h.Began), 0).UTC(),
	}
}

// survey fills in what is only known from the whole file.
func (e *Entry) survey(file []byte) error {
	f, err := replay.Parse(file)
	if err != nil {
		return err
	}
	s, err := f.Survey()
	if err != nil {
		return err
	}
	e.Length = time.Duration(s.Ticks) * time.Second / time.Duration(f.Header.TickRate)
	e.People, e.Bots = nil, 0
	seen := map[string]bool{}
	for _, p := range s.Players {
		switch {
		case p.Bot && p.Left == 0:
			e.Bots++
		case !p.Bot && !seen[p.Name] && len(e.People) < maxPeople:
			seen[p.Name] = true
			e.People = append(e.People, p.Name)
		}
	}
	return nil
}

// maxPeople bounds the names in an entry.
const maxPeople = 64

// The endings of file names.
const (
	whole   = ".replay"
	partial = ".part"
	about   = ".json"
	saved   = "repro-"
)

// write keeps an entry beside its file.
func (e *Entry) write(dir string) error {
	b, err := json.MarshalIndent(e, "", "\t")
	if err != nil {
		return err
	}
	path := filepath.Join(dir, e.ID+about)
	if err := os.WriteFile(path+"~", append(b, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(path+"~", path)
}

// readEntry reads the entry of that id.
func readEntry(dir, id string) (*Entry, error) {
	b, err := os.ReadFile(filepath.Join(dir, id+about))
	if err != nil {
		return nil, err
	}
	e := new(Entry)
	if err := json.Unmarshal(b, e); err != nil {
		return nil, err
	}
	if e.ID != id {
		return nil, errors.New("an entry of another id")
	}
	return e, nil
}

// idOf returns the id in a file's name.
func idOf(name, ending string) (string, bool) {
	id, ok := strings.CutSuffix(name, ending)
	return id, ok && validID(id)
}

// validID reports whether an id can be one: a UUID as it is written.
func validID(id string) bool {
	if len(id) != 36 {
		return false
	}
	for i, c := range []byte(id) {
		if hex := c >= '0' && c <= '9' || c >= 'a' && c <= 'f'; hex == (i == 8 || i == 13 || i == 18 || i == 23) || !hex && c != '-' {
			return false
		}
	}
	return true
}
