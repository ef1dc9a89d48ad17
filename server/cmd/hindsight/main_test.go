package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"hindsight/game/games/arena"
	"hindsight/server/bots"
	"hindsight/server/mono"
)

// asProgram makes the test binary be the program itself.
const asProgram = "HINDSIGHT_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// patience is how long a test waits for the program.
const patience = 20 * time.Second

// program runs hindsight with arguments and "NAME=value" settings of the environment.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), asProgram+"=1", "HINDSIGHT_DATA_DIR="+t.TempDir())
	for _, a := range args {
		if strings.HasPrefix(a, "HINDSIGHT_") {
			cmd.Env = append(cmd.Env, a)
		} else {
			cmd.Args = append(cmd.Args, a)
		}
	}
	return cmd
}

func TestUsage(t *testing.T) {
	for _, tt := range []struct {
		args []string
		code int
		want string // in what is printed
	}{
		{[]string{"--help"}, 0, "serve"},
		{[]string{"serve", "--help"}, 0, "$HINDSIGHT_ADDR"},
		{[]string{"serve", "--help"}, 0, "tdm"},
		{[]string{"version"}, 0, "protocol 1"},
		{[]string{"sevre"}, exitUsage, "hindsight --help"},
		{[]string{"serve", "--adr", ":1"}, exitUsage, `did you mean "--addr"`},
		{[]string{"--bots", "many"}, exitUsage, "--bots"},
		{[]string{"--bots", "1025"}, exitUsage, "0 to 1024"},
		{[]string{"HINDSIGHT_BOTS=-1"}, exitUsage, "0 to 1024"},
		{[]string{"--log-level", "loud"}, exitUsage, "debug"},
		{[]string{"--origin", "example.org"}, exitUsage, "https://example.org"},
		{[]string{"--trust-proxy", "nginx"}, exitUsage, "10.0.0.0/8"},
		{[]string{"--maps-dir", "/does/not/exist"}, exitUsage, "/does/not/exist"},
		{[]string{"--transport", "udp"}, exitUsage, "goroutine"},
		{[]string{"serve", "--help"}, 0, "--transport"},
		{[]string{"--seat-hold", "0s"}, exitUsage, "1s"},
		{[]string{"--watch-delay", "3m"}, exitUsage, "2m0s"},
		{[]string{"--fill-after", "0s"}, exitUsage, "1s"},
		{[]string{"--replay-space", "much"}, exitUsage, "256MB"},
		{[]string{"--replay-space", "1KB"}, exitUsage, "--no-replays"},
		{[]string{"serve", "--help"}, 0, "--[no-]replays"},
		{[]string{"--set", "mode=chess"}, exitFailed, "ffa, tdm, mixed or crowd"},
		{[]string{"HINDSIGHT_SET=tempo=3"}, exitFailed, "warmup"},
		{[]string{"--addr", "nowhere"}, exitFailed, "--addr"},
		{[]string{"--tls-cert", "/does/not/exist", "--tls-key", "/nor/this"}, exitFailed, "/does/not/exist"},
		{[]string{"--tls-key", "key.pem"}, exitFailed, "go together"},
		{[]string{"--database", "/does/not/exist/players.db"}, exitFailed, "--database or HINDSIGHT_DATABASE"},
		{[]string{"--data-dir", "/dev/null/data"}, exitFailed, "--data-dir or HINDSIGHT_DATA_DIR"},
		{[]string{"--words", "/does/not/exist"}, exitUsage, "/does/not/exist"},
		{[]string{"--oidc-issuer", "https://id.example.org", "--oidc-client-id", "us"}, exitFailed, "--public-url"},
		{[]string{"serve", "--help"}, 0, "--[no-]walk-in"},
		{[]string{"serve", "--lobby", "https://play.example.org"}, exitUsage, "--token"},
		{[]string{"serve", "--lobby", "http://localhost:1", "--token", "short"}, exitFailed, "--token"},
		{[]string{"lobby"}, exitFailed, "--token"},
		{[]string{"HINDSIGHT_TLS_DOMAIN=10.0.0.7"}, exitFailed, "play.example.org"},
	} {
		t.Run(strings.Join(tt.args, " "), func(t *testing.T) {
			t.Parallel()
			cmd := program(t, tt.args...)
			stop := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() }) // what should have been refused, serves
			defer stop.Stop()
			out, err := cmd.CombinedOutput()
			code := 0
			var exit *exec.ExitError
			if errors.As(err, &exit) {
				code = exit.ExitCode()
			} else if err != nil {
				t.Fatal(err)
			}
			if code != tt.code || !strings.Contains(string(out), tt.want) {
				t.Errorf("exit code %d, want %d, and %q in\n%s", code, tt.code, tt.want, out)
			}
		})
	}
}

// The banner names an address that works, the log is JSON off a terminal, and a signal ends the
// program with 0.
func TestServe(t *testing.T) {
	for _, sig := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		t.Run(sig.String(), func(t *testing.T) {
			cmd := program(t, "serve", "HINDSIGHT_ADDR=127.0.0.1:0", "--admin-addr", "127.0.0.1:0", "--bots", "2")
			var log bytes.Buffer
			cmd.Stderr = &log
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = cmd.Process.Kill() }()
			url := playURL(t, out)
			resp, err := http.Get(url + "/healthz")
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				t.Errorf("/healthz: %s", resp.Status)
			}
			if err := cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			if err := cmd.Wait(); err != nil {
				t.Errorf("after %v: %v\n%s", sig, err, &log)
			}
			if took := time.Since(began); took > patience {
				t.Errorf("stopping took %v", took)
			}
			for line := range strings.Lines(log.String()) {
				if !strings.HasPrefix(line, "{") {
					t.Errorf("a line of the log is no JSON: %q", line)
				}
			}
		})
	}
}

// played starts a server with a player on it; both are ended with the test.
func played(t *testing.T, more ...string) (cmd *exec.Cmd, url string, swarm *bots.Swarm) {
	t.Helper()
	cmd = program(t, append([]string{"serve", "--addr", "127.0.0.1:0", "--admin-addr", "off"}, more...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	url = playURL(t, out)
	if swarm, err = bots.New(bots.Config{URL: url, Game: arena.Game, Now: mono.Now}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { swarm.Run(ctx) })
	t.Cleanup(func() { stop(); wg.Wait() })
	return cmd, url, swarm
}

// The first signal lets a player play on, the second does not.
func TestSecondSignalHurries(t *testing.T) {
	cmd, url, swarm := played(t, "--drain", "1h")
	await := func(what string, ok func() bool) {
		t.Helper()
		for end := time.Now().Add(patience); !ok(); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("waited for %s; the player: %+v", what, swarm.Reports())
			}
		}
	}
	await("the player to play", func() bool { return swarm.Reports()[0].State == bots.Playing })
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	await("the server to refuse newcomers", func() bool {
		resp, err := http.Get(url + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode == http.StatusServiceUnavailable
	})
	if s := swarm.Reports()[0].State; s != bots.Playing {
		t.Errorf("after the first signal the player is %s", s)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("after the second signal: %v", err)
	}
	await("the player to notice", func() bool { return swarm.Reports()[0].State != bots.Playing })
}

// playURL reads the banner up to the address to open.
func playURL(t *testing.T, out io.Reader) string {
	t.Helper()
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if m := regexp.MustCompile(`Play\s+(http://\S+)`).FindStringSubmatch(lines.Text()); m != nil {
			return m[1]
		}
	}
	t.Fatal("no address was printed")
	return ""
}

func TestPortInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	out, err := program(t, "--addr", taken.Addr().String(), "--admin-addr", "off").CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitFailed || !strings.Contains(string(out), "--addr or HINDSIGHT_ADDR") {
		t.Errorf("%v, %s", err, out)
	}
}

// A server on all addresses names one that works everywhere on this machine.
func TestBanner(t *testing.T) {
	var b bytes.Buffer
	banner(&b, places("http", &net.TCPAddr{IP: net.IPv6zero, Port: 8080}), nil)
	if !strings.Contains(b.String(), "http://localhost:8080\n") || strings.Contains(b.String(), "Metrics") {
		t.Errorf("the banner is\n%s", &b)
	}
	b.Reset()
	banner(&b, places("https", &net.TCPAddr{IP: net.IPv4(10, 0, 0, 7), Port: 80}), &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8081})
	if !strings.Contains(b.String(), "https://10.0.0.7:80\n") || !strings.Contains(b.String(), "http://127.0.0.1:8081/metrics\n") {
		t.Errorf("the banner is\n%s", &b)
	}
}
