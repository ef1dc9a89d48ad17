package server

import (
	"net/http"
	"slices"
	"strings"
)

// policy is the page's content security policy (w3.org/TR/CSP3). Scripts and styles come from files of
// this server; a script may compile WebAssembly but not text, and nothing makes markup of text: the page
// has no Trusted Types policy, so that innerHTML and its kin throw. The socket may be on another server
// if there are others, and so may the /healthz that tells how far away that is. Nobody shows the page in
// a frame but those who may connect anyway.
func (s *Server) policy() string {
	connect, frames := "'self'", "'none'"
	if s.hub != nil {
		connect += " ws: wss: http: https:" // game servers come and go while the page is open
	}
	switch o := s.cfg.Origins; {
	case slices.Contains(o, "*"):
		frames = "*"
	case len(o) > 0:
		frames = strings.Join(o, " ")
	}
	return "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; font-src 'self'; " +
		"connect-src " + connect + "; base-uri 'none'; form-action 'none'; frame-ancestors " + frames + "; " +
		"require-trusted-types-for 'script'; trusted-types 'none'"
}

// unneeded are the powers that the page does not use, so that nothing in it can.
const unneeded = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), " +
	"microphone=(), midi=(), payment=(), publickey-credentials-get=(), serial=(), usb=()"

// remembered is for how long a browser insists on TLS after it had it: a year.
const remembered = "max-age=31536000"

// secured adds the headers that keep a page to itself.
func secured(policy string, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head := w.Header()
		head.Set("Content-Security-Policy", policy)
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("Referrer-Policy", "no-referrer") // addresses hold invitations
		head.Set("Permissions-Policy", unneeded)
		head.Set("Cross-Origin-Opener-Policy", "same-origin")
		head.Set("Cross-Origin-Resource-Policy", "same-origin")
		if r.TLS != nil { // not over plain HTTP, where anybody could have written it
			head.Set("Strict-Transport-Security", remembered)
		}
		h.ServeHTTP(w, r)
	})
}
