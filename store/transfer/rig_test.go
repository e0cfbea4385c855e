package transfer_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"zohocrm/oauth"
	"zohocrm/store/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// failer is a *testing.T or a *rapid.T.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

// noon is some day's, in the past.
func noon() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// user is a whole token of one user.
func user(n int) oauth.Token {
	name := fmt.Sprint("user", n)
	return oauth.Token{
		ID: strconv.Itoa(n), UserName: name, ClientID: "1000.C", ClientSecret: oauth.NewSecret("secret"),
		RedirectURL: "https://example.com", GrantToken: oauth.NewSecret("g." + name),
		RefreshToken: oauth.NewSecret("r." + name), AccessToken: oauth.NewSecret("a." + name),
		Expiry: noon(), APIDomain: "https://www.zohoapis.com",
		Scope: "ZohoCRM.modules.ALL", AccountsURL: "https://accounts.zoho.com",
		CreatedAt: noon().AddDate(-1, 0, 0), LastUsedAt: noon().Add(-time.Hour),
	}
}

func users(from, to int) []oauth.Token {
	var all []oauth.Token
	for n := from; n < to; n++ {
		all = append(all, user(n))
	}
	return all
}

// fixed is a store whose rows stand as an official SDK may have left them. A
// write to it fails the test.
type fixed struct {
	t      failer
	rows   []oauth.Token
	damage error // at the end of List
}

var _ oauth.Store = (*fixed)(nil)

func newFixed(t failer, rows ...oauth.Token) *fixed {
	rows = slices.Clone(rows)
	for i := range rows {
		rows[i].Version = rows[i].Row().Version()
	}
	return &fixed{t: t, rows: rows}
}

func (s *fixed) Find(ctx context.Context, partial oauth.Token) (oauth.Token, error) {
	if err := ctx.Err(); err != nil {
		return oauth.Token{}, err
	}
	rows := oauth.RowsOf(s.rows)
	return oauth.Resolve(partial, func(k oauth.Key, value string) ([]oauth.Token, error) {
		found, err := rows(k, value)
		all := slices.Clone(found)
		for _, row := range found {
			for _, twin := range s.rows {
				if twin.ID == row.ID && row.ID != "" && !slices.Contains(all, twin) {
					all = append(all, twin)
				}
			}
		}
		return all, err
	})
}

func (s *fixed) Get(ctx context.Context, id string) (oauth.Token, error) {
	return s.Find(ctx, oauth.Token{ID: id})
}

func (s *fixed) List(ctx context.Context) iter.Seq2[oauth.Token, error] {
	return func(yield func(oauth.Token, error) bool) {
		for _, row := range s.rows {
			if err := ctx.Err(); err != nil {
				yield(oauth.Token{}, err)
				return
			}
			if !yield(row, nil) {
				return
			}
		}
		if s.damage != nil {
			yield(oauth.Token{}, s.damage)
		}
	}
}

func (s *fixed) Save(context.Context, oauth.Token) (oauth.Token, error) {
	s.t.Errorf("the source was written: Save")
	return oauth.Token{}, errors.New("written")
}

func (s *fixed) Delete(context.Context, string, string) error {
	s.t.Errorf("the source was written: Delete")
	return errors.New("written")
}

func (s *fixed) DeleteAll(context.Context) error {
	s.t.Errorf("the source was written: DeleteAll")
	return errors.New("written")
}

// guarded is a store whose writing methods are those of fixed: it is only to be
// read.
type guarded struct {
	fixed
	store oauth.Store
}

func readOnly(t failer, s oauth.Store) *guarded { return &guarded{fixed{t: t}, s} }

func (s *guarded) Find(ctx context.Context, partial oauth.Token) (oauth.Token, error) {
	return s.store.Find(ctx, partial)
}

func (s *guarded) Get(ctx context.Context, id string) (oauth.Token, error) {
	return s.store.Get(ctx, id)
}

func (s *guarded) List(ctx context.Context) iter.Seq2[oauth.Token, error] { return s.store.List(ctx) }

// single hides that a store can save many at once.
type single struct{ oauth.Store }

// renumbering is a store that holds no ID but its own, which count from 1.
type renumbering struct {
	oauth.Store
	mu   *sync.Mutex
	last int
}

func newRenumbering() *renumbering {
	return &renumbering{Store: memory.New(memory.Config{}), mu: new(sync.Mutex)}
}

func (s *renumbering) Save(ctx context.Context, t oauth.Token) (oauth.Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	row, err := s.Find(ctx, t)
	switch {
	case errors.Is(err, oauth.ErrNotFound):
		row, err = s.Find(ctx, oauth.Token{UserName: t.UserName, ClientID: t.ClientID})
	case err != nil:
		return oauth.Token{}, err
	}
	if err == nil {
		t.ID = row.ID
		return s.Store.Save(ctx, t)
	}
	t.ID = strconv.Itoa(s.last + 1)
	saved, err := s.Store.Save(ctx, t)
	if err == nil {
		s.last++
	}
	return saved, err
}

// faulty calls fault before each write of a target, with what is to be written.
type faulty struct {
	*memory.Store
	fault func(tokens []oauth.Token) error
}

func newFaulty(fault func(tokens []oauth.Token) error) *faulty {
	return &faulty{memory.New(memory.Config{}), fault}
}

func (s *faulty) Save(ctx context.Context, t oauth.Token) (oauth.Token, error) {
	if err := s.fault([]oauth.Token{t}); err != nil {
		return oauth.Token{}, err
	}
	return s.Store.Save(ctx, t)
}

func (s *faulty) SaveAll(ctx context.Context, tokens iter.Seq[oauth.Token]) error {
	all := slices.Collect(tokens)
	if err := s.fault(all); err != nil {
		return err
	}
	return s.Store.SaveAll(ctx, slices.Values(all))
}

// refusing is a fault that a target has with tokens of these users.
func refusing(err error, names ...string) func([]oauth.Token) error {
	return func(tokens []oauth.Token) error {
		for i, t := range tokens {
			if slices.Contains(names, t.UserName) {
				return &oauth.BatchError{Index: i, Err: err}
			}
		}
		return nil
	}
}

func filled(t failer, rows ...oauth.Token) *memory.Store {
	t.Helper()
	s := memory.New(memory.Config{})
	if err := s.SaveAll(context.Background(), slices.Values(rows)); err != nil {
		t.Fatalf("SaveAll: %v", err)
	}
	return s
}

func all(t failer, s oauth.Store) []oauth.Token {
	t.Helper()
	rows, err := oauth.All(context.Background(), s)
	if err != nil {
		t.Fatalf("List: %v", err)
	}
	return rows
}

func get(t failer, s oauth.Store, id string) oauth.Token {
	t.Helper()
	row, err := s.Get(context.Background(), id)
	if err != nil {
		t.Fatalf("Get(%q): %v", id, err)
	}
	return row
}

// sameRows wants the store to hold the tokens, with their IDs and side data.
func sameRows(t failer, s oauth.Store, want []oauth.Token) {
	t.Helper()
	got := all(t, s)
	if len(got) != len(want) {
		t.Errorf("the target holds %d tokens, want %d", len(got), len(want))
	}
	for _, w := range want {
		g, err := s.Get(context.Background(), w.ID)
		if err != nil {
			t.Errorf("Get(%q): %v", w.ID, err)
			continue
		}
		if g.UpdatedAt.IsZero() {
			t.Errorf("id %q has no UpdatedAt in the target", w.ID)
		}
		w.UpdatedAt = g.UpdatedAt
		if w.CreatedAt.IsZero() {
			w.CreatedAt = g.CreatedAt
		}
		if g.Row() != w.Row() || !g.SameSide(w) {
			t.Errorf("id %q is %v, want %v", w.ID, g, w)
		}
	}
}
