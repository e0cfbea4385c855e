package oauth_test

import (
	"errors"
	"testing"
	"time"

	"zohocrm/oauth"
	"zohocrm/sim"
)

// zohoAway makes Zoho answer no revocation until the faults are cleared.
func (r *rig) zohoAway() {
	r.sim.Inject(sim.Fault{Kind: sim.FaultStatus500, Match: "revoke", Count: -1})
}

// The mark comes first: while Zoho is being told, nobody gets the token any more.
func TestRevokeStopsUseBeforeZohoKnows(t *testing.T) {
	r := newRig(t)
	row := r.connect("alice", "alice")
	p, g := r.program(nil), newGate()
	p.line.hookPath("/token/revoke", g.pass, nil)
	done := make(chan error, 1)
	go func() { done <- p.Revoke(r.ctx, oauth.Token{UserName: "alice"}) }()
	g.reached(t)
	if s := r.standing(row.SideKey()); s.State != oauth.Ended {
		t.Errorf("while Zoho is told there stands %s", s.Text())
	}
	if n := r.sim.Counters().Revokes; n != 0 {
		t.Fatalf("Zoho knows already (%d)", n)
	}
	r.sim.Advance(10 * time.Second) // later, others would tell Zoho in its place
	for name, other := range map[string]*oauth.Keeper{"another program": r.program(nil).Keeper, "the same": p.Keeper} {
		if got, err := other.Token(r.ctx, oauth.Token{UserName: "alice"}); !errors.Is(err, oauth.ErrReauthRequired) {
			t.Errorf("%s: Token = %v, %v", name, got, err)
		}
		if got, err := other.Refresh(r.ctx, oauth.Token{UserName: "alice"}); !errors.Is(err, oauth.ErrReauthRequired) {
			t.Errorf("%s: Refresh by hand = %v, %v", name, got, err)
		}
	}
	close(g.open)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if all := r.all(); len(all) != 0 {
		t.Errorf("stored: %v", all)
	}
	r.wantMints(1, 0)
}

// While Zoho cannot be told the row stays, marked, for every program and after
// every restart, and it is told later, once.
func TestRevokeHoldsUntilZohoIsTold(t *testing.T) {
	r := newRig(t)
	row := r.connect("alice", "alice")
	r.zohoAway()
	if err := r.keeper.Revoke(r.ctx, oauth.Token{UserName: "alice"}); !errors.Is(err, oauth.ErrOutcomeUnknown) {
		t.Errorf("Revoke while Zoho is away: %v", err)
	}
	s := r.standing(row.SideKey())
	if all := r.all(); len(all) != 1 || s.State != oauth.Ended || s.Next.IsZero() || s.Class != oauth.ClassOf(oauth.ErrOutcomeUnknown) {
		t.Errorf("stored: %v; there stands %s", all, s.Text())
	}
	told := make(heard, 10)
	asks := func(tells bool) {
		t.Helper()
		p := r.program(nil, told.watched)
		if got, err := p.Token(r.ctx, oauth.Token{UserName: "alice"}); !errors.Is(err, oauth.ErrReauthRequired) {
			t.Errorf("Token = %v, %v", got, err)
		}
		if tells {
			told.wait(t, oauth.EventRevoke)
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
	tries := r.sim.Counters().Faults
	asks(false) // it is not time yet
	if n := r.sim.Counters().Faults; n != tries {
		t.Error("Zoho was told again at once")
	}
	r.sim.Advance(s.Next.Sub(r.sim.Now()) + time.Second)
	asks(true) // it is, and Zoho is still away
	if n := r.sim.Counters().Faults; n != tries+1 {
		t.Errorf("Zoho was told %d times more, want once", n-tries)
	}
	if again := r.standing(row.SideKey()); !again.Next.After(s.Next) || again.Failures != s.Failures+1 || !again.Since.Equal(s.Since) {
		t.Errorf("after the second attempt there stands %s, after the first %s", again.Text(), s.Text())
	}
	r.sim.ClearFaults()
	r.sim.Advance(time.Hour)
	asks(true)
	if all := r.all(); len(all) != 0 {
		t.Errorf("Zoho is back, and stored is %v", all)
	}
	if n := r.sim.Counters().Revokes; n != 1 {
		t.Errorf("Zoho was told %d times", n)
	}
	// It can be said by hand at any time, and the mark outlives the row.
	if err := r.keeper.Revoke(r.ctx, oauth.Token{UserName: "alice"}); !errors.Is(err, oauth.ErrNotFound) {
		t.Errorf("Revoke of a user who is gone: %v", err)
	}
	if s := r.standing(row.SideKey()); s.State != oauth.Ended {
		t.Errorf("after the row went there stands %s", s.Text())
	}
}

// Calling Revoke again tells Zoho at once.
func TestRevokeAgainByHand(t *testing.T) {
	r := newRig(t)
	r.connect("alice", "alice")
	r.zohoAway()
	if err := r.keeper.Revoke(r.ctx, oauth.Token{UserName: "alice"}); err == nil {
		t.Fatal("Zoho is away")
	}
	r.sim.ClearFaults()
	if err := r.program(nil).Revoke(r.ctx, oauth.Token{UserName: "alice"}); err != nil {
		t.Fatal(err)
	}
	if n := r.sim.Counters().Revokes; n != 1 || len(r.all()) != 0 {
		t.Errorf("Zoho was told %d times; stored: %v", n, r.all())
	}
}

// A refresh that was under way cannot bring a revoked row back, wherever it was.
func TestARefreshInFlightDoesNotUndoARevocation(t *testing.T) {
	for name, hold := range map[string]func(l *line, g *gate){
		"before Zoho has heard of it": func(l *line, g *gate) { l.hook(g.pass, nil) },
		"after Zoho has answered":     func(l *line, g *gate) { l.hook(nil, g.pass) },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			row := r.connect("alice", "alice")
			r.sim.Advance(2 * time.Hour)
			p, g := r.program(nil), newGate()
			hold(p.line, g)
			got := r.asks(p, oauth.Token{UserName: "alice"})
			g.reached(t)
			if err := r.program(nil).Revoke(r.ctx, oauth.Token{UserName: "alice"}); err != nil {
				t.Fatal(err)
			}
			close(g.open)
			if a := <-got; a.err == nil {
				t.Errorf("the refresh answers %v", a.token)
			}
			if all := r.all(); len(all) != 0 {
				t.Errorf("the row is back: %v", all)
			}
			if _, err := r.program(nil).Token(r.ctx, oauth.Token{UserName: "alice"}); !errors.Is(err, oauth.ErrNotFound) {
				t.Errorf("afterwards: %v", err)
			}
			if s := r.standing(row.SideKey()); s.State != oauth.Ended || s.Owner != "" {
				t.Errorf("there stands %s", s.Text())
			}
		})
	}
}

// What an SDK's stale copy brings back is still known as revoked.
func TestARevokedRowThatComesBackIsRefused(t *testing.T) {
	r := newRig(t)
	row := r.connect("alice", "alice")
	r.zohoAway()
	if err := r.keeper.Revoke(r.ctx, oauth.Token{UserName: "alice"}); err == nil {
		t.Fatal("Zoho is away")
	}
	if err := r.store.DeleteAll(r.ctx); err != nil {
		t.Fatal(err)
	}
	row.ID, row.Version = "", ""
	if _, err := r.store.Save(r.ctx, row); err != nil {
		t.Fatal(err)
	}
	if got, err := r.program(nil).Token(r.ctx, oauth.Token{UserName: "alice"}); !errors.Is(err, oauth.ErrReauthRequired) {
		t.Errorf("a row that was revoked: %v, %v", got, err)
	}
	// A new login is not concerned.
	if got := r.connect("alice", "alice"); got.RefreshToken == row.RefreshToken {
		t.Fatal("the same refresh token")
	}
	if _, err := r.program(nil).Token(r.ctx, oauth.Token{UserName: "alice"}); err != nil {
		t.Errorf("after a new login: %v", err)
	}
}
