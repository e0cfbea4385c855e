// Package simtest runs the simulator inside a test: the real handler behind a
// real HTTP server, on a port of its own, gone when the test ends.
package simtest

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"zohocrm/sim"
)

// Server is a running simulator. Its methods are those of [sim.Server], save
// that Grant takes a user and fails the test instead of returning an error.
type Server struct {
	*sim.Server
	URL    string       // base URL, without a slash at the end: of the "us" data centre
	Client *http.Client // a client of its own, closed with the server

	t testing.TB
}

// New starts a simulator and stops it when the test ends, requests that hang
// included.
func New(t testing.TB, cfg sim.Config) *Server {
	t.Helper()
	s := sim.New(cfg)
	web := httptest.NewServer(s)
	t.Cleanup(func() {
		// Close the simulator first: the HTTP server waits for its requests.
		_ = s.Close()
		web.Close()
	})
	return &Server{Server: s, URL: web.URL, Client: web.Client(), t: t}
}

// Grant makes a self client's grant code for a user ("alice" or the whole
// email), with the default scopes. For anything else use s.Server.Grant.
func (s *Server) Grant(user string) string {
	s.t.Helper()
	code, err := s.Server.Grant(sim.GrantRequest{User: user})
	if err != nil {
		s.t.Fatal(err)
	}
	return code
}
