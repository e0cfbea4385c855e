package oauth_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/sim"
	"zohocrm/store/memory"
)

func TestAnIdleSourceLooksFirst(t *testing.T) {
	r := newRig(t)
	r.connect("alice", "alice")
	source := r.keeper.Source(oauth.Token{UserName: "alice"})
	if _, err := source.Token(r.ctx); err != nil {
		t.Fatal(err)
	}
	if err := r.again().Revoke(r.ctx, oauth.Token{UserName: "alice"}); err != nil {
		t.Fatal(err)
	}
	r.sim.Advance(40 * time.Minute)
	if _, err := source.Token(r.ctx); err == nil {
		t.Error("answered a token 40 minutes after the logout elsewhere; Recheck is 30 s")
	}
}

func TestOddAnswersLoseNoToken(t *testing.T) {
	for _, extra := range []string{`"expires_in":""`, `"expires_in":true`, `"scope":["a","b"]`, `"status":200`, `"expires_in":3600.0`} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `{"access_token":"a","refresh_token":"r",%s}`, extra)
		}))
		home, _ := dc.Custom(srv.URL, "")
		a := oauth.NewAccounts(oauth.AccountsConfig{Directory: dc.Zoho().With(home)})
		got, err := a.Exchange(t.Context(), oauth.Token{AccountsURL: srv.URL, GrantToken: oauth.NewSecret("g")}, oauth.Secret{})
		if err != nil || got.RefreshToken.IsZero() || extra == `"expires_in":3600.0` && got.Life != time.Hour {
			t.Errorf("%s: life %s, %v", extra, got.Life, err)
		}
		srv.Close()
	}
}

func TestHostsOfOneDataCentre(t *testing.T) {
	r := newRig(t)
	planted := oauth.Token{UserName: "m", ClientID: clientID, ClientSecret: oauth.NewSecret("sim"), RefreshToken: oauth.NewSecret("1000.r"), APIDomain: "https://www.zohoapis.com", AccountsURL: r.sim.URL}
	if _, err := r.store.Save(r.ctx, planted); err != nil {
		t.Fatal(err)
	}
	_, err := r.keeper.Token(r.ctx, oauth.Token{UserName: "m"})
	if r.sim.Counters().TokenRequests != 0 {
		t.Errorf("the refresh token of a US row went to the accounts server of another entry: %v", err)
	}
}

func TestCallbackWithoutState(t *testing.T) {
	us, _ := dc.Zoho().ByLocation("us")
	if _, err := oauth.ParseCallback(url.Values{"code": {"forged"}}, "", us, dc.Zoho()); err == nil {
		t.Error("accepted without a state")
	}
}

func TestCheckMeansWhatIsSent(t *testing.T) {
	gw, _ := dc.Custom("http://127.0.0.1:8800/eu", "")
	dir := dc.Zoho().With(gw)
	for _, u := range []*url.URL{
		{Scheme: "http", Host: "127.0.0.1:8800", Path: "/eu/../cn/oauth/v2/token"}, {Scheme: "http", Host: "127.0.0.1:8800", Path: "/eu/../cn", RawPath: "/eu/%2e%2e/cn"},
		{Scheme: "https", Host: "accounts.zoho.com", Opaque: "//evil.example/x"}, {Scheme: "https", Host: "accounts.zoho.com/.evil.example"}, {Scheme: "https://accounts.zoho.com/", Host: "evil.example"},
	} {
		if dir.Check(u) == nil {
			t.Errorf("Check trusts %#v", u)
		}
	}
}

func TestADeadAccessTokenAlone(t *testing.T) {
	r := newRig(t)
	if got, err := r.keeper.Token(r.ctx, oauth.Token{AccessToken: oauth.NewSecret("1000.dead"), Expiry: r.sim.Now().Add(-time.Hour)}); err == nil {
		t.Errorf("answered %v", got)
	}
}

// Defects: D5.
func TestAnIDAndAnothersRefreshToken(t *testing.T) {
	r := newRig(t)
	alice, bob := r.connect("alice", "alice"), r.connect("bob", "bob")
	p := byRefresh("", bob.RefreshToken)
	p.ID = alice.ID
	if got, err := r.keeper.Token(r.ctx, p); err == nil && got.ID != alice.ID {
		t.Errorf("asked for row %s, was given row %s (bob)", alice.ID, got.ID)
	}
}

func TestARowThatChangesHandsInMidFlight(t *testing.T) {
	r, h := newHooked(t)
	one, two := r.connect("alice", "alice"), r.connect("alice", "alice")
	one.Version, two.Version = "", ""
	r.store.Save(r.ctx, one)
	r.sim.Advance(2 * time.Hour)
	var n atomic.Int32
	in, out := make(chan struct{}), make(chan struct{})
	h.set(func(h *hooked) {
		h.find = func(oauth.Token) error {
			if n.Add(1) == 2 { // the re-read before the refresh
				close(in)
				<-out
			}
			return nil
		}
	})
	r.sim.Inject(sim.Fault{Kind: sim.FaultDelay, Match: "refresh", Delay: 200 * time.Millisecond, Count: 2})
	var wg sync.WaitGroup
	wg.Go(func() { r.keeper.Token(r.ctx, oauth.Token{UserName: "alice"}) })
	<-in
	r.store.Save(r.ctx, two)
	close(out)
	wg.Go(func() { r.keeper.Token(r.ctx, oauth.Token{ID: one.ID}) })
	wg.Wait()
	for s, c := range r.sim.Counters().RefreshesByToken {
		if c > 1 {
			t.Errorf("%s was refreshed %d times", s, c)
		}
	}
}

func TestAnAccessTokenNeverLandsInAnothersRow(t *testing.T) {
	r, h := newHooked(t)
	bob := r.connect("bob", "bob")
	r.store.DeleteAll(r.ctx)
	other, p := r.again(), r.code("alice")
	p.UserName = "sales"
	h.set(func(h *hooked) {
		h.found = first(func() {
			if _, err := other.Connect(r.ctx, oauth.Login{Token: p}); err != nil {
				t.Error(err)
			}
		})
	})
	_, err := r.keeper.Token(r.ctx, oauth.Token{UserName: "sales", AccessToken: bob.AccessToken})
	if row, _ := r.store.Find(r.ctx, oauth.Token{UserName: "sales"}); row.AccessToken == bob.AccessToken {
		t.Errorf("bob's access token stands in alice's row: %v", err)
	}
}

func TestStoreTroubleByAnyName(t *testing.T) {
	r, h := newHooked(t)
	r.connect("alice", "alice")
	source := r.keeper.Source(oauth.Token{UserName: "alice"})
	if _, err := source.Token(r.ctx); err != nil {
		t.Fatal(err)
	}
	r.sim.Advance(59*time.Minute + 20*time.Second)
	h.set(func(h *hooked) {
		h.find = func(oauth.Token) error { return errors.New("dial tcp: connection refused") }
	})
	if _, err := source.Token(r.ctx); err != nil {
		t.Errorf("a custom store's own error, with 40 s of life in memory: %v", err)
	}
}

func TestSaveKeepsTheContract(t *testing.T) {
	S, ctx := oauth.NewSecret, t.Context()
	t.Run("times to the millisecond", func(t *testing.T) {
		at := time.Date(2026, 1, 1, 0, 0, 0, 123456789, time.FixedZone("", 3600))
		row, _ := memory.New(memory.Config{}).Save(ctx, oauth.Token{RefreshToken: S("r"), CreatedAt: at, LastUsedAt: at})
		if row.CreatedAt.Nanosecond()%1e6 != 0 || row.LastUsedAt.Nanosecond()%1e6 != 0 {
			t.Error(row.CreatedAt, row.LastUsedAt)
		}
	})
	t.Run("what Check lets through can be read back", func(t *testing.T) {
		for _, at := range []time.Time{time.Unix(1_800_000_000_000, 0), time.Unix(-5, 0), time.Unix(0, 0)} {
			row := oauth.Token{RefreshToken: S("r"), AccessToken: S("a"), Expiry: at}.Row()
			if back, err := row.Token(); row.Check(0) == nil && (err != nil || !back.Expiry.Equal(at)) {
				t.Error(row.ExpiryTime, back.Expiry, err)
			}
		}
	})
}
