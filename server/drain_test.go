package server

import (
	"bytes"
	"testing"
	"time"

	"hindsight/protocol"
)

// Who is playing when a server begins to drain is told so; who comes then is sent away to come again.
func TestDrainTellsAndRefuses(t *testing.T) {
	n := start(t, Config{Drain: 90 * time.Second})
	p := n.join()
	n.stop()
	for end := time.After(patience); ; {
		var b []byte
		select {
		case b = <-p.frames:
		case <-end:
			t.Fatal("the player was not told")
		}
		if bytes.Contains(b, []byte("The server restarts in 90 seconds.")) {
			break
		}
	}
	n.hello().stopped(t, protocol.CloseRestart)
	select {
	case e := <-p.closed:
		t.Errorf("the player was closed: %v", e)
	default:
	}
	n.Hurry()
	p.stopped(t, protocol.CloseRestart)
}

func TestSpoken(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "1 second", time.Second: "1 second", 10 * time.Second: "10 seconds", 90 * time.Second: "90 seconds",
		time.Minute: "1 minute", 5 * time.Minute: "5 minutes", time.Hour: "60 minutes",
	} {
		if got := spoken(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}
