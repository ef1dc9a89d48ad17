//go:build !linux || !(amd64 || arm64)

package session

// newPoller returns no poller: there is none for this system.
func newPoller() poller { return nil }
