package sealed_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"zohocrm/oauth"
	"zohocrm/store/memory"
	"zohocrm/store/sealed"
	"zohocrm/store/sealed/keys"
)

// TestNoSilentPlain: without keys, or without a store, there is no sealed store.
func TestNoSilentPlain(t *testing.T) {
	if s, err := sealed.New(memory.New(memory.Config{}), sealed.Config{}); err == nil || s != nil {
		t.Error("a store was made without keys")
	}
	if s, err := sealed.New(nil, sealed.Config{Keys: temporary(t)}); err == nil || s != nil {
		t.Error("a store was made around nothing")
	}
}

// TestSDKColumns: in the official SDKs' columns of 255 characters, secrets of 150
// bytes are kept, and a longer one is refused by its column before anything is
// written.
func TestSDKColumns(t *testing.T) {
	ctx := t.Context()
	inner, err := openDatabase(ctx, filepath.Join(t.TempDir(), "tokens.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer inner.Close()
	s := seal(t, inner, sealed.Config{})
	long := func(n int) oauth.Secret { return oauth.NewSecret(strings.Repeat("é", n/2) + strings.Repeat("x", n%2)) }
	want := oauth.Token{UserName: "alice"}
	for _, cell := range columns(&want) {
		*cell = long(sealed.MaxSecret)
	}
	saved, err := s.Save(ctx, want)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{TB: t, ctx: ctx}
	r.same(r.find(s, oauth.Token{ID: saved.ID}), want)
	before := dump(t, inner.db)
	for column := range columns(&want) {
		insert, update := oauth.Token{UserName: "bob", RefreshToken: oauth.NewSecret("r")}, oauth.Token{ID: saved.ID}
		*columns(&insert)[column], *columns(&update)[column] = long(sealed.MaxSecret+1), long(sealed.MaxSecret+1)
		for _, token := range []oauth.Token{insert, update} {
			_, err := s.Save(ctx, token)
			var refused *oauth.ValueError
			if !errors.As(err, &refused) || refused.Column != column {
				t.Errorf("Save of 151 bytes: %v, want %s to be refused", err, column)
			}
			err = s.SaveAll(ctx, func(yield func(oauth.Token) bool) { _ = yield(user("carol")) && yield(token) })
			var at *oauth.BatchError
			if !errors.As(err, &at) || at.Index != 1 || !errors.As(err, &refused) || refused.Column != column {
				t.Errorf("SaveAll of 151 bytes: %v, want the second one's %s to be refused", err, column)
			}
		}
	}
	if dump(t, inner.db) != before {
		t.Error("something was written")
	}
}

// TestMigratesByItself: a plain row is found by every key, and sealed as a whole
// when it is next saved, whatever is saved; its side data and its ID stay.
func TestMigratesByItself(t *testing.T) {
	for name, change := range map[string]oauth.Token{
		"nothing":      {},
		"access token": {AccessToken: oauth.NewSecret("new")},
		"last use":     {LastUsedAt: user("x").Expiry},
	} {
		r := newRig(t)
		want := r.save(r.inner, user("alice"))
		for _, k := range []oauth.Token{{ID: want.ID}, {UserName: "alice"}, {RefreshToken: want.RefreshToken}, {AccessToken: want.AccessToken}, {GrantToken: want.GrantToken}} {
			r.same(r.find(r.Store, k), want)
		}
		change.ID = want.ID
		r.save(r.Store, change)
		if !change.AccessToken.IsZero() {
			want.AccessToken, want.Expiry = change.AccessToken, change.Expiry
		}
		row := r.find(r.inner, oauth.Token{ID: want.ID})
		for column, cell := range columns(&row) {
			if !strings.HasPrefix(cell.Reveal(), "sealed1.") {
				t.Errorf("%s: %s is still plain", name, column)
			}
		}
		for _, k := range []oauth.Token{{ID: want.ID}, {UserName: "alice"}, {RefreshToken: want.RefreshToken}, {AccessToken: want.AccessToken}, {GrantToken: want.GrantToken}} {
			r.same(r.find(r.Store, k), want)
		}
		// What does not change it leaves the row, and so its Version, alone.
		if again := r.save(r.Store, oauth.Token{ID: want.ID}); again.Version != row.Version {
			t.Errorf("%s: a Save that changes nothing wrote the row again", name)
		}
	}
}

// TestSameTokenSealedAndPlain: two rows with one refresh token, of which one is
// sealed, are as ambiguous as two plain ones.
func TestSameTokenSealedAndPlain(t *testing.T) {
	r := newRig(t)
	one, two := user("alice"), user("bob")
	two.RefreshToken = one.RefreshToken
	r.save(r.Store, one)
	r.save(r.inner, two)
	_, err := r.Find(r.ctx, oauth.Token{RefreshToken: one.RefreshToken})
	r.fails(err, oauth.ErrAmbiguous)
	r.same(r.find(r.Store, oauth.Token{UserName: "bob", RefreshToken: one.RefreshToken}), two)
	// So are two that different keys sealed, and many clients of one user.
	r.rotate()
	three := user("carol")
	three.RefreshToken = one.RefreshToken
	three.UserName = "alice"
	three.ClientID = "1000.OTHER"
	r.save(seal(t, r.inner, sealed.Config{Keys: r.keys()}), three)
	for _, partial := range []oauth.Token{{UserName: "alice"}, {RefreshToken: one.RefreshToken}} {
		_, err = r.Find(r.ctx, partial)
		r.fails(err, oauth.ErrAmbiguous)
	}
	r.same(r.find(r.Store, oauth.Token{UserName: "alice", ClientID: "1000.OTHER"}), three)
	r.same(r.find(r.Store, oauth.Token{RefreshToken: one.RefreshToken, ClientID: "1000.OTHER"}), three)
}

// TestAbilities: a Prober and a Coordinator are the inner store's, and what the
// Coordinator keeps does not change with the keys.
func TestAbilities(t *testing.T) {
	r := newRig(t)
	if p, ok := oauth.ProberOf(r.Store); !ok || p.Probe(r.ctx) != nil {
		t.Error("the inner Prober is not found")
	}
	saved := r.save(r.Store, user("alice"))
	c, ok := oauth.CoordinatorOf(r.Store)
	if !ok {
		t.Fatal("the inner Coordinator is not found")
	}
	lease, err := c.Acquire(r.ctx, oauth.Claim{Key: saved.SideKey(), Owner: "one"})
	if err != nil {
		t.Fatal(err)
	}
	r.rotate()
	if report, err := sealed.SealAll(r.ctx, r.Store, sealed.SealAllConfig{Mode: sealed.Reseal}); err != nil || report.Changed != 1 {
		t.Fatal(report, err)
	}
	again := r.find(r.Store, oauth.Token{UserName: "alice"})
	if _, err := c.Acquire(r.ctx, oauth.Claim{Key: again.SideKey(), Owner: "two"}); !errors.Is(err, oauth.ErrHeld) {
		t.Errorf("after a rotation the lease is lost: %v", err)
	}
	if err := c.Settle(r.ctx, lease, oauth.Outcome{Kind: oauth.Withdrawn}); err != nil {
		t.Fatal(err)
	}
	r.rotate()
	if _, err := sealed.SealAll(r.ctx, r.Store, sealed.SealAllConfig{Mode: sealed.Reseal}); err != nil {
		t.Fatal(err)
	}
	again = r.find(r.Store, oauth.Token{UserName: "alice"})
	if _, err := c.Acquire(r.ctx, oauth.Claim{Key: again.SideKey(), Owner: "two"}); !errors.Is(err, oauth.ErrReauthRequired) {
		t.Errorf("after a rotation the revocation is forgotten: %v", err)
	}
}

// TestLostKey: the rows that need a key which is gone are named, and so is the key.
// All others go on.
func TestLostKey(t *testing.T) {
	r := newRig(t)
	old := r.set.Ring().Primary().ID()
	for i := range 3 {
		r.save(r.Store, user(fmt.Sprint("old", i)))
	}
	r.rotate()
	r.save(seal(t, r.inner, sealed.Config{Keys: r.keys()}), user("new"))
	r.save(r.inner, user("plain"))
	if err := keys.Retire(r.ctx, r.file, keys.Retirement{ID: old, Force: true}, keys.Config{}); err != nil {
		t.Fatal(err)
	}
	s := seal(t, r.inner, sealed.Config{Keys: r.keys()})
	_, err := s.Find(r.ctx, oauth.Token{UserName: "old1"})
	var missing *sealed.KeyError
	if !errors.As(err, &missing) || missing.Key != old || missing.UserName != "old1" || missing.ID == "" {
		t.Errorf("got %v, want the key %d of old1 to be missing", err, old)
	}
	r.fails(err, oauth.ErrCorrupt)
	if !strings.Contains(err.Error(), old.String()) || !strings.Contains(err.Error(), "old1") {
		t.Errorf("the error does not name key and user: %v", err)
	}
	_, err = s.Save(r.ctx, oauth.Token{UserName: "old1", AccessToken: oauth.NewSecret("new")})
	r.fails(err, oauth.ErrCorrupt)
	r.find(s, oauth.Token{UserName: "new"})
	r.find(s, oauth.Token{UserName: "plain"})
	lost, err := sealed.MissingKeys(r.ctx, s)
	if err != nil || len(lost) != 1 || lost[0].Key != old || lost[0].Rows != 3 || len(lost[0].Some) != 3 || lost[0].Some[2].UserName != "old2" {
		t.Errorf("MissingKeys: %v, %v", lost, err)
	}
	census, err := s.Census(r.ctx)
	if err != nil || census.Rows != 5 || census.Plain != 1 || census.Keys[old] != 3 || census.Broken != 0 {
		t.Errorf("Census: %+v, %v", census, err)
	}
	// Survey goes on behind them; SealAll does what it can and names them.
	read, failed := 0, 0
	for _, err := range s.Survey(r.ctx) {
		if err != nil {
			failed++
		} else {
			read++
		}
	}
	if read != 2 || failed != 3 {
		t.Errorf("Survey reads %d and fails at %d, want 2 and 3", read, failed)
	}
	report, err := sealed.SealAll(r.ctx, s, sealed.SealAllConfig{})
	if !errors.As(err, &missing) || report.Failed != 3 || report.Changed != 1 || report.Right != 1 {
		t.Errorf("SealAll: %+v, %v", report, err)
	}
	if n, err := s.InUse(r.ctx, old); err != nil || n != 3 {
		t.Errorf("InUse: %d, %v", n, err)
	}
}

// TestStaleKeys: a program that has not noticed a rotation yet reads what the new
// key sealed, finds it by its token, and seals with the new key from then on.
func TestStaleKeys(t *testing.T) {
	r := newRig(t)
	r.save(r.Store, user("alice"))
	id := r.rotate()
	fresh := seal(t, r.inner, sealed.Config{Keys: r.keys()})
	r.save(fresh, user("bob"))
	if report, err := sealed.SealAll(r.ctx, fresh, sealed.SealAllConfig{Mode: sealed.Reseal}); err != nil || report.Changed != 1 {
		t.Fatal(report, err)
	}
	r.same(r.find(r.Store, oauth.Token{RefreshToken: user("alice").RefreshToken}), user("alice"))
	r.same(r.find(r.Store, oauth.Token{UserName: "bob"}), user("bob"))
	if got := r.set.Ring().Primary().ID(); got != id {
		t.Errorf("the primary is still %d, want %d", got, id)
	}
}

// TestContextEnds: a Save that would have to be repeated stops when its caller
// gives up.
func TestContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r := newRig(t)
	inner := &between{Store: r.inner, n: 1, happy: cancel}
	s := seal(t, inner, sealed.Config{Keys: r.set})
	_, err := s.Save(ctx, user("alice"))
	r.fails(err, context.Canceled)
	if all, _ := oauth.All(r.ctx, r.inner); len(all) != 0 {
		t.Error("it was saved")
	}
}

// TestColumnsApart: one text in two columns does not look like one.
func TestColumnsApart(t *testing.T) {
	r := newRig(t)
	same := oauth.NewSecret("1000.same")
	r.save(r.Store, oauth.Token{UserName: "alice", ClientSecret: same, RefreshToken: same, AccessToken: same, GrantToken: same})
	row := r.find(r.inner, oauth.Token{UserName: "alice"})
	seen := map[oauth.Secret]bool{}
	for _, cell := range columns(&row) {
		seen[*cell] = true
	}
	if len(seen) != 4 {
		t.Errorf("one text in four columns became %d texts, want 4", len(seen))
	}
	// In two rows it does: by that it is found.
	r.save(r.Store, oauth.Token{UserName: "bob", RefreshToken: same, ClientSecret: same})
	bob := r.find(r.inner, oauth.Token{UserName: "bob"})
	if bob.RefreshToken != row.RefreshToken || bob.ClientSecret == row.ClientSecret {
		t.Error("a token is to look the same in each row, and a client secret is not")
	}
}

// TestFindWhileRowsMove: a row that is sealed, sealed anew or unsealed between any
// two steps of a Find is found.
func TestFindWhileRowsMove(t *testing.T) {
	for name, mode := range map[string]sealed.Mode{"plain to sealed": sealed.Seal, "old key to new": sealed.Reseal, "sealed to plain": sealed.Unseal} {
		for step := 1; step <= 4; step++ {
			r := newRig(t)
			if mode == sealed.Seal {
				r.save(r.inner, user("alice"))
			} else {
				r.save(r.Store, user("alice"))
			}
			if mode == sealed.Reseal {
				r.rotate()
			}
			n := 0
			s := seal(t, afterFind{r.inner, func() {
				if n++; n == step {
					if report, err := sealed.SealAll(r.ctx, r.Store, sealed.SealAllConfig{Mode: mode}); err != nil || report.Changed != 1 {
						t.Error(report, err)
					}
				}
			}}, sealed.Config{Keys: r.keys()})
			if _, err := s.Find(r.ctx, oauth.Token{RefreshToken: user("alice").RefreshToken}); err != nil {
				t.Errorf("%s after step %d: %v", name, step, err)
			}
		}
	}
}

// TestOpened: whoever reads without keys is told so, and does not take a sealed
// cell for a token.
func TestOpened(t *testing.T) {
	r := newRig(t)
	plain := r.save(r.inner, user("plain"))
	if err := plain.Opened(); err != nil {
		t.Error(err)
	}
	r.save(r.Store, oauth.Token{UserName: "alice", AccessToken: oauth.NewSecret("a")})
	err := r.find(r.inner, oauth.Token{UserName: "alice"}).Opened()
	r.fails(err, oauth.ErrCorrupt)
	r.fails(err, oauth.ErrSealed)
}
