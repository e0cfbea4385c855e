package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"time"

	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/sim"
	"zohocrm/store/memory"
)

// errDead is what a process gets that was killed: nothing that it does has any
// effect.
var errDead = errors.New("this process was killed")

// stop is where a process waits for the trial to let it go on.
type stop string

const (
	nowhere    stop = ""
	atClaim    stop = "is about to ask for the lease"
	atLeased   stop = "has the lease"
	atSend     stop = "is about to send"
	atAnswered stop = "is about to read Zoho's answer"
	atSave     stop = "is about to save"
)

// station is one process of a trial: a Keeper, with its way to the store and its
// way to Zoho, on which it is stopped. The trial's mutex guards its fields.
type station struct {
	*memory.Store
	t      *trial
	number int
	keeper *oauth.Keeper

	dead   bool
	busy   bool // a call is under way
	lease  oauth.Lease
	leased bool // the lease was not given back

	at     stop
	resume chan error
}

// keep starts a Keeper on a store, with a way to Zoho.
func (t *trial) keep(store oauth.Store, way http.RoundTripper) *oauth.Keeper {
	keeper, err := oauth.NewKeeper(oauth.KeeperConfig{
		Store: store, DataCenter: t.home, Ahead: -1,
		Accounts: oauth.NewAccounts(oauth.AccountsConfig{Directory: dc.Zoho().With(t.home), HTTPClient: &http.Client{Transport: way}}),
	})
	if err != nil {
		t.Fatal(err)
	}
	return keeper
}

func (t *trial) station() {
	s := &station{Store: t.store, t: t, number: len(t.stations) + 1, resume: make(chan error)}
	s.keeper = t.keep(s, s)
	t.stations = append(t.stations, s)
}

// stops waits until the trial says how to go on, or the time is up.
func (s *station) stops(ctx context.Context, at stop) error {
	set := func(at stop) {
		s.t.mu.Lock()
		defer s.t.mu.Unlock()
		s.at = at
	}
	if s.t.released() {
		return nil
	}
	set(at)
	defer set(nowhere)
	select {
	case err := <-s.resume:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *station) killed() bool {
	s.t.mu.Lock()
	defer s.t.mu.Unlock()
	return s.dead
}

// RoundTrip implements http.RoundTripper.
func (s *station) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	if err := s.stops(ctx, atSend); err != nil {
		return nil, err
	}
	s.t.sends(s)
	if trace := httptrace.ContextClientTrace(ctx); trace != nil && trace.WroteHeaders != nil {
		trace.WroteHeaders()
	}
	resp, err := direct{s.t.sim}.RoundTrip(req)
	if lost := s.stops(ctx, atAnswered); lost != nil {
		s.t.excuse("an answer was lost")
		return nil, lost
	}
	return resp, err
}

// Save implements oauth.Store.
func (s *station) Save(ctx context.Context, t oauth.Token) (oauth.Token, error) {
	if !t.AccessToken.IsZero() {
		if err := s.stops(ctx, atSave); err != nil {
			s.t.excuse("a token was not saved")
			return oauth.Token{}, err
		}
	}
	s.t.saving.Lock()
	defer s.t.saving.Unlock()
	before, err := s.Store.Find(ctx, oauth.Token{UserName: user})
	if err != nil && !errors.Is(err, oauth.ErrNotFound) || s.killed() {
		return oauth.Token{}, errDead
	}
	saved, err := s.Store.Save(ctx, t)
	if err == nil {
		s.t.saved(before, saved, t)
	}
	return saved, err
}

// Find implements oauth.Store.
func (s *station) Find(ctx context.Context, t oauth.Token) (oauth.Token, error) {
	if s.killed() {
		return oauth.Token{}, errDead
	}
	return s.Store.Find(ctx, t)
}

// Acquire implements oauth.Coordinator.
func (s *station) Acquire(ctx context.Context, c oauth.Claim) (oauth.Lease, error) {
	if err := s.stops(ctx, atClaim); err != nil {
		return oauth.Lease{}, err
	}
	if s.killed() {
		return oauth.Lease{}, errDead
	}
	lease, err := s.Store.Acquire(ctx, c)
	if err != nil {
		return lease, err
	}
	s.t.mu.Lock()
	s.lease, s.leased = lease, true
	s.t.mu.Unlock()
	return lease, s.stops(ctx, atLeased)
}

// Settle implements oauth.Coordinator.
func (s *station) Settle(ctx context.Context, l oauth.Lease, o oauth.Outcome) error {
	if s.killed() {
		return errDead
	}
	s.t.mu.Lock()
	s.leased = s.leased && l.Epoch != s.lease.Epoch
	s.t.mu.Unlock()
	return s.Store.Settle(ctx, l, o)
}

// Standings implements oauth.Coordinator.
func (s *station) Standings(ctx context.Context, keys ...string) (map[string]oauth.Standing, error) {
	if s.killed() {
		return nil, errDead
	}
	return s.Store.Standings(ctx, keys...)
}

// direct is a way to the simulator on which nothing happens.
type direct struct{ sim *sim.Server }

// RoundTrip implements http.RoundTripper.
func (d direct) RoundTrip(req *http.Request) (*http.Response, error) {
	in := req.Clone(context.WithoutCancel(req.Context()))
	in.RequestURI, in.Host, in.RemoteAddr = req.URL.RequestURI(), req.URL.Host, "127.0.0.1:9"
	w := httptest.NewRecorder()
	d.sim.ServeHTTP(w, in)
	return w.Result(), nil
}

// expires reports whether the lease ends in this span while its holder is at work.
func (s *station) expires(from, to time.Time) bool {
	return s.leased && s.busy && !s.dead && from.Before(s.lease.Until) && !to.Before(s.lease.Until)
}

func (s *station) String() string { return "process " + strings.Repeat("I", s.number) }
