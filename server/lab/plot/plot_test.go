package plot

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

func chart() *Chart {
	return &Chart{
		Title: "a < b & c", X: Axis{Label: "loss", Names: []string{"0 %", "1 %"}}, Y: Axis{Label: "share in %"},
		Series: []Series{{Name: "RTT 0", Points: []Point{{0, 100}, {1, 99}}, Marks: true}, {Name: "RTT 50", Points: []Point{{0, 90}, {1, 20}}}},
		Rules:  []Rule{{Y: 99.9, Text: "goal"}},
	}
}

func TestDiagramsAreWellFormed(t *testing.T) {
	bars := chart()
	bars.Bars = true
	log := &Chart{X: Axis{Min: 1, Max: 1000, Log: true}, Series: []Series{{Points: []Point{{0, 1}, {5000, 2}}, Steps: true}}}
	for _, c := range []*Chart{chart(), bars, log, {}} {
		svg := c.SVG()
		if svg != c.SVG() {
			t.Errorf("%q is drawn differently twice", c.Title)
		}
		if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
			t.Errorf("%q has a place that is no number", c.Title)
		}
		d := xml.NewDecoder(strings.NewReader(svg))
		for {
			_, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%q: %v\n%s", c.Title, err, svg)
			}
		}
	}
}

func TestWhatIsNamedIsThere(t *testing.T) {
	svg := chart().SVG()
	for _, want := range []string{"a &lt; b &amp; c", "RTT 0", "RTT 50", "share in %", "loss", "goal", "prefers-color-scheme:dark", "<circle"} {
		if !strings.Contains(svg, want) {
			t.Errorf("no %q", want)
		}
	}
}

func TestAxesAreLabelledRoundly(t *testing.T) {
	for _, tt := range []struct {
		axis Axis
		want string
	}{
		{Axis{Max: 1}, "0 0.2 0.4 0.6 0.8 1"},
		{Axis{Max: 70}, "0 10 20 30 40 50 60 70"},
		{Axis{Min: 95, Max: 100}, "95 96 97 98 99 100"},
		{Axis{Min: 1, Max: 1000, Log: true}, "1 10 100 1000"},
	} {
		_, text := tt.axis.marks()
		if got := strings.Join(text, " "); got != tt.want {
			t.Errorf("%+v is labelled %q, want %q", tt.axis, got, tt.want)
		}
	}
	for v, want := range map[float64]float64{0: 1, 0.93: 1, 7.2: 8, 63: 70, 101: 120} {
		if got := roundUp(v); got != want {
			t.Errorf("%v is rounded up to %v, want %v", v, got, want)
		}
	}
}
