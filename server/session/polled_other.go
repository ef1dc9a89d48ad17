//go:build !linux || !(amd64 || arm64)

package session

import "hindsight/server/alarm"

// newPoller returns no poller: there is none for this system.
func newPoller(*alarm.Clock) poller { return nil }
