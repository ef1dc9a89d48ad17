package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"hindsight/game"
	"hindsight/game/replay"
	"hindsight/protocol"
)

// replayInfo is what is in a replay.
type replayInfo struct {
	File      string  `json:"file"`
	OK        bool    `json:"ok"`
	Game      string  `json:"game"`
	Title     string  `json:"title"`
	Mode      string  `json:"mode"`
	Map       string  `json:"map"`
	Build     string  `json:"build"`
	Began     string  `json:"began,omitempty"` // RFC 3339
	TickRate  int     `json:"tickRate"`
	Ticks     uint32  `json:"ticks"`
	Length    float64 `json:"lengthSec"`
	Bytes     int     `json:"bytes"`
	Ended     bool    `json:"ended"`         // the recording was not cut off
	Over      bool    `json:"over"`          // the match was played to its end
	Cut       int     `json:"cut,omitempty"` // the byte at which a chunk is cut off
	Digests   int     `json:"digests"`
	Inputs    int     `json:"inputs"`
	Absent    int     `json:"absent"`  // of them, that did not come in time
	Late      int     `json:"late"`    // commands that came afterwards
	Views     int     `json:"views"`   // that were kept
	Clamped   int     `json:"clamped"` // of them, that had to be changed
	OnlyViews bool    `json:"onlyViewsLookedAt"`

	Players    []seatInfo     `json:"players"`
	Mismatches []mismatchInfo `json:"mismatches,omitempty"`

	all bool // print every field of a mismatch
}

// seatInfo is one stay of a player.
type seatInfo struct {
	Player int    `json:"player"`
	Name   string `json:"name"`
	Bot    bool   `json:"bot"`
	Joined uint32 `json:"joined"`         // the first tick
	Left   uint32 `json:"left,omitempty"` // the first tick without
}

// mismatchInfo is a mismatch that was run again.
type mismatchInfo struct {
	Player  int     `json:"player"`
	Name    string  `json:"name"`
	Tick    uint32  `json:"tick"`
	At      float64 `json:"atSec"`
	Error   string  `json:"error,omitempty"`
	Input   string  `json:"input,omitempty"`
	Clamp   string  `json:"clamp,omitempty"`
	Late    int     `json:"late,omitempty"` // commands of earlier ticks that came in this one
	Touched bool    `json:"touched"`
	// Diverged says that this build runs the match another way than it was, so that Authority says
	// little.
	Diverged bool        `json:"diverged"`
	Agreed   uint32      `json:"agreed"`
	Fields   []fieldInfo `json:"fields,omitempty"`
}

// fieldInfo is a cell of the own row: as the client had predicted it, as the match that was run again
// has it, as the server knew it if that is in the file, and as this build's predictor foresees it.
type fieldInfo struct {
	Name      string `json:"name"`
	Before    int32  `json:"before"`
	Predicted *int32 `json:"predicted"`
	Authority int32  `json:"authority"`
	Server    *int32 `json:"server,omitempty"`
	Foreseen  int32  `json:"foreseen"`
	Told      bool   `json:"told,omitempty"` // the server alone decides it
	Differs   bool   `json:"differs"`
}

func newReplayInfo(name string, size int, f *replay.File, s *replay.Survey) *replayInfo {
	h := &f.Header
	i := &replayInfo{
		File: name, OK: true, Game: h.Game, Title: h.Title, Mode: h.Mode, Map: h.Map, Build: h.Build, TickRate: h.TickRate,
		Ticks: uint32(s.Ticks), Length: seconds(uint32(s.Ticks), h).Seconds(), Bytes: size,
		Ended: f.Ended, Over: f.Over, Cut: f.Cut, Digests: s.Digests, Inputs: s.Inputs, Absent: s.Absent, Late: s.Late,
		Views: s.Views, Clamped: s.Clamped, OnlyViews: h.Looks, Players: []seatInfo{},
	}
	if h.Began > 0 {
		i.Began = time.Unix(int64(h.Began), 0).UTC().Format(time.RFC3339)
	}
	for _, p := range s.Players {
		i.Players = append(i.Players, seatInfo{int(p.ID), p.Name, p.Bot, uint32(p.Joined), uint32(p.Left)})
	}
	return i
}

// add takes in a mismatch and what running the match up to it has shown; why says that it could not be
// run.
func (i *replayInfo) add(def *game.Definition, m *replay.Mismatch, k *replay.Case, why error) {
	x := mismatchInfo{Player: int(m.Player), Tick: uint32(m.Tick), At: float64(m.Tick) / float64(i.TickRate), Name: i.nameAt(m.Player, m.Tick)}
	if why != nil {
		x.Error = why.Error()
		i.Mismatches = append(i.Mismatches, x)
		return
	}
	x.Input, x.Clamp, x.Late = fmt.Sprintf("%+v", k.Input.Command), k.Input.Clamp.String(), len(k.Input.Late)
	x.Touched, x.Diverged, x.Agreed = k.Touched, k.Diverged, uint32(k.Agreed)
	cell := func(row []int32, n int) *int32 {
		if n < len(row) {
			return &row[n]
		}
		return nil
	}
	for n := range def.Schema.Own.Fields {
		field := &def.Schema.Own.Fields[n]
		f := fieldInfo{
			Name: field.Name, Before: k.Before[n], Predicted: cell(k.Predicted, n), Authority: k.After[n],
			Server: cell(k.Authority, n), Foreseen: k.Foreseen[n], Told: field.Told,
		}
		f.Differs = f.Predicted != nil && *f.Predicted != f.Authority || f.Server != nil && *f.Server != f.Authority
		x.Fields = append(x.Fields, f)
	}
	i.Mismatches = append(i.Mismatches, x)
}

// nameAt returns the name of who had a seat in a tick.
func (i *replayInfo) nameAt(id protocol.PlayerID, t protocol.Tick) string {
	for _, p := range i.Players {
		if p.Player == int(id) && p.Joined <= uint32(t) && (p.Left == 0 || uint32(t) < p.Left) {
			return p.Name
		}
	}
	return ""
}

func (i *replayInfo) ok() bool { return true }

// print writes it for people.
func (i *replayInfo) print(w io.Writer) error {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "  %-11s", name)
		fmt.Fprintf(&b, format+"\n", args...)
	}
	fmt.Fprintf(&b, "%s\n", i.File)
	line("match", "%s (game %s, mode %s, map %s)", i.Title, i.Game, orDash(i.Mode), orDash(i.Map))
	if i.Began != "" {
		line("began", "%s", i.Began)
	}
	line("recorded", "by %s; %s", orNothing(i.Build), i.end())
	line("length", "%s, %d ticks at %d Hz", clockOf(time.Duration(i.Length*float64(time.Second))), i.Ticks, i.TickRate)
	line("size", "%.1f KB, %.0f bytes a second", float64(i.Bytes)/1024, float64(i.Bytes)/max(i.Length, 0.1))
	views := "views"
	if i.OnlyViews {
		views = "views that mattered"
	}
	line("inputs", "%d, of which %.2f %% did not come in time (%d came late); %d %s, %d of them changed",
		i.Inputs, percent(i.Absent, i.Inputs), i.Late, i.Views, views, i.Clamped)
	line("digests", "%d", i.Digests)
	i.printPlayers(&b)
	for n := range i.Mismatches {
		i.Mismatches[n].print(&b, i.all)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (i *replayInfo) end() string {
	switch {
	case i.Over:
		return "up to the match's end"
	case i.Ended:
		return "up to the end of the room"
	case i.Cut > 0:
		return fmt.Sprintf("cut off at byte %d", i.Cut)
	}
	return "cut off"
}

func (i *replayInfo) printPlayers(b *strings.Builder) {
	t := tabwriter.NewWriter(b, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "  player\tname\t\tfrom\tto")
	for _, p := range i.Players {
		kind, to := "", "end"
		if p.Bot {
			kind = "bot"
		}
		if p.Left > 0 {
			to = i.clock(p.Left - 1)
		}
		fmt.Fprintf(t, "  %d\t%s\t%s\t%s\t%s\n", p.Player, p.Name, kind, i.clock(p.Joined-1), to)
	}
	_ = t.Flush() // a strings.Builder takes everything
}

// clock writes when a tick was.
func (i *replayInfo) clock(ticks uint32) string {
	s := int(ticks) / i.TickRate
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// print writes a mismatch: the fields that differ, or all.
func (m *mismatchInfo) print(b *strings.Builder, all bool) {
	fmt.Fprintf(b, "\n  MISMATCH of player %d (%s) after tick %d (%.2f s)\n", m.Player, orDash(m.Name), m.Tick, m.At)
	if m.Error != "" {
		fmt.Fprintf(b, "    It cannot be run again: %s\n", m.Error)
		return
	}
	fmt.Fprintf(b, "    The match, run again, is the recorded one up to tick %d.\n", m.Agreed)
	if m.Diverged {
		fmt.Fprintf(b, "    Then it goes ANOTHER WAY: use the build that recorded it.\n")
	}
	fmt.Fprintf(b, "    input (clamp %s, %d late commands) %s\n", m.Clamp, m.Late, m.Input)
	if m.Touched {
		fmt.Fprintf(b, "    The world changed the player in this tick by something he could not know.\n")
	}
	t := tabwriter.NewWriter(b, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "    field\tbefore\tpredicted\tauthority\tserver\tpredictor here\t")
	same := 0
	for n := range m.Fields {
		f := &m.Fields[n]
		mark := ""
		if f.Differs {
			mark = "  <-"
		} else if same++; !all {
			continue
		}
		if f.Told {
			mark += "  told"
		}
		fmt.Fprintf(t, "    %s\t%d\t%s\t%d\t%s\t%d\t%s\n", f.Name, f.Before, cellText(f.Predicted), f.Authority, cellText(f.Server), f.Foreseen, mark)
	}
	_ = t.Flush()
	if !all {
		fmt.Fprintf(b, "    %d fields agree; --all prints them.\n", same)
	}
}

func cellText(v *int32) string {
	if v == nil {
		return "-"
	}
	return fmt.Sprint(*v)
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func percent(n, of int) float64 { return 100 * float64(n) / float64(max(of, 1)) }
