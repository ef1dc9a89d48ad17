//go:build amd64 || arm64

package poll

import (
	"os"
	"syscall"
	"unsafe"
)

// The calls that are made for each message go past Go's scheduler. They do not wait, so it need not
// know of them; and its monitor thread, which takes the processor from whoever is in the kernel for
// long, would keep doing so to a goroutine that is there most of the time.

// receive reads what is there; EAGAIN if nothing is.
func receive(fd int, b []byte) (int, error) {
	return message(syscall.SYS_RECVFROM, fd, b, syscall.MSG_DONTWAIT)
}

// send gives the kernel what it takes, perhaps less than b; EAGAIN if it takes nothing.
func send(fd int, b []byte) (int, error) {
	return message(syscall.SYS_SENDTO, fd, b, syscall.MSG_DONTWAIT|syscall.MSG_NOSIGNAL)
}

func message(call uintptr, fd int, b []byte, flags uintptr) (int, error) {
	for {
		n, _, errno := syscall.RawSyscall6(call, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), flags, 0, 0)
		switch errno {
		case 0:
			return int(n), nil
		case syscall.EINTR:
		default:
			return 0, errno
		}
	}
}

// duplicate returns a second descriptor of a socket, which Go does not know of.
func duplicate(nc syscall.Conn) (fd int, err error) {
	raw, err := nc.SyscallConn()
	if err != nil {
		return -1, err
	}
	var errno syscall.Errno
	err = raw.Control(func(old uintptr) {
		r, _, e := syscall.Syscall(syscall.SYS_FCNTL, old, syscall.F_DUPFD_CLOEXEC, 0)
		fd, errno = int(r), e
	})
	if err == nil && errno != 0 {
		err = os.NewSyscallError("fcntl", errno)
	}
	return fd, err
}
