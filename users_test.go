package zohocrm_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"zohocrm"
	"zohocrm/crm"
	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/store/memory"
)

func (r *rig) withoutUser(app oauth.Token) *zohocrm.Client {
	r.Helper()
	c, err := zohocrm.NewWithoutUser(zohocrm.Config{Token: app, Store: r.store, DataCenter: r.home, Now: r.zoho.Now})
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() {
		if err := c.Close(); err != nil {
			r.Errorf("Close: %v", err)
		}
	})
	return c
}

func application() oauth.Token {
	return oauth.Token{ClientID: "1000.SIM", ClientSecret: oauth.NewSecret("sim"), RedirectURL: "http://127.0.0.1/callback"}
}

func TestAServerStartsBeforeItsUsers(t *testing.T) {
	r := newRig(t)
	server := r.withoutUser(application())
	if _, err := server.CRM.Users.Current(r.ctx); !errors.Is(err, oauth.ErrIncompleteKey) || !strings.Contains(err.Error(), "Client.Connect") {
		t.Errorf("a call for nobody: %v", err)
	}
	if n := r.zoho.Counters(); n.APICalls+n.TokenRequests != 0 {
		t.Errorf("something was sent for nobody: %+v", n)
	}
	if _, err := server.As(r.ctx, oauth.Token{UserName: "alice@example.com:10001"}); !errors.Is(err, oauth.ErrNotFound) {
		t.Errorf("a user of an empty store: %v", err)
	}
	alice, err := server.Connect(r.ctx, r.login("alice"))
	if err != nil {
		t.Fatal(err)
	}
	bob, err := server.Connect(r.ctx, r.login("bob"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := server.As(r.ctx, oauth.Token{UserName: alice.User.UserName})
	if err != nil {
		t.Fatal(err)
	}
	for c, want := range map[*zohocrm.Client]string{alice: "alice@example.com:10001", bob: "bob@example.com:10002", again: "alice@example.com:10001"} {
		if got := r.email(c); got != want || c.User.UserName != want {
			t.Errorf("%s is %s for Zoho, %s here", want, got, c.User.UserName)
		}
	}
	if _, err := server.Connect(r.ctx, oauth.Login{Token: oauth.Token{UserName: "alice@example.com:10001"}}); !errors.Is(err, oauth.ErrIncompleteKey) {
		t.Errorf("a login without a code: %v", err)
	}
}

// login is a consent on Zoho's page, with PKCE, and the way back.
func (r *rig) login(user string) oauth.Login {
	r.Helper()
	verifier, directory := oauth.NewVerifier(), dc.Zoho().With(r.home)
	accounts := oauth.NewAccounts(oauth.AccountsConfig{Directory: directory})
	page, err := accounts.AuthorizeURL(oauth.AuthorizeRequest{
		AccountsURL: r.home.AccountsURL, ClientID: "1000.SIM", RedirectURL: "http://127.0.0.1/callback",
		Scopes: []string{"ZohoCRM.users.READ", "ZohoCRM.org.READ"}, State: "s", Verifier: verifier,
	})
	if err != nil {
		r.Fatal(err)
	}
	zoho := *r.zoho.Client
	zoho.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := zoho.Get(page + "&auto=" + user)
	if err != nil {
		r.Fatal(err)
	}
	res.Body.Close()
	back, err := res.Location()
	if err != nil {
		r.Fatal(err)
	}
	callback, err := oauth.ParseCallback(back.Query(), "s", r.home, directory)
	if err != nil {
		r.Fatal(err)
	}
	return oauth.Login{Token: oauth.Token{GrantToken: callback.GrantToken, AccountsURL: callback.DataCenter.AccountsURL}, Verifier: verifier}
}

// A code that was asked for with PKCE is worth nothing without its verifier.
func TestConnectBringsTheVerifier(t *testing.T) {
	r := newRig(t)
	server := r.withoutUser(application())
	login := r.login("alice")
	login.Verifier = oauth.NewVerifier()
	if _, err := server.Connect(r.ctx, login); err == nil {
		t.Error("another login's verifier did")
	}
	if all, err := oauth.All(r.ctx, r.store); err != nil || len(all) != 0 {
		t.Errorf("stored: %v, %v", all, err)
	}
}

// A store may hold tokens of several applications; As means those of its own.
func TestAsMeansItsOwnApplication(t *testing.T) {
	r := newRig(t)
	server := r.withoutUser(application())
	alice, err := server.Connect(r.ctx, r.login("alice"))
	if err != nil {
		t.Fatal(err)
	}
	other := oauth.Token{ClientID: "1000.OTHER", UserName: alice.User.UserName, RefreshToken: oauth.NewSecret("1000.of.the.other"), APIDomain: r.home.AccountsURL}
	if _, err := r.store.Save(r.ctx, other); err != nil {
		t.Fatal(err)
	}
	again, err := server.As(r.ctx, oauth.Token{UserName: alice.User.UserName})
	if err != nil || again.User.ID != alice.User.ID {
		t.Errorf("%v, %v", again, err)
	}
	// A secret that was changed in Zoho's console is used from the configuration.
	r.zoho.Advance(2 * time.Hour)
	row := again.User
	row.ClientSecret = oauth.NewSecret("old")
	if _, err := r.store.Save(r.ctx, oauth.Token{ID: row.ID, ClientSecret: row.ClientSecret}); err != nil {
		t.Fatal(err)
	}
	later, err := r.withoutUser(application()).As(r.ctx, oauth.Token{ID: row.ID, ClientID: row.ClientID})
	if err != nil {
		t.Fatal(err)
	}
	if got := r.email(later); got != row.UserName {
		t.Errorf("%s", got)
	}
}

// held is an API whose answers wait, and that counts who waits for one.
type held struct {
	now, most atomic.Int32
	open      chan struct{}
}

func (h *held) RoundTrip(*http.Request) (*http.Response, error) {
	h.most.Store(max(h.most.Load(), h.now.Add(1)))
	<-h.open
	h.now.Add(-1)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(`{"users":[{"id":"1","email":"a@example.com","zgid":"1"}]}`))}, nil
}

// atOnce is how many calls run at the same moment when each of these users makes 30.
func atOnce(t *testing.T, limiter func() func(oauth.Token) *crm.Limiter, users ...string) int {
	most := 0
	synctest.Test(t, func(t *testing.T) {
		store := memory.New(memory.Config{})
		api := &held{open: make(chan struct{})}
		cfg := zohocrm.Config{Token: application(), Store: store, HTTPClient: &http.Client{Transport: api}}
		if limiter != nil {
			cfg.Limiter = limiter() // in the bubble: its channels count
		}
		server, err := zohocrm.NewWithoutUser(cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()
		for _, user := range users {
			if _, err := store.Save(t.Context(), oauth.Token{
				UserName: user, ClientID: "1000.SIM", AccessToken: oauth.NewSecret("1000." + user),
				APIDomain: "https://www.zohoapis.com", Expiry: time.Now().Add(time.Hour),
			}); err != nil {
				t.Fatal(err)
			}
			for range 30 {
				one, err := server.As(t.Context(), oauth.Token{UserName: user})
				if err != nil {
					t.Fatal(err)
				}
				go func() {
					if _, err := one.CRM.Users.Current(t.Context()); err != nil {
						t.Errorf("%s: %v", user, err)
					}
				}()
			}
		}
		synctest.Wait() // all that may run, runs
		most = int(api.most.Load())
		close(api.open)
		synctest.Wait()
	})
	return most
}

func TestUsersOfAnOrganisationShareItsLimit(t *testing.T) {
	type limiter = func(oauth.Token) *crm.Limiter
	nothing := func() limiter { return func(oauth.Token) *crm.Limiter { return nil } }
	free := func() limiter {
		l := crm.NewLimiter(crm.LimiterConfig{Edition: crm.Free})
		return func(oauth.Token) *crm.Limiter { return l }
	}
	for name, c := range map[string]struct {
		limiter func() limiter
		users   []string
		want    int
	}{
		"one user":                {nil, []string{"alice@example.com:10001"}, 10},
		"two of one organisation": {nil, []string{"alice@example.com:10001", "bob@example.com:10001"}, 10},
		"of two organisations":    {nil, []string{"alice@example.com:10001", "bob@example.com:10002"}, 20},
		"organisation unknown":    {nothing, []string{"a", "b"}, 20},
		"told, an edition":        {free, []string{"a", "b"}, 5},
	} {
		t.Run(name, func(t *testing.T) {
			if got := atOnce(t, c.limiter, c.users...); got != c.want {
				t.Errorf("%d calls at once, want %d", got, c.want)
			}
		})
	}
}
