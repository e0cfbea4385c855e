package sealed_test

import (
	"context"
	"errors"
	"iter"
	"path/filepath"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"zohocrm/oauth"
	"zohocrm/store/memory"
	"zohocrm/store/sealed"
	"zohocrm/store/sealed/keys"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is a sealed list in memory, with keys in a file.
type rig struct {
	*sealed.Store
	testing.TB
	ctx   context.Context
	inner *memory.Store
	file  string
	set   *keys.Set
}

func newRig(t testing.TB) *rig {
	t.Helper()
	r := &rig{TB: t, ctx: t.Context(), inner: memory.New(memory.Config{}), file: filepath.Join(t.TempDir(), "keys")}
	if _, err := keys.Create(r.ctx, r.file, keys.Config{}); err != nil {
		t.Fatal(err)
	}
	r.set = r.keys()
	r.Store = seal(t, r.inner, sealed.Config{Keys: r.set})
	return r
}

func (r *rig) keys() *keys.Set {
	r.Helper()
	set, err := keys.Open(r.ctx, r.file, keys.Config{})
	if err != nil {
		r.Fatal(err)
	}
	return set
}

func (r *rig) rotate() keys.ID {
	r.Helper()
	id, err := keys.Rotate(r.ctx, r.file, keys.Config{})
	if err != nil {
		r.Fatal(err)
	}
	return id
}

func (r *rig) save(s oauth.Store, t oauth.Token) oauth.Token {
	r.Helper()
	saved, err := s.Save(r.ctx, t)
	if err != nil {
		r.Fatal(err)
	}
	return saved
}

func (r *rig) find(s oauth.Store, partial oauth.Token) oauth.Token {
	r.Helper()
	t, err := s.Find(r.ctx, partial)
	if err != nil {
		r.Fatal(err)
	}
	return t
}

func (r *rig) fails(err, want error) {
	r.Helper()
	if !errors.Is(err, want) {
		r.Errorf("got %v, want %q", err, want)
	}
}

// same wants two rows to say the same, and to have the same side data.
func (r *rig) same(got, want oauth.Token) {
	r.Helper()
	want.ID = got.ID
	if got.Row() != want.Row() {
		r.Errorf("got %v, want %v", got, want)
	}
	if got.Scope != want.Scope || got.AccountsURL != want.AccountsURL || !want.CreatedAt.IsZero() && !got.CreatedAt.Equal(want.CreatedAt) {
		r.Errorf("got the side data %q %q %v, want %q %q %v", got.Scope, got.AccountsURL, got.CreatedAt, want.Scope, want.AccountsURL, want.CreatedAt)
	}
}

// between is a store in which something happens just before the nth write.
type between struct {
	*memory.Store
	mu    sync.Mutex
	n     int
	happy func()
}

func (b *between) step() {
	b.mu.Lock()
	b.n--
	now := b.n == 0
	b.mu.Unlock()
	if now {
		b.happy()
	}
}

func (b *between) Save(ctx context.Context, t oauth.Token) (oauth.Token, error) {
	b.step()
	return b.Store.Save(ctx, t)
}

func (b *between) SaveAll(ctx context.Context, tokens iter.Seq[oauth.Token]) error {
	b.step()
	return b.Store.SaveAll(ctx, tokens)
}

// altered is a store whose rows are changed when they are read, as by somebody who
// can write to it.
type altered struct {
	oauth.Store
	by func(*oauth.Token)
}

func (a altered) Find(ctx context.Context, partial oauth.Token) (oauth.Token, error) {
	t, err := a.Store.Find(ctx, partial)
	if err == nil {
		a.by(&t)
	}
	return t, err
}

func (a altered) List(ctx context.Context) iter.Seq2[oauth.Token, error] {
	return func(yield func(oauth.Token, error) bool) {
		for t, err := range a.Store.List(ctx) {
			a.by(&t)
			if !yield(t, err) {
				return
			}
		}
	}
}

// refusing is a store that refuses every Save.
type refusing struct {
	oauth.Store
	err error
}

func (r refusing) Save(context.Context, oauth.Token) (oauth.Token, error) {
	return oauth.Token{}, r.err
}

func refusePlain(r *rig, refuse bool) error {
	return keys.RefusePlain(r.ctx, r.file, refuse, keys.Config{})
}

// afterFind is a store in which something happens after each Find.
type afterFind struct {
	oauth.Store
	happens func()
}

func (a afterFind) Find(ctx context.Context, partial oauth.Token) (oauth.Token, error) {
	defer a.happens()
	return a.Store.Find(ctx, partial)
}
