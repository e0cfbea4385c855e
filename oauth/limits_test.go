package oauth_test

import (
	"errors"
	"testing"
	"time"

	"zohocrm/oauth"
	"zohocrm/sim"
)

// unlimited is a simulator that refuses nothing, so that our own limits show.
func unlimited(s *sim.Config, _ *oauth.AccountsConfig, _ *oauth.KeeperConfig) {
	none := sim.NoLimits()
	s.Limits = &none
}

// An access token that Zoho refuses before its time is renewed once a minute, by
// whichever program asks; who is refused for another reason spends no budget.
func TestARefusedTokenIsRenewedOnceAMinute(t *testing.T) {
	r := newRig(t, unlimited)
	old := r.connect("alice", "alice")
	alice := oauth.Token{UserName: "alice"}
	first := r.program(nil)
	fresh, err := first.Source(alice).Fresh(r.ctx, old.AccessToken)
	if err != nil || fresh.AccessToken == old.AccessToken {
		t.Fatal(fresh, err)
	}
	// Others who were refused the old one get the new one, at no price.
	for range 3 {
		if got, err := r.program(nil).Source(alice).Fresh(r.ctx, old.AccessToken); err != nil || got.AccessToken != fresh.AccessToken {
			t.Errorf("another program: %v, %v", got, err)
		}
	}
	r.wantMints(1, 1)
	minted := r.standing(old.SideKey()).Forced
	for _, p := range []*program{first, r.program(nil)} {
		for range 3 {
			_, err := p.Source(alice).Fresh(r.ctx, fresh.AccessToken)
			var throttled *oauth.ThrottledError
			if !errors.As(err, &throttled) || !throttled.RetryAt.Equal(minted.Add(time.Minute)) {
				t.Errorf("refused again within the minute: %v, want to be told %v", err, minted.Add(time.Minute))
			}
		}
		// Who does not complain is served.
		if got, err := p.Token(r.ctx, alice); err != nil || got.AccessToken != fresh.AccessToken {
			t.Errorf("Token: %v, %v", got, err)
		}
	}
	r.wantMints(1, 1)
	r.sim.Advance(61 * time.Second)
	if _, err := first.Source(alice).Fresh(r.ctx, fresh.AccessToken); err != nil {
		t.Errorf("a minute later: %v", err)
	}
	r.wantMints(1, 2)
}

// Of ten mints in ten minutes programs make nine, all together, and leave one to a
// person.
func TestTheBudgetIsShared(t *testing.T) {
	r := newRig(t, unlimited, func(s *sim.Config, _ *oauth.AccountsConfig, _ *oauth.KeeperConfig) { s.TokenLife = 30 * time.Second })
	row := r.connect("alice", "alice")
	alice := oauth.Token{UserName: "alice"}
	programs := []*program{r.program(nil), r.program(nil), r.program(nil)}
	for i := range 9 {
		r.sim.Advance(40 * time.Second)
		if _, err := programs[i%3].Token(r.ctx, alice); err != nil {
			t.Fatalf("mint %d: %v", i+1, err)
		}
	}
	r.wantMints(1, 9)
	oldest := r.standing(row.SideKey()).Mints[0]
	// A token that lives is served; of one that does not, the time is told.
	if _, err := programs[0].TokenFor(r.ctx, alice, 29*time.Second); err != nil {
		t.Errorf("while the token lives: %v", err)
	}
	r.sim.Advance(40 * time.Second)
	for _, p := range programs {
		_, err := p.Token(r.ctx, alice)
		var throttled *oauth.ThrottledError
		if !errors.As(err, &throttled) || !throttled.RetryAt.Equal(oldest.Add(10*time.Minute)) {
			t.Errorf("the tenth by itself: %v, want to be told %v", err, oldest.Add(10*time.Minute))
		}
	}
	r.wantMints(1, 9)
	if _, err := programs[0].Refresh(r.ctx, alice); err != nil {
		t.Errorf("the tenth by hand: %v", err)
	}
	if _, err := programs[1].Refresh(r.ctx, alice); !errors.Is(err, oauth.ErrThrottled) {
		t.Errorf("the eleventh by hand: %v", err)
	}
	r.wantMints(1, 10)
	r.sim.Advance(oldest.Add(10*time.Minute + time.Second).Sub(r.sim.Now()))
	if _, err := programs[2].Token(r.ctx, alice); !errors.Is(err, oauth.ErrThrottled) {
		t.Errorf("when one of ten is forgotten, nine count: %v", err)
	}
	r.sim.Advance(40 * time.Second)
	if _, err := programs[2].Token(r.ctx, alice); err != nil {
		t.Errorf("when two are forgotten: %v", err)
	}
}

// A person's wish is carried out although the token is good, although a failure is
// noted, and although the credential is known as dead; and it clears what was
// noted.
func TestRefreshByHand(t *testing.T) {
	r := newRig(t)
	old := r.connect("alice", "alice")
	alice := oauth.Token{UserName: "alice"}
	p := r.program(nil)
	got, err := p.Refresh(r.ctx, alice)
	if err != nil || got.AccessToken == old.AccessToken || !got.Valid(r.sim.Now(), 59*time.Minute) {
		t.Fatalf("Refresh of a good token: %v, %v", got, err)
	}
	if seen, err := r.program(nil).Token(r.ctx, alice); err != nil || seen.AccessToken != got.AccessToken {
		t.Errorf("others have %v, %v", seen, err)
	}
	r.wantMints(1, 1)
	r.sim.Advance(2 * time.Hour)
	r.sim.Inject(failing(sim.FaultStatus500, "refresh"))
	if _, err := p.Token(r.ctx, alice); !errors.Is(err, oauth.ErrOutcomeUnknown) {
		t.Fatal(err)
	}
	if got, err = p.Refresh(r.ctx, alice); err != nil {
		t.Errorf("Refresh after a failure: %v", err)
	}
	p.Close() // the success is noted off the caller's path
	if s := r.standing(old.SideKey()); s.State != oauth.Usable || s.Failures != 0 {
		t.Errorf("after a person's success there stands %s", s.Text())
	}
	p = r.program(nil)
	r.sim.Advance(2 * time.Hour)
	r.sim.RevokeUser("alice@example.com")
	if _, err := p.Token(r.ctx, alice); !errors.Is(err, oauth.ErrReauthRequired) {
		t.Fatal(err)
	}
	asked := r.sim.Counters().TokenRequests
	for _, c := range []struct {
		by    func() error
		costs int64
	}{
		{func() error { _, err := p.Token(r.ctx, alice); return err }, 0},
		{func() error { _, err := p.Refresh(r.ctx, alice); return err }, 1},
		{func() error { _, err := p.Token(r.ctx, alice); return err }, 1},
	} {
		if err := c.by(); !errors.Is(err, oauth.ErrReauthRequired) {
			t.Errorf("of a dead credential: %v", err)
		}
		if n := r.sim.Counters().TokenRequests - asked; n != c.costs {
			t.Errorf("Zoho was asked %d times, want %d", n, c.costs)
		}
	}
	if _, err := p.Refresh(r.ctx, oauth.Token{UserName: "nobody"}); !errors.Is(err, oauth.ErrNotFound) {
		t.Errorf("Refresh of nobody: %v", err)
	}
}

// limited is a program with session limits.
func (r *rig) limited(idle, age time.Duration) *program {
	return r.program(nil, func(k *oauth.KeeperConfig, _ *oauth.AccountsConfig) { k.MaxIdle, k.MaxAge = idle, age })
}

func TestMaxIdle(t *testing.T) {
	r := newRig(t)
	r.connect("alice", "alice")
	alice := oauth.Token{UserName: "alice"}
	for range 5 { // used every four hours, for twenty
		r.sim.Advance(4 * time.Hour)
		p := r.limited(5*time.Hour, 0)
		if _, err := p.Token(r.ctx, alice); err != nil {
			t.Fatal(err)
		}
		p.Close() // the use is noted off the caller's path
	}
	asked := r.sim.Counters().TokenRequests
	r.sim.Advance(6*time.Hour + time.Second) // use is noted once an hour
	if _, err := r.limited(5*time.Hour, 0).Token(r.ctx, alice); !errors.Is(err, oauth.ErrReauthRequired) {
		t.Errorf("after six idle hours: %v", err)
	}
	if n := r.sim.Counters().TokenRequests; n != asked {
		t.Error("Zoho was asked for the token of who is idle")
	}
	if _, err := r.program(nil).Token(r.ctx, alice); err != nil {
		t.Errorf("a program without the limit: %v", err)
	}
}

func TestMaxAge(t *testing.T) {
	r := newRig(t)
	r.connect("alice", "alice")
	alice := oauth.Token{UserName: "alice"}
	p := r.limited(0, 24*time.Hour)
	source := p.Source(alice)
	for range 11 {
		r.sim.Advance(2 * time.Hour)
		if _, err := source.Token(r.ctx); err != nil {
			t.Fatal(err)
		}
	}
	r.sim.Advance(3 * time.Hour)
	if _, err := source.Token(r.ctx); !errors.Is(err, oauth.ErrReauthRequired) {
		t.Errorf("25 hours after the login: %v", err)
	}
	r.connect("alice", "alice")
	if _, err := source.Token(r.ctx); err != nil {
		t.Errorf("after a new login: %v", err)
	}
}

// Zoho keeps twenty refresh tokens of a user and client, and deletes the oldest
// without a word: from fifteen on it is said.
func TestManyLoginsAreWarnedOf(t *testing.T) {
	const warning = "many refresh tokens"
	r := newRig(t, unlimited)
	for range 14 {
		r.connect("alice", "alice")
	}
	bob := r.connect("bob", "bob")
	r.keeper.Close()
	key := oauth.LoginsKey("alice", clientID)
	if n := r.standing(key).Logins; n != 14 || r.log.contains(warning) {
		t.Errorf("%d logins are counted, and warned is %v", n, r.log.contains(warning))
	}
	r.keeper = r.over(r.store, r.sim.Now)
	r.connect("alice", "alice")
	if err := r.keeper.Revoke(r.ctx, bob); err != nil {
		t.Fatal(err)
	}
	r.keeper.Close()
	if n := r.standing(key).Logins; n != 15 {
		t.Errorf("%d logins are counted, want 15", n)
	}
	if n := r.standing(oauth.LoginsKey("bob", clientID)).Logins; n != 0 {
		t.Errorf("%d logins of a user are counted who was revoked", n)
	}
}

// The fifteenth login says so in the log.
func TestTheFifteenthLoginIsWarnedOf(t *testing.T) {
	r := newRig(t, unlimited)
	count := oauth.Lease{Key: oauth.LoginsKey("alice", clientID)}
	for range 14 { // made elsewhere
		if err := r.store.Settle(r.ctx, count, oauth.Outcome{Kind: oauth.Joined}); err != nil {
			t.Fatal(err)
		}
	}
	r.connect("alice", "alice")
	r.keeper.Close()
	if !r.log.contains("many refresh tokens") || !r.log.contains("logins=15") {
		t.Error("nothing was said")
	}
}
