package nightly

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// soaked is a server process that is looked at from outside: by the kernel's books and its admin pages.
type soaked struct {
	dir, addr, admin string
	cmd              *exec.Cmd
	client           http.Client
	said             sync.WaitGroup // what it says is read until it ends
	once             sync.Once

	mu     sync.Mutex
	errors []string // guarded by mu: what it logged as an error
}

const (
	soakRoom = 16
	// soakMatch is the length of a match in seconds, the arena's least: many ends of matches.
	soakMatch = 10
	// soakHold is how long a seat is kept: shorter than the longest outages, so that some come too late.
	soakHold = 5 * time.Second
)

// listens is a line of a server's in which it says where.
var listens = regexp.MustCompile(`^ *(Play|Metrics) +http://([^/\s]+)`)

// serveSoak starts the program for the length of the test. What it leaves behind is kept if the test fails.
func serveSoak(t *testing.T, players int) *soaked {
	t.Helper()
	dir, err := os.MkdirTemp("", "hindsight-soak-")
	if err != nil {
		t.Fatal(err)
	}
	s := &soaked{dir: dir, client: http.Client{Timeout: 30 * time.Second}}
	t.Cleanup(func() {
		if !t.Failed() {
			_ = os.RemoveAll(dir)
		}
	})
	s.cmd = exec.Command(programOf(t, dir), "serve", "--addr=127.0.0.1:0", "--admin-addr=127.0.0.1:0",
		"--data-dir", dir, "--log-level=warn", "--log-format=json", "--bots=2",
		"--players", strconv.Itoa(soakRoom), "--rooms", strconv.Itoa(2*players/soakRoom+8),
		"--seat-hold", soakHold.String(), "--replay-space=8MB", "--trust-proxy=127.0.0.1",
		"--set", fmt.Sprintf("warmup=0;score=0;time=%d", soakMatch))
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	log, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.stop(t) })
	s.said.Go(func() { s.listen(log) })
	lines := bufio.NewScanner(out)
	for s.addr == "" || s.admin == "" {
		if !lines.Scan() {
			t.Fatalf("the server ended without saying where it listens: %q", s.complaints())
		}
		if m := listens.FindStringSubmatch(lines.Text()); m != nil && m[1] == "Play" {
			s.addr = m[2]
		} else if m != nil {
			s.admin = m[2]
		}
	}
	s.said.Go(func() { _, _ = io.Copy(io.Discard, out) })
	return s
}

// programOf returns the program to test.
func programOf(t *testing.T, dir string) string {
	t.Helper()
	if p := os.Getenv("HINDSIGHT_SOAK_PROGRAM"); p != "" {
		return p
	}
	p := filepath.Join(dir, "hindsight")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", p, "hindsight/server/cmd/hindsight").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return p
}

// listen reads the log.
func (s *soaked) listen(log io.Reader) {
	for lines := bufio.NewScanner(log); lines.Scan(); {
		if line := lines.Text(); !strings.Contains(line, `"level":"WARN"`) { // an error, or a panic
			s.mu.Lock()
			s.errors = append(s.errors, line)
			s.mu.Unlock()
		}
	}
}

// complaints are the errors it logged.
func (s *soaked) complaints() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.errors...)
}

// database is the file that results are in.
func (s *soaked) database() string { return filepath.Join(s.dir, "hindsight.db") }

// get reads one of the admin pages.
func (s *soaked) get(path string) (string, error) {
	resp, err := s.client.Get("http://" + s.admin + path)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	return string(b), err
}

// number finds a value that follows a name at the start of a line, 0 if there is none.
func number(text, name string) float64 {
	_, rest, _ := strings.Cut(text, "\n"+name+" ")
	v, _, _ := strings.Cut(strings.TrimPrefix(rest, "= "), "\n")
	f, _ := strconv.ParseFloat(v, 64)
	return f
}

// sample collects garbage and looks at what is left.
func (s *soaked) sample(t *testing.T) (n sample) {
	t.Helper()
	heap, err := s.get("/debug/pprof/heap?gc=1&debug=1")
	if err != nil {
		t.Fatalf("%v; the server says: %q", err, s.complaints())
	}
	metrics, err := s.get("/metrics")
	if err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	book, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", s.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(book))[1])
	if err != nil {
		t.Fatal(err)
	}
	n = sample{
		players: number(metrics, `hindsight_players{kind="human"}`), rooms: number(metrics, "hindsight_rooms"),
		rss: float64(pages * os.Getpagesize()), heap: number(heap, "# HeapInuse"),
		goroutines: number(metrics, "go_goroutines"), files: float64(len(files)),
	}
	if n.heap == 0 || n.goroutines == 0 {
		t.Fatal("the admin pages do not say how much memory is in use")
	}
	return n
}

// keepProfiles saves what is in memory and which goroutines there are.
func (s *soaked) keepProfiles(when string) {
	for file, page := range map[string]string{"heap": "heap?gc=1", "goroutines": "goroutine?debug=1"} {
		if text, err := s.get("/debug/pprof/" + page); err == nil {
			_ = os.WriteFile(filepath.Join(s.dir, when+"."+file), []byte(text), 0o600)
		}
	}
}

// rests waits until the server is as it was before anybody came: no player, no room but the first, no
// result waiting, and as many goroutines and descriptors as then. Idle connections of the API's and the
// admin's clients are few.
func (s *soaked) rests(t *testing.T, before sample) {
	t.Helper()
	const few = 6
	began, patience := time.Now(), 2*time.Minute
	for {
		n := s.sample(t)
		metrics, err := s.get("/metrics")
		if err != nil {
			t.Fatal(err)
		}
		waiting := number(metrics, "hindsight_outbox_pending") + number(metrics, "hindsight_connections")
		ok := n.players == 0 && n.rooms <= before.rooms && waiting == 0 &&
			n.goroutines <= before.goroutines+few && n.files <= before.files+few
		if ok || time.Since(began) > patience {
			fmt.Printf("empty before: %v\nempty after:  %v, %.0f s later\n", before, n, time.Since(began).Seconds())
			if !ok {
				s.keepProfiles("empty")
				t.Errorf("the empty server did not come to rest; %v connections and results wait", waiting)
			}
			return
		}
		time.Sleep(time.Second)
	}
}

// stop ends the server, which must end well and have logged no error.
func (s *soaked) stop(t *testing.T) {
	s.once.Do(func() {
		_ = s.cmd.Process.Signal(syscall.SIGTERM)
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		defer context.AfterFunc(ctx, func() { _ = s.cmd.Process.Kill() })()
		s.said.Wait()
		if err := s.cmd.Wait(); err != nil {
			t.Errorf("the server did not end well: %v", err)
		}
		for _, line := range s.complaints() {
			t.Errorf("the server logged %s", line)
		}
	})
}
