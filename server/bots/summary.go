package bots

import (
	"slices"

	"hindsight/game/netcode"
	"hindsight/protocol"
	"hindsight/protocol/frame"
)

// Summary is what a swarm got, for people and, as JSON, for scripts. Times are in milliseconds.
type Summary struct {
	Seconds float64 `json:"seconds"`
	Bots    int     `json:"bots"`
	Playing int     `json:"playing"`
	Failed  int     `json:"failed"`

	RTT        Spread `json:"rtt_ms"`
	Margin     Spread `json:"margin_ms"` // how early commands arrive
	Delay      Spread `json:"interpolation_delay_ms"`
	ServerLate Spread `json:"server_tick_late_ms"` // worst of each bot

	Corrections Corrections `json:"corrections"`
	Shots       Shots       `json:"shots"`

	BytesIn   float64 `json:"bytes_in_per_second"` // of one bot
	BytesOut  float64 `json:"bytes_out_per_second"`
	Snapshots int     `json:"snapshots"`
	Skipped   int     `json:"snapshots_skipped"`
	Underruns int     `json:"underruns"`
	Hitches   Hitches `json:"hitches"`

	Kills  int `json:"kills"`
	Deaths int `json:"deaths"`
}

// Spread is how a value lies over the bots.
type Spread struct {
	P50 float64 `json:"p50"`
	Max float64 `json:"max"`
}

// Corrections counts wrong predictions by cause. Unknown is a bug.
type Corrections struct {
	Late    int `json:"late_input"`
	Touch   int `json:"touched"`
	Clamp   int `json:"view_clamped"`
	Unknown int `json:"unknown"`
}

// Hitches counts moments in which a picture was late or stood still, by what they came from. The
// frames of bots are late when they are too many for their machine.
type Hitches struct {
	Frame   int `json:"client_frame"`
	Server  int `json:"server_tick"`
	Send    int `json:"send_wait"`
	Network int `json:"network"`
}

// Shots counts how the server judged what the bots saw themselves hit.
type Shots struct {
	Agreed  int `json:"agreed"`
	Denied  int `json:"denied"`
	Excused int `json:"excused"` // the target had meanwhile died or could not be hurt
	// Agreement is the share of judged shots, excused ones left out; 1 if there were none.
	Agreement float64 `json:"agreement"`
}

// Summarize adds reports up. Seconds is how long the swarm has played.
func Summarize(reports []Report, seconds float64) Summary {
	s := Summary{Seconds: seconds, Bots: len(reports)}
	var in, out int64
	for i := range reports {
		r := &reports[i]
		switch r.State {
		case Playing, Done:
			s.Playing++
		case Failed:
			s.Failed++
		}
		n := &r.Net
		in, out = in+n.BytesIn, out+n.BytesOut
		s.Snapshots += n.Snapshots
		s.Skipped += n.Skipped
		s.Underruns += n.Underruns
		s.Kills += r.Game.Kills
		s.Deaths += r.Game.Deaths
		s.Corrections.Late += n.Corrections.Late
		s.Corrections.Touch += n.Corrections.Touch
		s.Corrections.Clamp += n.Corrections.Clamp
		s.Corrections.Unknown += n.Corrections.Unknown
		s.Hitches.Frame += n.Hitches.Count[frame.HitchFrame]
		s.Hitches.Server += n.Hitches.Count[frame.HitchServer]
		s.Hitches.Send += n.Hitches.Count[frame.HitchSend]
		s.Hitches.Network += n.Hitches.Count[frame.HitchNetwork]
		s.Shots.Agreed += n.Verdicts.Agreed
		s.Shots.Denied += n.Verdicts.Denied
		s.Shots.Excused += n.Verdicts.Excused
	}
	s.Shots.Agreement = 1
	if judged := s.Shots.Agreed + s.Shots.Denied; judged > 0 {
		s.Shots.Agreement = float64(s.Shots.Agreed) / float64(judged)
	}
	if each := seconds * float64(len(reports)); each > 0 {
		s.BytesIn, s.BytesOut = float64(in)/each, float64(out)/each
	}
	s.RTT = spread(reports, func(n *netcode.Stats) protocol.Micros { return n.RTT })
	s.Margin = spread(reports, func(n *netcode.Stats) protocol.Micros { return n.Margin })
	s.Delay = spread(reports, func(n *netcode.Stats) protocol.Micros { return n.Delay })
	s.ServerLate = spread(reports, func(n *netcode.Stats) protocol.Micros { return n.ServerLateMax })
	return s
}

// spread orders a value over the bots that have played.
func spread(reports []Report, of func(*netcode.Stats) protocol.Micros) Spread {
	var all []protocol.Micros
	for i := range reports {
		if reports[i].Played {
			all = append(all, of(&reports[i].Net))
		}
	}
	if len(all) == 0 {
		return Spread{}
	}
	slices.Sort(all)
	ms := func(m protocol.Micros) float64 { return float64(m) / float64(protocol.Millisecond) }
	return Spread{P50: ms(all[len(all)/2]), Max: ms(all[len(all)-1])}
}
