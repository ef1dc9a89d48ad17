//go:build amd64 || arm64

package session

import (
	"net"

	"hindsight/server/alarm"
	"hindsight/server/session/poll"
)

// shards makes a poll.Poller a poller.
type shards struct{ *poll.Poller }

func newPoller(c *alarm.Clock) poller { return shards{poll.New(0, c)} }

// Adopt implements poller.
func (s shards) Adopt(nc net.Conn) (coroutine, error) {
	c, err := s.Poller.Adopt(nc)
	if err != nil {
		return nil, err
	}
	return c, nil
}
