package metrics

import "github.com/prometheus/client_golang/prometheus"

// prefix begins the name of every collector.
const prefix = "hindsight_"

// tickBuckets are in seconds. They are fine around a 60 Hz tick's budget of 16.7 ms, where the
// difference between healthy and late is decided.
var tickBuckets = []float64{
	.0001, .00025, .0005, .001, .002, .004, .006, .008, .010, .0125, .0167, .025, .033, .050, .100, .250, 1,
}

// The buckets of other times, in seconds: of how early an input came (late is negative), of how long
// it then waited, of what a snapshot waited to be sent, of a client's frames, and of round trips and
// delays.
var (
	marginBuckets = []float64{-.25, -.1, -.05, -.025, -.01, -.005, 0, .0025, .005, .0075, .01, .015, .02, .025, .035, .05, .1}
	waitBuckets   = []float64{.001, .0025, .005, .008, .0125, .0167, .025, .035, .05, .1, .25}
	sendBuckets   = []float64{.00005, .0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, 1}
	frameBuckets  = []float64{.004, .007, .009, .012, .0175, .021, .034, .05, .1, .25, .5, 1}
	tripBuckets   = []float64{.005, .01, .02, .03, .04, .05, .065, .08, .1, .125, .15, .2, .25, .3, .5, 1, 2}
)

// sizeBuckets are in bytes, up to protocol.MaxFrame.
var sizeBuckets = []float64{50, 100, 200, 300, 400, 600, 800, 1200, 2000, 4000, 8000, 14336}

// factory makes collectors and registers them, if it has where.
type factory struct{ reg prometheus.Registerer }

func (f factory) add(c prometheus.Collector) {
	if f.reg != nil {
		f.reg.MustRegister(c)
	}
}

func (f factory) counter(name, help string) prometheus.Counter {
	c := prometheus.NewCounter(prometheus.CounterOpts{Name: prefix + name, Help: help})
	f.add(c)
	return c
}

func (f factory) gauge(name, help string) prometheus.Gauge {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: prefix + name, Help: help})
	f.add(g)
	return g
}

// histogram has classic buckets for any scraper and native ones, 10 % apart, for those that ask.
func (f factory) histogram(name, help string, buckets []float64) prometheus.Histogram {
	h := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: prefix + name, Help: help, Buckets: buckets,
		NativeHistogramBucketFactor:    1.1,
		NativeHistogramMaxBucketNumber: 160,
	})
	f.add(h)
	return h
}

// times is a histogram of microseconds that is shown in seconds, sizes one of bytes; see Histogram.
func (f factory) times(name, help string, buckets []float64) *Histogram {
	h := newHistogram(prefix+name, help, 1e6, buckets)
	f.add(h)
	return h
}

func (f factory) sizes(name, help string, buckets []float64) *Histogram {
	h := newHistogram(prefix+name, help, 1, buckets)
	f.add(h)
	return h
}

// counters returns a lookup by the value of one label. A looked-up counter shows as 0 until used,
// so that a rate over it has a beginning.
func (f factory) counters(name, help, label string) func(value string) prometheus.Counter {
	v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: prefix + name, Help: help}, []string{label})
	f.add(v)
	return func(value string) prometheus.Counter { return v.WithLabelValues(value) }
}

func (f factory) gauges(name, help, label string) func(value string) prometheus.Gauge {
	v := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: prefix + name, Help: help}, []string{label})
	f.add(v)
	return func(value string) prometheus.Gauge { return v.WithLabelValues(value) }
}
