package replay

import "hindsight/protocol"

// keyframes are copies of a run on its way, from which a jump back begins. There are at most
// maxKeyframes: when a long match would have more, every second is given up and they are taken half
// as often, so that memory is bounded whatever the length (about 0.1 MB each in the arena).
type keyframes struct {
	list  []run // ascending by tick
	every protocol.Tick
	none  bool // the game cannot be copied
}

const (
	maxKeyframes    = 32
	keyframeSeconds = 5 // between two, as long as there are few
)

// offer keeps a copy of a run if one is due at its tick.
func (k *keyframes) offer(r *run, f *File) {
	if k.every == 0 {
		k.every = protocol.Tick(keyframeSeconds * f.Header.TickRate)
	}
	t := r.match.Tick()
	if k.none || t%k.every != 0 || len(k.list) > 0 && k.list[len(k.list)-1].match.Tick() >= t {
		return
	}
	if len(k.list) == maxKeyframes {
		k.thin()
		if t%k.every != 0 {
			return
		}
	}
	c, ok := r.clone()
	if k.none = !ok; ok {
		k.list = append(k.list, c)
	}
}

// thin gives up every copy whose tick is no multiple of twice the distance.
func (k *keyframes) thin() {
	k.every *= 2
	kept := k.list[:0]
	for _, c := range k.list {
		if c.match.Tick()%k.every == 0 {
			kept = append(kept, c)
		}
	}
	clear(k.list[len(kept):])
	k.list = kept
}

// before returns the last copy at or before a tick, or nil.
func (k *keyframes) before(t protocol.Tick) *run {
	for i := len(k.list) - 1; i >= 0; i-- {
		if k.list[i].match.Tick() <= t {
			return &k.list[i]
		}
	}
	return nil
}
