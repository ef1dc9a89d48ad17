package cluster

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/lxzan/gws"
)

// Pauses between attempts to connect. They are random in all of their range ("full jitter"), so that
// the game servers of a lobby that was restarted do not come back all at once.
const (
	firstPause   = 250 * time.Millisecond // at most, after the first failure; it doubles
	longestPause = 2 * time.Second
	slowPause    = 30 * time.Second // at most, and half of it at least, when waiting helps nothing
	settled      = 3 * time.Second  // a connection that lasted this long was a good one
)

// backoff is the pause after that many failures in a row.
func backoff(failures int) time.Duration {
	longest := longestPause
	if failures < 5 {
		longest = min(longest, firstPause<<failures)
	}
	return rand.N(longest)
}

func slowly() time.Duration { return slowPause/2 + rand.N(slowPause/2) }

// address is where a lobby is.
type address struct {
	ws   string // for the request
	host string // with port
	tls  *tls.Config
}

// parseAddress reads a lobby's address as people write it.
func parseAddress(lobby string) (address, error) {
	u, err := url.Parse(lobby)
	bad := fmt.Errorf("cluster: the lobby's address must look like https://lobby.example; %q does not", lobby)
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return address{}, bad
	}
	a, port := address{}, u.Port()
	switch u.Scheme {
	case "https", "wss":
		a.tls = &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
		u.Scheme = "wss"
		if port == "" {
			port = "443"
		}
	case "http", "ws":
		u.Scheme = "ws"
		if port == "" {
			port = "80"
		}
	default:
		return address{}, bad
	}
	a.host = net.JoinHostPort(u.Hostname(), port)
	a.ws = u.JoinPath(Path).String()
	return a, nil
}

// dial opens a connection, encrypted if the address says so.
func (a *address) dial(ctx context.Context) (net.Conn, error) {
	if a.tls != nil {
		d := tls.Dialer{Config: a.tls}
		return d.DialContext(ctx, "tcp", a.host)
	}
	var d net.Dialer
	return d.DialContext(ctx, "tcp", a.host)
}

// refusedHandshake is a lobby's answer to a handshake that it does not take.
type refusedHandshake struct {
	status int
	text   string
}

func (e *refusedHandshake) Error() string {
	switch {
	case e.status == http.StatusUnauthorized:
		return "cluster: the lobby refuses the token (401): start the game server with the one that the lobby has"
	case e.status == http.StatusNotFound:
		return "cluster: no lobby for game servers at this address (404)"
	}
	return fmt.Sprintf("cluster: the lobby refuses the connection (%d): %s", e.status, e.text)
}

// dial connects to the lobby as far as the WebSocket.
func (l *Link) dial(ctx context.Context, take func([]byte) error) (*wire, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	c, err := l.cfg.dial(ctx)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer stop()
	w := newWire(c, l.cfg.Log)
	w.take = take
	ws, resp, err := gws.NewClientFromConn(events{}, &gws.ClientOption{
		Addr: l.at.ws, HandshakeTimeout: connectTime,
		RequestHeader:      http.Header{"Authorization": {"Bearer " + l.cfg.Token}, "Sec-WebSocket-Protocol": {Subprotocol}},
		ReadMaxPayloadSize: MaxMessage, WriteMaxPayloadSize: MaxMessage, ReadBufferSize: readBuffer,
		CheckUtf8Enabled: true, Logger: gwsLog{l.cfg.Log},
	}, w)
	if err == nil {
		w.ws = ws
		return w, nil
	}
	defer func() { _ = c.Close() }()
	if resp != nil && resp.StatusCode != http.StatusSwitchingProtocols {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, maxReason))
		return nil, &refusedHandshake{resp.StatusCode, printable(text)}
	}
	return nil, fmt.Errorf("cluster: connect to the lobby: %w", err)
}
