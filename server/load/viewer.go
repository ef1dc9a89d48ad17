package load

import (
	"slices"

	"hindsight/protocol"
	"hindsight/protocol/delta"
	"hindsight/protocol/frame"
	"hindsight/server/replication"
)

// viewers is how many clients of a trace are looked at where not everyone sees everyone.
const viewers = 50

// viewer is one client of a stage: player i, who sees what is near.
type viewer struct {
	player int
	peer   *replication.Peer
	near   map[protocol.EntityID]bool // was seen last
	own    []int32
	frame  []byte

	dec        frame.Decoder
	body       frame.Body
	seen, held *delta.Snapshot
}

func newViewer(s *stage, player int) *viewer {
	return &viewer{
		player: player, peer: replication.NewPeer(s.schema, 1, s.journal), near: map[protocol.EntityID]bool{},
		own: make([]int32, 1), seen: &delta.Snapshot{}, held: &delta.Snapshot{},
	}
}

// look chooses what the viewer sees: whoever comes nearer than the radius less a twentieth of it, until he is
// further than it and a twentieth, so that nobody comes and goes who walks along the edge.
func (v *viewer) look(s *stage) {
	if s.cfg.Radius == 0 {
		return
	}
	const edge = 0.05
	ents := s.now.Entities()
	me := ents[v.player].Row
	v.peer.Seen = v.peer.Seen[:0]
	for i := range ents {
		dx, dy := float64(ents[i].Row[poseX]-me[poseX])/8, float64(ents[i].Row[poseY]-me[poseY])/8
		far := s.cfg.Radius * (1 - edge)
		if v.near[ents[i].ID] {
			far = s.cfg.Radius * (1 + edge)
		}
		if v.near[ents[i].ID] = dx*dx+dy*dy <= far*far; v.near[ents[i].ID] {
			v.peer.Seen = append(v.peer.Seen, int32(i))
		}
	}
}

// snapshot sends the stage's snapshot and returns the size of the frame.
func (v *viewer) snapshot(s *stage, tick int) (size int, parts replication.Parts, err error) {
	v.look(s)
	// A connection that is well: a command two ticks ahead that came 5 ms early, a tick on time.
	h := frame.Header{Heard: s.now.Tick + 2, Margin: 20}
	now := protocol.Micros(tick) * protocol.Second / protocol.Micros(s.trace.Rate)
	if v.frame, err = v.peer.Compose(v.frame[:0], s.table, s.journal, h, v.own, now); err != nil {
		return 0, parts, err
	}
	if _, err = v.dec.Header(v.frame); err != nil {
		return 0, parts, err
	}
	v.seen, v.held = v.held, v.seen
	if err = v.dec.Body(s.schema, v.held, v.body.Own, &v.body, v.seen); err != nil {
		return 0, parts, err
	}
	if !v.sees(s) {
		return 0, parts, errScreen
	}
	return len(v.frame), v.peer.Parts(), nil
}

// sees reports whether the viewer holds exactly what it was to see.
func (v *viewer) sees(s *stage) bool {
	want := s.now.Entities()
	if s.cfg.Radius > 0 {
		chosen := make([]delta.Entity, 0, len(v.peer.Seen))
		for _, i := range v.peer.Seen {
			chosen = append(chosen, want[i])
		}
		want = chosen
	}
	return slices.EqualFunc(v.seen.Entities(), want, func(a, b delta.Entity) bool { return a.Same(&b) && slices.Equal(a.Row, b.Row) })
}
