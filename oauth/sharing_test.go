package oauth_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/sim"
	"zohocrm/store/memory"
)

func TestAWrongSecretIsItsCallersTrouble(t *testing.T) {
	r := newRig(t)
	r.connect("alice", "alice")
	r.sim.Advance(2 * time.Hour)
	if _, err := r.keeper.Token(r.ctx, oauth.Token{UserName: "alice", ClientSecret: oauth.NewSecret("wrong")}); !errors.Is(err, oauth.ErrClientConfig) {
		t.Fatal(err)
	}
	if _, err := r.keeper.Token(r.ctx, oauth.Token{UserName: "alice"}); err != nil {
		t.Errorf("with the right secret of the row: %v", err)
	}
}

func TestTheSameProcessSeesALoginAtOnce(t *testing.T) {
	r := newRig(t)
	r.connect("alice", "sales")
	source := r.keeper.Source(oauth.Token{UserName: "sales"})
	if _, err := source.Token(r.ctx); err != nil {
		t.Fatal(err)
	}
	p := r.code("bob")
	p.UserName = "sales"
	if _, err := r.login(p, true); err != nil {
		t.Fatal(err)
	}
	if got, err := source.Token(r.ctx); err != nil || r.whose(got.AccessToken) != "bob@example.com" {
		t.Errorf("after Connect(Replace) returned, %q is still %s: %v", "sales", r.whose(got.AccessToken), err)
	}
}

func TestReplaceLeavesOneRow(t *testing.T) {
	r, h := newHooked(t)
	r.connect("alice", "sales")
	h.set(func(h *hooked) { h.delete = func() error { return oauth.ErrStoreUnavailable } })
	p := r.code("bob")
	p.UserName = "sales"
	if _, err := r.login(p, true); err != nil {
		t.Fatal(err)
	}
	h.set(func(h *hooked) { h.delete = nil })
	p.UserName = ""
	if _, err := r.again().Token(r.ctx, p); err != nil {
		t.Errorf("the program started again with the same code: %v", err)
	}
}

func TestRevocationIsNotBelievedLightly(t *testing.T) {
	for _, body := range []string{`{"error":"invalid_client"}`, `{"error":"invalid_client_secret"}`, `{"message":"Bad Request"}`, `{}`, `null`} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			io.WriteString(w, body)
		}))
		home, _ := dc.Custom(srv.URL, "")
		a := oauth.NewAccounts(oauth.AccountsConfig{Directory: dc.Zoho().With(home)})
		if a.Revoke(t.Context(), oauth.Token{AccountsURL: srv.URL, RefreshToken: oauth.NewSecret("r")}) == nil {
			t.Errorf("400 %s counts as revoked, and the Keeper deletes the row", body)
		}
		srv.Close()
	}
}

func TestOneExchangeForDifferentPartials(t *testing.T) {
	r := newRig(t)
	p := r.code("alice")
	q := p
	q.UserName = "alice"
	r.sim.Inject(sim.Fault{Kind: sim.FaultDelay, Match: "exchange", Delay: 50 * time.Millisecond})
	var wg sync.WaitGroup
	for _, x := range []oauth.Token{p, q} {
		wg.Go(func() {
			if _, err := r.keeper.Token(r.ctx, x); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := r.sim.Counters().TokenRequests; n != 1 {
		t.Errorf("one code was sent %d times", n)
	}
}

func TestALoginIsTakenUpWhereItsNameFailed(t *testing.T) {
	r, h := newHooked(t)
	p := r.code("alice")
	p.UserName = "alice"
	var n atomic.Int32
	h.save = func(oauth.Token) error {
		if n.Add(1) == 2 {
			return oauth.ErrStoreUnavailable
		}
		return nil
	}
	if _, err := r.login(p, false); err == nil {
		t.Fatal("?")
	}
	if _, err := r.login(p, false); err != nil {
		t.Errorf("the token of this code is stored, yet: %v", err)
	}
}

// 13: a custom store that keeps the ten columns only, and rows that an SDK wrote
type tenColumns struct{ *memory.Store }

func (s *tenColumns) Find(ctx context.Context, p oauth.Token) (oauth.Token, error) {
	t, err := s.Store.Find(ctx, p)
	return t.WithSide(oauth.Token{}), err
}

func TestLongWishesAndShortLivesWithoutSideData(t *testing.T) {
	for life, wish := range map[time.Duration]time.Duration{time.Hour: 24 * time.Hour} {
		r := newRig(t, func(s *sim.Config, _ *oauth.AccountsConfig, _ *oauth.KeeperConfig) { s.TokenLife = life })
		r.connect("alice", "alice")
		for range 4 { // four runs of a job
			if _, err := r.over(&tenColumns{r.store}, r.sim.Now).TokenFor(r.ctx, oauth.Token{UserName: "alice"}, wish); err != nil {
				t.Fatal(err)
			}
		}
		r.wantMints(1, 0)
	}
}

func TestTheHookMayAskTheKeeper(t *testing.T) {
	var keeper *oauth.Keeper
	heard := make(chan error, 2)
	r := newRig(t, func(_ *sim.Config, _ *oauth.AccountsConfig, k *oauth.KeeperConfig) {
		k.Timeout = time.Second
		k.OnChange = func(ctx context.Context, c oauth.Change) error {
			_, err := keeper.Token(ctx, oauth.Token{UserName: "alice"}) // with context.Background: for ever
			heard <- err
			return nil
		}
	})
	keeper = r.keeper
	r.connect("alice", "alice")
	<-heard
	r.sim.Advance(2 * time.Hour)
	r.keeper.Token(r.ctx, oauth.Token{UserName: "alice"})
	if err := <-heard; err != nil {
		t.Errorf("the hook waited for itself: %v", err)
	}
}

func TestTheHookHears(t *testing.T) {
	refuse := errors.New("the secret manager is away")
	var bad atomic.Bool
	var last atomic.Pointer[oauth.Token]
	r, h := newHooked(t, func(_ *sim.Config, _ *oauth.AccountsConfig, k *oauth.KeeperConfig) {
		k.OnChange = func(_ context.Context, c oauth.Change) error {
			last.Store(&c.Token)
			if bad.Load() {
				return refuse
			}
			return nil
		}
	})
	r.connect("alice", "alice")
	r.sim.Advance(59*time.Minute + 30*time.Second)
	bad.Store(true)
	if _, err := r.keeper.Token(r.ctx, oauth.Token{UserName: "alice"}); !errors.Is(err, refuse) {
		t.Errorf("its error was swallowed, since the old token still lived: %v", err)
	}
	bad.Store(false)
	r.sim.Advance(2 * time.Hour)
	h.away()
	got, err := r.keeper.Token(r.ctx, oauth.Token{UserName: "alice"})
	if err != nil {
		t.Fatal(err)
	}
	h.back()
	r.keeper.Close()
	if last.Load().AccessToken != got.AccessToken {
		t.Error("it never heard of a refresh that was saved late")
	}
}

func TestCloseDoesNotBlockOtherCallers(t *testing.T) {
	r, h := newHooked(t, func(_ *sim.Config, _ *oauth.AccountsConfig, k *oauth.KeeperConfig) { k.Timeout = time.Second })
	r.connect("alice", "alice")
	r.sim.Advance(2 * time.Hour)
	h.away()
	if _, err := r.keeper.Token(r.ctx, oauth.Token{UserName: "alice"}); err != nil {
		t.Fatal(err)
	}
	saving, out, closed := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	h.set(func(h *hooked) { h.save = first(func() { close(saving); <-out }) })
	go func() { closed <- r.keeper.Close() }()
	<-saving // a slow store; or one whose Save asks this Keeper for something
	asked := make(chan struct{})
	go func() { r.keeper.Source(oauth.Token{UserName: "bob"}); close(asked) }()
	select {
	case <-asked:
	case <-time.After(300 * time.Millisecond):
		t.Error("Source, which does nothing, waits for Close to finish its saving")
	}
	close(out)
	<-closed
}

// Defects: D6.
func TestRevokeStands(t *testing.T) {
	r, h := newHooked(t)
	r.connect("alice", "alice")
	source := r.keeper.Source(oauth.Token{UserName: "alice"})
	in, out, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	h.set(func(h *hooked) { h.found = first(func() { close(in); <-out }) })
	go func() { source.Token(r.ctx); close(done) }()
	<-in
	if err := r.keeper.Revoke(r.ctx, oauth.Token{UserName: "alice"}); err != nil {
		t.Fatal(err)
	}
	close(out)
	<-done
	if _, err := source.Token(r.ctx); err == nil {
		t.Error("answered from memory after Revoke returned")
	}
}

// onRefresh answers a refresh itself, after something else has happened.
type onRefresh func() *http.Response

func (f onRefresh) RoundTrip(req *http.Request) (*http.Response, error) {
	return f(), nil
}

// Another process refreshed while this one was refused: its token is the answer.
func TestWhoIsThrottledTakesTheQuickerOnesToken(t *testing.T) {
	r := newRig(t)
	old := r.connect("alice", "alice")
	r.sim.Advance(2 * time.Hour)
	var theirs oauth.Token
	refused := onRefresh(func() *http.Response {
		theirs = r.refreshAsSDK("alice")
		return &http.Response{
			StatusCode: http.StatusBadRequest, Header: http.Header{},
			Body: io.NopCloser(strings.NewReader(`{"error":"Access Denied","status":"failure"}`)),
		}
	})
	k, err := oauth.NewKeeper(oauth.KeeperConfig{
		Store: r.store, DataCenter: r.home,
		Accounts: oauth.NewAccounts(oauth.AccountsConfig{
			Directory: dc.Zoho().With(r.home), Now: r.sim.Now, HTTPClient: &http.Client{Transport: refused},
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	got, err := k.Token(r.ctx, oauth.Token{UserName: "alice"})
	if err != nil || got.AccessToken != theirs.AccessToken || got.AccessToken == old.AccessToken {
		t.Errorf("Token = %v, %v; the quicker one has %v", got, err, theirs)
	}
	r.wantMints(1, 1)
}

// A name that no store can hold is refused before a code is spent on it.
func TestAnImpossibleNameSpendsNoCode(t *testing.T) {
	r := newRig(t)
	p := r.code("alice")
	p.UserName = "a\nb"
	if _, err := r.keeper.Connect(r.ctx, oauth.Login{Token: p}); !errors.Is(err, oauth.ErrInvalidValue) {
		t.Errorf("Connect: %v", err)
	}
	r.wantMints(0, 0)
	if len(r.all()) != 0 {
		t.Errorf("stored: %v", r.all())
	}
}
