package server

import (
	"testing"

	"go.uber.org/goleak"
)

// Run's promise that all its goroutines have ended is checked for every test at once.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
