package api

import (
	_ "embed"
	"net/http"
)

// openAPI describes every operation, for people and for generators of clients.
//
//go:embed openapi.json
var openAPI []byte

// getOpenAPI serves the description.
func (c *call) getOpenAPI() error {
	c.w.Header().Set("Content-Type", "application/json")
	c.w.WriteHeader(http.StatusOK)
	_, _ = c.w.Write(openAPI)
	return nil
}
