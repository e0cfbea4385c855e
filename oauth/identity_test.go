package oauth_test

import (
	"errors"
	"testing"
	"time"

	"zohocrm/oauth"
	"zohocrm/sim"
)

func TestALookDoesNotUndoALoginMadeElsewhere(t *testing.T) {
	r := newRig(t)
	one := r.connect("alice", "alice")
	source := r.keeper.Source(byRefresh("alice", one.RefreshToken))
	if _, err := source.Token(r.ctx); err != nil {
		t.Fatal(err)
	}
	p := r.code("alice")
	p.UserName = "alice"
	two, err := r.again().Connect(r.ctx, oauth.Login{Token: p})
	if err != nil {
		t.Fatal(err)
	}
	r.sim.Advance(2 * time.Hour)
	source.Token(r.ctx)
	if row, _ := r.store.Get(r.ctx, one.ID); row.RefreshToken != two.RefreshToken {
		t.Error("the refresh token of the newer login is gone from the store")
	}
}

func TestALookDoesNotBringADeletedRowBack(t *testing.T) {
	r := newRig(t)
	one := r.connect("alice", "alice")
	source := r.keeper.Source(byRefresh("alice", one.RefreshToken))
	if _, err := source.Token(r.ctx); err != nil {
		t.Fatal(err)
	}
	if err := r.store.Delete(r.ctx, one.ID, ""); err != nil {
		t.Fatal(err)
	}
	r.sim.Advance(2 * time.Hour)
	if _, err := source.Token(r.ctx); !errors.Is(err, oauth.ErrNotFound) || len(r.all()) != 0 {
		t.Errorf("Token: %v; stored %v", err, r.all())
	}
}

func TestASourceBoundByItsCodeOutlivesALoginElsewhere(t *testing.T) {
	r := newRig(t)
	p, q := r.code("alice"), r.code("alice")
	p.UserName, q.UserName = "alice", "alice"
	source := r.keeper.Source(p)
	if _, err := source.Token(r.ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := r.again().Connect(r.ctx, oauth.Login{Token: q}); err != nil {
		t.Fatal(err)
	}
	r.sim.Advance(2 * time.Hour)
	if _, err := source.Token(r.ctx); err != nil {
		t.Errorf("alice has a good row, and this Source is dead: %v", err)
	}
}

func TestATokenAnsweredEarlierIsNoLogin(t *testing.T) {
	for _, grant := range []bool{true, false} {
		r := newRig(t)
		one := r.connect("alice", "alice")
		two := r.connect("alice", "alice")
		if !grant {
			one.GrantToken = oauth.Secret{}
		}
		_, err := r.keeper.Token(r.ctx, one)
		if row, _ := r.store.Get(r.ctx, one.ID); err != nil || row.RefreshToken != two.RefreshToken {
			t.Errorf("with grant %v: Token: %v; the newer login kept: %v", grant, err, row.RefreshToken == two.RefreshToken)
		}
	}
}

func TestAMismatchSpendsNoQuota(t *testing.T) {
	r := newRig(t)
	bob := r.connect("bob", "bob")
	for range 5 {
		if _, err := r.keeper.Token(r.ctx, byRefresh("bobby", bob.RefreshToken)); !errors.Is(err, oauth.ErrMismatch) {
			t.Fatal(err)
		}
	}
	r.wantMints(1, 0)
}

func TestAFailedLoginIsNotRepeatedAtOnce(t *testing.T) {
	r := newRig(t)
	bad := r.code("alice")
	bad.GrantToken = oauth.NewSecret("1000.spent")
	for _, p := range []oauth.Token{bad, byRefresh("", oauth.NewSecret("1000.revoked"))} {
		before := r.sim.Counters().TokenRequests
		for range 10 {
			r.keeper.Token(r.ctx, p)
		}
		if n := r.sim.Counters().TokenRequests - before; n > 1 {
			t.Errorf("%d requests for ten calls", n)
		}
	}
}

func TestNobodyTakesARowWhileZohoHasTrouble(t *testing.T) {
	for _, kind := range []sim.FaultKind{sim.FaultStatus500, sim.FaultThrottle200, sim.FaultDropBefore} {
		w := &who{}
		r := newRig(t, w.setup)
		alice, err := r.login(w.code(r, "alice", "sales"), false)
		if err != nil {
			t.Fatal(err)
		}
		r.sim.Advance(2 * time.Hour)
		r.sim.Inject(failing(kind, "refresh")) // the comparison needs alice's token
		_, err = r.login(w.code(r, "bob", "sales"), false)
		if row, _ := r.store.Get(r.ctx, alice.ID); err == nil || row.RefreshToken != alice.RefreshToken {
			t.Errorf("%s: bob took alice's row: %v", kind, err)
		}
	}
}

func TestNobodyTakesARowWhenNobodyCanTell(t *testing.T) {
	for _, mode := range []string{"NameUser fails for bob", "NameUser fails for alice"} {
		w := &who{}
		r := newRig(t, w.setup)
		a, b := w.code(r, "alice", "sales"), w.code(r, "bob", "sales")
		alice, err := r.login(a, false)
		if err != nil {
			t.Fatal(err)
		}
		switch mode {
		case "NameUser fails for bob":
			w.Delete(b.GrantToken)
		case "NameUser fails for alice":
			w.Delete(a.GrantToken)
		}
		_, err = r.login(b, false)
		if row, _ := r.store.Get(r.ctx, alice.ID); row.RefreshToken != alice.RefreshToken {
			t.Errorf("%s: bob took alice's row: %v; alice's refresh token is nowhere any more", mode, err)
		}
	}
}

func TestTwoPeopleAtOnceUnderOneName(t *testing.T) {
	w := &who{}
	r, h := newHooked(t, w.setup)
	var alice oauth.Token
	other := r.again()
	a := w.code(r, "alice", "sales")
	h.found = first(func() { // bob has looked for "sales" in vain; now alice logs in
		var err error
		if alice, err = other.Connect(r.ctx, oauth.Login{Token: a}); err != nil {
			t.Error(err)
		}
	})
	_, err := r.login(w.code(r, "bob", "sales"), false)
	if row, _ := r.store.Find(r.ctx, oauth.Token{UserName: "sales"}); row.RefreshToken != alice.RefreshToken {
		t.Errorf("bob took alice's row: %v", err)
	}
}

func TestACloseInMidLoginOpensNoDoor(t *testing.T) {
	w := &who{}
	r := newRig(t, w.setup)
	alice, err := r.login(w.code(r, "alice", "sales"), false)
	if err != nil {
		t.Fatal(err)
	}
	r.sim.Advance(59*time.Minute + 59500*time.Millisecond)
	b := w.code(r, "bob", "sales")
	asked, goOn := make(chan struct{}), make(chan struct{})
	w.Store(b.GrantToken, func() string { close(asked); <-goOn; return "bob@example.com:1" })
	done, closed := make(chan error, 1), make(chan error, 1)
	go func() { _, err := r.login(b, false); done <- err }()
	<-asked
	go func() { closed <- r.keeper.Close() }()
	for err = oauth.ErrNotFound; errors.Is(err, oauth.ErrNotFound); { // until it takes no more work
		_, err = r.keeper.Token(r.ctx, oauth.Token{UserName: "nobody"})
	}
	close(goOn)
	err = <-done
	<-closed
	if row, _ := r.store.Get(r.ctx, alice.ID); row.RefreshToken != alice.RefreshToken {
		t.Errorf("bob took alice's row: %v", err)
	}
}

func TestALoginWithoutARefreshTokenMixesNobody(t *testing.T) {
	for _, replace := range []bool{false, true} {
		r := newRig(t)
		r.connect("alice", "sales")
		no := false
		code, err := r.sim.Server.Grant(sim.GrantRequest{User: "bob", Offline: &no})
		if err != nil {
			t.Fatal(err)
		}
		p := oauth.Token{UserName: "sales", ClientID: clientID, ClientSecret: oauth.NewSecret("sim"), GrantToken: oauth.NewSecret(code)}
		if _, err := r.login(p, replace); err != nil {
			continue
		}
		source := r.keeper.Source(oauth.Token{UserName: "sales"})
		now, err := source.Token(r.ctx)
		if err != nil {
			t.Fatal(err)
		}
		r.sim.Advance(61 * time.Minute)
		before := "bob@example.com"
		if later, err := source.Token(r.ctx); err == nil && r.whose(later.AccessToken) != before {
			t.Errorf("replace=%v: %q was %s and is %s an hour later", replace, "sales", before, r.whose(later.AccessToken))
		}
		_ = now
	}
}

func TestARefusedLoginLosesNothing(t *testing.T) {
	w := &who{}
	r := newRig(t, w.setup)
	bob := r.connect("bob", "") // nameless: nobody could tell
	w.Store(bob.GrantToken, "bob@example.com:1")
	if _, err := r.login(w.code(r, "alice", "alice@example.com:1"), false); err != nil {
		t.Fatal(err)
	}
	if got, err := r.keeper.Token(r.ctx, byRefresh("alice@example.com:1", bob.RefreshToken)); err != nil || got.RefreshToken == bob.RefreshToken {
		t.Errorf("alice's name with bob's token: %v, %v", got, err)
	}
	if _, err := r.store.Get(r.ctx, bob.ID); err != nil {
		t.Errorf("bob's row, which stood before, was deleted: %v", err)
	}
	if n := r.sim.Counters().LiveRefreshTokens; n != 2 {
		t.Errorf("%d refresh tokens alive: bob's, which this login did not make, was revoked", n)
	}
}
