package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"hindsight/game"
	"hindsight/game/games"
	"hindsight/game/replay"
)

// replayCmd opens replays without a server.
type replayCmd struct {
	Info   replayInfoCmd   `cmd:"" help:"Tell what is in replays. Of a reproduction file, also who was wrong: it runs the match up to the mismatch."`
	Verify replayVerifyCmd `cmd:"" help:"Run matches again and compare their states. Exits with 1 if one differs or is damaged."`
}

// replayFiles are the arguments of both. A file that is not there is a mistake in usage.
type replayFiles struct {
	Files []string `arg:"" name:"file" type:"existingfile" help:"Files that the server keeps in its data folder, in replays, or that were downloaded."`
	JSON  bool     `help:"Print a line of JSON for each file."`

	out io.Writer // os.Stdout, but for tests
}

// each calls f for every file and prints what it returns. The error says how many files are bad.
func (c *replayFiles) each(f func(name string, data []byte) (finding, error)) error {
	if c.out == nil {
		c.out = os.Stdout
	}
	bad := 0
	for _, name := range c.Files {
		data, err := os.ReadFile(name)
		var found finding
		if err == nil {
			found, err = f(name, data)
		}
		if err != nil {
			found = &failed{name, false, err.Error()}
		}
		if !found.ok() {
			bad++
		}
		if c.JSON {
			err = json.NewEncoder(c.out).Encode(found)
		} else {
			err = found.print(c.out)
		}
		if err != nil {
			return err
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d replays are not as they should be", bad, len(c.Files))
	}
	return nil
}

// finding is what is known of a file.
type finding interface {
	ok() bool
	print(w io.Writer) error
}

// failed is a file that cannot be used.
type failed struct {
	File  string `json:"file"`
	OK    bool   `json:"ok"`
	Error string `json:"error"`
}

func (f *failed) ok() bool { return false }

func (f *failed) print(w io.Writer) error {
	_, err := fmt.Fprintf(w, "%s: %s\n", f.File, f.Error)
	return err
}

// gameOf returns the game of a replay.
func gameOf(f *replay.File) (*game.Definition, error) {
	if d := games.Find(f.Header.Game); d != nil {
		return d, nil
	}
	return nil, fmt.Errorf("%w: %q", replay.ErrGame, f.Header.Game)
}

// replayVerifyCmd runs matches again.
type replayVerifyCmd struct{ replayFiles }

// verdict is what running a match again has shown.
type verdict struct {
	File    string  `json:"file"`
	OK      bool    `json:"ok"`
	Game    string  `json:"game"`
	Title   string  `json:"title"`
	Build   string  `json:"build"`
	Ticks   uint32  `json:"ticks"`
	Length  float64 `json:"lengthSec"`
	Players int     `json:"players"` // who had a seat
	Checked int     `json:"checked"` // digests
	Ended   bool    `json:"ended"`   // not cut off
	// Differs is the tick of the first digest that is another, 0 for none, Agreed that of the last
	// one that is the same.
	Differs uint32  `json:"differs"`
	Agreed  uint32  `json:"agreed"`
	Want    string  `json:"want,omitempty"`
	Got     string  `json:"got,omitempty"`
	Speed   float64 `json:"speed"` // times real time
	arch    string
}

// Run verifies every file.
func (c *replayVerifyCmd) Run() error {
	return c.each(func(name string, data []byte) (finding, error) {
		f, err := replay.Parse(data)
		if err != nil {
			return nil, err
		}
		def, err := gameOf(f)
		if err != nil {
			return nil, err
		}
		began := time.Now()
		rep, err := f.Verify(def)
		took := time.Since(began)
		if err != nil {
			return nil, err
		}
		v := &verdict{
			File: name, OK: rep.OK(), Game: f.Header.Game, Title: f.Header.Title, Build: f.Header.Build, Ticks: uint32(rep.Ticks),
			Length: seconds(uint32(rep.Ticks), &f.Header).Seconds(), Players: len(rep.Players), Checked: rep.Checked, Ended: rep.Ended,
			Differs: uint32(rep.Differs), Agreed: uint32(rep.Agreed), arch: runtime.GOARCH,
		}
		v.Speed = v.Length / max(took.Seconds(), 1e-9)
		if !v.OK {
			v.Want, v.Got = fmt.Sprintf("%016x", rep.Want), fmt.Sprintf("%016x", rep.Got)
		}
		return v, nil
	})
}

func (v *verdict) ok() bool { return v.OK }

func (v *verdict) print(w io.Writer) error {
	if !v.OK {
		_, err := fmt.Fprintf(w, "%s: DIFFERS\n  The state after tick %d is %s here, and was %s when it was recorded.\n"+
			"  The last that is the same is that after tick %d: the match went another way between the two.\n"+
			"  It was recorded by %s; this is %s (%s).\n", v.File, v.Differs, v.Got, v.Want, v.Agreed, orNothing(v.Build), version, v.arch)
		return err
	}
	cut := ""
	if !v.Ended {
		cut = ", cut off there"
	}
	_, err := fmt.Fprintf(w, "%s: ok\n  %s (%d ticks%s), %d players, %d states are the same; %.0f times as fast as it was played\n",
		v.File, clockOf(time.Duration(v.Length*float64(time.Second))), v.Ticks, cut, v.Players, v.Checked, v.Speed)
	return err
}

// replayInfoCmd tells what is in replays.
type replayInfoCmd struct {
	replayFiles
	All bool `help:"Of a mismatch, print the fields that agree, too."`
}

// Run tells of every file.
func (c *replayInfoCmd) Run() error {
	return c.each(func(name string, data []byte) (finding, error) {
		f, err := replay.Parse(data)
		if err != nil {
			return nil, err
		}
		s, err := f.Survey()
		if err != nil {
			return nil, err
		}
		info := newReplayInfo(name, len(data), f, s)
		info.all = c.All
		for i := range f.Mismatches {
			def, err := gameOf(f)
			if err != nil {
				return nil, err
			}
			k, err := f.Reproduce(def, &f.Mismatches[i])
			if err != nil && !errors.Is(err, replay.ErrNoCase) {
				return nil, err
			}
			info.add(def, &f.Mismatches[i], k, err)
		}
		return info, nil
	})
}

// seconds is how long so many ticks are.
func seconds(ticks uint32, h *replay.Header) time.Duration {
	return time.Duration(ticks) * time.Second / time.Duration(h.TickRate)
}

// clockOf writes a length of time as people say it.
func clockOf(d time.Duration) string {
	d = d.Round(time.Second / 10)
	if d < time.Minute {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return fmt.Sprintf("%d min %d s", d/time.Minute, d%time.Minute/time.Second)
}

func orNothing(s string) string {
	if s == "" {
		return "an unnamed build"
	}
	return s
}
