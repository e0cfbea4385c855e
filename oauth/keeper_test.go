package oauth_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/sim"
)

func TestConnectOnceThenFromMemoryThenFromTheStore(t *testing.T) {
	r := newRig(t)
	partial := r.code("alice")
	first, err := r.keeper.Token(r.ctx, partial)
	if err != nil {
		t.Fatal(err)
	}
	if first.RefreshToken.IsZero() || first.AccessToken.IsZero() || first.APIDomain != r.sim.URL || first.ID == "" {
		t.Fatalf("connected token is %v", first)
	}
	for _, k := range []*oauth.Keeper{r.keeper, r.again()} {
		got, err := k.Token(r.ctx, partial) // a program started again with the same code
		if err != nil || got.AccessToken != first.AccessToken {
			t.Fatalf("Token = %v, %v", got, err)
		}
	}
	r.wantMints(1, 0)
	if all := r.all(); len(all) != 1 || all[0].GrantToken != partial.GrantToken {
		t.Fatalf("stored: %v", all)
	}
}

// Defects: D16.
func TestOneRefreshForManyCallers(t *testing.T) {
	r := newRig(t)
	old := r.connect("alice", "alice")
	r.sim.Advance(2 * time.Hour)
	byName, byID := r.keeper.Source(oauth.Token{UserName: "alice"}), r.keeper.Source(oauth.Token{ID: old.ID})
	seen := make([]oauth.Secret, 64)
	var wg sync.WaitGroup
	for i := range seen {
		wg.Go(func() {
			source := byName
			if i%2 == 1 {
				source = byID
			}
			got, err := source.Token(r.ctx)
			if err != nil {
				t.Error(err)
				return
			}
			seen[i] = got.AccessToken
		})
	}
	wg.Wait()
	for _, s := range seen {
		if s != seen[0] || s == old.AccessToken {
			t.Fatal("callers were given different or old tokens")
		}
	}
	r.wantMints(1, 1)
	stored, err := r.store.Get(r.ctx, old.ID)
	if err != nil || stored.AccessToken != seen[0] || stored.RefreshToken != old.RefreshToken {
		t.Errorf("stored %v, %v", stored, err)
	}
}

func TestAWaiterLeavesWithoutEndingTheWork(t *testing.T) {
	r := newRig(t)
	r.connect("alice", "alice")
	r.sim.Advance(2 * time.Hour)
	r.sim.Inject(sim.Fault{Kind: sim.FaultDelay, Match: "refresh", Delay: 200 * time.Millisecond})
	short, cancel := context.WithCancel(r.ctx)
	left, stayed := make(chan error), make(chan error)
	source := r.keeper.Source(oauth.Token{UserName: "alice"})
	go func() { _, err := source.Token(short); left <- err }()
	for r.sim.Counters().TokenRequests < 2 { // the exchange, and now the refresh
		time.Sleep(time.Millisecond)
	}
	go func() { _, err := source.Token(r.ctx); stayed <- err }()
	cancel()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("the waiter that left got %v", err)
	}
	if err := <-stayed; err != nil {
		t.Errorf("the waiter that stayed got %v", err)
	}
	r.wantMints(1, 1)
}

func TestFreshAsksOnlyIfTheRefusedTokenIsStored(t *testing.T) {
	r := newRig(t)
	first := r.connect("alice", "alice")
	source := r.keeper.Source(oauth.Token{UserName: "alice"})
	second, err := source.Fresh(r.ctx, first.AccessToken)
	if err != nil || second.AccessToken == first.AccessToken {
		t.Fatalf("Fresh = %v, %v", second, err)
	}
	third, err := source.Fresh(r.ctx, first.AccessToken) // a late caller with the old one
	if err != nil || third.AccessToken != second.AccessToken {
		t.Fatalf("Fresh again = %v, %v", third, err)
	}
	other, err := r.again().Source(oauth.Token{UserName: "alice"}).Fresh(r.ctx, first.AccessToken)
	if err != nil || other.AccessToken != second.AccessToken {
		t.Fatalf("Fresh of another process = %v, %v", other, err)
	}
	r.wantMints(1, 1)
}

func TestAValidTokenIsServedWhenTheRefreshFails(t *testing.T) {
	for _, kind := range []sim.FaultKind{sim.FaultStatus500, sim.FaultHTML, sim.FaultDropBefore, sim.FaultThrottle200, sim.FaultThrottle400, sim.FaultNoAccessToken, sim.FaultBadJSON} {
		t.Run(string(kind), func(t *testing.T) {
			r := newRig(t)
			old := r.connect("alice", "alice")
			r.sim.Advance(59*time.Minute + 30*time.Second) // within the margin, alive for 30 s
			r.sim.Inject(failing(kind, "refresh"))
			got, err := r.again().Token(r.ctx, oauth.Token{UserName: "alice"})
			if err != nil || got.AccessToken != old.AccessToken {
				t.Errorf("Token = %v, %v; want the present one", got, err)
			}
			stored, err := r.store.Get(r.ctx, old.ID)
			if err != nil || stored.Version != old.Version {
				t.Errorf("the row changed: %v, %v", stored, err)
			}
		})
	}
}

func TestFailuresOfARefresh(t *testing.T) {
	for _, c := range []struct {
		kind sim.FaultKind
		want error
	}{
		{sim.FaultStatus500, oauth.ErrOutcomeUnknown}, {sim.FaultHTML, oauth.ErrOutcomeUnknown},
		{sim.FaultDropBefore, oauth.ErrOutcomeUnknown}, {sim.FaultDropAfter, oauth.ErrOutcomeUnknown},
		{sim.FaultThrottle200, oauth.ErrThrottled}, {sim.FaultThrottle400, oauth.ErrThrottled},
		{sim.FaultNoAccessToken, oauth.ErrOutcomeUnknown}, {sim.FaultBadJSON, oauth.ErrOutcomeUnknown},
		{sim.FaultRedirect, oauth.ErrOutcomeUnknown}, {sim.FaultHang, oauth.ErrOutcomeUnknown},
	} {
		t.Run(string(c.kind), func(t *testing.T) {
			r := newRig(t, func(_ *sim.Config, a *oauth.AccountsConfig, _ *oauth.KeeperConfig) {
				a.Timeout = 300 * time.Millisecond
			})
			old := r.connect("alice", "alice")
			r.sim.Advance(2 * time.Hour)
			r.sim.Inject(failing(c.kind, "refresh"))
			_, err := r.keeper.Token(r.ctx, oauth.Token{UserName: "alice"})
			if !errors.Is(err, c.want) {
				t.Fatalf("Token: %v, want %v", err, c.want)
			}
			stored, err := r.store.Get(r.ctx, old.ID)
			if err != nil || stored.Version != old.Version {
				t.Errorf("the row changed: %v, %v", stored, err)
			}
			// No storm: the next caller is answered from memory of the failure.
			before := r.sim.Counters().TokenRequests
			if _, err := r.keeper.Token(r.ctx, oauth.Token{UserName: "alice"}); !errors.Is(err, c.want) {
				t.Errorf("second call: %v", err)
			}
			if after := r.sim.Counters().TokenRequests; after != before {
				t.Errorf("the second call asked Zoho again (%d requests)", after-before)
			}
			if r.sim.Counters().Followed != 0 {
				t.Error("a redirect of the token endpoint was followed")
			}
			// And when the pause is over, it works.
			r.sim.Advance(11 * time.Minute)
			if _, err := r.keeper.Token(r.ctx, oauth.Token{UserName: "alice"}); err != nil {
				t.Errorf("after the pause: %v", err)
			}
		})
	}
}

func TestThrottledSaysUntilWhen(t *testing.T) {
	r := newRig(t)
	r.connect("alice", "alice")
	source := r.keeper.Source(oauth.Token{UserName: "alice"})
	var err error
	for i := 0; i < 20 && err == nil; i++ {
		var now *oauth.Token
		if now, err = source.Token(r.ctx); err == nil {
			_, err = source.Fresh(r.ctx, now.AccessToken)
		}
	}
	var throttled *oauth.ThrottledError
	if !errors.As(err, &throttled) || !errors.Is(err, oauth.ErrThrottled) {
		t.Fatalf("after twenty forced refreshes: %v", err)
	}
	if wait := throttled.RetryAt.Sub(r.sim.Now()); wait <= 0 || wait > 10*time.Minute {
		t.Errorf("RetryAt is %s away", wait)
	}
}

func TestRevokedAtZohoNeedsConsent(t *testing.T) {
	r := newRig(t)
	r.connect("alice", "alice")
	r.sim.RevokeUser("alice@example.com")
	r.sim.Advance(2 * time.Hour)
	if _, err := r.keeper.Token(r.ctx, oauth.Token{UserName: "alice"}); !errors.Is(err, oauth.ErrReauthRequired) {
		t.Fatalf("Token: %v", err)
	}
	if again := r.connect("alice", "alice"); len(r.all()) != 1 || again.ID != "1" {
		t.Errorf("after a new login: %v", r.all())
	}
	if _, err := r.keeper.Token(r.ctx, oauth.Token{UserName: "alice"}); err != nil {
		t.Errorf("Token after a new login: %v", err)
	}
}

// Defects: D6.
func TestRevoke(t *testing.T) {
	r := newRig(t)
	token := r.connect("alice", "alice")
	source := r.keeper.Source(oauth.Token{UserName: "alice"})
	if _, err := source.Token(r.ctx); err != nil {
		t.Fatal(err)
	}
	r.sim.Inject(failing(sim.FaultStatus500, "revoke"))
	if err := r.keeper.Revoke(r.ctx, oauth.Token{ID: token.ID}); !errors.Is(err, oauth.ErrOutcomeUnknown) || len(r.all()) != 1 {
		t.Fatalf("Revoke while Zoho is away: %v; stored %v", err, r.all())
	}
	if err := r.keeper.Revoke(r.ctx, oauth.Token{ID: token.ID}); err != nil || len(r.all()) != 0 {
		t.Fatalf("Revoke: %v; stored %v", err, r.all())
	}
	if _, err := source.Token(r.ctx); !errors.Is(err, oauth.ErrNotFound) {
		t.Errorf("Token after Revoke: %v", err)
	}
	if got := r.sim.Counters().LiveRefreshTokens; got != 0 {
		t.Errorf("Zoho still knows %d refresh tokens", got)
	}
	// A token that Zoho forgot counts as revoked.
	gone := r.connect("bob", "bob")
	r.sim.RevokeUser("bob@example.com")
	if err := r.keeper.Revoke(r.ctx, oauth.Token{ID: gone.ID}); err != nil {
		t.Errorf("Revoke of what Zoho does not know: %v", err)
	}
}

func TestTheFourWaysIn(t *testing.T) {
	r := newRig(t)
	granted := r.connect("alice", "")
	if _, err := r.keeper.Token(r.ctx, oauth.Token{ID: granted.ID}); err != nil {
		t.Errorf("by ID: %v", err)
	}
	bob := r.connect("bob", "bob")
	other := newRig(t)
	other.sim, other.keeper = r.sim, r.keeper
	if err := r.store.DeleteAll(r.ctx); err != nil {
		t.Fatal(err)
	}
	byRefresh, err := r.again().Token(r.ctx, oauth.Token{
		ClientID: clientID, ClientSecret: oauth.NewSecret("sim"), RefreshToken: bob.RefreshToken, APIDomain: r.sim.URL,
	})
	if err != nil || byRefresh.AccessToken.IsZero() || len(r.all()) != 1 {
		t.Errorf("by refresh token: %v, %v", byRefresh, err)
	}
	alone := oauth.Token{AccessToken: granted.AccessToken, APIDomain: r.sim.URL}
	source := r.again().Source(alone)
	got, err := source.Token(r.ctx)
	if err != nil || got.AccessToken != granted.AccessToken || got.ID == "" {
		t.Errorf("by access token: %v, %v", got, err)
	}
	if _, err := source.Fresh(r.ctx, granted.AccessToken); !errors.Is(err, oauth.ErrReauthRequired) {
		t.Errorf("a refused access token without a refresh token: %v", err)
	}
	if _, err := r.again().Token(r.ctx, oauth.Token{UserName: "nobody"}); !errors.Is(err, oauth.ErrNotFound) {
		t.Errorf("an unknown user: %v", err)
	}
	if _, err := r.again().Token(r.ctx, oauth.Token{}); !errors.Is(err, oauth.ErrIncompleteKey) {
		t.Errorf("no key: %v", err)
	}
}

func TestTheStoredTokenComesBeforeTheCallersOld(t *testing.T) {
	r := newRig(t)
	old := r.connect("alice", "alice")
	r.sim.Advance(50 * time.Minute)
	now, err := r.keeper.Source(oauth.Token{UserName: "alice"}).Fresh(r.ctx, old.AccessToken)
	if err != nil {
		t.Fatal(err)
	}
	for _, partial := range []oauth.Token{{UserName: "alice", AccessToken: old.AccessToken}, old} {
		if got, err := r.again().Token(r.ctx, partial); err != nil || got.AccessToken != now.AccessToken {
			t.Errorf("%v was answered %v, %v", partial, got, err)
		}
	}
	r.wantMints(1, 1)
}

func TestLongWishes(t *testing.T) {
	r := newRig(t)
	r.connect("alice", "alice")
	var last oauth.Token
	for range 5 {
		got, err := r.keeper.TokenFor(r.ctx, oauth.Token{UserName: "alice"}, 24*time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		last = got
	}
	r.wantMints(1, 0)
	r.sim.Advance(40 * time.Minute)
	got, err := r.keeper.TokenFor(r.ctx, oauth.Token{UserName: "alice"}, 30*time.Minute)
	if err != nil || got.AccessToken == last.AccessToken {
		t.Errorf("a wish for 30 minutes with 20 left: %v, %v", got, err)
	}
	r.wantMints(1, 1)
}

func TestShortLivedTokens(t *testing.T) {
	r := newRig(t, func(s *sim.Config, _ *oauth.AccountsConfig, _ *oauth.KeeperConfig) { s.TokenLife = 20 * time.Second })
	r.connect("alice", "alice")
	for range 5 { // the margin of a minute is cut to a quarter of the life
		if _, err := r.keeper.Token(r.ctx, oauth.Token{UserName: "alice"}); err != nil {
			t.Fatal(err)
		}
	}
	r.wantMints(1, 0)
	r.sim.Advance(16 * time.Second)
	if _, err := r.keeper.Token(r.ctx, oauth.Token{UserName: "alice"}); err != nil {
		t.Fatal(err)
	}
	r.wantMints(1, 1)
}

func TestALogoutElsewhereIsNoticed(t *testing.T) {
	r := newRig(t)
	token := r.connect("alice", "alice")
	source := r.keeper.Source(oauth.Token{UserName: "alice"})
	if _, err := source.Token(r.ctx); err != nil {
		t.Fatal(err)
	}
	if err := r.store.Delete(r.ctx, token.ID, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := source.Token(r.ctx); err != nil {
		t.Errorf("within the recheck: %v", err)
	}
	r.sim.Advance(31 * time.Second)
	var err error
	for err == nil && r.ctx.Err() == nil { // the recheck runs in the background
		_, err = source.Token(r.ctx)
	}
	if !errors.Is(err, oauth.ErrNotFound) {
		t.Errorf("after the recheck: %v", err)
	}
}

func TestUntrustedHostsAreSentNothing(t *testing.T) {
	r := newRig(t)
	for _, evil := range []oauth.Token{
		{APIDomain: "https://evil.example"}, {AccountsURL: "https://evil.example"}, {AccountsURL: "http://accounts.zoho.com"},
	} {
		partial := r.code("alice")
		partial.APIDomain, partial.AccountsURL = evil.APIDomain, evil.AccountsURL
		if _, err := r.keeper.Token(r.ctx, partial); !errors.Is(err, dc.ErrUntrusted) {
			t.Errorf("%v: %v", evil, err)
		}
		planted := oauth.Token{UserName: "mallory", ClientID: clientID, RefreshToken: oauth.NewSecret("1000.r"), APIDomain: evil.APIDomain, AccountsURL: evil.AccountsURL}
		if _, err := r.store.Save(r.ctx, planted); err != nil {
			t.Fatal(err)
		}
		if _, err := r.keeper.Token(r.ctx, oauth.Token{UserName: "mallory"}); !errors.Is(err, dc.ErrUntrusted) {
			t.Errorf("stored %v: %v", evil, err)
		}
		if err := r.keeper.Revoke(r.ctx, oauth.Token{UserName: "mallory"}); !errors.Is(err, dc.ErrUntrusted) {
			t.Errorf("revoke of stored %v: %v", evil, err)
		}
		if err := r.store.DeleteAll(r.ctx); err != nil {
			t.Fatal(err)
		}
	}
	r.wantMints(0, 0)
}

func TestClose(t *testing.T) {
	r := newRig(t)
	k := r.again()
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Token(r.ctx, r.code("alice")); err == nil {
		t.Error("a closed Keeper answered")
	}
	r.wantMints(0, 0)
}
