package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDatabase(t *testing.T) {
	home, data := t.TempDir(), t.TempDir()
	for _, tt := range []struct {
		name string
		cmd  hostFlags
		xdg  string
		home string
		want string
	}{
		{"as it was said", hostFlags{Database: "postgres://x", DataDir: data}, data, home, "postgres://x"},
		{"in a folder that was chosen", hostFlags{DataDir: filepath.Join(data, "own")}, data, home, "sqlite:" + filepath.Join(data, "own", "hindsight.db")},
		{"in the user's data folder", hostFlags{}, data, home, "sqlite:" + filepath.Join(data, "hindsight", "hindsight.db")},
		{"in the user's home", hostFlags{}, "", home, "sqlite:" + filepath.Join(home, ".local/share/hindsight/hindsight.db")},
	} {
		t.Setenv("XDG_DATA_HOME", tt.xdg)
		t.Setenv("HOME", tt.home)
		got, err := tt.cmd.database()
		if got != tt.want || err != nil {
			t.Errorf("%s: %s (%v), want %s", tt.name, got, err, tt.want)
		}
		if path, ok := strings.CutPrefix(got, "sqlite:"); ok {
			if info, err := os.Stat(filepath.Dir(path)); err != nil || info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s: the folder: %v, %v", tt.name, info, err)
			}
		}
	}
}

func TestWords(t *testing.T) {
	list := filepath.Join(t.TempDir(), "words")
	if err := os.WriteFile(list, []byte("# ours\nvoldemort\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := (&hostFlags{Words: list}).filter()
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := f.Clean("it was voldemort"); text != "it was *********" {
		t.Errorf("the filter makes it %q", text)
	}
}

func TestPublicURL(t *testing.T) {
	for want, c := range map[string]hostFlags{
		"":                         {},
		"https://play.example.org": {TLSDomain: []string{"play.example.org", "www.example.org"}},
		"https://other.example":    {TLSDomain: []string{"play.example.org"}, PublicURL: "https://other.example"},
	} {
		if got := c.publicURL(); got != want {
			t.Errorf("the address is %q, want %q", got, want)
		}
	}
}
