package load

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// launch starts a process that runs on one core only (any if core is negative) and dies with this one. A
// process inherits the affinity of the thread that made it, so this thread goes there for a moment.
func launch(cmd *exec.Cmd, core int) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if core < 0 {
		return cmd.Start()
	}
	var here, there unix.CPUSet
	if err := unix.SchedGetaffinity(0, &here); err != nil {
		return err
	}
	there.Set(core)
	if err := unix.SchedSetaffinity(0, &there); err != nil {
		return fmt.Errorf("load: core %d cannot be used: %w", core, err)
	}
	defer func() { _ = unix.SchedSetaffinity(0, &here) }()
	return cmd.Start()
}

// processTime returns the CPU time, user and system, that a process has used. It reads the process's CPU
// clock, which counts nanoseconds; /proc counts ticks of 10 ms. The clock's number is made of the pid as
// clock_getcpuclockid(3) does.
func processTime(pid int) (time.Duration, error) {
	const scheduled = 2 // CPUCLOCK_SCHED of the kernel's posix-timers.h
	var t unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|scheduled), &t); err != nil {
		return 0, fmt.Errorf("load: the CPU clock of process %d: %w", pid, err)
	}
	return time.Duration(t.Nano()), nil
}

// resident returns the physical memory of a process, in bytes.
func resident(pid int) (int, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(b))
	if len(fields) < 2 {
		return 0, fmt.Errorf("load: /proc/%d/statm says %q", pid, b)
	}
	pages, err := strconv.Atoi(fields[1])
	return pages * os.Getpagesize(), err
}

// machineTime returns the CPU time that all of the machine has used since it was started, 0 if it does not
// say.
func machineTime() time.Duration {
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(b), "\n")
	var ticks int
	for i, f := range strings.Fields(line) {
		if n, err := strconv.Atoi(f); err == nil && i != 4 && i != 5 && i < 9 { // idle, iowait; guests are in user
			ticks += n
		}
	}
	return time.Duration(ticks) * (time.Second / 100) // USER_HZ is 100 on every Linux that Go runs on
}

// machine describes what this runs on.
func machine() string {
	model := "unknown processor"
	if f, err := os.Open("/proc/cpuinfo"); err == nil {
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			if name, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.HasPrefix(name, "model name") {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	kernel := ""
	var u unix.Utsname
	if unix.Uname(&u) == nil {
		kernel = ", Linux " + unix.ByteSliceToString(u.Release[:])
	}
	return fmt.Sprintf("%d cores of %s%s, %s", runtime.NumCPU(), model, kernel, runtime.Version())
}
