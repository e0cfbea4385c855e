package zohocrm_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"zohocrm"
	"zohocrm/crm"
	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/sim"
	"zohocrm/sim/simtest"
	"zohocrm/store/memory"
)

type rig struct {
	*testing.T
	zoho  *simtest.Server
	home  dc.DataCenter
	store *memory.Store
	ctx   context.Context
}

func newRig(t *testing.T) *rig {
	t.Helper()
	zoho := simtest.New(t, sim.Config{})
	home, err := dc.Custom(zoho.URL, "")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return &rig{t, zoho, home, memory.New(memory.Config{}), ctx}
}

func (r *rig) granted(user string) oauth.Token {
	return oauth.Token{ClientID: "1000.SIM", ClientSecret: oauth.NewSecret("sim"), GrantToken: oauth.NewSecret(r.zoho.Grant(user))}
}

func (r *rig) new(token oauth.Token, store oauth.Store) *zohocrm.Client {
	r.Helper()
	c, err := zohocrm.New(r.ctx, zohocrm.Config{Token: token, Store: store, DataCenter: r.home, Now: r.zoho.Now})
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

// email is whom Zoho takes the client's user for.
func (r *rig) email(c *zohocrm.Client) string {
	r.Helper()
	name, err := crm.UserName(r.ctx, c.CRM)
	if err != nil {
		r.Fatal(err)
	}
	return name
}

func TestTheFourWaysIn(t *testing.T) {
	r := newRig(t)
	connected := r.new(r.granted("alice"), r.store)
	user := connected.User
	if user.UserName != "alice@example.com:10001" {
		t.Errorf("named %q", user.UserName)
	}
	ways := map[string]oauth.Token{
		"user name": {UserName: user.UserName},
		"ID":        {ID: user.ID},
	}
	for name, token := range ways {
		if c := r.new(token, r.store); r.email(c) != user.UserName {
			t.Errorf("by %s: another user", name)
		}
	}
	refresh := oauth.Token{ClientID: "1000.SIM", ClientSecret: oauth.NewSecret("sim"), RefreshToken: user.RefreshToken}
	for name, token := range map[string]oauth.Token{"refresh token": refresh, "access token alone": {AccessToken: user.AccessToken}} {
		empty := memory.New(memory.Config{})
		c := r.new(token, empty)
		if r.email(c) != user.UserName || c.User.UserName != user.UserName {
			t.Errorf("by %s: %v", name, c.User)
		}
		if all, err := oauth.All(r.ctx, empty); err != nil || len(all) != 1 {
			t.Errorf("by %s: stored %v, %v", name, all, err)
		}
	}
	if n := r.zoho.Counters().Exchanges; n != 1 {
		t.Errorf("%d exchanges", n)
	}
}

func TestAnAccessTokenAloneIsUsedUntilZohoRefusesIt(t *testing.T) {
	r := newRig(t)
	user := r.new(r.granted("alice"), r.store).User
	c := r.new(oauth.Token{AccessToken: user.AccessToken}, memory.New(memory.Config{}))
	r.zoho.Advance(2 * time.Hour)
	_, err := c.CRM.Users.Current(r.ctx)
	if !errors.Is(err, oauth.ErrReauthRequired) && !errors.Is(err, crm.ErrInvalidToken) {
		t.Errorf("after its life: %v", err)
	}
}

// Defects: D2, D21.
func TestAsKeepsUsersApart(t *testing.T) {
	r := newRig(t)
	alice := r.new(r.granted("alice"), r.store)
	bob, err := alice.As(r.ctx, r.granted("bob"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := bob.As(r.ctx, oauth.Token{UserName: alice.User.UserName})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 20 {
		for c, want := range map[*zohocrm.Client]string{alice: "alice@example.com:10001", bob: "bob@example.com:10002", again: "alice@example.com:10001"} {
			wg.Go(func() {
				if got := r.email(c); got != want {
					t.Errorf("%s was answered as %s", want, got)
				}
			})
		}
	}
	wg.Wait()
	if _, err := alice.As(r.ctx, oauth.Token{UserName: "nobody"}); !errors.Is(err, oauth.ErrNotFound) {
		t.Errorf("an unknown user: %v", err)
	}
	if _, err := alice.As(r.ctx, oauth.Token{}); !errors.Is(err, oauth.ErrIncompleteKey) {
		t.Errorf("no user: %v", err)
	}
}

func TestTheDefaultStoreIsTheSDKsFile(t *testing.T) {
	r := newRig(t)
	t.Chdir(t.TempDir())
	c := r.new(r.granted("alice"), nil)
	data, err := os.ReadFile("sdk_tokens.txt")
	if err != nil || !strings.HasPrefix(string(data), "id,user_name,client_id,") || !strings.Contains(string(data), c.User.UserName) {
		t.Errorf("sdk_tokens.txt: %.60q, %v", data, err)
	}
}

func TestATokenRefusedBeforeItsTimeIsRenewedOnce(t *testing.T) {
	r := newRig(t)
	c := r.new(r.granted("alice"), r.store)
	r.zoho.Inject(sim.Fault{Kind: sim.FaultInvalidToken, Match: "api"})
	if _, err := c.CRM.Users.Current(r.ctx); err != nil {
		t.Errorf("after one INVALID_TOKEN: %v", err)
	}
	r.zoho.Inject(sim.Fault{Kind: sim.FaultTooMany, Match: "api", Count: 10}) // more often than it is tried
	if _, err := c.CRM.Users.Current(r.ctx); !errors.Is(err, crm.ErrThrottled) {
		t.Errorf("throttled: %v", err)
	}
	if n := r.zoho.Counters().Refreshes; n != 1 {
		t.Errorf("%d refreshes", n)
	}
}
