package arena

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"hindsight/game/sim/tilemap"
	"hindsight/protocol"
)

// The modes.
const (
	ModeFFA   uint8 = iota // everyone for himself
	ModeTDM                // red against blue
	ModeCrowd              // everyone for himself, a thousand in one town
	modes
)

// The teams. In a free-for-all everyone is TeamNone.
const (
	TeamNone uint8 = iota
	TeamRed
	TeamBlue
)

// Bounds of the settings. Times are in ticks.
const (
	minTimeLimit  = 1 * TickRate
	maxTimeLimit  = 3600 * TickRate
	maxWarmup     = 300 * TickRate
	maxScoreLimit = 10000
)

// Settings is how one match is played.
type Settings struct {
	Mode uint8 // ModeFFA, ModeTDM or ModeCrowd
	// TimeLimit is the length of the live phase in ticks, a second to an hour.
	TimeLimit int
	// Warmup is the length of the warm-up in ticks; 0 goes live with the first tick.
	Warmup int
	// ScoreLimit ends the match when a player or team has that many points; 0 is no limit.
	ScoreLimit int
	// Seed is where all chance in the match comes from.
	Seed uint64
	Map  *tilemap.Map
}

// ErrStart is wrapped by every error of DecodeStart.
var ErrStart = errors.New("arena: bad start")

// startFormat is the first byte of a start blob. The rest is the mode as a byte, then uvarints of
// time limit, warm-up and score limit, the seed as 8 bytes in little-endian order, and the map.
const startFormat = 1

// EncodeStart returns the start blob of a match. It does not check the settings: DecodeStart does,
// on both sides.
func EncodeStart(s Settings) []byte {
	b := append(make([]byte, 0, 2<<10), startFormat, s.Mode)
	b = binary.AppendUvarint(b, uint64(s.TimeLimit))
	b = binary.AppendUvarint(b, uint64(s.Warmup))
	b = binary.AppendUvarint(b, uint64(s.ScoreLimit))
	b = binary.LittleEndian.AppendUint64(b, s.Seed)
	return s.Map.AppendBinary(b)
}

// DecodeStart reads a start blob, which comes from the network on clients: everything in it is
// checked, a map without a place to spawn or with too many pickups is refused, and so is a blob that
// says the same in other bytes than EncodeStart would.
func DecodeStart(b []byte) (Settings, error) {
	s, err := decodeStart(b)
	if err == nil && !bytes.Equal(EncodeStart(s), b) {
		err = fmt.Errorf("%w: not in its one form", ErrStart)
	}
	return s, err
}

func decodeStart(b []byte) (Settings, error) {
	var s Settings
	if len(b) > protocol.MaxStartBytes {
		return s, fmt.Errorf("%w: %d bytes, want at most %d", ErrStart, len(b), protocol.MaxStartBytes)
	}
	if len(b) < 2 || b[0] != startFormat {
		return s, fmt.Errorf("%w: not of format %d", ErrStart, startFormat)
	}
	if s.Mode = b[1]; s.Mode >= modes {
		return s, fmt.Errorf("%w: mode %d", ErrStart, s.Mode)
	}
	b = b[2:]
	for _, f := range [...]struct {
		name   string
		to     *int
		lo, hi uint64
	}{
		{"time limit", &s.TimeLimit, minTimeLimit, maxTimeLimit},
		{"warm-up", &s.Warmup, 0, maxWarmup},
		{"score limit", &s.ScoreLimit, 0, maxScoreLimit},
	} {
		v, n := binary.Uvarint(b)
		if n <= 0 || n > 1 && b[n-1] == 0 || v < f.lo || v > f.hi { // a padded varint is refused
			return s, fmt.Errorf("%w: %s", ErrStart, f.name)
		}
		*f.to, b = int(v), b[n:]
	}
	if len(b) < 8 {
		return s, fmt.Errorf("%w: seed is cut off", ErrStart)
	}
	s.Seed = binary.LittleEndian.Uint64(b)
	m, err := tilemap.Parse(b[8:])
	if err != nil {
		return s, fmt.Errorf("%w: %w", ErrStart, err)
	}
	s.Map = m
	return s, checkMap(m)
}
