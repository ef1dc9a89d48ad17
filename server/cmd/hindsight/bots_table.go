package main

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"charm.land/lipgloss/v2/table"

	"hindsight/protocol"
	"hindsight/server/bots"
)

// refresh is how often the table is drawn anew.
const refresh = 250 * time.Millisecond

// botTable is the live view of a swarm on a terminal.
type botTable struct {
	stop    func()
	done    <-chan struct{}
	swarm   *bots.Swarm
	summary func() bots.Summary
	width   int
	height  int
}

// showTable draws the swarm until it is done or the user quits, which stops it.
func showTable(stop func(), done <-chan struct{}, swarm *bots.Swarm, summary func() bots.Summary) error {
	_, err := tea.NewProgram(&botTable{stop: stop, done: done, swarm: swarm, summary: summary, width: 100, height: 30}, tea.WithoutSignalHandler()).Run()
	stop()
	return err
}

type redraw struct{}

func tick() tea.Cmd { return tea.Tick(refresh, func(time.Time) tea.Msg { return redraw{} }) }

// Init implements tea.Model.
func (t *botTable) Init() tea.Cmd { return tick() }

// Update implements tea.Model.
func (t *botTable) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch m := msg.(type) {
	case tea.WindowSizeMsg:
		t.width, t.height = m.Width, m.Height
	case tea.KeyPressMsg:
		if k := m.String(); k == "q" || k == "esc" || k == "ctrl+c" {
			t.stop()
			return t, tea.Quit
		}
	case redraw:
		select {
		case <-t.done:
			return t, tea.Quit
		default:
			return t, tick()
		}
	}
	return t, nil
}

var (
	headStyle = lipgloss.NewStyle().Bold(true).Padding(0, 1)
	cellStyle = lipgloss.NewStyle().Padding(0, 1)
	lineStyle = lipgloss.NewStyle().Foreground(lipgloss.Color("8"))
)

// View implements tea.Model.
func (t *botTable) View() tea.View {
	s := t.summary()
	tab := table.New().
		Border(lipgloss.RoundedBorder()).BorderStyle(lineStyle).
		StyleFunc(func(row, _ int) lipgloss.Style {
			if row == table.HeaderRow {
				return headStyle
			}
			return cellStyle
		}).
		Headers("bot", "state", "room", "rtt ms", "margin", "delay", "in B/s", "corr", "hits seen", "k/d")
	reports := t.swarm.Reports()
	rows := max(1, t.height-9)
	for i := range reports {
		if i == rows {
			break
		}
		tab.Row(row(&reports[i], s.Seconds)...)
	}
	v := fmt.Sprintf("%d of %d bots playing for %.0f s\n%s\n", s.Playing, s.Bots, s.Seconds, tab)
	if more := len(reports) - rows; more > 0 {
		v += fmt.Sprintf("and %d more\n", more)
	}
	v += fmt.Sprintf("rtt %.1f ms · hit agreement %.2f %% · corrections %d (unknown %d) · %.0f B/s each · q quits",
		s.RTT.P50, 100*s.Shots.Agreement, s.Corrections.Late+s.Corrections.Touch+s.Corrections.Clamp+s.Corrections.Unknown,
		s.Corrections.Unknown, s.BytesIn)
	return tea.NewView(lipgloss.NewStyle().MaxWidth(t.width).Render(v))
}

// row is a bot's line of the table.
func row(r *bots.Report, seconds float64) []string {
	ms := func(m protocol.Micros) string { return fmt.Sprintf("%.1f", float64(m)/float64(protocol.Millisecond)) }
	state := string(r.State)
	if r.Err != "" && r.State != bots.Playing {
		state += ": " + r.Err
	}
	n := &r.Net
	return []string{
		r.Name, state, r.Room, ms(n.RTT), ms(n.Margin), ms(n.Delay),
		fmt.Sprintf("%.0f", float64(n.BytesIn)/max(seconds, 1)),
		fmt.Sprint(n.Corrections.Corrected()),
		fmt.Sprintf("%d/%d", n.Verdicts.Agreed, n.Verdicts.Agreed+n.Verdicts.Denied),
		fmt.Sprintf("%d/%d", r.Game.Kills, r.Game.Deaths),
	}
}
