package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// read returns a file that is shipped for hosts.
func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "deploy", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// What the files for hosts tell this program, it understands.
func TestDeployedSettings(t *testing.T) {
	out, err := program(t, "serve", "--help").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	help, seen := string(out), 0
	known := func(file, name, shown string) {
		if seen++; !regexp.MustCompile(regexp.QuoteMeta(shown) + `[^a-zA-Z_-]`).MatchString(help) {
			t.Errorf("%s: %s is not in serve --help", file, name)
		}
	}
	variable := regexp.MustCompile(`HINDSIGHT_[A-Z]+(_[A-Z]+)*`)
	flag := regexp.MustCompile(`--[a-z]+(-[a-z]+)*`)
	quoted := regexp.MustCompile("`--[a-z]+(-[a-z]+)*")
	for _, file := range []string{"README.md", "Dockerfile", "compose.yaml", "hindsight.service", "nginx.conf", "haproxy.cfg"} {
		text := read(t, file)
		for _, name := range variable.FindAllString(text, -1) {
			known(file, name, "$"+name)
		}
		for line := range strings.Lines(text) {
			if strings.Contains(line, "hindsight serve --") {
				for _, name := range flag.FindAllString(line, -1) {
					known(file, name, name)
				}
			}
		}
		for _, name := range quoted.FindAllString(text, -1) {
			known(file, name, name[1:])
		}
	}
	if seen < 30 {
		t.Errorf("only %d settings were found", seen)
	}
}

// Nobody kills a server that is still saying goodbye.
func TestDeployedPatience(t *testing.T) {
	const goodbye = 15 * time.Second
	for file, pattern := range map[string]string{
		"hindsight.service": `(?s)HINDSIGHT_DRAIN=(\S+).*TimeoutStopSec=(\S+)`,
		"compose.yaml":      `(?s)HINDSIGHT_DRAIN: (\S+).*stop_grace_period: (\S+)`,
	} {
		m := regexp.MustCompile(pattern).FindStringSubmatch(read(t, file))
		if m == nil {
			t.Fatalf("%s: no drain, or no time to stop", file)
		}
		drain, err := time.ParseDuration(m[1])
		if err != nil {
			t.Fatal(err)
		}
		stop, err := time.ParseDuration(m[2])
		if err != nil || stop < drain+goodbye {
			t.Errorf("%s: a drain of %v, and %v to stop (%v)", file, drain, stop, err)
		}
	}
}

// Certificates are kept with everything else, unless somebody says otherwise.
func TestCertificatesFolder(t *testing.T) {
	t.Setenv("XDG_DATA_HOME", "/data")
	name := []string{"play.example.org"}
	for want, c := range map[string]hostFlags{
		"":                             {DataDir: "/state"},
		"/state/certificates":          {DataDir: "/state", TLSDomain: name},
		"/data/hindsight/certificates": {TLSDomain: name},
		"/certs":                       {DataDir: "/state", TLSDomain: name, TLSCache: "/certs"},
	} {
		if got := c.certificates(); got != want {
			t.Errorf("%+v: %q, want %q", c, got, want)
		}
	}
}
