package oauth_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"zohocrm/oauth"
	"zohocrm/sim"
)

func TestAnUnsavedLoginIsNotLostWithItsWaiter(t *testing.T) {
	r, h := newHooked(t)
	in, out := make(chan struct{}), make(chan struct{})
	var once sync.Once
	h.save = func(oauth.Token) error {
		once.Do(func() { close(in) })
		<-out
		return oauth.ErrStoreUnavailable
	}
	ctx, cancel := context.WithCancel(r.ctx)
	done := make(chan error)
	p := r.code("alice")
	go func() { _, err := r.keeper.Token(ctx, p); done <- err }()
	<-in
	cancel() // the browser's user pressed Stop
	err := <-done
	close(out)
	defer h.back()
	var unsaved *oauth.UnsavedError
	if cerr := r.keeper.Close(); !errors.As(err, &unsaved) && !errors.As(cerr, &unsaved) && len(r.all()) == 0 {
		t.Errorf("a refresh token was issued and nobody has it: Token %v, Close %v", err, cerr)
	}
}

func TestAnUnsavedRefreshOutlivesItsLook(t *testing.T) {
	r, h := newHooked(t, func(_ *sim.Config, _ *oauth.AccountsConfig, k *oauth.KeeperConfig) {
		k.Timeout = 300 * time.Millisecond
	})
	old := r.connect("alice", "alice")
	r.sim.Advance(2 * time.Hour)
	h.away()
	h.set(func(h *hooked) { h.find = first(func() { time.Sleep(200 * time.Millisecond) }) }) // a slow store: the refresh begins late
	r.sim.Inject(sim.Fault{Kind: sim.FaultDelay, Match: "refresh", Delay: 200 * time.Millisecond})
	saving := make(chan struct{})
	var once sync.Once
	h.set(func(h *hooked) {
		h.save = func(oauth.Token) error {
			once.Do(func() { close(saving) })
			return oauth.ErrStoreUnavailable
		}
	})
	_, err := r.keeper.Token(r.ctx, oauth.Token{UserName: "alice"})
	<-saving
	h.back()
	cerr := r.keeper.Close()
	if row, _ := r.store.Get(r.ctx, old.ID); row.AccessToken == old.AccessToken && cerr == nil {
		t.Errorf("the refreshed token is neither saved nor reported: Token %v, Close %v", err, cerr)
	}
}

func TestAnUnsavedTokenOutlivesTheCache(t *testing.T) {
	r, h := newHooked(t, func(_ *sim.Config, _ *oauth.AccountsConfig, k *oauth.KeeperConfig) { k.CacheSize = 1 })
	old := r.connect("alice", "alice")
	r.sim.Advance(2 * time.Hour)
	h.away()
	got, err := r.keeper.Token(r.ctx, oauth.Token{UserName: "alice"})
	if err != nil {
		t.Fatal(err)
	}
	r.keeper.Source(oauth.Token{UserName: "bob"})
	h.back()
	cerr := r.keeper.Close()
	if row, _ := r.store.Get(r.ctx, old.ID); row.AccessToken != got.AccessToken && cerr == nil {
		t.Error("neither saved nor reported")
	}
}

func TestASlowLookDoesNotPutTheOlderTokenBack(t *testing.T) {
	r, h := newHooked(t)
	old := r.connect("alice", "alice")
	source := r.keeper.Source(oauth.Token{UserName: "alice"})
	in, out, slow := make(chan struct{}), make(chan struct{}), make(chan error)
	h.set(func(h *hooked) { h.found = first(func() { close(in); <-out }) })
	go func() { _, err := source.Token(r.ctx); slow <- err }()
	<-in
	h.away()
	fresh, err := source.Fresh(r.ctx, old.AccessToken)
	if err != nil {
		t.Fatal(err)
	}
	close(out)
	<-slow
	if now, err := source.Token(r.ctx); err != nil || now.AccessToken != fresh.AccessToken {
		t.Errorf("the refused token is answered again: %v", err)
	}
	h.back()
	cerr := r.keeper.Close()
	if row, _ := r.store.Get(r.ctx, old.ID); row.AccessToken != fresh.AccessToken && cerr == nil {
		t.Error("the unsaved token is neither saved nor reported")
	}
}

func TestOneRefreshWhileTheStoreCannotBeWritten(t *testing.T) {
	r, h := newHooked(t)
	old := r.connect("alice", "alice")
	r.sim.Advance(2 * time.Hour)
	h.away()
	for _, p := range []oauth.Token{{UserName: "alice"}, {ID: old.ID}, {RefreshToken: old.RefreshToken}, {UserName: "alice", ClientID: clientID}} {
		if _, err := r.keeper.Token(r.ctx, p); err != nil {
			t.Fatal(err)
		}
	}
	r.wantMints(1, 1)
	h.back()
}

func TestAnUnsavedTokenIsRenewedInTime(t *testing.T) {
	r, h := newHooked(t)
	r.connect("alice", "alice")
	source := r.keeper.Source(oauth.Token{UserName: "alice"})
	r.sim.Advance(2 * time.Hour)
	h.away()
	if _, err := source.Token(r.ctx); err != nil {
		t.Fatal(err)
	}
	r.sim.Advance(59*time.Minute + 57*time.Second)
	if got, err := source.Token(r.ctx); err != nil || got.Expiry.Sub(r.sim.Now()) < 30*time.Second {
		t.Errorf("answered with %s left, MinLife is a minute: %v", got.Expiry.Sub(r.sim.Now()), err)
	}
	h.back()
}

func TestCloseIsFineWhenTheRowWent(t *testing.T) {
	r, h := newHooked(t)
	old := r.connect("alice", "alice")
	r.sim.Advance(2 * time.Hour)
	h.away()
	if _, err := r.keeper.Token(r.ctx, oauth.Token{UserName: "alice"}); err != nil {
		t.Fatal(err)
	}
	h.back()
	if err := r.store.Delete(r.ctx, old.ID, ""); err != nil {
		t.Fatal(err)
	}
	if err := r.keeper.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

// 6: what others did while a refresh was on its way
func duringRefresh(t *testing.T, meddle func(*rig)) (r *rig, old, got oauth.Token, err error) {
	r, h := newHooked(t)
	old = r.connect("alice", "alice")
	r.sim.Advance(2 * time.Hour)
	h.set(func(h *hooked) { h.save = first(func() { meddle(r) }) })
	got, err = r.keeper.Token(r.ctx, oauth.Token{ID: old.ID})
	return r, old, got, err
}

func TestAnAdoptedRowMustHoldAToken(t *testing.T) {
	_, _, got, err := duringRefresh(t, func(r *rig) { r.store.Save(r.ctx, oauth.Token{ID: "1", RefreshToken: oauth.NewSecret("new")}) })
	if err == nil && got.AccessToken.IsZero() {
		t.Error("Token answered no access token and no error")
	}
}

func TestANewClientSecretStays(t *testing.T) {
	r, old, _, err := duringRefresh(t, func(r *rig) { r.store.Save(r.ctx, oauth.Token{ID: "1", ClientSecret: oauth.NewSecret("rotated")}) })
	if row, _ := r.store.Get(r.ctx, old.ID); err != nil || row.ClientSecret.Reveal() != "rotated" {
		t.Errorf("the refresh put the old client secret back: %v", err)
	}
}

func TestARenamedRowTakesTheNewToken(t *testing.T) {
	r, old, got, err := duringRefresh(t, func(r *rig) { // as an official SDK does: same ID, other user_name
		row, _ := r.store.Get(r.ctx, "1")
		r.store.Delete(r.ctx, "1", "")
		row.UserName = "alice2"
		row.Version = ""
		r.store.Save(r.ctx, row)
	})
	if row, _ := r.store.Get(r.ctx, old.ID); err != nil || row.AccessToken != got.AccessToken {
		t.Errorf("Token: %v", err)
	}
}

func TestFreshNeverAnswersTheRefusedToken(t *testing.T) {
	r, h := newHooked(t)
	old := r.connect("alice", "alice")
	h.set(func(h *hooked) {
		h.save = first(func() {
			r.store.Save(r.ctx, oauth.Token{ID: old.ID, AccessToken: old.AccessToken, Expiry: r.sim.Now().Add(3 * time.Hour)})
		})
	})
	// LastUsedAt is noted first by nobody: the source is asked for the first time.
	got, err := r.keeper.Source(oauth.Token{UserName: "alice"}).Fresh(r.ctx, old.AccessToken)
	if err == nil && got.AccessToken == old.AccessToken {
		t.Error("Fresh answered the token it was told is refused")
	}
}
