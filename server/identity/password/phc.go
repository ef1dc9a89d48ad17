package password

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Cost is what a hash costs to compute.
type Cost struct {
	MemoryKiB uint32
	Passes    uint32
	Lanes     uint8
}

// DefaultCost is what the OWASP Password Storage Cheat Sheet (2025) recommends for argon2id where
// memory is dear: 19 MiB, two passes, one lane.
var DefaultCost = Cost{MemoryKiB: 19 * 1024, Passes: 2, Lanes: 1}

// bound is the highest cost that a stored hash may ask for: a database that was tampered with must
// not take the server's memory.
var bound = Cost{MemoryKiB: 256 * 1024, Passes: 16, Lanes: 16}

// Lengths of salts and sums.
const (
	saltBytes        = 16
	sumBytes         = 32
	minSalt, maxSalt = 8, 64
	minSum, maxSum   = 16, 64
	maxHash          = 512 // characters of a PHC string
)

// ErrHash says that a stored hash is not one that this package wrote.
var ErrHash = errors.New("password: damaged hash")

// hash is a password hash taken apart.
type hash struct {
	Cost
	salt, sum []byte
}

var b64 = base64.RawStdEncoding.Strict()

// String is the hash in PHC string format: what is stored.
func (h hash) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, h.MemoryKiB, h.Passes, h.Lanes, b64.EncodeToString(h.salt), b64.EncodeToString(h.sum))
}

// parse takes a PHC string apart. Every hash has one spelling: that of String.
func parse(s string) (hash, error) {
	var h hash
	part := strings.Split(s, "$")
	if len(s) > maxHash || len(part) != 6 {
		return h, ErrHash
	}
	if _, err := fmt.Sscanf(part[3], "m=%d,t=%d,p=%d", &h.MemoryKiB, &h.Passes, &h.Lanes); err != nil {
		return h, ErrHash
	}
	var err1, err2 error
	h.salt, err1 = b64.DecodeString(part[4])
	h.sum, err2 = b64.DecodeString(part[5])
	if err1 != nil || err2 != nil || h.String() != s || !h.sound() ||
		len(h.salt) < minSalt || len(h.salt) > maxSalt || len(h.sum) < minSum || len(h.sum) > maxSum {
		return h, ErrHash
	}
	return h, nil
}

// sound reports that a cost is one that argon2 has and that this server will pay.
func (c Cost) sound() bool {
	return c.Passes >= 1 && c.Passes <= bound.Passes && c.Lanes >= 1 && c.Lanes <= bound.Lanes &&
		c.MemoryKiB >= 8*uint32(c.Lanes) && c.MemoryKiB <= bound.MemoryKiB
}
