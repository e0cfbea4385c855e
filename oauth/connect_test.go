package oauth_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"zohocrm/oauth"
	"zohocrm/sim"
	"zohocrm/store/memory"
)

// whoIs names users as the SDKs do, from a table instead of the CRM API.
func whoIs(names map[string]string) setup {
	return func(_ *sim.Config, _ *oauth.AccountsConfig, k *oauth.KeeperConfig) {
		k.NameUser = func(_ context.Context, t oauth.Token) (string, error) {
			if name := names[t.GrantToken.Reveal()]; name != "" {
				return name, nil
			}
			return "", errors.New("no scope")
		}
	}
}

func TestConnectNamesTheUser(t *testing.T) {
	names := map[string]string{}
	r := newRig(t, whoIs(names))
	first := r.code("alice")
	names[first.GrantToken.Reveal()] = "alice@example.com:10001"
	a, err := r.keeper.Token(r.ctx, first)
	if err != nil || a.UserName != "alice@example.com:10001" {
		t.Fatalf("first login: %v, %v", a, err)
	}
	second := r.code("alice") // logs in again: same row, new refresh token
	names[second.GrantToken.Reveal()] = "alice@example.com:10001"
	b, err := r.keeper.Token(r.ctx, second)
	if err != nil || b.ID != a.ID || b.RefreshToken == a.RefreshToken || len(r.all()) != 1 {
		t.Errorf("second login: %v, %v; stored %v", b, err, r.all())
	}
	nameless := r.code("bob") // asking fails: the token is kept all the same
	c, err := r.keeper.Token(r.ctx, nameless)
	if err != nil || c.UserName != "" || len(r.all()) != 2 {
		t.Errorf("nameless login: %v, %v", c, err)
	}
	if !r.log.contains("could not be asked for") {
		t.Error("no warning about the missing name")
	}
}

func TestAnotherPersonIsRefused(t *testing.T) {
	names := map[string]string{}
	r := newRig(t, whoIs(names))
	login := func(user, as string, replace bool) (oauth.Token, error) {
		t := r.code(user)
		t.UserName = as
		names[t.GrantToken.Reveal()] = user + "@example.com:1"
		return r.keeper.Connect(r.ctx, oauth.Login{Token: t, Replace: replace})
	}
	for _, name := range []string{"alice@example.com:1", "sales"} {
		alice, err := login("alice", name, false)
		if err != nil {
			t.Fatal(err)
		}
		before := len(r.all())
		if _, err := login("bob", name, false); !errors.Is(err, oauth.ErrMismatch) {
			t.Errorf("bob as %q: %v", name, err)
		}
		kept, err := r.store.Get(r.ctx, alice.ID)
		if err != nil || kept.RefreshToken != alice.RefreshToken || len(r.all()) != before {
			t.Errorf("after bob's refused login: %v, %v; %d rows", kept, err, len(r.all()))
		}
		if n := r.sim.Counters().Revokes; n == 0 {
			t.Error("the refused login was not revoked")
		}
		if again, err := login("alice", name, false); err != nil || again.ID != alice.ID {
			t.Errorf("alice again: %v, %v", again, err)
		}
		if bob, err := login("bob", name, true); err != nil || bob.ID == alice.ID || len(r.all()) != before {
			t.Errorf("bob with replace: %v, %v; stored %v", bob, err, r.all())
		}
		if err := r.store.DeleteAll(r.ctx); err != nil {
			t.Fatal(err)
		}
	}
}

// faulty is a store whose saves fail from the n-th on.
type faulty struct {
	*memory.Store
	mu    sync.Mutex
	saves int
	fail  int
	probe error
}

func (f *faulty) Save(ctx context.Context, t oauth.Token) (oauth.Token, error) {
	f.mu.Lock()
	f.saves++
	broken := f.fail > 0 && f.saves >= f.fail
	f.mu.Unlock()
	if broken {
		return oauth.Token{}, oauth.ErrStoreUnavailable
	}
	return f.Store.Save(ctx, t)
}

func (f *faulty) Probe(context.Context) error { return f.probe }

func (f *faulty) failFrom(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.saves, f.fail = 0, n
}

func newFaulty(t *testing.T) (*rig, *faulty) {
	f := &faulty{Store: memory.New(memory.Config{})}
	r := newRig(t, func(_ *sim.Config, _ *oauth.AccountsConfig, k *oauth.KeeperConfig) { k.Store = f })
	r.store = f.Store
	return r, f
}

func TestNothingIsSpentOnAStoreThatCannotBeWritten(t *testing.T) {
	r, f := newFaulty(t)
	f.probe = oauth.ErrStoreUnavailable
	code := r.code("alice")
	if _, err := r.keeper.Token(r.ctx, code); !errors.Is(err, oauth.ErrStoreUnavailable) {
		t.Fatalf("Token: %v", err)
	}
	r.wantMints(0, 0)
	f.probe = nil
	if _, err := r.keeper.Token(r.ctx, code); err != nil {
		t.Errorf("the code was spent: %v", err)
	}
}

// Defects: D17.
func TestASaveThatFailsAfterTheExchangeLosesNothing(t *testing.T) {
	r, f := newFaulty(t)
	f.failFrom(1)
	_, err := r.keeper.Token(r.ctx, r.code("alice"))
	var unsaved *oauth.UnsavedError
	if !errors.As(err, &unsaved) || !errors.Is(err, oauth.ErrStoreUnavailable) {
		t.Fatalf("Token: %v", err)
	}
	if strings.Contains(err.Error(), unsaved.Token.RefreshToken.Reveal()) {
		t.Error("the error shows the refresh token")
	}
	f.failFrom(0)
	if _, err := r.keeper.Store().Save(r.ctx, unsaved.Token); err != nil {
		t.Fatal(err)
	}
	if got, err := r.keeper.Token(r.ctx, oauth.Token{RefreshToken: unsaved.Token.RefreshToken}); err != nil || got.AccessToken != unsaved.Token.AccessToken {
		t.Errorf("the rescued token: %v, %v", got, err)
	}
}

func TestASaveThatFailsAfterARefreshIsMadeGood(t *testing.T) {
	r, f := newFaulty(t)
	old := r.connect("alice", "alice")
	source := r.keeper.Source(oauth.Token{UserName: "alice"})
	r.sim.Advance(2 * time.Hour)
	f.failFrom(1)
	got, err := source.Token(r.ctx)
	if err != nil || got.AccessToken == old.AccessToken {
		t.Fatalf("Token while the store is away: %v, %v", got, err)
	}
	r.sim.Advance(time.Minute)
	for range 3 {
		again, err := source.Token(r.ctx)
		if err != nil || again.AccessToken != got.AccessToken {
			t.Fatalf("still away: %v, %v", again, err)
		}
	}
	f.failFrom(0)
	k := r.keeper
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	stored, err := r.store.Get(r.ctx, old.ID)
	if err != nil || stored.AccessToken != got.AccessToken {
		t.Errorf("stored in the end: %v, %v", stored, err)
	}
	r.wantMints(1, 1)
}

// meddler changes the row between a refresh and its save.
type meddler struct {
	*memory.Store
	once   sync.Once
	meddle func(*memory.Store)
}

func (m *meddler) Save(ctx context.Context, t oauth.Token) (oauth.Token, error) {
	if t.Version != "" && t.LastUsedAt.IsZero() == false {
		m.once.Do(func() { m.meddle(m.Store) })
	}
	return m.Store.Save(ctx, t)
}

func TestWhatOthersDidDuringARefresh(t *testing.T) {
	ctx := context.Background()
	later := time.Now().Add(100 * time.Hour)
	for _, c := range []struct {
		name   string
		meddle func(*memory.Store) error
		want   error
		token  string // the access token that must be answered and stored; "" for the refreshed one
	}{
		{"deleted", func(s *memory.Store) error { return s.Delete(ctx, "1", "") }, oauth.ErrNotFound, ""},
		{"logged in anew", func(s *memory.Store) error {
			_, err := s.Save(ctx, oauth.Token{ID: "1", RefreshToken: oauth.NewSecret("new"), AccessToken: oauth.NewSecret("theirs"), Expiry: later})
			return err
		}, nil, "theirs"},
		{"refreshed too, for longer", func(s *memory.Store) error {
			_, err := s.Save(ctx, oauth.Token{ID: "1", AccessToken: oauth.NewSecret("theirs"), Expiry: later})
			return err
		}, nil, "theirs"},
		{"another secret", func(s *memory.Store) error {
			_, err := s.Save(ctx, oauth.Token{ID: "1", RedirectURL: "https://example.com/new"})
			return err
		}, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := &meddler{Store: memory.New(memory.Config{}), meddle: func(s *memory.Store) {
				if err := c.meddle(s); err != nil {
					t.Error(err)
				}
			}}
			r := newRig(t, func(_ *sim.Config, _ *oauth.AccountsConfig, k *oauth.KeeperConfig) { k.Store = m })
			r.store = m.Store
			old := r.connect("alice", "alice")
			r.sim.Advance(2 * time.Hour)
			got, err := r.keeper.Token(r.ctx, oauth.Token{UserName: "alice"})
			if !errors.Is(err, c.want) {
				t.Fatalf("Token: %v, want %v", err, c.want)
			}
			if c.want != nil {
				if len(r.all()) != 0 {
					t.Error("a refresh in flight brought a deleted row back")
				}
				return
			}
			stored, err := r.store.Get(r.ctx, old.ID)
			if err != nil || stored.AccessToken != got.AccessToken {
				t.Errorf("answered %v, stored %v, %v", got, stored, err)
			}
			if c.token != "" && got.AccessToken.Reveal() != c.token {
				t.Error("the newer credential of somebody else was not adopted")
			}
			if c.token == "" && (got.AccessToken == old.AccessToken || stored.RedirectURL == "") {
				t.Errorf("both changes must stand: %v, %v", got, stored)
			}
		})
	}
}

func TestOneExchangeForManyCallers(t *testing.T) {
	r := newRig(t)
	partial := r.code("alice")
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if _, err := r.keeper.Token(r.ctx, partial); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	r.wantMints(1, 0)
}

func TestTheHookHearsAndItsErrorIsHeard(t *testing.T) {
	var mu sync.Mutex
	var kinds []oauth.ChangeKind
	var refuse error
	r := newRig(t, func(_ *sim.Config, _ *oauth.AccountsConfig, k *oauth.KeeperConfig) {
		k.OnChange = func(ctx context.Context, c oauth.Change) error {
			mu.Lock()
			defer mu.Unlock()
			if ctx.Err() != nil || c.Token.ID == "" {
				t.Errorf("hook called with %v, %v", ctx.Err(), c.Token)
			}
			kinds = append(kinds, c.Kind)
			return refuse
		}
	})
	r.connect("alice", "alice")
	r.sim.Advance(2 * time.Hour)
	refuse = errors.New("the secret manager is away")
	if _, err := r.keeper.Token(r.ctx, oauth.Token{UserName: "alice"}); !errors.Is(err, refuse) {
		t.Errorf("Token: %v, want the hook's error", err)
	}
	refuse = nil
	if _, err := r.keeper.Token(r.ctx, oauth.Token{UserName: "alice"}); err != nil {
		t.Errorf("the change stands: %v", err)
	}
	if err := r.keeper.Revoke(r.ctx, oauth.Token{UserName: "alice"}); err != nil {
		t.Fatal(err)
	}
	want := []oauth.ChangeKind{oauth.Connected, oauth.Refreshed, oauth.Revoked}
	if len(kinds) != 3 || kinds[0] != want[0] || kinds[1] != want[1] || kinds[2] != want[2] {
		t.Errorf("heard %v, want %v", kinds, want)
	}
	r.wantMints(1, 1)
}
