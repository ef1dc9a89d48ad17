//go:build race

package session

// raced says that the race detector is on, under which a sync.Pool forgets things at random.
const raced = true
