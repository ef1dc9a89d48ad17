package main

import (
	"fmt"
	"os"
	"path/filepath"

	"hindsight/server/moderation"
)

// database is where the server remembers things; the folder of a file that nobody chose is made.
func (c *hostFlags) database() (string, error) {
	if c.Database != "" {
		return c.Database, nil
	}
	dir := c.DataDir
	if dir == "" {
		dir = dataDir()
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("cannot make the data folder; choose another with --data-dir or HINDSIGHT_DATA_DIR: %w", err)
	}
	return "sqlite:" + filepath.Join(dir, "hindsight.db"), nil
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
