package cluster

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"io"
	"net/http"
	"strings"
)

// ServeHTTP answers a game server's handshake.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if status, text := h.check(r); status != 0 {
		head := w.Header()
		head.Set("Connection", "close")
		switch status {
		case http.StatusUnauthorized:
			head.Set("WWW-Authenticate", "Bearer")
			h.warn("a game server shows a wrong token", r, nil)
		case http.StatusUpgradeRequired:
			head.Set("Upgrade", "websocket")
			head.Set("Sec-WebSocket-Version", "13")
		case http.StatusServiceUnavailable:
			head.Set("Retry-After", "5")
		}
		http.Error(w, text, status)
		return
	}
	if err := h.upgrade(w, r); err != nil {
		h.warn("a game server could not connect", r, err)
	}
}

// warn logs, unless somebody has made us log too much already.
func (h *Hub) warn(text string, r *http.Request, err error) {
	if h.logs.Allow() {
		h.cfg.Log.Warn(text, "addr", r.RemoteAddr, "err", err)
	}
}

// check says with which status and text a handshake is refused, 0 if it is not.
func (h *Hub) check(r *http.Request) (status int, text string) {
	h.mu.Lock()
	full := h.closing || len(h.open) >= maxLinks
	h.mu.Unlock()
	switch {
	case !h.knows(r.Header.Get("Authorization")):
		return http.StatusUnauthorized, "this lobby has another token"
	case r.Method != http.MethodGet || r.ProtoMajor != 1 || !strings.EqualFold(r.Header.Get("Upgrade"), "websocket"):
		return http.StatusUpgradeRequired, "game servers connect here by WebSocket"
	case r.Header.Get("Sec-WebSocket-Protocol") != Subprotocol:
		return http.StatusBadRequest, "Sec-WebSocket-Protocol must be " + Subprotocol
	case full:
		return http.StatusServiceUnavailable, "this lobby takes no more game servers at the moment"
	}
	return 0, ""
}

// knows compares a header with the token. Digests are compared, so that neither the token nor its
// length shows in the time that it takes.
func (h *Hub) knows(authorization string) bool {
	scheme, token, _ := strings.Cut(authorization, " ")
	sum := sha256.Sum256([]byte(token))
	return subtle.ConstantTimeCompare(sum[:], h.token[:]) == 1 && strings.EqualFold(scheme, "Bearer")
}

// upgrade takes the connection from the HTTP server. What came in the same packet as the handshake is
// in the HTTP server's buffer by now and goes first.
func (h *Hub) upgrade(w http.ResponseWriter, r *http.Request) error {
	nc, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, "no WebSocket over this connection", http.StatusNotImplemented)
		return err
	}
	early, _ := rw.Reader.Peek(rw.Reader.Buffered())
	remote := newRemote(h, nc)
	in := bufio.NewReaderSize(io.MultiReader(bytes.NewReader(bytes.Clone(early)), nc), readBuffer)
	if remote.wire.ws, err = h.upgrader.UpgradeFromConn(remote.wire, in, r); err != nil {
		_ = nc.Close()
		return err
	}
	if err := h.enter(remote); err != nil {
		_ = nc.Close()
		return err
	}
	return nil
}
