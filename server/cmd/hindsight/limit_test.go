package main

import (
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"hindsight/server"
)

func TestLimitFlag(t *testing.T) {
	parse := func(args ...string) (server.Config, error) {
		var c struct {
			Serve serveCmd `cmd:""`
		}
		parser, err := kong.New(&c, kong.Vars{"settings": "", "limits": limitsHelp()}, kong.DefaultEnvars("HINDSIGHT"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.Parse(append([]string{"serve", "--data-dir", t.TempDir()}, args...)); err != nil {
			return server.Config{}, err
		}
		return c.Serve.config(server.Both)
	}
	t.Setenv("HINDSIGHT_LIMIT", "messages=50;guests=3/1m")
	c, err := parse()
	if err != nil || c.Limits.Messages != 50 || c.Identity.Guests.Burst != 3 || c.Identity.Guests.Every != time.Minute {
		t.Errorf("by the environment: %+v %+v %v", c.Limits, c.Identity.Guests, err)
	}
	c, err = parse("--limit", "hello=4s")
	if err != nil || c.Limits.Hello != 4*time.Second {
		t.Errorf("by a flag: %+v %v", c.Limits, err)
	}
	for _, arg := range []string{"hello=4", "sanity=1"} {
		if _, err := parse("--limit", arg); err == nil || !strings.Contains(err.Error(), "--limit: ") {
			t.Errorf("--limit %s: %v", arg, err)
		}
	}
}
