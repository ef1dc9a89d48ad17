package netcode

import (
	"slices"
	"testing"

	"hindsight/protocol"
	"hindsight/protocol/frame"
)

// moment is one thing that happens to hitches: a frame is drawn, a snapshot comes, or the page rests.
type moment struct {
	at   protocol.Micros // ms
	draw *look
	came *arrival
	rest bool
	gone bool
}

func drawn(at protocol.Micros) moment      { return moment{at: at, draw: &look{}} }
func ahead(at protocol.Micros) moment      { return moment{at: at, draw: &look{ahead: true}} }
func jumped(at, by protocol.Micros) moment { return moment{at: at, draw: &look{jump: by * ms}} }
func came(at, tardy, late, waited, skipped protocol.Micros) moment {
	return moment{at: at, came: &arrival{tardy * ms, late * ms, waited * ms, skipped * ms}}
}

func TestHitchesHaveOneCause(t *testing.T) {
	const f, s, w, n = frame.HitchFrame, frame.HitchServer, frame.HitchSend, frame.HitchNetwork
	tests := []struct {
		name    string
		moments []moment
		want    []frame.Hitch
		long    protocol.Micros // of the last, ms
		fresh   bool
	}{
		{"all is well", []moment{drawn(10), came(12, 0, 0, 0, 0), drawn(26), came(28, 4, 1, 0, 0), drawn(43)}, nil, 0, false},
		{"a frame at the limit", []moment{drawn(10), drawn(60)}, nil, 0, false},
		{"a late frame", []moment{drawn(10), drawn(61)}, []frame.Hitch{f}, 51, false},
		{"ten frames a second", []moment{drawn(100), drawn(200), drawn(300)}, []frame.Hitch{f, f}, 100, false},
		{"the first frame of a match", []moment{ahead(5000), ahead(5016)}, nil, 0, true},
		{"a page that comes back", []moment{drawn(10), {at: 20, rest: true}, jumped(9000, 8900), ahead(9016), drawn(9033)}, nil, 0, false},
		{"a late frame takes the blame for its view", []moment{drawn(10), ahead(200), ahead(216), came(217, 190, 0, 0, 0), drawn(233), came(234, 0, 0, 0, 0), drawn(250)},
			[]frame.Hitch{f}, 190, false},

		{"the network is late", []moment{drawn(100), drawn(116), ahead(133), ahead(150), came(160, 50, 1, 0, 0), came(161, 33, 0, 1, 0), drawn(166)},
			[]frame.Hitch{n}, 34, false},
		{"the page was busy for less than a late frame", []moment{drawn(100), came(101, 0, 0, 0, 0), drawn(116), ahead(160), came(161, 45, 0, 0, 0), came(161, 28, 0, 0, 0), drawn(166)},
			[]frame.Hitch{f}, 44, false},
		{"the page was busy, the network more so", []moment{drawn(100), came(101, 0, 0, 0, 0), drawn(116), ahead(160), ahead(177), ahead(193), came(194, 95, 0, 0, 0), came(194, 78, 0, 0, 0), drawn(210)},
			[]frame.Hitch{n}, 77, false},
		{"the server is late", []moment{drawn(100), drawn(116), ahead(133), came(140, 35, 34, 0, 0), drawn(150), came(156, 2, 0, 0, 0), drawn(166)},
			[]frame.Hitch{s}, 17, false},
		{"the server gave up ticks", []moment{drawn(100), drawn(116), ahead(133), ahead(150), ahead(166), came(170, 50, 100, 0, 50), came(186, 33, 0, 0, 0), drawn(200)},
			[]frame.Hitch{s}, 50, false},
		{"the kernel took its time", []moment{drawn(100), drawn(116), ahead(133), came(160, 40, 2, 0, 0), came(165, 5, 0, 36, 0), drawn(166)},
			[]frame.Hitch{w}, 17, false},
		{"snapshots were left out", []moment{drawn(100), drawn(116), ahead(133), ahead(150), came(160, 10, 0, 0, 66), came(170, 0, 0, 0, 0), drawn(166)},
			[]frame.Hitch{w}, 34, false},
		{"what happened on the way is said by the snapshot that ends it", []moment{drawn(100), came(110, 90, 90, 0, 0), drawn(116), ahead(133), ahead(150), came(160, 40, 0, 0, 0), came(161, 23, 0, 1, 0)},
			[]frame.Hitch{n}, 34, false},

		{"nothing more is heard", []moment{drawn(100), drawn(116), ahead(133), ahead(150), {at: 4000, gone: true}}, []frame.Hitch{n}, 34, false},
		{"one snapshot and no more", []moment{drawn(100), drawn(116), ahead(133), came(140, 20, 19, 0, 0), drawn(150), drawn(190), drawn(230), drawn(270), drawn(310), drawn(350), drawn(390)},
			[]frame.Hitch{s}, 17, false},
		{"a view that jumps after a stall", []moment{drawn(100), drawn(116), ahead(133), came(140, 300, 0, 0, 0), came(140, 280, 0, 0, 0), jumped(150, 260), drawn(166)},
			[]frame.Hitch{n}, 17, false},
		{"a view that jumps by itself", []moment{drawn(100), came(110, 5, 400, 0, 0), jumped(116, 390), came(126, 0, 0, 0, 0)}, []frame.Hitch{s}, 390, false},
		{"trouble that goes on is counted again", []moment{
			drawn(100), drawn(116), ahead(133), came(140, 20, 0, 0, 0), came(141, 0, 0, 0, 0), ahead(150),
			drawn(175), drawn(200), drawn(225), drawn(250), drawn(275), drawn(300), drawn(325), drawn(350), drawn(375), drawn(400), drawn(420),
			ahead(433), came(440, 20, 0, 0, 0), came(441, 0, 0, 0, 0)}, []frame.Hitch{n, n}, 13, false},
	}
	for _, tt := range tests {
		h := hitches{drawn: tt.moments[0].at*ms - 16*ms} // the game has been going on
		if tt.fresh {
			h.drawn = 0
		}
		var got []frame.Hitch
		for _, m := range tt.moments {
			before := h.Hitches
			switch now := m.at * ms; {
			case m.draw != nil:
				h.draw(now, *m.draw)
			case m.came != nil:
				h.receive(now, *m.came)
			case m.rest:
				h.rest()
			case m.gone:
				h.leave()
			}
			for c := range h.Count {
				for range h.Count[c] - before.Count[c] {
					got = append(got, frame.Hitch(c))
				}
			}
		}
		if !slices.Equal(got, tt.want) || tt.long != 0 && h.Last.Long != tt.long*ms {
			t.Errorf("%s: %v, the last %d µs long; want %v, %d ms", tt.name, got, h.Last.Long, tt.want, tt.long)
		}
	}
}

// Each trouble is made in a game that went well before, and named for what was done.
func TestTroubleIsAttributed(t *testing.T) {
	tests := []struct {
		name    string
		trouble func(a *authority, p *peer)
		want    frame.Hitch
	}{
		{"the link is down for a third of a second", func(a *authority, p *peer) { p.link.Stall(a.now, a.now+333*ms) }, frame.HitchNetwork},
		{"the client is not run for a third of a second", func(a *authority, p *peer) { p.asleep = pause{a.now, a.now + 333*ms} }, frame.HitchFrame},
		{"the server begins its ticks 100 ms late", func(a *authority, _ *peer) { a.late = 100 * ms; a.run(100 * ms); a.late = 0 }, frame.HitchServer},
		{"the server leaves out ten snapshots", func(_ *authority, p *peer) { p.gap = 10 }, frame.HitchSend},
	}
	for _, tt := range tests {
		for _, fps := range []int{60, 144} {
			for _, rtt := range trips {
				a := newAuthority(t, 4)
				p := a.join(clean(rtt), fps, wander())
				a.run(10 * protocol.Second)
				before := p.client.Stats().Hitches.Count
				tt.trouble(a, p)
				a.run(5 * protocol.Second)
				after := p.client.Stats().Hitches
				for c := range after.Count {
					n := after.Count[c] - before[c]
					if want := frame.Hitch(c) == tt.want; want && n != 1 || !want && n != 0 {
						t.Errorf("%s, %d fps, RTT %d: %d hitches of %v, all %v, before %v", tt.name, fps, rtt, n, frame.Hitch(c), after, before)
					}
				}
			}
		}
	}
}
