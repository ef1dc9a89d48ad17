// Package plot draws the laboratory's diagrams as SVG: lines over a numeric or a named axis, and
// stacked bars. It is small because it knows only what those need; the text it writes is the same
// for the same data, and follows the reader's light or dark theme.
package plot

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Point is one of a line.
type Point struct{ X, Y float64 }

// Series is one line, or one layer of the bars.
type Series struct {
	Name   string
	Points []Point
	// Steps draws a line that holds its value until the next point, as counts and distributions do.
	Steps bool
	// Marks draws a dot at each point.
	Marks bool
}

// Axis is one of the two.
type Axis struct {
	Label string // with the unit
	// Min and Max bound it; both 0 takes them from the data.
	Min, Max float64
	// Names are what stands at 0, 1, 2 and so on, for an axis of names instead of numbers.
	Names []string
	// Log spaces equal factors equally. Min and Max are then required and above 0.
	Log bool
}

// Rule is a line across the diagram, for a goal.
type Rule struct {
	Y    float64
	Text string
}

// Chart is a diagram.
type Chart struct {
	Title  string
	X, Y   Axis
	Series []Series
	Rules  []Rule
	// Bars stacks the series' points on each other at each X instead of drawing lines.
	Bars bool
}

// The layout, in pixels.
const (
	width, height       = 760, 420
	left, right         = 68, 190
	top, bottom         = 44, 58
	plotW, plotH        = width - left - right, height - top - bottom
	barWidth            = 0.62 // of the distance between two names
	legendX, legendLine = width - right + 18, 20
)

// colours are those of Okabe and Ito, which colour-blind readers can tell apart; each is dark enough
// for a white page and light enough for a black one.
var colours = [...]string{"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b58900", "#56b4e9", "#7f7f7f"}

// style lets the page decide between dark ink and light ink.
const style = `<style>
text{font:12px system-ui,sans-serif;fill:#24292f}.t{font-size:15px;font-weight:600}.s{font-size:11px}
.g{stroke:#24292f;stroke-opacity:.14}.a{stroke:#24292f;stroke-opacity:.6}.r{stroke:#24292f;stroke-opacity:.7;stroke-dasharray:5 4}
.l{fill:none;stroke-width:1.8;stroke-linejoin:round}
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.g,.a,.r{stroke:#e6edf3}}
</style>
`

// SVG returns the diagram.
func (c *Chart) SVG() string {
	d := drawing{x: c.X, y: c.Y}
	d.fit(c)
	fmt.Fprintf(&d.b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="%s">`+"\n",
		width, height, width, height, escape(c.Title))
	d.b.WriteString(style)
	d.text(left, 22, "start", "t", c.Title)
	d.axes()
	if c.Bars {
		d.bars(c.Series)
	} else {
		for i := range c.Series {
			d.line(&c.Series[i], colours[i%len(colours)])
		}
	}
	for _, r := range c.Rules {
		y := d.atY(r.Y)
		fmt.Fprintf(&d.b, `<line class="r" x1="%d" y1="%s" x2="%d" y2="%s"/>`+"\n", left, px(y), left+plotW, px(y))
		d.text(left+plotW-4, y-5, "end", "s", r.Text)
	}
	d.legend(c)
	d.b.WriteString("</svg>\n")
	return d.b.String()
}

// drawing is a diagram in the making.
type drawing struct {
	b    strings.Builder
	x, y Axis
}

// fit takes open bounds from the data, with 0 and all rules inside, and rounds them up.
func (d *drawing) fit(c *Chart) {
	maxX, maxY := 0.0, 0.0
	stack := map[float64]float64{}
	for _, s := range c.Series {
		for _, p := range s.Points {
			maxX = max(maxX, p.X)
			stack[p.X] += p.Y
			if maxY = max(maxY, p.Y); c.Bars {
				maxY = max(maxY, stack[p.X])
			}
		}
	}
	for _, r := range c.Rules {
		maxY = max(maxY, r.Y)
	}
	if n := len(c.X.Names); n > 0 {
		d.x.Min, d.x.Max = -0.5, float64(n)-0.5
	} else if d.x.Min == 0 && d.x.Max == 0 {
		d.x.Max = roundUp(maxX)
	}
	if d.y.Min == 0 && d.y.Max == 0 {
		d.y.Max = roundUp(maxY * 1.05)
	}
}

// step returns a distance of 1, 2 or 5 times a power of ten that divides a length into 4 to 10.
func step(length float64) float64 {
	s := math.Pow(10, math.Floor(math.Log10(length)))
	for _, f := range []float64{0.1, 0.2, 0.5, 1} {
		if length/(s*f) <= 8 {
			return s * f
		}
	}
	return s
}

func roundUp(v float64) float64 {
	if v <= 0 {
		return 1
	}
	s := step(v)
	return math.Ceil(v/s) * s
}

func (a *Axis) share(v float64) float64 {
	if a.Log {
		return math.Log(max(v, a.Min)/a.Min) / math.Log(a.Max/a.Min)
	}
	return (v - a.Min) / (a.Max - a.Min)
}

func within(v float64) float64 { return min(max(v, 0), 1) }

func (d *drawing) atX(v float64) float64 { return left + within(d.x.share(v))*plotW }
func (d *drawing) atY(v float64) float64 { return top + (1-within(d.y.share(v)))*plotH }

// marks returns where an axis is labelled.
func (a *Axis) marks() (at []float64, text []string) {
	switch {
	case len(a.Names) > 0:
		for i, n := range a.Names {
			at, text = append(at, float64(i)), append(text, n)
		}
	case a.Log:
		for v := math.Pow(10, math.Ceil(math.Log10(a.Min)-1e-9)); v <= a.Max*(1+1e-9); v *= 10 {
			at, text = append(at, v), append(text, number(v))
		}
	default:
		s := step(a.Max - a.Min)
		for i := 0; ; i++ {
			v := (math.Ceil(a.Min/s-1e-9) + float64(i)) * s
			if v > a.Max+s*1e-9 {
				return at, text
			}
			at, text = append(at, v), append(text, number(v))
		}
	}
	return at, text
}

func (d *drawing) axes() {
	at, text := d.y.marks()
	for i, v := range at {
		y := d.atY(v)
		fmt.Fprintf(&d.b, `<line class="g" x1="%d" y1="%s" x2="%d" y2="%s"/>`+"\n", left, px(y), left+plotW, px(y))
		d.text(left-8, y+4, "end", "", text[i])
	}
	at, text = d.x.marks()
	for i, v := range at {
		x := d.atX(v)
		fmt.Fprintf(&d.b, `<line class="a" x1="%s" y1="%d" x2="%s" y2="%d"/>`+"\n", px(x), top+plotH, px(x), top+plotH+5)
		for j, line := range strings.Split(text[i], "\n") {
			d.text(x, float64(top+plotH+19+13*j), "middle", "", line)
		}
	}
	fmt.Fprintf(&d.b, `<line class="a" x1="%d" y1="%d" x2="%d" y2="%d"/>`+"\n", left, top+plotH, left+plotW, top+plotH)
	d.text(left+plotW/2, height-8, "middle", "", d.x.Label)
	fmt.Fprintf(&d.b, `<text transform="translate(16 %d) rotate(-90)" text-anchor="middle">%s</text>`+"\n", top+plotH/2, escape(d.y.Label))
}

func (d *drawing) line(s *Series, colour string) {
	if len(s.Points) == 0 {
		return
	}
	var path strings.Builder
	for i, p := range s.Points {
		x, y := px(d.atX(p.X)), px(d.atY(p.Y))
		switch {
		case i == 0:
			path.WriteString("M" + x + " " + y)
		case s.Steps:
			path.WriteString("H" + x + "V" + y)
		default:
			path.WriteString("L" + x + " " + y)
		}
	}
	fmt.Fprintf(&d.b, `<path class="l" stroke="%s" d="%s"/>`+"\n", colour, path.String())
	if s.Marks {
		for _, p := range s.Points {
			fmt.Fprintf(&d.b, `<circle cx="%s" cy="%s" r="3.2" fill="%s"/>`+"\n", px(d.atX(p.X)), px(d.atY(p.Y)), colour)
		}
	}
}

// bars stacks the series at each X.
func (d *drawing) bars(series []Series) {
	below := map[float64]float64{}
	w := plotW / (d.x.Max - d.x.Min) * barWidth
	for i := range series {
		for _, p := range series[i].Points {
			low, high := d.atY(below[p.X]), d.atY(below[p.X]+p.Y)
			below[p.X] += p.Y
			if low-high < 0.05 {
				continue
			}
			fmt.Fprintf(&d.b, `<rect x="%s" y="%s" width="%s" height="%s" fill="%s"/>`+"\n",
				px(d.atX(p.X)-w/2), px(high), px(w), px(low-high), colours[i%len(colours)])
		}
	}
}

func (d *drawing) legend(c *Chart) {
	for i := range c.Series {
		y := top + 8 + legendLine*i
		fmt.Fprintf(&d.b, `<rect x="%d" y="%d" width="14" height="4" fill="%s"/>`+"\n", legendX, y-2, colours[i%len(colours)])
		d.text(legendX+20, float64(y+4), "start", "", c.Series[i].Name)
	}
}

func (d *drawing) text(x, y float64, anchor, class, s string) {
	if class != "" {
		class = ` class="` + class + `"`
	}
	fmt.Fprintf(&d.b, `<text%s x="%s" y="%s" text-anchor="%s">%s</text>`+"\n", class, px(x), px(y), anchor, escape(s))
}

// px writes a coordinate as short as a tenth of a pixel allows.
func px(v float64) string { return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64) }

// number writes a label without noise from rounding.
func number(v float64) string { return strconv.FormatFloat(math.Round(v*1e6)/1e6, 'g', -1, 64) }

var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace
