package server

import (
	"context"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/vearutop/statigz"
	"github.com/vearutop/statigz/brotli"
)

// notBuilt is the page of a server that was compiled without a client.
const notBuilt = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Hindsight</title>
<h1>Hindsight is running</h1>
<p>The client is not built. Run <code>make run</code>.</p>
</html>
`

// hashed is the folder whose file names carry a hash of their content, so that they never change.
const hashed = "/assets/"

// client serves the browser client from memory. Until compress has run it sends files as they are.
type client struct {
	files fs.ReadDirFS // nil if there is no client
	serve atomic.Pointer[statigz.Server]
}

func newClient(files fs.FS) *client {
	c := &client{}
	if files == nil {
		return c
	}
	if _, err := fs.Stat(files, "index.html"); err != nil {
		return c
	}
	c.files = readDir{files}
	c.serve.Store(statigz.FileServer(c.files, brotli.AddEncoding))
	return c
}

// readDir gives any fs.FS the method that statigz lists files by.
type readDir struct{ fs.FS }

func (r readDir) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(r.FS, name) }

// compress makes the compressed copies of all files, which takes a second or two, and serves them
// from then on. When ctx ends first it gives up, and the files are served as they are.
func (c *client) compress(ctx context.Context) {
	if c.files == nil {
		return
	}
	s := statigz.FileServer(c.files, brotli.AddEncoding, givingUp(ctx), statigz.EncodeOnInit)
	if ctx.Err() == nil {
		c.serve.Store(s)
	}
}

// givingUp makes encoders take their input for finished when ctx ends. What they made of it is useless
// then, and thrown away; an error would make statigz panic.
func givingUp(ctx context.Context) func(*statigz.Server) {
	return func(s *statigz.Server) {
		for i := range s.Encodings {
			encode := s.Encodings[i].Encoder
			s.Encodings[i].Encoder = func(r io.Reader) ([]byte, error) { return encode(untilDone{ctx, r}) }
		}
	}
}

// untilDone reads until ctx ends.
type untilDone struct {
	ctx context.Context
	r   io.Reader
}

func (u untilDone) Read(b []byte) (int, error) {
	if u.ctx.Err() != nil {
		return 0, io.EOF
	}
	return u.r.Read(b)
}

// page serves the client's page at another address than its own, which the page reads.
func (c *client) page(w http.ResponseWriter, r *http.Request) {
	root := r.Clone(r.Context())
	root.URL.Path, root.URL.RawPath = "/", ""
	c.ServeHTTP(w, root)
}

// ServeHTTP serves a file. Files with a hash in their name may be kept for ever, all others are asked
// for again, and answered in a few bytes when they have not changed.
func (c *client) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if c.files == nil {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write([]byte(notBuilt))
		return
	}
	serve := c.serve.Load()
	switch {
	case !serve.Found(r):
	case strings.HasPrefix(r.URL.Path, hashed):
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	default:
		w.Header().Set("Cache-Control", "no-cache")
	}
	serve.ServeHTTP(w, r)
}
