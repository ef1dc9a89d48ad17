//go:build linux && (amd64 || arm64)

package poll

import (
	"io"
	"strings"
	"testing"
)

// Whatever panics on a connection's behalf, its owner is told where, the connection ends, and its
// neighbour in the shard notices nothing.
func TestAPanicEndsOneConnection(t *testing.T) {
	for _, c := range []struct {
		name  string
		where func(c *Conn, o *spy) (reader func())
		stack string // what is on it
	}{
		{"the reader", func(c *Conn, o *spy) func() {
			return func() {
				_, _ = c.Read(make([]byte, 1))
				panic("a bug")
			}
		}, "TestAPanicEndsOneConnection"},
		{"aside of it", func(c *Conn, o *spy) func() {
			return func() {
				_, _ = c.Read(make([]byte, 1))
				c.Aside(func() { panic("a bug") })
			}
		}, "Aside"},
		{"Take", func(c *Conn, o *spy) func() {
			o.take = func([]byte) int { panic("a bug") }
			return func() { _, _ = io.Copy(io.Discard, c) }
		}, "Take"},
		{"Visit", func(c *Conn, o *spy) func() {
			o.visit = func() { panic("a bug") }
			return func() { _, _ = io.Copy(io.Discard, c) }
		}, "Visit"},
	} {
		t.Run(c.name, func(t *testing.T) {
			leakless(t)
			p := newPoller(1)
			here, client := pair(t)
			neighbour, o := adopt(t, p, here), newSpy()
			neighbour.Run(o, func() { _, _ = io.Copy(neighbour, neighbour) })

			here, victim := pair(t)
			conn, told := adopt(t, p, here), newSpy()
			conn.Run(told, c.where(conn, told))
			if _, err := victim.Write([]byte("x")); err != nil {
				t.Fatal(err)
			}
			if s := soon(t, "the owner to be told", told.panicked); !strings.HasPrefix(s, "a bug") || !strings.Contains(s, c.stack) {
				t.Errorf("told %.2000s", s)
			}
			_ = conn.SetReadDeadline(past) // as an owner has to
			if n, err := victim.Read(make([]byte, 1)); n != 0 || err == nil {
				t.Errorf("the connection goes on: %d, %v", n, err)
			}
			echo := make([]byte, 5)
			if _, err := client.Write([]byte("hello")); err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadFull(client, echo); err != nil || string(echo) != "hello" {
				t.Errorf("the neighbour hears %q, %v", echo, err)
			}
			if len(o.panicked) != 0 {
				t.Error("the neighbour is told of it too")
			}
			_ = client.Close()
		})
	}
}

// A connection whose owner cannot end it is cut when it panics again.
func TestAConnectionThatPanicsAgainIsCut(t *testing.T) {
	leakless(t)
	here, client := pair(t)
	c, o := adopt(t, newPoller(1), here), newSpy()
	o.visit = func() { panic("a bug") }
	ended := make(chan error, 1)
	c.Run(o, func() {
		_, err := c.Read(make([]byte, 1))
		ended <- err
	})
	soon(t, "the owner to be told", o.panicked)
	soon(t, "the owner to be told again", o.panicked)
	if err := soon(t, "the reader to end", ended); err == nil {
		t.Error("it read something")
	}
	if n, err := client.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("the connection goes on: %d, %v", n, err)
	}
}
