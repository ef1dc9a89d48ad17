package ticket_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"hindsight/protocol"
	"hindsight/server/alloctest"
	"hindsight/server/identity/signing"
	"hindsight/server/ticket"
)

const node = "eu-1/5f1c"

func ring(t *testing.T) *signing.Ring {
	t.Helper()
	r, err := signing.Open(t.Context(), signing.Config{Store: &signing.Memory{}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func seat() ticket.Ticket {
	return ticket.Ticket{
		Room: "arena", Player: uuid.New(), Name: "Swift Otter", Tag: 42, Team: 2, Spectator: true,
		Party: "p-1", Node: node,
	}
}

func sign(t *testing.T, r *signing.Ring, s *ticket.Ticket, now time.Time) string {
	t.Helper()
	token, err := ticket.NewSigner(r).Sign(s, now)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestRoundTrip(t *testing.T) {
	r, now := ring(t), time.Now()
	want := seat()
	token := sign(t, r, &want, now)
	got, err := ticket.NewVerifier(r, node).Verify(token, now)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Expires.Equal(want.Expires) {
		t.Errorf("ends %v, want %v", got.Expires, want.Expires)
	}
	got.Expires = want.Expires
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if err := got.For("arena"); err != nil {
		t.Error(err)
	}
	if err := got.For(""); err != nil {
		t.Error(err)
	}
	if err := got.For("attic"); !errors.Is(err, ticket.ErrWrongRoom) {
		t.Errorf("another room: %v", err)
	}
}

func TestVerify(t *testing.T) {
	r, now := ring(t), time.Now().Truncate(time.Second)
	s := seat()
	token := sign(t, r, &s, now)
	// A token of the same keys that was made for another purpose.
	other, err := r.Sign("hs-session", jwt.RegisteredClaims{
		ID: uuid.NewString(), Subject: uuid.NewString(), IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(s.Expires),
	})
	if err != nil {
		t.Fatal(err)
	}
	empty, err := r.Sign(ticket.Kind, jwt.RegisteredClaims{IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(s.Expires)})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, token, node string
		at                time.Duration
		want              error
	}{
		{"good", token, node, 0, nil},
		{"last moment", token, node, ticket.Life - 1, nil},
		{"too late", token, node, ticket.Life, ticket.ErrExpired},
		{"lobby's clock ahead", token, node, -signing.MaxSkew, nil},
		{"lobby's clock far ahead", token, node, -signing.MaxSkew - time.Second, ticket.ErrUnknown},
		{"another server", token, "eu-2/5f1c", 0, ticket.ErrWrongNode},
		{"restarted server", token, "eu-1/77aa", 0, ticket.ErrWrongNode},
		{"empty", "", node, 0, ticket.ErrUnknown},
		{"4 KB", strings.Repeat("x", 4096), node, 0, ticket.ErrUnknown},
		{"flipped", flipped(token), node, 0, ticket.ErrUnknown},
		{"flipped and too late", flipped(token), node, time.Hour, ticket.ErrUnknown},
		{"a session", other, node, 0, ticket.ErrUnknown},
		{"says nothing", empty, node, 0, ticket.ErrUnknown},
		{"of another ring", sign(t, ring(t), &s, now), node, 0, ticket.ErrUnknown},
	} {
		if _, err := ticket.NewVerifier(r, c.node).Verify(c.token, now.Add(c.at)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestSignRefuses(t *testing.T) {
	r, now := ring(t), time.Now()
	for name, spoil := range map[string]func(*ticket.Ticket){
		"no player":     func(t *ticket.Ticket) { t.Player = uuid.Nil },
		"no room":       func(t *ticket.Ticket) { t.Room = "" },
		"no node":       func(t *ticket.Ticket) { t.Node = "" },
		"no name":       func(t *ticket.Ticket) { t.Name = "" },
		"long name":     func(t *ticket.Ticket) { t.Name = strings.Repeat("x", protocol.MaxNameBytes+1) },
		"long room":     func(t *ticket.Ticket) { t.Room = strings.Repeat("x", protocol.MaxRoomBytes+1) },
		"bad tag":       func(t *ticket.Ticket) { t.Tag = ticket.MaxTag + 1 },
		"long party":    func(t *ticket.Ticket) { t.Party = strings.Repeat("x", ticket.MaxPartyBytes+1) },
		"long life":     func(t *ticket.Ticket) { t.Expires = now.Add(ticket.MaxLife + 2*time.Second) },
		"already ended": func(t *ticket.Ticket) { t.Expires = now.Add(-time.Second) },
	} {
		s := seat()
		spoil(&s)
		if _, err := ticket.NewSigner(r).Sign(&s, now); !errors.Is(err, ticket.ErrTicket) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestLength: the longest ticket fits what Verify reads, with names that JSON has to escape.
func TestLength(t *testing.T) {
	r, now := ring(t), time.Now()
	longest, usual := seat(), seat()
	longest.Name = strings.Repeat("𝔸", protocol.MaxNameBytes/4)
	longest.Room = strings.Repeat("r", protocol.MaxRoomBytes)
	longest.Party = strings.Repeat("p", ticket.MaxPartyBytes)
	longest.Node = strings.Repeat("n", ticket.MaxNodeBytes)
	token := sign(t, r, &longest, now)
	if _, err := ticket.NewVerifier(r, longest.Node).Verify(token, now); err != nil {
		t.Errorf("%d bytes: %v", len(token), err)
	}
	if n := len(sign(t, r, &usual, now)); n > 480 {
		t.Errorf("a usual ticket has %d bytes, want at most 480", n)
	}
}

// TestRefusals holds the table to what its readers rely on.
func TestRefusals(t *testing.T) {
	codes := map[string]bool{}
	n := 0
	ticket.Refusals(func(r ticket.Refusal) {
		n++
		if codes[r.Code()] || r.Code() == "" {
			t.Errorf("%d: code %q is not its own", r, r.Code())
		}
		codes[r.Code()] = true
		if !r.CloseCode().Known() {
			t.Errorf("%v: close code %d is not on the list", r, r.CloseCode())
		}
		if r.Status() < 400 {
			t.Errorf("%v: status %d lets in", r, r.Status())
		}
		if len(r.Text()) == 0 || len(r.Text()) > 100 || strings.ContainsFunc(r.Text(), func(c rune) bool { return c < ' ' || c > '~' }) {
			t.Errorf("%v: text %q", r, r.Text())
		}
	})
	if n != 10 {
		t.Errorf("%d refusals", n)
	}
	for _, r := range []ticket.Refusal{0, 200} {
		if r.Code() != ticket.ErrUnknown.Code() {
			t.Errorf("%d reads as %q", uint8(r), r.Code())
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	r, err := signing.Open(b.Context(), signing.Config{Store: &signing.Memory{}})
	if err != nil {
		b.Fatal(err)
	}
	now := time.Now()
	s := seat()
	token, err := ticket.NewSigner(r).Sign(&s, now)
	if err != nil {
		b.Fatal(err)
	}
	v := ticket.NewVerifier(r, node)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Verify(token, now); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzVerify: nothing but what was signed is believed, nothing panics, and what is read costs memory by
// its length.
func FuzzVerify(f *testing.F) {
	r, err := signing.Open(f.Context(), signing.Config{Store: &signing.Memory{}})
	if err != nil {
		f.Fatal(err)
	}
	now := time.Now()
	s := seat()
	token, err := ticket.NewSigner(r).Sign(&s, now)
	if err != nil {
		f.Fatal(err)
	}
	v := ticket.NewVerifier(r, node)
	for _, seed := range []string{"", "..", token, token[1:], token + ".", strings.ToUpper(token), strings.Repeat(".", 1024)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		var got ticket.Ticket
		var err error
		alloctest.Check(t, alloctest.Earned(len(in)), func() { got, err = v.Verify(in, now) })
		if (err == nil) != (in == token) {
			t.Fatalf("%q: %+v, %v", in, got, err)
		}
		if err != nil && (!errors.Is(err, ticket.ErrUnknown) || got != (ticket.Ticket{})) {
			t.Fatalf("%q: %+v, %v", in, got, err)
		}
	})
}

// flipped changes a letter in the middle of a signature, where every bit counts.
func flipped(token string) string {
	b := []byte(token)
	if i := len(b) - 20; b[i] == 'A' {
		b[i] = 'B'
	} else {
		b[i] = 'A'
	}
	return string(b)
}
