package main

import "path/filepath"

// certificates is the folder for certificates got by ACME, "" if none are.
func (c *hostFlags) certificates() string {
	dir := c.DataDir
	switch {
	case c.TLSCache != "" || len(c.TLSDomain) == 0:
		return c.TLSCache
	case dir == "":
		dir = dataDir()
	}
	return filepath.Join(dir, "certificates")
}
