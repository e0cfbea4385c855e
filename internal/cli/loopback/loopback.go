// Package loopback receives the redirect that ends an OAuth login in the browser
// of this machine (RFC 8252 section 7.3). [Listen] takes the port of the redirect
// URL on 127.0.0.1 and ::1, before the browser is sent away; [Server.Wait] gives
// the redirect's query once the right one came; [Server.Finish] tells the browser
// how the login ended.
//
// Anything on this machine can reach the port, and pages of other sites can make
// the browser call it. So only a GET of the exact path is looked at, a redirect
// that does not belong to the login is answered and forgotten while the login
// goes on waiting, and the code leaves the address bar at once: the browser is
// sent on to a path without it, which waits for the outcome.
package loopback

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// ErrElsewhere: the redirect URL does not lead to this machine by plain http, so
// no listener can receive it.
var ErrElsewhere = errors.New("the redirect URL is not an http URL of this machine")

// lastPage is how long a browser may take to fetch the page with the outcome
// after the login has ended.
const lastPage = 2 * time.Second

// Reader looks at the query of a redirect. An error that wraps Stay's means that
// the redirect was not meant for this login; nil and every other error end it.
type Reader func(url.Values) error

// Config sets up [Listen]. RedirectURL and Read are required.
type Config struct {
	RedirectURL string // as registered with Zoho: http://localhost:8765/callback
	Read        Reader
	// Stay is the error of Read upon which the server goes on waiting.
	Stay error
}

// Server waits for one redirect. Close it.
type Server struct {
	read  Reader
	stay  error
	path  string // of the redirect URL
	clean string // path without the code
	web   *http.Server
	done  sync.WaitGroup // the goroutines that serve

	mu    sync.Mutex
	taken bool // a redirect has ended the waiting

	result  chan error    // of Read; holds one
	ended   chan struct{} // closed when outcome is set
	outcome Outcome
	seen    chan struct{} // closed when the outcome was fetched
	once    sync.Once
}

// Outcome is what the browser is told at the end. It must hold no secret.
type Outcome struct {
	OK    bool
	Title string
	Text  string
}

// Listen takes the port. A port that is in use by another program is an error,
// even if only one of the two addresses is.
func Listen(cfg Config) (*Server, error) {
	u, err := url.Parse(cfg.RedirectURL)
	if err != nil || u.Scheme != "http" || u.User != nil || u.Fragment != "" {
		return nil, ErrElsewhere
	}
	listeners, err := bind(u)
	if err != nil {
		return nil, err
	}
	s := &Server{
		read: cfg.Read, stay: cfg.Stay, path: pathOf(u),
		result: make(chan error, 1), ended: make(chan struct{}), seen: make(chan struct{}),
	}
	s.clean = strings.TrimRight(s.path, "/") + "/done"
	s.web = &http.Server{
		Handler: http.HandlerFunc(s.serve), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 5 * time.Second,
		WriteTimeout: 2 * time.Minute, IdleTimeout: 10 * time.Second, MaxHeaderBytes: 32 << 10,
	}
	for _, l := range listeners {
		s.done.Go(func() { _ = s.web.Serve(l) }) // ends with Close
	}
	return s, nil
}

func pathOf(u *url.URL) string {
	if u.EscapedPath() == "" {
		return "/"
	}
	return u.EscapedPath()
}

// bind listens on the addresses that the URL's host means on this machine.
func bind(u *url.URL) ([]net.Listener, error) {
	port := u.Port()
	if port == "" {
		port = "80"
	}
	var hosts []string
	switch host := strings.ToLower(u.Hostname()); host {
	case "localhost":
		hosts = []string{"127.0.0.1", "::1"}
	case "127.0.0.1", "::1":
		hosts = []string{host}
	default:
		return nil, ErrElsewhere
	}
	var open []net.Listener
	for _, host := range hosts {
		if !available(host) {
			continue
		}
		l, err := net.Listen("tcp", net.JoinHostPort(host, port))
		if err != nil {
			for _, l := range open {
				_ = l.Close()
			}
			return nil, fmt.Errorf("cannot wait for the browser on port %s: %w", port, err)
		}
		open = append(open, l)
	}
	if len(open) == 0 {
		return nil, errors.New("this machine has no loopback address")
	}
	return open, nil
}

// available reports whether this machine has the address at all.
func available(host string) bool {
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return false
	}
	return l.Close() == nil
}

// Wait returns when a redirect has ended the login, with the Reader's error, or
// when ctx ends, with its cause.
func (s *Server) Wait(ctx context.Context) error {
	select {
	case err := <-s.result:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Finish tells the browser how the login ended and gives it a moment to fetch
// that. Only the first call counts.
func (s *Server) Finish(ctx context.Context, o Outcome) {
	s.once.Do(func() {
		s.outcome = o
		close(s.ended)
	})
	s.mu.Lock()
	taken := s.taken
	s.mu.Unlock()
	if !taken {
		return // no browser waits
	}
	t := time.NewTimer(lastPage)
	defer t.Stop()
	select {
	case <-s.seen:
	case <-t.C:
	case <-ctx.Done():
	}
}

// Close lets go of the port and ends what is being served.
func (s *Server) Close() error {
	s.once.Do(func() {
		s.outcome = Outcome{Title: "The login has ended", Text: "Go back to the terminal."}
		close(s.ended)
	})
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if s.web.Shutdown(ctx) != nil {
		_ = s.web.Close()
	}
	s.done.Wait()
	return nil
}
