package cluster

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"

	"hindsight/protocol"
	"hindsight/server/node"
	"hindsight/server/room"
)

// message is one message: ID and exactly one other field.
type message struct {
	ID uint64 `json:"id,omitempty"` // of a request and its answer

	Ping *empty `json:"ping,omitempty"`

	// From the game server.
	Hello   *hello  `json:"hello,omitempty"`
	List    *list   `json:"list,omitempty"`
	Renew   *empty  `json:"renew,omitempty"`
	Goodbye *empty  `json:"goodbye,omitempty"`
	Result  *Result `json:"result,omitempty"`
	Answer  *answer `json:"answer,omitempty"`

	// From the lobby.
	Welcome  *welcome        `json:"welcome,omitempty"`
	Keys     json.RawMessage `json:"keys,omitempty"`
	Stored   *stored         `json:"stored,omitempty"`
	Create   *node.Spec      `json:"create,omitempty"`
	Book     *seats          `json:"book,omitempty"`
	Unbook   *seats          `json:"unbook,omitempty"`
	Lock     *lock           `json:"lock,omitempty"`
	Kick     *kick           `json:"kick,omitempty"`
	Announce *announce       `json:"announce,omitempty"`
	Close    *closeRoom      `json:"close,omitempty"`
}

// Result is a match that was played on a game server.
type Result struct {
	Match  uuid.UUID   `json:"match"`
	Ended  time.Time   `json:"ended"` // by the game server's clock
	Result room.Result `json:"result"`
}

type empty struct{}

type hello struct {
	Protocol int    `json:"protocol"`
	Build    string `json:"build"`
	Name     string `json:"name"`
	URL      string `json:"url"`
	Capacity int    `json:"capacity"` // rooms
	Leaving  bool   `json:"leaving"`  // goodbye was said before
}

type welcome struct {
	Protocol int             `json:"protocol"`
	Build    string          `json:"build"`
	Keys     json.RawMessage `json:"keys"`
}

// list is a part of the list of rooms, or all of it.
type list struct {
	Rooms []json.RawMessage `json:"rooms"` // each a node.Listing
	More  bool              `json:"more,omitempty"`
	Full  bool              `json:"full,omitempty"`
}

type stored struct {
	Match   uuid.UUID `json:"match"`
	Refused string    `json:"refused,omitempty"` // why it can never be stored
}

type seats struct {
	Room  string   `json:"room"`
	Seats []string `json:"seats"`
	Life  int64    `json:"life,omitempty"` // ms; of a booking
}

type lock struct {
	Room   string `json:"room"`
	Locked bool   `json:"locked"`
}

type kick struct {
	Room   string             `json:"room"`
	Player protocol.PlayerID  `json:"player"`
	Code   protocol.CloseCode `json:"code"`
}

type announce struct {
	Room string `json:"room"`
	Text string `json:"text"`
}

type closeRoom struct {
	Room string `json:"room"`
}

type answer struct {
	Room  *node.Listing `json:"room,omitempty"`
	Error *failure      `json:"error,omitempty"`
}

// parts returns how many fields besides ID are set.
func (m *message) parts() int {
	n := 0
	for _, set := range []bool{
		m.Ping != nil, m.Hello != nil, m.List != nil, m.Renew != nil, m.Goodbye != nil, m.Result != nil,
		m.Answer != nil, m.Welcome != nil, m.Keys != nil, m.Stored != nil, m.Create != nil, m.Book != nil,
		m.Unbook != nil, m.Lock != nil, m.Kick != nil, m.Announce != nil, m.Close != nil,
	} {
		if set {
			n++
		}
	}
	return n
}

// What decode finds wrong.
var (
	errJSON  = errors.New("cluster: not a message")
	errParts = errors.New("cluster: a message must say one thing")
)

// decode reads a message from the other side.
func decode(b []byte) (*message, error) {
	m := new(message)
	if err := strict(b, m); err != nil {
		return nil, err
	}
	if m.parts() != 1 {
		return nil, errParts
	}
	return m, nil
}

// decodeHello reads the first message from a game server, which may be of any version.
func decodeHello(b []byte) (*hello, error) {
	var m struct {
		Hello *hello `json:"hello"`
	}
	if err := json.Unmarshal(b, &m); err != nil {
		return nil, fmt.Errorf("%w: %w", errJSON, err)
	}
	if m.Hello == nil {
		return nil, errOrder
	}
	return m.Hello, nil
}

// strict reads exactly one JSON value without fields that v does not know.
func strict(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("%w: %w", errJSON, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: something follows it", errJSON)
	}
	return nil
}

// encode writes a message. It fails only for one that is too large.
func encode(m *message) ([]byte, error) {
	b, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("cluster: write a message: %w", err)
	}
	if len(b) > MaxMessage {
		return nil, fmt.Errorf("%w: %d bytes, the most is %d", ErrTooBig, len(b), MaxMessage)
	}
	return b, nil
}

// parcelled writes a list of rooms as messages.
func parcelled(rooms []node.Listing, full bool) ([]*message, error) {
	part, size := &list{Rooms: []json.RawMessage{}, Full: full}, 0
	all := []*message{{List: part}}
	for i := range rooms {
		b, err := json.Marshal(&rooms[i])
		if err != nil {
			return nil, fmt.Errorf("cluster: write a room: %w", err)
		}
		if size += len(b); size > partBytes && len(part.Rooms) > 0 {
			part.More = true
			part, size = &list{Full: full}, len(b)
			all = append(all, &message{List: part})
		}
		part.Rooms = append(part.Rooms, b)
	}
	return all, nil
}
