//go:build !linux

package load

import "io"

// RunIdlers is the process.
func RunIdlers(IdlersConfig, io.Reader, io.Writer) error { return ErrPlatform }

func mayOpen(int) error { return ErrPlatform }
