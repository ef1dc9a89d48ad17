package cluster

import (
	"context"
	"errors"

	"hindsight/protocol"
	"hindsight/server/node"
	"hindsight/server/room"
)

// Errors of a Remote besides those of packages node and room, which arrive as what they were.
var (
	// ErrAway says that a game server is not connected, or was cut off before it answered.
	ErrAway = errors.New("cluster: the game server is away")
	// ErrSilent says that a game server did not answer in time. What was asked may have been done.
	ErrSilent = errors.New("cluster: the game server does not answer")
	// ErrBusy says that too much is asked of a game server at once.
	ErrBusy = errors.New("cluster: the game server has too much to do")
	// ErrTooBig says that what was asked does not fit into a message.
	ErrTooBig = errors.New("cluster: too large a message")
	// ErrRefused is what Store wraps when a result can never be stored.
	ErrRefused = errors.New("cluster: the result is refused")
)

// failure is an error on its way to the lobby.
type failure struct {
	Code  string             `json:"code"`
	Close protocol.CloseCode `json:"close,omitempty"` // of a room.Refusal
	Text  string             `json:"text"`
}

// Codes of errors that carry more than their identity.
const (
	codeRefused  = "refused"  // a room.Refusal, in Close
	codeSettings = "settings" // a node.SettingsError, in Text
)

// codes are the errors that keep their identity on the way.
var codes = []struct {
	code string
	err  error
}{
	{"bad_id", node.ErrID},
	{"too_many_rooms", node.ErrTooMany},
	{"draining", node.ErrDraining},
	{"room_closed", room.ErrClosed},
	{"busy", ErrBusy},
	{"timeout", ErrSilent},
	{"timeout", context.DeadlineExceeded}, // arrives as the one above
	{"timeout", context.Canceled},
}

// failed writes an error, nil for none.
func failed(err error) *failure {
	if err == nil {
		return nil
	}
	var r room.Refusal
	if errors.As(err, &r) {
		return &failure{Code: codeRefused, Close: r.CloseCode(), Text: err.Error()}
	}
	var s node.SettingsError
	if errors.As(err, &s) {
		return &failure{Code: codeSettings, Text: s.Err.Error()}
	}
	for _, c := range codes {
		if errors.Is(err, c.err) {
			return &failure{Code: c.code, Text: err.Error()}
		}
	}
	return &failure{Code: "other", Text: err.Error()}
}

// err reads an error.
func (f *failure) err() error {
	if f == nil {
		return nil
	}
	switch f.Code {
	case codeRefused:
		return room.Refusal(f.Close)
	case codeSettings:
		return node.SettingsError{Err: errors.New(f.Text)}
	}
	for _, c := range codes {
		if f.Code == c.code {
			return c.err
		}
	}
	return errors.New(f.Text)
}
