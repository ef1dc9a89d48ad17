//go:build amd64 || arm64

package poll

import (
	"errors"
	"net"
	"runtime"
	"syscall"
	"time"

	"hindsight/server/alarm"
)

// Poller spreads connections over shards.
type Poller struct {
	shards []*shard // immutable
}

// New returns a poller with so many shards, which sleep on that clock's alarms; 0 means GOMAXPROCS. Patience
// is how long the kernel may take to take what was written, 0 for ever. New starts nothing.
func New(shards int, clock *alarm.Clock, patience time.Duration) *Poller {
	if shards <= 0 {
		shards = runtime.GOMAXPROCS(0)
	}
	p := &Poller{shards: make([]*shard, shards)}
	for i := range p.shards {
		p.shards[i] = &shard{clock: clock, patience: patience}
	}
	return p
}

// Adopt takes over a connection that nobody reads or writes any more. It works on a descriptor of its
// own, so that the connection can leave Go's poller, and nc is closed. On an error nc is as it was: if
// it is not a bare socket (errors.ErrUnsupported), or if there is no descriptor to be had.
//
// Who adopts a connection must Close it, or Run it to its end.
func (p *Poller) Adopt(nc net.Conn) (*Conn, error) {
	bare, ok := nc.(syscall.Conn)
	if !ok {
		return nil, errors.ErrUnsupported
	}
	s := p.emptiest()
	if err := s.enter(); err != nil {
		return nil, err
	}
	fd, err := duplicate(bare)
	if err != nil {
		s.leave()
		return nil, err
	}
	c := &Conn{shard: s, fd: fd, local: nc.LocalAddr(), remote: nc.RemoteAddr()}
	_ = nc.Close() // which ends the old descriptor only
	return c, nil
}

// emptiest returns the shard with the fewest connections.
func (p *Poller) emptiest() *shard {
	best, fewest := p.shards[0], -1
	for _, s := range p.shards {
		s.mu.Lock()
		n := s.users
		s.mu.Unlock()
		if fewest < 0 || n < fewest {
			best, fewest = s, n
		}
	}
	return best
}
