//go:build !linux || !(amd64 || arm64)

package session

import (
	"time"

	"hindsight/server/alarm"
)

// newPoller returns no poller: there is none for this system.
func newPoller(*alarm.Clock, time.Duration) poller { return nil }
