package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"zohocrm/oauth"
)

// These go through oauth.SaveAll, which uses a store's own oauth.Batch where
// there is one and saves one by one where there is none.
func batchChecks() []check {
	return []check{
		{name: "BatchSaves", run: batchSaves},
		{name: "BatchRefused", run: batchRefused},
		{name: "BatchContext", run: batchContext},
		{name: "BatchOfMany", run: batchOfMany},
		{name: "BatchConcurrent", run: batchConcurrent},
	}
}

// isBatch reports whether the store, or one that it wraps, has its own SaveAll.
func isBatch(s oauth.Store) bool {
	for s != nil {
		if _, ok := s.(oauth.Batch); ok {
			return true
		}
		u, ok := s.(interface{ Unwrap() oauth.Store })
		if !ok {
			break
		}
		s = u.Unwrap()
	}
	return false
}

func (f *fixture) saveAll(ctx context.Context, tokens ...oauth.Token) error {
	f.Helper()
	err := oauth.SaveAll(ctx, f.raw, slices.Values(tokens))
	guard{f.raw, f.TB}.silent("SaveAll", err)
	return err
}

// batchSaves: each token is saved as Save would, those before it included.
func batchSaves(f *fixture) {
	if err := f.saveAll(f.ctx); err != nil {
		f.Errorf("SaveAll of nothing: %v", err)
	}
	old := f.save(filled("old"))
	renewed := oauth.Token{ID: old.ID, Version: old.Version, AccessToken: secret("renewed")}
	login := nameless("login")
	login.Scope = "ZohoCRM.org.READ"
	again := oauth.Token{UserName: "new", AccessToken: secret("again"), Expiry: noon()}
	if err := f.saveAll(f.ctx, filled("new"), renewed, login, again, oauth.Token{UserName: "old", RedirectURL: "https://new.example.com"}); err != nil {
		f.Fatalf("SaveAll: %v", err)
	}
	for _, f := range f.again() {
		rows := f.list()
		if len(rows) != 3 {
			f.Errorf("the store holds %d rows, want 3", len(rows))
		}
		ids := given{}
		for _, row := range rows {
			ids.add(f, row.ID)
			f.same(f.get(row.ID), row, "Get")
			want := filled(row.UserName)
			switch row.UserName {
			case "old":
				want.AccessToken, want.Expiry, want.RedirectURL = renewed.AccessToken, renewed.Expiry, "https://new.example.com"
			case "new":
				want.AccessToken = again.AccessToken
			default:
				want = login
				if row.Scope != login.Scope {
					f.Errorf("SaveAll left scope %q, want %q", row.Scope, login.Scope)
				}
			}
			f.columns(row, stored(want, row), "List after SaveAll")
		}
	}
}

// batchRefused: the error says which token and why, and nothing of its
// thousand is saved; one by one, those before it are.
func batchRefused(f *fixture) {
	alice := f.save(filled("alice"))
	now := f.save(oauth.Token{ID: alice.ID, AccessToken: secret("new")})
	unfit := minimal("unfit")
	unfit.RedirectURL = "two\nlines"
	for want, refused := range map[error]oauth.Token{
		oauth.ErrInvalidValue:  unfit,
		oauth.ErrConflict:      alice, // with an old Version
		oauth.ErrIncompleteKey: {UserName: "nobody"},
		oauth.ErrMismatch:      {ID: alice.ID, UserName: "bob", AccessToken: secret("b")},
	} {
		err := f.saveAll(f.ctx, minimal("first"), oauth.Token{ID: now.ID, RedirectURL: "https://new.example.com"}, refused, minimal("last"))
		f.fails(err, want, "SaveAll")
		var which *oauth.BatchError
		if !errors.As(err, &which) || which.Index != 2 {
			f.Errorf("SaveAll: %v; want an *oauth.BatchError with the Index 2", err)
		}
		f.findsNot(oauth.Token{UserName: "last"}, oauth.ErrNotFound)
		if isBatch(f.raw) {
			f.holds(now)
		}
	}
	ids := given{now.ID: true}
	ids.add(f, f.save(minimal("next")).ID)
}

func batchContext(f *fixture) {
	ctx, cancel := context.WithCancel(f.ctx)
	cancel()
	f.fails(f.saveAll(ctx, minimal("alice")), context.Canceled, "SaveAll with an ended context")
	f.holds()
}

// batchOfMany goes past one thousand: the first thousand is saved though the
// second is not.
func batchOfMany(f *fixture) {
	if !isBatch(f.raw) {
		f.Skip("storetest: not checked, the store is no oauth.Batch")
	}
	var tokens []oauth.Token
	for i := range oauth.BatchSize + 3 {
		tokens = append(tokens, minimal(fmt.Sprint("user", i)))
	}
	refused := oauth.BatchSize + 1
	tokens[refused].RedirectURL = "two\nlines"
	err := f.saveAll(f.ctx, tokens...)
	var which *oauth.BatchError
	if !errors.As(err, &which) || which.Index != refused {
		f.Errorf("SaveAll: %v; want an *oauth.BatchError with the Index %d", err, refused)
	}
	users, ids := map[string]bool{}, given{}
	for _, t := range f.list() {
		users[t.UserName] = true
		ids.add(f, t.ID)
	}
	for i, t := range tokens {
		if users[t.UserName] != (i < oauth.BatchSize) {
			f.Errorf("token %d of the batch: saved: %v", i, users[t.UserName])
		}
	}
	tokens[refused].RedirectURL = ""
	if err := f.saveAll(f.ctx, tokens...); err != nil {
		f.Errorf("SaveAll again: %v", err)
	}
	if n := len(f.list()); n != len(tokens) {
		f.Errorf("the store holds %d rows, want %d", n, len(tokens))
	}
}

// batchConcurrent: batches and single Saves at once, of the same users and of
// others, of whom none is lost.
func batchConcurrent(f *fixture) {
	const users, batches, singles = 4, 4, 12
	errs := atOnce(f, func(s oauth.Store, i int) error {
		tokens := []oauth.Token{minimal(fmt.Sprint("own", i))}
		for u := range users {
			tokens = append(tokens, oauth.Token{UserName: fmt.Sprint("user", u), RefreshToken: secret(fmt.Sprint(i, u))})
		}
		switch {
		case i < batches:
			return oauth.SaveAll(f.ctx, s, slices.Values(tokens))
		case i < batches+singles:
			_, err := s.Save(f.ctx, tokens[i%2])
			return err
		}
		_, err := oauth.All(f.ctx, s)
		return err
	})
	for _, err := range errs {
		if err != nil {
			f.Errorf("SaveAll, Save and List at once: %v", err)
		}
	}
	want := map[string]bool{}
	for u := range users {
		want[fmt.Sprint("user", u)] = true
	}
	for i := range batches + singles {
		if i < batches || i%2 == 0 {
			want[fmt.Sprint("own", i)] = true
		}
	}
	for _, t := range f.list() {
		if !want[t.UserName] {
			f.Errorf("user %q has two rows, or one that nobody saved", t.UserName)
		}
		delete(want, t.UserName)
	}
	for user := range want {
		f.Errorf("user %q was saved and is not in the store", user)
	}
}
