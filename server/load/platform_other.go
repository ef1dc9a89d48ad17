//go:build !linux

package load

import (
	"io"
	"os/exec"
	"time"
)

// RunSwarm is the client process.
func RunSwarm(SwarmConfig, io.Reader, io.Writer) error { return ErrPlatform }

func launch(*exec.Cmd, int) error            { return ErrPlatform }
func processTime(int) (time.Duration, error) { return 0, ErrPlatform }
func resident(int) (bytes int, err error)    { return 0, ErrPlatform }
func machineTime() (busy time.Duration)      { return 0 }
func machine() string                        { return "unknown" }
