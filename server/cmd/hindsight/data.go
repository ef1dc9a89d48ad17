package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"hindsight/server/moderation"
)

// database is where the server remembers things; the folder of a file that nobody chose is made.
func (c *hostFlags) database() (string, error) {
	if c.Database != "" {
		return c.Database, nil
	}
	dir, err := c.dataFolder()
	return "sqlite:" + filepath.Join(dir, "hindsight.db"), err
}

// crashes is the folder for reports of rooms that failed. It is made for the first one.
func (c *hostFlags) crashes() string { return filepath.Join(c.dataPath(), "crashes") }

// dataPath is the folder that keeps what the server remembers, whether it is there or not.
func (c *hostFlags) dataPath() string {
	if c.DataDir != "" {
		return c.DataDir
	}
	return dataDir()
}

// dataFolder is dataPath; it is made if it is not there.
func (c *hostFlags) dataFolder() (string, error) {
	dir := c.dataPath()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("cannot make the data folder; choose another with --data-dir or HINDSIGHT_DATA_DIR: %w", err)
	}
	return dir, nil
}

// size is a number of bytes, as people write it: 500000, 64KB, 256MB, 2GB, in steps of 1024.
type size int64

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *size) UnmarshalText(text []byte) error {
	digits, shift := strings.ToUpper(string(text)), 0
	for i, unit := range []string{"KB", "MB", "GB", "TB"} {
		if n, ok := strings.CutSuffix(digits, unit); ok {
			digits, shift = n, 10*(i+1)
			break
		}
	}
	n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64>>shift {
		return fmt.Errorf("%q is no size; write it like 256MB", text)
	}
	*s = size(n << shift)
	return nil
}

// dataDir is the user's own place for data (XDG Base Directory Specification), or a folder here for a
// user who has no home.
func dataDir() string {
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "hindsight")
	}
	if home, err := os.UserHomeDir(); err == nil && home != "/" {
		return filepath.Join(home, ".local", "share", "hindsight")
	}
	return "hindsight-data"
}

// filter has the built-in words and those of --words.
func (c *hostFlags) filter() (*moderation.Filter, error) {
	f := moderation.NewFilter()
	if c.Words == "" {
		return f, nil
	}
	list, err := os.Open(c.Words)
	if err != nil {
		return nil, fmt.Errorf("--words: %w", err)
	}
	defer list.Close()
	if err := f.Load(list); err != nil {
		return nil, fmt.Errorf("--words %s: %w", c.Words, err)
	}
	return f, nil
}

// publicURL is the address that players use, "" if nobody said.
func (c *hostFlags) publicURL() string {
	if c.PublicURL == "" && len(c.TLSDomain) > 0 {
		return "https://" + c.TLSDomain[0]
	}
	return c.PublicURL
}
