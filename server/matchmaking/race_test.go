//go:build race

package matchmaking

// slow is how much longer things take under the race detector, at most.
const slow = 20
