package storm_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"zohocrm/dc"
	"zohocrm/internal/servertest"
	"zohocrm/oauth"
	"zohocrm/sim"
	"zohocrm/sim/simtest"
	"zohocrm/store/open"
)

// outage is a server under load that dies and comes back.
type outage struct {
	*testing.T
	sim     *simtest.Server
	keepers []*oauth.Keeper
	calls   atomic.Int64
}

var alice = oauth.Token{UserName: "alice", ClientID: "1000.SIM"}

func newOutage(t *testing.T, url string) *outage {
	o := &outage{T: t, sim: simtest.New(t, sim.Config{})}
	home, err := dc.Custom(o.sim.URL, "")
	if err != nil {
		t.Fatal(err)
	}
	for range 3 { // as many programs
		store, err := open.URL(t.Context(), url, open.Config{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		k, err := oauth.NewKeeper(oauth.KeeperConfig{
			Store: store, DataCenter: home, Ahead: -1, Timeout: 5 * time.Second, Lease: 2 * time.Second,
			Recheck:     20 * time.Millisecond, // the store is looked at all the time
			ClockOffset: func() time.Duration { return time.Until(o.sim.Now()) },
			Accounts:    oauth.NewAccounts(oauth.AccountsConfig{Directory: dc.Zoho().With(home), Now: o.sim.Now}),
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { k.Close() })
		o.keepers = append(o.keepers, k)
	}
	partial := alice
	partial.ClientSecret, partial.GrantToken = oauth.NewSecret("sim"), oauth.NewSecret(o.sim.Grant("alice"))
	if _, err := o.keepers[0].Connect(t.Context(), oauth.Login{Token: partial}); err != nil {
		t.Fatal(err)
	}
	return o
}

// load asks for tokens without a pause until the function that it answers is
// called, and gives every error to failed.
func (o *outage) load(failed func(error)) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var callers sync.WaitGroup
	for _, k := range o.keepers {
		for range 4 {
			callers.Go(func() {
				source := k.Source(alice)
				for ctx.Err() == nil {
					if _, err := source.Token(ctx); err != nil && ctx.Err() == nil {
						failed(err)
					}
					o.calls.Add(1)
					time.Sleep(time.Millisecond) // load, not synchronisation
				}
			})
		}
	}
	return func() { cancel(); callers.Wait() }
}

// until waits for something to become true.
func (o *outage) until(what string, ok func() bool) {
	o.Helper()
	for deadline := time.Now().Add(30 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			o.Fatalf("waited in vain for: %s", what)
		}
	}
}

// The server is killed and started again under load. Callers with a valid token
// never notice; those whose token is over are told that the store is away, and
// Zoho is not asked; afterwards all is as before, and no token is lost.
func TestServerKilledUnderLoad(t *testing.T) {
	for name, start := range map[string]func(testing.TB, ...string) *servertest.Server{
		"mysql": servertest.StartMariaDB, "postgres": servertest.StartPostgres, "redis": servertest.StartRedis,
	} {
		t.Run(name, func(t *testing.T) {
			server := start(t)
			o := newOutage(t, server.URL())
			for _, k := range o.keepers {
				if _, err := k.Token(t.Context(), alice); err != nil {
					t.Fatal(err)
				}
			}
			stop := o.load(func(err error) { t.Errorf("a caller with a valid token noticed: %v", err) })
			if err := server.Kill(); err != nil {
				t.Fatal(err)
			}
			asked := o.calls.Load()
			o.until("calls without the server", func() bool { return o.calls.Load() > asked+500 })
			if err := server.Restart(); err != nil {
				t.Fatal(err)
			}
			asked = o.calls.Load()
			o.until("calls after it came back", func() bool { return o.calls.Load() > asked+500 })
			stop()
			if t.Failed() {
				return
			}

			if err := server.Kill(); err != nil {
				t.Fatal(err)
			}
			before := o.sim.Counters().Refreshes
			o.sim.Advance(2 * time.Hour)
			var away atomic.Int64
			stop = o.load(func(err error) {
				if !errors.Is(err, oauth.ErrStoreUnavailable) {
					t.Errorf("while the store is away: %v", err)
				}
				away.Add(1)
			})
			o.until("refusals", func() bool { return away.Load() > 20 })
			stop()
			if n := o.sim.Counters().Refreshes - before; n != 0 {
				t.Errorf("%d mints without a store", n)
			}
			if err := server.Restart(); err != nil {
				t.Fatal(err)
			}
			for _, k := range o.keepers {
				o.until("recovery", func() bool {
					_, err := k.Token(t.Context(), alice)
					return err == nil
				})
			}
			if n := o.sim.Counters().Refreshes - before; n != 1 {
				t.Errorf("%d mints after the outage, want 1", n)
			}
		})
	}
}
