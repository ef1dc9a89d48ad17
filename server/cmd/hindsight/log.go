package main

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"time"

	"github.com/charmbracelet/x/term"
)

// newLog logs to stderr: as text with a short time for people, as JSON for machines, in which no
// name a player chose can pass for anything else.
func newLog(format, level string) *slog.Logger {
	var least slog.Level
	_ = least.UnmarshalText([]byte(level)) // kong has checked it
	if format == "json" || (format == "auto" && !term.IsTerminal(os.Stderr.Fd())) {
		return slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: least}))
	}
	short := func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && a.Key == slog.TimeKey {
			return slog.String(a.Key, a.Value.Time().Format(time.TimeOnly))
		}
		return a
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: least, ReplaceAttr: short}))
}

// banner prints where to go: the places to play at, the first of which works on this machine, and the
// admin's address unless that is nil.
func banner(w io.Writer, places []string, admin net.Addr) {
	fmt.Fprintf(w, "Hindsight %s\n\n", version)
	for i, place := range places {
		name := "Network"
		if i == 0 {
			name = "Play"
		}
		fmt.Fprintf(w, "  %-9s %s\n", name, place)
	}
	if admin != nil {
		fmt.Fprintf(w, "  Metrics   http://%s/metrics\n", admin)
	}
	fmt.Fprint(w, "\n  Ctrl+C stops the server.\n\n")
}

// places are the URLs that lead to an address. One that stands for all addresses leads to this
// machine from itself, and to each address that others in its network can reach.
func places(scheme string, public net.Addr) []string {
	tcp, ok := public.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return []string{scheme + "://" + public.String()}
	}
	urls := []string{fmt.Sprintf("%s://localhost:%d", scheme, tcp.Port)}
	for _, ip := range localNetwork() {
		urls = append(urls, fmt.Sprintf("%s://%s:%d", scheme, ip, tcp.Port))
	}
	return urls
}

// localNetwork returns this machine's addresses that others in the same network can reach.
func localNetwork() []net.IP {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return nil // then there is nothing to tell
	}
	var ips []net.IP
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && n.IP.IsPrivate() {
			ips = append(ips, n.IP)
		}
	}
	return ips
}
