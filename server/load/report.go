package load

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"
)

// Report is a whole run, for machines; Print and Bench write it for people and for benchstat.
type Report struct {
	Version string  `json:"version"`
	Machine string  `json:"machine"`
	RoomsOf int     `json:"rooms_of"`
	Rate    int     `json:"rate"`
	Inputs  int     `json:"inputs"`
	Seconds float64 `json:"seconds"`
	Loads   []*Load `json:"loads"`
	// Search is what was tried to find the most clients, nil for no search.
	Search []*Sample `json:"search,omitempty"`
}

// Load is one number of clients, measured in rounds.
type Load struct {
	Clients int       `json:"clients"`
	Server  []*Sample `json:"server"`
	Floor   []*Sample `json:"floor,omitempty"` // as many, each taken right after its server
	// Ratio is the median of the rounds' ratios of server to floor, 0 without a floor.
	Ratio float64 `json:"ratio,omitempty"`
}

// Median returns the median of what f gets of samples, 0 if there are none.
func Median(samples []*Sample, f func(*Sample) float64) float64 {
	var all []float64
	for _, s := range samples {
		all = append(all, f(s))
	}
	return median(all)
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	v = slices.Sorted(slices.Values(v))
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

// ratios returns each round's ratio of the server's CPU time to the floor's.
func (l *Load) ratios() (r []float64) {
	for i, f := range l.Floor {
		if i < len(l.Server) && f.CPU > 0 {
			r = append(r, l.Server[i].CPU/f.CPU)
		}
	}
	return r
}

// NewReport returns an empty report about loads like c.
func NewReport(version string, c *Config) *Report {
	return &Report{
		Version: version, Machine: machine(), RoomsOf: c.RoomsOf, Rate: c.Rate, Inputs: c.Inputs, Seconds: c.Measure.Seconds(),
	}
}

// Rounds measures every number of clients that often, with the floor in between if it is wanted: A B A B.
// Progress is told each sample as it comes.
func (r *Report) Rounds(ctx context.Context, c Config, clients []int, rounds int, floor bool, progress func(*Sample)) error {
	for _, n := range clients {
		c.Clients = n
		l := &Load{Clients: n}
		for range rounds {
			s, err := c.Server(ctx)
			if err != nil {
				return err
			}
			l.Server = append(l.Server, s)
			progress(s)
			if !floor {
				continue
			}
			if s, err = c.Floor(ctx, payload(s.Bytes)); err != nil {
				return err
			}
			l.Floor = append(l.Floor, s)
			progress(s)
		}
		l.Ratio = median(l.ratios())
		r.Loads = append(r.Loads, l)
	}
	return nil
}

// payload is the size of a ready frame that takes up so many bytes with its WebSocket header.
func payload(bytes float64) int {
	if bytes < 126+2 {
		return max(int(bytes+.5)-2, 1)
	}
	return int(bytes+.5) - 4
}

// late is how many periods the p99 of gaps may be before clients are too many.
const late = 1.5

// holds reports whether a server could keep the rate for all of its clients.
func (c *Config) holds(s *Sample) bool {
	return s.GapP99 <= late*c.Period().Seconds()*1000 && len(s.Lost) == 0
}

// Find looks for the most clients that one core holds, in whole rooms: up to which number the p99 of frame
// gaps stays within one and a half periods. See search.
func (r *Report) Find(ctx context.Context, c Config, most int, progress func(*Sample)) error {
	return search(c.inRooms(c.Clients), c.inRooms(most), c.inRooms, func(n int) (bool, error) {
		c.Clients = n
		s, err := c.Server(ctx)
		if err != nil {
			return false, err
		}
		r.Search = append(r.Search, s)
		progress(s)
		return c.holds(s), nil
	})
}

// search looks for the largest number that holds: from a first one it grows by half until one does not or
// the last has been tried, or else falls by half until one does, and then halves the interval until that is
// a tenth. Round makes numbers smaller, but not less than the least there is.
func search(first, last int, round func(int) int, holds func(int) (bool, error)) error {
	good, bad := 0, 0
	for n := min(first, last); ; {
		ok, err := holds(n)
		if err != nil {
			return err
		}
		if ok {
			good = n
		} else {
			bad = n
		}
		switch {
		case good == last, bad == round(1):
			return nil
		case bad == 0:
			n = min(max(round(n*3/2), n+1), last)
		case good == 0:
			n = round(n / 2)
		case bad-good <= good/10:
			return nil
		default:
			if n = round((good + bad) / 2); n <= good || n >= bad {
				return nil
			}
		}
	}
}

// inRooms rounds n down to whole rooms.
func (c *Config) inRooms(n int) int { return max(n/c.RoomsOf, 1) * c.RoomsOf }

// Holds returns the most clients of the search that were held, and the fewest that were not; 0 for none.
func (r *Report) Holds() (most, tooMany int) {
	limit := late * 1000 / float64(r.Rate)
	for _, s := range r.Search {
		if s.GapP99 <= limit && len(s.Lost) == 0 {
			most = max(most, s.Clients)
		} else if tooMany == 0 || s.Clients < tooMany {
			tooMany = s.Clients
		}
	}
	return most, tooMany
}

// Print writes the report as tables in Markdown, which people can read as they are.
func (r *Report) Print(w io.Writer) {
	fmt.Fprintf(w, "%s\n%s; rooms of %d, %d frames and %d input messages a second for each client, %.0f s measured in each round\n",
		r.Machine, r.Version, r.RoomsOf, r.Rate, r.Inputs, r.Seconds)
	if len(r.Loads) > 0 {
		r.printLoads(w)
	}
	if len(r.Search) > 0 {
		r.printSearch(w)
	}
}

func (r *Report) printLoads(w io.Writer) {
	med := func(s []*Sample, f func(*Sample) float64, digits int) string {
		if len(s) == 0 {
			return "-"
		}
		return strconv.FormatFloat(Median(s, f), 'f', digits, 64)
	}
	cpu := func(s *Sample) float64 { return s.CPU }
	t := newTable(w, "clients", "CPU µs a frame", "of it steps", "of it snapshots", "floor", "ratio", "spread", "B a frame", "allocs", "RSS kB", "gap p99 ms", "floor's", "frames a second", "floor's", "server cores", "others")
	for _, l := range r.Loads {
		ratio, spread := "-", "-"
		if all := l.ratios(); len(all) > 0 {
			ratio, spread = fmt.Sprintf("%.2f", l.Ratio), fmt.Sprintf("%.2f-%.2f", slices.Min(all), slices.Max(all))
		}
		t.row(strconv.Itoa(l.Clients), med(l.Server, cpu, 1),
			med(l.Server, func(s *Sample) float64 { return s.Simulate }, 1), med(l.Server, func(s *Sample) float64 { return s.Compose }, 1),
			med(l.Floor, cpu, 1), ratio, spread,
			med(l.Server, func(s *Sample) float64 { return s.Bytes }, 0), med(l.Server, func(s *Sample) float64 { return s.Allocs }, 2),
			med(l.Server, func(s *Sample) float64 { return s.Memory }, 0),
			med(l.Server, func(s *Sample) float64 { return s.GapP99 }, 1), med(l.Floor, func(s *Sample) float64 { return s.GapP99 }, 1),
			med(l.Server, func(s *Sample) float64 { return s.Rate }, 1), med(l.Floor, func(s *Sample) float64 { return s.Rate }, 1),
			med(l.Server, func(s *Sample) float64 { return s.ServerLoad }, 2), med(append(slices.Clone(l.Server), l.Floor...), func(s *Sample) float64 { return s.OtherLoad }, 2))
	}
	t.flush()
	t = newTable(w, "clients", "tick p50 µs", "p99", "p99.9", "late p50 µs", "p99", "p99.9", "overruns", "skipped", "no command in time")
	for _, l := range r.Loads {
		tick := func(f func(*Ticks) float64, digits int) string {
			return med(l.Server, func(s *Sample) float64 { return f(s.Tick) }, digits)
		}
		t.row(strconv.Itoa(l.Clients),
			tick(func(t *Ticks) float64 { return t.P50 }, 0), tick(func(t *Ticks) float64 { return t.P99 }, 0), tick(func(t *Ticks) float64 { return t.P999 }, 0),
			tick(func(t *Ticks) float64 { return t.LateP50 }, 0), tick(func(t *Ticks) float64 { return t.LateP99 }, 0), tick(func(t *Ticks) float64 { return t.LateP999 }, 0),
			tick(func(t *Ticks) float64 { return t.Overruns }, 0), tick(func(t *Ticks) float64 { return t.Skipped }, 0),
			tick(func(t *Ticks) float64 { return 100 * t.Missing }, 2)+" %")
	}
	t.flush()
	r.printBots(w)
}

// printBots writes what full clients got beside the light ones.
func (r *Report) printBots(w io.Writer) {
	for _, l := range r.Loads {
		for _, s := range l.Server {
			if b := s.Bots; b != nil {
				fmt.Fprintf(w, "\n%d full clients beside %d: round trip %.1f ms, hit agreement %.2f %% of %d, %d underruns, %d wrong predictions of unknown cause\n",
					b.Bots, l.Clients, b.RTT.P50, 100*b.Shots.Agreement, b.Shots.Agreed+b.Shots.Denied, b.Underruns, b.Corrections.Unknown)
			}
		}
	}
}

func (r *Report) printSearch(w io.Writer) {
	t := newTable(w, "clients", "gap p99 ms", "gap p50 ms", "CPU µs a frame", "server cores", "clients' core", "others", "frames a second")
	for _, s := range slices.SortedFunc(slices.Values(r.Search), func(a, b *Sample) int { return cmp.Compare(a.Clients, b.Clients) }) {
		t.row(strconv.Itoa(s.Clients), fmt.Sprintf("%.1f", s.GapP99), fmt.Sprintf("%.1f", s.GapP50), fmt.Sprintf("%.1f", s.CPU),
			fmt.Sprintf("%.2f", s.ServerLoad), fmt.Sprintf("%.2f", s.ClientLoad), fmt.Sprintf("%.2f", s.OtherLoad), fmt.Sprintf("%.1f", s.Rate))
	}
	t.flush()
	most, tooMany := r.Holds()
	limit := time.Duration(late * float64(time.Second) / float64(r.Rate))
	switch {
	case most == 0:
		fmt.Fprintf(w, "\nOne core does not hold %d clients with a p99 frame gap of %v.\n", tooMany, limit)
	case tooMany == 0:
		fmt.Fprintf(w, "\nOne core holds %d clients with a p99 frame gap of at most %v; more were not tried.\n", most, limit)
	default:
		fmt.Fprintf(w, "\nOne core holds %d clients with a p99 frame gap of at most %v; %d were too many.\n", most, limit, tooMany)
	}
}

// Bench writes every sample as a line that benchstat understands.
func (r *Report) Bench(w io.Writer) {
	fmt.Fprintf(w, "goos: linux\npkg: hindsight/server/load\ncpu: %s\n", r.Machine)
	for _, l := range r.Loads {
		for _, s := range l.Server {
			r.benchLine(w, "Server", s)
		}
		for _, s := range l.Floor {
			r.benchLine(w, "Floor", s)
		}
		for _, ratio := range l.ratios() {
			fmt.Fprintf(w, "BenchmarkRatio/clients=%d\t1\t%.3f server/floor\n", l.Clients, ratio)
		}
	}
	for _, s := range r.Search {
		r.benchLine(w, "Search", s)
	}
}

func (r *Report) benchLine(w io.Writer, name string, s *Sample) {
	frames := max(1, int(s.Rate*float64(s.Clients)*r.Seconds))
	fmt.Fprintf(w, "Benchmark%s/rooms=%d/rate=%d/clients=%d\t%d\t%.0f cpu-ns/frame\t%.1f B/frame\t%.3f allocs/frame\t%.2f rss-kB/conn\t%.2f gap-p99-ms",
		name, r.RoomsOf, r.Rate, s.Clients, frames, s.CPU*1000, s.Bytes, s.Allocs, s.Memory, s.GapP99)
	if s.Tick != nil {
		fmt.Fprintf(w, "\t%.0f step-ns/frame\t%.0f compose-ns/frame\t%.0f tick-p99-ns\t%.0f late-p99-ns", s.Simulate*1000, s.Compose*1000, s.Tick.P99*1000, s.Tick.LateP99*1000)
	}
	fmt.Fprintln(w)
}

// table is one of Markdown with columns that line up.
type table struct{ w *tabwriter.Writer }

func newTable(w io.Writer, names ...string) table {
	t := table{tabwriter.NewWriter(w, 0, 1, 1, ' ', 0)}
	fmt.Fprintln(w)
	t.row(names...)
	rule := make([]string, len(names))
	for i := range rule {
		rule[i] = "---"
	}
	t.row(rule...)
	return t
}

func (t table) row(cells ...string) {
	for _, c := range cells {
		fmt.Fprintf(t.w, "| %s\t", c)
	}
	fmt.Fprintln(t.w, "|")
}

func (t table) flush() { _ = t.w.Flush() }
