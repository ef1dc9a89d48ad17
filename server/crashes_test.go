package server

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"hindsight/game"
	"hindsight/server/node"
	"hindsight/server/room"
)

// failing is a server that is only told of failures, and what it logs.
func failing(t *testing.T, dir string) (*Server, *bytes.Buffer) {
	var log bytes.Buffer
	s, err := New(Config{Crashes: dir, AdminAddr: AdminOff, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.backend.close)
	return s, &log
}

func failure(cause string) node.Failure {
	return node.Failure{
		Spec: node.Spec{ID: "hall", Game: "walk"}, Match: uuid.New(),
		Err: &room.Crash{Room: "hall", Match: 2, Tick: 77, Cause: cause, Stack: []byte("main.main()"), Inputs: []game.Input{{Player: 3}}},
	}
}

func TestCrashReports(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "crashes")
	s, log := failing(t, dir)
	for range 3 * reportBurst {
		s.roomFailed(failure("a bug"))
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) == 0 || len(files) > reportBurst {
		t.Fatalf("%d reports of %d failures were kept, want %d at most: %v", len(files), 3*reportBurst, reportBurst, err)
	}
	b, err := os.ReadFile(filepath.Join(dir, files[0].Name()))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"panic after tick 77 of match 2: a bug", "main.main()", "Player:3"} {
		if !strings.Contains(string(b), want) {
			t.Errorf("the report lacks %q:\n%s", want, b)
		}
	}
	if info, err := files[0].Info(); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v %v", info.Mode(), err)
	}
	if !strings.Contains(log.String(), files[0].Name()) {
		t.Errorf("the log does not name it:\n%s", log)
	}
}

// Without a folder, or without a place in it, the log has what there is to know, or why not.
func TestCrashReportsWithoutAFolder(t *testing.T) {
	s, log := failing(t, "")
	s.roomFailed(node.Failure{Spec: node.Spec{ID: "hall"}, Err: errors.New("a bug without a stack")})
	if !strings.Contains(log.String(), "a bug without a stack") {
		t.Errorf("the log says\n%s", log)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s, log = failing(t, file)
	s.roomFailed(failure("nowhere to write"))
	if !strings.Contains(log.String(), "was not kept") || !strings.Contains(log.String(), "nowhere to write") {
		t.Errorf("the log says\n%s", log)
	}
	dir := t.TempDir()
	for i := range maxCrashes {
		if err := os.WriteFile(filepath.Join(dir, strings.Repeat("x", i+1)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, log = failing(t, dir)
	s.roomStalled("hall", 0)
	if !strings.Contains(log.String(), "there are enough of them") {
		t.Errorf("the log says\n%s", log)
	}
}

// A request that makes its handler panic is answered, and nobody else's is the worse for it.
func TestAPanicInARequestIsContained(t *testing.T) {
	s, log := failing(t, "")
	site := httptest.NewServer(s.contained(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/bug" {
			panic("a bug at 203.0.113.77")
		}
	})))
	defer site.Close()
	for path, want := range map[string]int{"/bug": 500, "/": 200} {
		resp, err := site.Client().Get(site.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode != want || len(body) > 0 {
			t.Errorf("%s: %s %q, want %d", path, resp.Status, body, want)
		}
	}
	site.Client().CloseIdleConnections()
	if !strings.Contains(log.String(), "a bug at") {
		t.Errorf("the log says\n%s", log)
	}
}
