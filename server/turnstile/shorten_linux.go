package turnstile

import (
	"fmt"
	"net"
	"os"
	"syscall"
)

// Shorten has the kernel keep no more than n connections that nobody has accepted yet. Go asks for as many
// as the system allows, 4,096 as a rule. It does nothing to a listener that is no socket.
func Shorten(l net.Listener, n int) error {
	socket, ok := l.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return fmt.Errorf("turnstile: %w", err)
	}
	var failed error
	err = raw.Control(func(fd uintptr) { failed = syscall.Listen(int(fd), n) }) // listen(2) may be called again
	if err == nil {
		err = os.NewSyscallError("listen", failed)
	}
	if err != nil {
		return fmt.Errorf("turnstile: %w", err)
	}
	return nil
}
