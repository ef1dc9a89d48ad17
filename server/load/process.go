package load

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"
)

// startTime is how long a process may take until it says where it listens.
const startTime = 30 * time.Second

// process is a child: a server, a floor or clients.
type process struct {
	cmd   *exec.Cmd
	in    io.WriteCloser
	lines <-chan string // of its output
	errs  tail
	once  sync.Once
}

// tail keeps the end of what a process complains of.
type tail struct {
	mu sync.Mutex
	b  []byte // guarded by mu
}

// Write implements io.Writer.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.b = append(t.b, b...); len(t.b) > 4096 {
		t.b = t.b[len(t.b)-2048:]
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.b))
}

// start runs this program with other arguments on a core of its own, any if it is negative, with one
// thread for Go code on it.
func start(ctx context.Context, program string, core int, args ...string) (*process, error) {
	p := &process{cmd: exec.CommandContext(ctx, program, args...)}
	p.cmd.Env = environment(os.Environ(), core >= 0)
	p.cmd.Stderr = &p.errs
	in, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.in = in
	if err := launch(p.cmd, core); err != nil {
		return nil, err
	}
	lines := make(chan string, 16)
	p.lines = lines
	go func() { // ends with the process
		defer close(lines)
		r := bufio.NewReaderSize(out, 1<<20)
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				return
			}
			lines <- line
		}
	}()
	return p, nil
}

// environment is that of a child: without the settings of ours, which were not meant for it.
func environment(ours []string, alone bool) []string {
	var env []string
	for _, e := range ours {
		if !strings.HasPrefix(e, "HINDSIGHT_") || strings.HasPrefix(e, "HINDSIGHT_TEST_") {
			env = append(env, e)
		}
	}
	if alone {
		env = append(env, "GOMAXPROCS=1")
	}
	return env
}

// line returns the next line of output.
func (p *process) line(ctx context.Context) (string, error) {
	select {
	case line, ok := <-p.lines:
		if !ok {
			return "", fmt.Errorf("load: %s ended: %s", strings.Join(p.cmd.Args[1:], " "), &p.errs)
		}
		return line, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// The lines in which a server says where it listens.
var (
	playLine    = regexp.MustCompile(`^ *Play +http://(\S+)`)
	metricsLine = regexp.MustCompile(`^ *Metrics +(http://\S+)`)
)

// listening waits until a server says where it listens.
func (p *process) listening(ctx context.Context) (addr, metrics string, err error) {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	for addr == "" || metrics == "" {
		line, err := p.line(ctx)
		if err != nil {
			return "", "", err
		}
		if m := playLine.FindStringSubmatch(line); m != nil {
			addr = m[1]
		} else if m := metricsLine.FindStringSubmatch(line); m != nil {
			metrics = m[1]
		}
	}
	return addr, metrics, nil
}

// say gives the process an order.
func (p *process) say(word string) error {
	_, err := io.WriteString(p.in, word+"\n")
	return err
}

// ask gives the process an order that it answers with a line.
func (p *process) ask(ctx context.Context, word string) (string, error) {
	if err := p.say(word); err != nil {
		return "", errors.Join(err, errors.New(p.errs.String()))
	}
	return p.line(ctx)
}

// stop ends the process and waits until it is gone. Clients and floors end with their input, a server is
// told.
func (p *process) stop() {
	p.once.Do(func() {
		_ = p.in.Close()
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		hurry := time.AfterFunc(2*time.Second, func() { _ = p.cmd.Process.Kill() })
		defer hurry.Stop()
		for range p.lines {
		}
		_ = p.cmd.Wait()
	})
}
