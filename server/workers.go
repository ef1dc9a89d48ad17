package server

import (
	"errors"
	"net/http"
	"sync"
)

// workers are the goroutines of Run. The first that fails makes the others' work pointless.
type workers struct {
	wg     sync.WaitGroup
	once   sync.Once
	failed chan struct{} // closed by the first failure
	err    error         // of the first failure; read after failed is closed or wg is done
}

func newWorkers() *workers { return &workers{failed: make(chan struct{})} }

// start runs f. An HTTP server that was closed has not failed.
func (w *workers) start(f func() error) {
	w.wg.Go(func() {
		if err := f(); err != nil && !errors.Is(err, http.ErrServerClosed) {
			w.once.Do(func() { w.err = err; close(w.failed) })
		}
	})
}

// wait returns when all have ended, with the first failure.
func (w *workers) wait() error {
	w.wg.Wait()
	return w.err
}
