// Command hindsight is the whole product in one program: the game server with its lobby and browser
// client, bots to fill or load a server, and the tools around them. A file for each subcommand;
// flags and HINDSIGHT_* environment variables are the same set.
//
// It exits with 0 when it did what it was asked to, 1 when that failed, and 2 when it was asked for
// something that does not exist.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/alecthomas/kong"

	"hindsight/game/games/arena/maps"
	"hindsight/protocol"
	"hindsight/server"
)

// version is set by the linker; see the Makefile.
var version = "dev"

// commands is the command line.
type commands struct {
	Serve       serveCmd       `cmd:"" default:"withargs" help:"Run a server: game, lobby and browser client (the default)."`
	Lobby       lobbyCmd       `cmd:"" help:"Run a lobby alone, for game servers elsewhere (hindsight serve --lobby)."`
	Bots        botsCmd        `cmd:"" help:"Play on a server with many bots, each over a connection of its own."`
	Replay      replayCmd      `cmd:"" help:"Look into replays, or run them again and compare."`
	Bench       benchCmd       `cmd:"" help:"Measure this program: hindsight bench netcode, load, floor, bytes, storm."`
	Healthcheck healthcheckCmd `cmd:"" help:"Ask a running server whether it is well; exit with 0 if it is."`
	Version     versionCmd     `cmd:"" help:"Print the version."`
}

// Exit codes.
const (
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	parser := kong.Must(&commands{},
		kong.Name("hindsight"),
		kong.Description("An authoritative game server that judges every shot as its shooter saw it."),
		kong.DefaultEnvars("HINDSIGHT"),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Vars{"settings": settingsHelp(), "limits": limitsHelp()},
	)
	ctx, err := parser.Parse(os.Args[1:])
	if err != nil {
		fmt.Fprintf(os.Stderr, "hindsight: %v\nhindsight --help lists the commands, hindsight serve --help the flags of one.\n", err)
		os.Exit(exitUsage)
	}
	if err := ctx.Run(); err != nil {
		fmt.Fprintf(os.Stderr, "hindsight: %v\n", err)
		os.Exit(exitFailed)
	}
}

// settingsHelp lists the arena's settings for the help of --set.
func settingsHelp() string {
	var b strings.Builder
	for i, s := range maps.Settings {
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "%s: %s", s.Key, s.Help)
	}
	return b.String()
}

// limitsHelp lists the limits for the help of --limit.
func limitsHelp() string {
	var b strings.Builder
	for i, l := range server.Limits {
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "%s: %s (%s)", l.Name, l.Help, l.Default())
	}
	return b.String()
}

// versionCmd prints the version.
type versionCmd struct{}

// Run prints one line.
func (versionCmd) Run() error {
	fmt.Printf("hindsight %s (protocol %d, %s %s/%s)\n", version, protocol.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}
