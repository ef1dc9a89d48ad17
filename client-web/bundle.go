// Package clientweb is the built browser client, embedded in the program. It holds no code: the page
// is TypeScript in src, the client core Go compiled to WebAssembly from wasm, and `make web` builds
// both into dist. A checkout without a build embeds an empty folder, so that the Go side compiles by
// itself. Only server/cmd/hindsight imports this package; a server is given the files, or none.
package clientweb

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Files returns the built page, index.html at its root, or nothing but .gitkeep if it is not built.
func Files() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil { // only for a name that is no path
		panic(err)
	}
	return sub
}
