package session

import (
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"

	"hindsight/protocol"
	"hindsight/server/metrics"
)

// denied is why a handshake gets an HTTP error. A browser shows its script nothing of it (only that
// the connection failed), so whatever a player should read is a close code after the handshake.
type denied struct {
	status int
	text   string // to the client
	why    metrics.Denial
	retry  string // Retry-After in seconds, or ""
}

func (d *denied) Error() string { return "session: " + d.text }

var (
	errMethod    = &denied{http.StatusMethodNotAllowed, "a WebSocket handshake is a GET", metrics.DenyRequest, ""}
	errHTTP      = &denied{http.StatusHTTPVersionNotSupported, "a WebSocket handshake needs HTTP/1.1", metrics.DenyRequest, ""}
	errUpgrade   = &denied{http.StatusUpgradeRequired, "this address speaks WebSocket, version 13", metrics.DenyRequest, ""}
	errKey       = &denied{http.StatusBadRequest, "Sec-WebSocket-Key is not 16 bytes in base64", metrics.DenyRequest, ""}
	errBody      = &denied{http.StatusBadRequest, "a WebSocket handshake has no body", metrics.DenyRequest, ""}
	errProtocol  = &denied{http.StatusBadRequest, "Sec-WebSocket-Protocol must offer " + protocol.Subprotocol, metrics.DenyRequest, ""}
	errOrigin    = &denied{http.StatusForbidden, "this origin may not connect", metrics.DenyOrigin, ""}
	errRate      = &denied{http.StatusTooManyRequests, "too many connections too fast from this address", metrics.DenyAddressRate, "1"}
	errBusy      = &denied{http.StatusServiceUnavailable, "too many connections at this moment", metrics.DenyRate, "1"}
	errWaiting   = &denied{http.StatusServiceUnavailable, "too many connections have not said hello", metrics.DenyWaiting, "1"}
	errStrangers = &denied{http.StatusTooManyRequests, "too many connections from this address have not said hello", metrics.DenyAddressWaiting, "1"}
	errAddress   = &denied{http.StatusTooManyRequests, "too many connections from this address", metrics.DenyAddressFull, "10"}
	errFull      = &denied{http.StatusServiceUnavailable, "the server is full", metrics.DenyFull, "10"}
	errDraining  = &denied{http.StatusServiceUnavailable, "the server is stopping", metrics.DenyDraining, "5"}
)

// deny answers a handshake with an HTTP error and ends the connection.
func (h *Handler) deny(w http.ResponseWriter, err error) {
	var d *denied
	if !errors.As(err, &d) {
		d = errUpgrade
	}
	h.cfg.Metrics.Denied(d.why)
	head := w.Header()
	head.Set("Connection", "close")
	switch d {
	case errMethod:
		head.Set("Allow", http.MethodGet)
	case errUpgrade:
		head.Set("Upgrade", "websocket")
		head.Set("Sec-WebSocket-Version", "13")
	}
	if d.retry != "" {
		head.Set("Retry-After", d.retry)
	}
	http.Error(w, d.text, d.status)
}

// check says what is wrong with a handshake, as far as the request alone can tell.
func (h *Handler) check(r *http.Request) error {
	switch {
	case r.Method != http.MethodGet:
		return errMethod
	case r.ProtoMajor != 1 || r.ProtoMinor != 1:
		return errHTTP
	case !hasToken(r.Header, "Connection", "upgrade"), !hasToken(r.Header, "Upgrade", "websocket"),
		r.Header.Get("Sec-WebSocket-Version") != "13":
		return errUpgrade
	case !validKey(r.Header.Values("Sec-WebSocket-Key")):
		return errKey
	case r.ContentLength != 0 || len(r.TransferEncoding) > 0:
		return errBody
	case !hasToken(r.Header, "Sec-WebSocket-Protocol", protocol.Subprotocol):
		return errProtocol
	case !h.allowed(r):
		return errOrigin
	}
	return nil
}

// hasToken reports whether a comma-separated header has the token, in any case of letters and on
// any of its lines.
func hasToken(head http.Header, key, token string) bool {
	for _, line := range head.Values(key) {
		for part := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(part), token) {
				return true
			}
		}
	}
	return false
}

func validKey(keys []string) bool {
	if len(keys) != 1 {
		return false
	}
	b, err := base64.StdEncoding.DecodeString(keys[0])
	return err == nil && len(b) == 16
}

// allowed decides by the Origin header, which a browser always sends and a page cannot forge, whether
// a script may connect: the host's own pages and those of Config.Origins. Without the check any site
// could play in the name of whoever visits it.
func (h *Handler) allowed(r *http.Request) bool {
	origins := r.Header.Values("Origin")
	if len(origins) == 0 {
		return true // no browser
	}
	u, err := url.Parse(origins[0])
	if err != nil || len(origins) > 1 || u.Host == "" || u.User != nil || (u.Scheme != "http" && u.Scheme != "https") {
		return false
	}
	if strings.EqualFold(bareHost(u.Host, u.Scheme), bareHost(r.Host, u.Scheme)) {
		return true
	}
	for _, o := range h.cfg.Origins {
		if o == "*" || strings.EqualFold(strings.TrimSuffix(o, "/"), u.Scheme+"://"+u.Host) {
			return true
		}
	}
	return false
}

// bareHost returns a host without the port that the scheme implies.
func bareHost(host, scheme string) string {
	name, port, err := net.SplitHostPort(host)
	if err == nil && ((scheme == "http" && port == "80") || (scheme == "https" && port == "443")) {
		return name
	}
	return host
}
