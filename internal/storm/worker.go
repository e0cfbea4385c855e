package storm

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"zohocrm/dc"
	"zohocrm/oauth"
)

// Work is a worker process: it reads orders from in and writes reports to out,
// until in ends.
func Work(ctx context.Context, in io.Reader, out io.Writer) error {
	lines := bufio.NewReader(in)
	var s setup
	if err := readLine(lines, &s); err != nil {
		return err
	}
	store, err := openStore(ctx, s.Store, oauth.NewSecret(s.Password), s.Keys)
	if err != nil {
		return err
	}
	defer store.Close()
	w := &worker{setup: s, out: json.NewEncoder(out), proceed: make(chan struct{})}
	keeper, err := w.keeper(store)
	if err != nil {
		return err
	}
	defer keeper.Close()
	w.source = keeper.Source(oauth.Token{UserName: s.User, ClientID: client})
	w.say(report{Ready: true})
	var rounds sync.WaitGroup
	defer rounds.Wait()
	for {
		var o order
		switch err := readLine(lines, &o); {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case o.Go:
			w.proceed <- struct{}{}
		default:
			w.offset.Store(o.Offset)
			w.stop.Store(&o.Stop)
			rounds.Go(func() { w.round(ctx, o.Round) })
		}
	}
}

// worker is the state of one process.
type worker struct {
	setup   setup
	source  oauth.Source
	offset  atomic.Int64 // milliseconds
	stop    atomic.Pointer[Point]
	proceed chan struct{} // lets who waits at a point go on

	mu     sync.Mutex // guards out and events
	out    *json.Encoder
	events map[string]int
}

func (w *worker) ahead() time.Duration { return time.Duration(w.offset.Load()) * time.Millisecond }

func (w *worker) keeper(store oauth.Store) (*oauth.Keeper, error) {
	home, err := dc.Custom(w.setup.Simulator, "")
	if err != nil {
		return nil, err
	}
	skew := time.Duration(w.setup.SkewMilli) * time.Millisecond
	return oauth.NewKeeper(oauth.KeeperConfig{
		Store: store, DataCenter: home, Observer: w, ClockOffset: w.ahead,
		Accounts: oauth.NewAccounts(oauth.AccountsConfig{
			Directory: dc.Zoho().With(home), Now: func() time.Time { return time.Now().Add(w.ahead() + skew) },
		}),
		Lease: time.Duration(w.setup.LeaseMilli) * time.Millisecond,
		Ahead: -1, // each round is an expiry, and nothing may come before it
	})
}

// round fetches a token in every goroutine at once.
func (w *worker) round(ctx context.Context, n int) {
	r := report{Round: n, Tokens: map[string]int{}}
	var mu sync.Mutex
	var callers sync.WaitGroup
	for range w.setup.Goroutines {
		callers.Go(func() {
			began := time.Now()
			t, err := w.source.Token(ctx)
			took := time.Since(began).Microseconds()
			mu.Lock()
			defer mu.Unlock()
			r.Latency = append(r.Latency, took)
			if err != nil {
				r.Errors = append(r.Errors, err.Error())
				return
			}
			r.Tokens[t.AccessToken.Fingerprint()]++
		})
	}
	callers.Wait()
	w.mu.Lock()
	r.Events, w.events = w.events, nil
	w.mu.Unlock()
	w.say(r)
}

func (w *worker) say(r report) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.out.Encode(r) // a parent that has gone cannot be told
}

// Observe implements [oauth.Observer]: it counts, and stops where it was told to.
func (w *worker) Observe(_ context.Context, e oauth.Event) {
	w.mu.Lock()
	if w.events == nil {
		w.events = make(map[string]int)
	}
	w.events[string(e.Kind)]++
	w.mu.Unlock()
	stop := w.stop.Load()
	if stop == nil || *stop == "" || pointOf(e, *stop) != *stop || !w.stop.CompareAndSwap(stop, nil) {
		return
	}
	w.say(report{At: *stop})
	if *stop != DuringSave {
		<-w.proceed
	}
}

// pointOf is the point that an event stands for.
func pointOf(e oauth.Event, wanted Point) Point {
	switch e.Kind {
	case oauth.EventClaim:
		return BeforeLease
	case oauth.EventLease:
		return AfterLease
	case oauth.EventSend:
		return BeforePost
	case oauth.EventMint:
		return AfterPost
	case oauth.EventSave:
		if wanted == DuringSave {
			return DuringSave
		}
		return BeforeSave
	case oauth.EventSaved:
		return AfterSave
	}
	return ""
}

func readLine(r *bufio.Reader, v any) error {
	line, err := r.ReadBytes('\n')
	if err != nil {
		return io.EOF
	}
	if err := json.Unmarshal(line, v); err != nil {
		return fmt.Errorf("storm: not an order: %w", err)
	}
	return nil
}
