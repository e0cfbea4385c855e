package oauth_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"zohocrm/oauth"
	"zohocrm/sim"
)

// after Revoke returned, this Keeper answers no more, although a refresh was in
// flight and Zoho could not be told.
func TestRevokeStandsWhileZohoIsAway(t *testing.T) {
	r := newRig(t)
	r.connect("alice", "alice")
	p := r.program(nil)
	source := p.Source(oauth.Token{UserName: "alice"})
	r.sim.Advance(2 * time.Hour)
	g := newGate()
	p.line.hook(nil, g.pass)
	got := make(chan error, 1)
	go func() { _, err := source.Token(r.ctx); got <- err }()
	g.reached(t)
	r.sim.Inject(failing(sim.FaultStatus500, "revoke"))
	if err := p.Revoke(r.ctx, oauth.Token{UserName: "alice"}); err == nil {
		t.Fatal("Zoho was away")
	}
	close(g.open)
	t.Log("the refresh in flight:", <-got)
	if tok, err := source.Token(r.ctx); err == nil {
		t.Errorf("after Revoke returned, the source answers %v", tok)
	}
}

// other programs that are in use notice within Recheck (30 s), also when Zoho
// could not be told and the row stays.
func TestARevocationIsNoticedInTime(t *testing.T) {
	inBubble(t, func(b *bubble) {
		k := b.program()
		b.connect(k, "alice", "alice")
		source := b.program().Source(oauth.Token{UserName: "alice"})
		if _, err := source.Token(context.Background()); err != nil {
			t.Fatal(err)
		}
		b.sim.Inject(sim.Fault{Kind: sim.FaultStatus500, Match: "revoke", Count: -1})
		if err := k.Revoke(context.Background(), oauth.Token{UserName: "alice"}); err == nil {
			t.Fatal("Zoho was away")
		}
		var last time.Duration
		began := time.Now()
		b.passes(2*time.Minute, time.Second, func() {
			if _, err := source.Token(context.Background()); err == nil {
				last = time.Since(began)
			}
		})
		if last > 31*time.Second {
			t.Errorf("answered for %v after Revoke returned, want 30 s", last)
		}
	})
}

// the retry of a revocation survives a program that ends at once.
func TestAShortProgramTellsZoho(t *testing.T) {
	r := newRig(t)
	r.connect("alice", "alice")
	r.zohoAway()
	if err := r.keeper.Revoke(r.ctx, oauth.Token{UserName: "alice"}); err == nil {
		t.Fatal("Zoho is away")
	}
	r.sim.ClearFaults()
	for range 5 { // zcrm token get, five times in a day
		r.sim.Advance(5 * time.Hour)
		k := r.program(nil)
		k.Token(r.ctx, oauth.Token{UserName: "alice"})
		k.Close()
	}
	if n := r.sim.Counters().Revokes; n != 1 {
		t.Errorf("Zoho was told %d times, want once", n)
	}
}

// who is killed between the mark and the request leaves a revocation that
// nobody tells Zoho.
func TestAMarkedRevocationIsTold(t *testing.T) {
	r := newRig(t)
	row := r.connect("alice", "alice")
	if err := r.store.Settle(r.ctx, oauth.Lease{Key: row.SideKey()}, oauth.Outcome{Kind: oauth.Withdrawn, Err: oauth.ErrOutcomeUnknown}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		r.sim.Advance(24 * time.Hour)
		k := r.program(nil)
		if _, err := k.Token(r.ctx, oauth.Token{UserName: "alice"}); !errors.Is(err, oauth.ErrReauthRequired) && !errors.Is(err, oauth.ErrNotFound) {
			t.Errorf("Token: %v", err)
		}
		k.Close()
	}
	if n := r.sim.Counters().Revokes; n != 1 {
		t.Errorf("Zoho was told %d times in three days, want once", n)
	}
}

// who calls every two minutes gets refreshes ahead, too.
func TestRareCallersRefreshAhead(t *testing.T) {
	r := newRig(t)
	old := r.connect("alice", "alice")
	p := r.program(nil)
	source := p.Source(oauth.Token{UserName: "alice"})
	g := newGate()
	waited := 0
	p.line.hook(func() error { g.once.Do(func() { close(g.come) }); return nil }, nil)
	for range 29 { // 58 minutes
		if got, err := source.Token(r.ctx); err != nil || got.AccessToken != old.AccessToken {
			waited++
		}
		r.sim.Advance(2 * time.Minute)
	}
	select {
	case <-g.come:
	case <-time.After(10 * time.Second):
		t.Error("two minutes before its end nobody has begun to refresh the token, though it was asked for every two minutes")
	}
}

// a user who is active all the time is not idle.
func TestAnActiveUserIsNotIdle(t *testing.T) {
	r := newRig(t)
	r.connect("alice", "alice")
	p := r.program(nil, func(k *oauth.KeeperConfig, _ *oauth.AccountsConfig) { k.MaxIdle = 30 * time.Minute; k.Ahead = -1 })
	for i := range 55 {
		if _, err := p.Token(r.ctx, oauth.Token{UserName: "alice"}); err != nil {
			t.Fatalf("after %d minutes of calls each minute: %v", i, err)
		}
		r.sim.Advance(61 * time.Second)
	}
}

// that a person's attempt could not reach Zoho does not make a dead credential
// worth asking for again.
func TestDeadStaysDead(t *testing.T) {
	r := newRig(t)
	row := r.connect("alice", "alice")
	r.sim.RevokeUser("alice@example.com")
	r.sim.Advance(2 * time.Hour)
	p := r.program(nil)
	p.Token(r.ctx, oauth.Token{UserName: "alice"})
	if s := r.standing(row.SideKey()); s.State != oauth.Dead {
		t.Fatal(s.Text())
	}
	p.line.hook(func() error { return errors.New("no route to host") }, nil)
	if _, err := p.Refresh(context.Background(), oauth.Token{UserName: "alice"}); !errors.Is(err, oauth.ErrUnreachable) {
		t.Fatal(err)
	}
	if s := r.standing(row.SideKey()); s.State != oauth.Dead {
		t.Errorf("there stands %s", s.Text())
	}
}
