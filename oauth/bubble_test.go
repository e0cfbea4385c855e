package oauth_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/sim"
	"zohocrm/store/memory"
)

// bubble is a rig in which time passes only when everybody waits: the simulator is
// called within the process, so no network keeps the clock of testing/synctest from
// moving. To sleep in it is to let time pass, and synctest.Wait lets all that is in
// the background come to its end.
type bubble struct {
	*testing.T
	sim   *sim.Server
	home  dc.DataCenter
	store *memory.Store
	log   *lockedBuffer
}

// inBubble runs a test in a bubble.
func inBubble(t *testing.T, f func(b *bubble)) {
	t.Helper()
	home, err := dc.Custom("http://127.0.0.1:1", "")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		none := sim.NoLimits()
		b := &bubble{T: t, sim: sim.New(sim.Config{Limits: &none, Records: -1}), home: home, store: memory.New(memory.Config{}), log: &lockedBuffer{}}
		f(b)
		if err := b.sim.Close(); err != nil {
			t.Error(err)
		}
	})
}

// RoundTrip implements http.RoundTripper.
func (b *bubble) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	in := req.Clone(req.Context())
	in.RequestURI, in.Host, in.RemoteAddr = req.URL.RequestURI(), req.URL.Host, "127.0.0.1:9"
	if in.Body == nil {
		in.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	b.sim.ServeHTTP(w, in)
	return w.Result(), nil
}

// program is a Keeper on the bubble's store, closed before the bubble ends.
func (b *bubble) program(changes ...func(*oauth.KeeperConfig)) *oauth.Keeper {
	b.Helper()
	log := slog.New(slog.NewTextHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	cfg := oauth.KeeperConfig{Store: b.store, DataCenter: b.home, Logger: log}
	for _, change := range changes {
		change(&cfg)
	}
	cfg.Accounts = oauth.NewAccounts(oauth.AccountsConfig{Directory: dc.Zoho().With(b.home), HTTPClient: &http.Client{Transport: b}, Logger: log})
	k, err := oauth.NewKeeper(cfg)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := k.Close(); err != nil {
			b.Errorf("Close: %v", err)
		}
	})
	return k
}

// connect logs a user in.
func (b *bubble) connect(k *oauth.Keeper, user, name string) oauth.Token {
	b.Helper()
	code, err := b.sim.Grant(sim.GrantRequest{User: user})
	if err != nil {
		b.Fatal(err)
	}
	t, err := k.Connect(context.Background(), oauth.Login{Token: oauth.Token{
		UserName: name, ClientID: clientID, ClientSecret: oauth.NewSecret("sim"), GrantToken: oauth.NewSecret(code),
	}})
	if err != nil {
		b.Fatal(err)
	}
	return t
}

// passes lets time pass in steps, and calls f after each.
func (b *bubble) passes(d, step time.Duration, f func()) {
	for ; d > 0; d -= step {
		time.Sleep(step)
		f()
		synctest.Wait()
	}
}
