//go:build !race

package matchmaking

const slow = 1
