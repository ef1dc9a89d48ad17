//go:build amd64 || arm64

package session

import (
	"net"
	"time"

	"hindsight/server/alarm"
	"hindsight/server/session/poll"
)

// shards makes a poll.Poller a poller.
type shards struct{ *poll.Poller }

func newPoller(c *alarm.Clock, patience time.Duration) poller {
	return shards{poll.New(0, c, patience)}
}

// Adopt implements poller.
func (s shards) Adopt(nc net.Conn) (coroutine, error) {
	c, err := s.Poller.Adopt(nc)
	if err != nil {
		return nil, err
	}
	return c, nil
}
