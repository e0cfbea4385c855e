package interop

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"zohocrm/sim"
	"zohocrm/sim/simtest"
)

// Who asks for a token. The Node SDK is told by its body, multipart/form-data.
const (
	byGo   = "Go"
	byNode = "Node"
)

// front stands before a simulator: it counts who asks for tokens, and can keep
// back what the simulator answers.
type front struct {
	next http.Handler

	mu    sync.Mutex
	asked map[string]int // token requests by who made them
	holds map[string]*hold
}

// ownDate answers with this machine's time. The simulator's is hours ahead, once tokens
// were made to expire there: Go would correct its clock by that, as it should, while
// Node goes on writing times by the machine's, which Go then takes for long past.
type ownDate struct{ http.ResponseWriter }

func (w ownDate) WriteHeader(status int) {
	w.Header().Del("Date") // so that the server sets it
	w.ResponseWriter.WriteHeader(status)
}

func (w ownDate) Write(b []byte) (int, error) {
	w.Header().Del("Date") // without effect once the header is sent
	return w.ResponseWriter.Write(b)
}

// hold keeps back the next answer to one of them: the token exists, and who asked
// for it does not have it yet.
type hold struct {
	answered chan struct{} // closed when the simulator has answered
	release  func()        // lets the answer go on; may be called twice
	released chan struct{}
}

// newFront starts one, and the simulator behind it.
func newFront(t *testing.T) (f *front, s *simtest.Server, url string) {
	t.Helper()
	s = simtest.New(t, sim.Config{})
	f = &front{next: s.Server, asked: make(map[string]int), holds: make(map[string]*hold)}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return f, s, server.URL
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w = ownDate{w}
	if r.URL.Path != "/oauth/v2/token" {
		f.next.ServeHTTP(w, r)
		return
	}
	who := byGo
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		who = byNode
	}
	f.mu.Lock()
	f.asked[who]++
	h := f.holds[who]
	delete(f.holds, who)
	f.mu.Unlock()
	if h == nil {
		f.next.ServeHTTP(w, r)
		return
	}
	answer := httptest.NewRecorder()
	f.next.ServeHTTP(answer, r)
	close(h.answered)
	<-h.released
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes()) // who asked may have gone
}

// hold keeps back the next answer to who. It is released at the latest when the
// test ends.
func (f *front) hold(t *testing.T, who string) *hold {
	t.Helper()
	h := &hold{answered: make(chan struct{}), released: make(chan struct{})}
	h.release = sync.OnceFunc(func() { close(h.released) })
	t.Cleanup(h.release)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.holds[who] = h
	return h
}

// asks tells how often both have asked since the last time.
func (f *front) asks() asks {
	f.mu.Lock()
	defer f.mu.Unlock()
	a := asks{Go: f.asked[byGo], Node: f.asked[byNode]}
	clear(f.asked)
	return a
}

// asks is how often tokens were asked for.
type asks struct{ Go, Node int }

func (a asks) String() string { return fmt.Sprintf("Go asked %d times, Node %d", a.Go, a.Node) }
