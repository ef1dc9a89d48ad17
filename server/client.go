package server

import (
	"io/fs"
	"net/http"
	"strings"

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

// client serves the browser client from memory, each file in the compressed copy that lies beside it (x.br,
// x.gz) if there is one and the browser takes it.
type client struct {
	serve *statigz.Server // nil if there is no client
}

func newClient(files fs.FS) *client {
	c := &client{}
	if files == nil {
		return c
	}
	if _, err := fs.Stat(files, "index.html"); err != nil {
		return c
	}
	c.serve = statigz.FileServer(readDir{files}, brotli.AddEncoding)
	return c
}

// readDir gives any fs.FS the method that statigz lists files by.
type readDir struct{ fs.FS }

func (r readDir) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(r.FS, name) }

// page serves the client's page at another address than its own, which the page reads.
func (c *client) page(w http.ResponseWriter, r *http.Request) {
	root := r.Clone(r.Context())
	root.URL.Path, root.URL.RawPath = "/", ""
	c.ServeHTTP(w, root)
}

// ServeHTTP serves a file. Files with a hash in their name may be kept for ever, all others are asked
// for again, and answered in a few bytes when they have not changed.
func (c *client) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if c.serve == nil {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write([]byte(notBuilt))
		return
	}
	switch {
	case !c.serve.Found(r):
	case strings.HasPrefix(r.URL.Path, hashed):
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	default:
		w.Header().Set("Cache-Control", "no-cache")
	}
	c.serve.ServeHTTP(w, r)
}
