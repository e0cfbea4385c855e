package oauth_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/store/memory"
)

// program is another program on the rig's store: a Keeper of its own, whose
// requests to Zoho a test can hold up.
type program struct {
	*oauth.Keeper
	line *line
}

// line is the way to Zoho. sends is called before a request of a path that ends so
// leaves, answers after its answer has come; an error takes the place of both.
type line struct {
	mu             sync.Mutex
	suffix         string
	sends, answers func() error
}

func (l *line) hook(sends, answers func() error) {
	l.hookPath("/token", sends, answers)
}

func (l *line) hookPath(suffix string, sends, answers func() error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.suffix, l.sends, l.answers = suffix, sends, answers
}

func (l *line) RoundTrip(req *http.Request) (*http.Response, error) {
	l.mu.Lock()
	sends, answers := l.sends, l.answers
	if !strings.HasSuffix(req.URL.Path, l.suffix) {
		sends, answers = nil, nil
	}
	l.mu.Unlock()
	if sends != nil {
		if err := sends(); err != nil {
			return nil, err
		}
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err == nil && answers != nil {
		if err := answers(); err != nil {
			resp.Body.Close()
			return nil, err
		}
	}
	return resp, err
}

// program starts another program on a store; nil is the rig's.
func (r *rig) program(store oauth.Store, changes ...func(*oauth.KeeperConfig, *oauth.AccountsConfig)) *program {
	r.Helper()
	if store == nil {
		store = r.store
	}
	p := &program{line: &line{}}
	acc := oauth.AccountsConfig{Directory: dc.Zoho().With(r.home), Now: r.sim.Now, HTTPClient: &http.Client{Transport: p.line}}
	cfg := oauth.KeeperConfig{Store: store, DataCenter: r.home}
	for _, change := range changes {
		change(&cfg, &acc)
	}
	cfg.Accounts = oauth.NewAccounts(acc)
	k, err := oauth.NewKeeper(cfg)
	if err != nil {
		r.Fatal(err)
	}
	p.Keeper = k
	r.Cleanup(func() { k.Close() })
	return p
}

// gate stops who comes to it until it is opened.
type gate struct {
	come, open chan struct{}
	once       sync.Once
}

func newGate() *gate { return &gate{come: make(chan struct{}), open: make(chan struct{})} }

// pass is where one comes by: the first is waited for by reached.
func (g *gate) pass() error {
	g.once.Do(func() { close(g.come) })
	<-g.open
	return nil
}

func (g *gate) reached(t *testing.T) {
	t.Helper()
	select {
	case <-g.come:
	case <-time.After(20 * time.Second):
		t.Fatal("nobody came")
	}
}

// queue is a store that tells who finds a lease held.
type queue struct {
	*memory.Store
	waiting chan struct{}
}

func (q *queue) Acquire(ctx context.Context, c oauth.Claim) (oauth.Lease, error) {
	lease, err := q.Store.Acquire(ctx, c)
	if errors.Is(err, oauth.ErrHeld) {
		q.waiting <- struct{}{}
	}
	return lease, err
}

// newQueue is a rig, and its store as the programs of a test use it.
func newQueue(t *testing.T, changes ...setup) (*rig, *queue) {
	r := newRig(t, changes...)
	return r, &queue{r.store, make(chan struct{}, 1000)}
}

// answered is what a caller was told.
type answered struct {
	token oauth.Token
	err   error
}

// asks is a program's Token, in the background.
func (r *rig) asks(p *program, partial oauth.Token) chan answered {
	out := make(chan answered, 1)
	go func() {
		t, err := p.Token(r.ctx, partial)
		out <- answered{t, err}
	}()
	return out
}

func (r *rig) standing(key string) oauth.Standing {
	r.Helper()
	all, err := r.store.Standings(r.ctx, key)
	if err != nil {
		r.Fatal(err)
	}
	return all[key]
}

// tally counts events.
type tally struct {
	mu     sync.Mutex
	events []oauth.EventKind
}

func (o *tally) Observe(_ context.Context, e oauth.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.events = append(o.events, e.Kind)
}

func (o *tally) count(kind oauth.EventKind) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	n := 0
	for _, k := range o.events {
		if k == kind {
			n++
		}
	}
	return n
}

func (o *tally) watched(k *oauth.KeeperConfig, _ *oauth.AccountsConfig) { k.Observer = o }

// heard passes on what happens.
type heard chan oauth.EventKind

func (h heard) Observe(_ context.Context, e oauth.Event) {
	select {
	case h <- e.Kind:
	default:
	}
}

func (h heard) watched(k *oauth.KeeperConfig, _ *oauth.AccountsConfig) { k.Observer = h }

// wait waits until it has happened.
func (h heard) wait(t *testing.T, kind oauth.EventKind) {
	t.Helper()
	late := time.After(20 * time.Second)
	for {
		select {
		case k := <-h:
			if k == kind {
				return
			}
		case <-late:
			t.Fatalf("%q did not happen", kind)
		}
	}
}
