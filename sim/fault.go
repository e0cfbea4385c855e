package sim

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// FaultKind is what goes wrong.
type FaultKind string

// The kinds of fault.
const (
	// FaultDelay waits for Delay and then answers as usual. A client that
	// leaves meanwhile loses the answer; the request is still carried out.
	FaultDelay FaultKind = "delay"
	// FaultHang never answers: until the client leaves or the server closes.
	FaultHang FaultKind = "hang"
	// FaultStatus500 answers HTTP 500 with a JSON error.
	FaultStatus500 FaultKind = "status500"
	// FaultHTML answers an HTML page, as proxies and maintenance do. Status 0: 502.
	FaultHTML FaultKind = "html"
	// FaultDropBefore drops the connection without carrying the request out.
	// (Go's HTTP client repeats a GET by itself when that happens on a
	// connection it had used before, so a GET may need a Count of 2.)
	FaultDropBefore FaultKind = "drop-before"
	// FaultDropAfter carries the request out and drops the connection instead
	// of answering: a token is made that nobody gets.
	FaultDropAfter FaultKind = "drop-after"
	// FaultThrottle200 answers Zoho's "Access Denied" body with HTTP 200.
	FaultThrottle200 FaultKind = "throttle-200"
	// FaultThrottle400 answers Zoho's "Access Denied" body with HTTP 400.
	FaultThrottle400 FaultKind = "throttle-400"
	// FaultNoAccessToken answers HTTP 200 with JSON that has neither an
	// access_token nor an error.
	FaultNoAccessToken FaultKind = "no-access-token"
	// FaultBadJSON answers HTTP 200 with JSON that breaks off.
	FaultBadJSON FaultKind = "bad-json"
	// FaultRedirect answers HTTP 307 to the URL To. "" leads to a page of the
	// simulator that counts who came ([Counters.Followed]).
	FaultRedirect FaultKind = "redirect"
	// FaultInvalidToken answers 401 INVALID_TOKEN, as if the access token had
	// died before its time.
	FaultInvalidToken FaultKind = "invalid-token"
	// FaultTooMany answers 429 TOO_MANY_REQUESTS, as the CRM API does.
	FaultTooMany FaultKind = "too-many"
)

func faultKinds() []FaultKind {
	return []FaultKind{
		FaultDelay, FaultHang, FaultStatus500, FaultHTML, FaultDropBefore, FaultDropAfter, FaultThrottle200,
		FaultThrottle400, FaultNoAccessToken, FaultBadJSON, FaultRedirect, FaultInvalidToken, FaultTooMany,
	}
}

// Fault is something that goes wrong on purpose.
type Fault struct {
	Kind FaultKind
	// Match chooses the requests: "token" (any request to the token endpoint),
	// "refresh", "exchange", "revoke", "api" (anything under /crm/), or the
	// start of a path, beginning with "/", with or without the data centre's
	// prefix. "": any request but the simulator's own /sim/ paths.
	Match string
	// Count is how many matching requests it hits. 0: one. Negative: all, until ClearFaults.
	Count int
	// Delay is waited, in real time, before the fault shows. 0: none.
	Delay time.Duration
	// Status is the HTTP status of FaultHTML. 0: 502.
	Status int
	// To is where FaultRedirect leads.
	To string
}

func (f Fault) check() error {
	if !slices.Contains(faultKinds(), f.Kind) {
		return fmt.Errorf("sim: no fault kind %q; known: %v", f.Kind, faultKinds())
	}
	if f.Match != "" && f.Match[0] != '/' && !slices.Contains([]string{"token", "refresh", "exchange", "revoke", "api"}, f.Match) {
		return fmt.Errorf("sim: no fault match %q; known: token, refresh, exchange, revoke, api, /PATH", f.Match)
	}
	return nil
}

// matches reports whether the fault is meant for the call, which goes by these names.
func (f Fault) matches(c *call, names []string) bool {
	if strings.HasPrefix(f.Match, "/") {
		return strings.HasPrefix(c.path, f.Match) || strings.HasPrefix(c.r.URL.Path, f.Match)
	}
	return f.Match == "" || slices.Contains(names, f.Match)
}

// faultQueue holds the faults that are still to come.
type faultQueue struct {
	mu    sync.Mutex
	queue []Fault
}

// take returns the first fault meant for the call and uses up one of its hits.
func (q *faultQueue) take(c *call, names []string) (Fault, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i := range q.queue {
		f := q.queue[i]
		if !f.matches(c, names) {
			continue
		}
		if f.Count > 0 {
			q.queue[i].Count--
		}
		if q.queue[i].Count == 0 {
			q.queue = slices.Delete(q.queue, i, i+1)
		}
		return f, true
	}
	return Fault{}, false
}

// Inject queues a fault. Faults that match the same request are served in the
// order they were queued. It panics on an unknown Kind or Match, which is a
// mistake in the test.
func (s *Server) Inject(f Fault) {
	if err := f.check(); err != nil {
		panic(err.Error())
	}
	if f.Count == 0 {
		f.Count = 1
	}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.queue = append(s.faults.queue, f)
}

// ClearFaults removes all queued faults. Requests that hang already go on hanging.
func (s *Server) ClearFaults() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.queue = nil
}
