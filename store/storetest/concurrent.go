package storetest

import (
	"errors"
	"fmt"
	"sync"

	"zohocrm/oauth"
)

// many is how many goroutines save at once.
const many = 32

func concurrentChecks() []check {
	return []check{
		{name: "ConcurrentUpsert", run: concurrentUpsert},
		{name: "ConcurrentNaming", run: concurrentNaming},
		{name: "ConcurrentVersion", run: concurrentVersion},
		{name: "ConcurrentDelete", run: concurrentDelete},
		{name: "ConcurrentCounter", run: concurrentCounter},
		{name: "ConcurrentReaders", run: concurrentReaders},
		{name: "ConcurrentMix", run: concurrentMix},
	}
}

// atOnce runs do many times at once, over all handles there can be, and gives
// what each returned.
func atOnce[R any](f *fixture, do func(s oauth.Store, i int) R) []R {
	f.Helper()
	handles := f.again()
	results := make([]R, many)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range many {
		wg.Go(func() {
			<-start
			results[i] = do(handles[i%len(handles)].s, i)
		})
	}
	close(start)
	wg.Wait()
	return results
}

type saved struct {
	t   oauth.Token
	err error
}

func save(f *fixture, s oauth.Store, t oauth.Token) saved {
	row, err := s.Save(f.ctx, t)
	return saved{row, err}
}

// concurrentUpsert: one user of one client has one row, in whichever way the
// row would be found or made.
//
// Defects: D9, D15.
func concurrentUpsert(f *fixture) {
	for name, token := range map[string]func(i int) oauth.Token{
		"user": func(i int) oauth.Token {
			return oauth.Token{UserName: "user", ClientID: client, RefreshToken: secret(fmt.Sprint("u", i))}
		},
		"user with an unknown ID": func(i int) oauth.Token {
			return oauth.Token{ID: fmt.Sprint(700000100 + i), UserName: "of id", RefreshToken: secret(fmt.Sprint("i", i))}
		},
		"grant": func(i int) oauth.Token {
			return oauth.Token{GrantToken: secret("code"), AccessToken: secret(fmt.Sprint("g", i))}
		},
		"refresh": func(i int) oauth.Token {
			return oauth.Token{RefreshToken: secret("one"), AccessToken: secret(fmt.Sprint("r", i))}
		},
	} {
		before := len(f.list())
		ids := map[string]bool{}
		for _, r := range atOnce(f, func(s oauth.Store, i int) saved { return save(f, s, token(i)) }) {
			if r.err != nil {
				f.Errorf("%d Saves of one %s at once: %v", many, name, r.err)
			}
			ids[r.t.ID] = true
		}
		if n := len(f.list()) - before; n != 1 || len(ids) != 1 {
			f.Errorf("%d Saves of one %s at once made %d rows and answered %d IDs, want one", many, name, n, len(ids))
		}
	}
}

// concurrentNaming: many nameless logins turn out to be the same user.
func concurrentNaming(f *fixture) {
	results := atOnce(f, func(s oauth.Store, i int) saved {
		login := save(f, s, nameless(fmt.Sprint("login", i)))
		if login.err != nil {
			return login
		}
		return save(f, s, oauth.Token{ID: login.t.ID, Version: login.t.Version, UserName: "alice"})
	})
	for _, r := range results {
		if r.err != nil {
			f.Errorf("naming a login: %v", r.err)
		}
	}
	rows := f.list()
	if len(rows) != 1 {
		f.Fatalf("%d logins of one user left %d rows, want one", many, len(rows))
	}
	for _, r := range results {
		if r.err == nil && r.t.RefreshToken == rows[0].RefreshToken && r.t.AccessToken != rows[0].AccessToken {
			f.Error("the row has the refresh token of one login and the access token of another")
		}
	}
}

// concurrentVersion: of many Saves with one Version exactly one happens.
func concurrentVersion(f *fixture) {
	row := f.save(filled("alice"))
	results := atOnce(f, func(s oauth.Store, i int) saved {
		return save(f, s, oauth.Token{ID: row.ID, Version: row.Version, AccessToken: secret(fmt.Sprint("a", i))})
	})
	var won []oauth.Token
	for _, r := range results {
		if r.err == nil {
			won = append(won, r.t)
		} else if !errors.Is(r.err, oauth.ErrConflict) {
			f.Errorf("Save with a Version that others use too: %v; want %q", r.err, oauth.ErrConflict)
		}
	}
	if len(won) != 1 {
		f.Fatalf("%d of %d Saves with one Version happened, want one", len(won), many)
	}
	f.holds(won[0])
}

// concurrentDelete: of many Deletes of one row exactly one happens, and a Save
// that read the row before does not bring it back.
func concurrentDelete(f *fixture) {
	deletes := func(round, i int) bool { return round == 0 || i%2 == 0 }
	for round := range 4 {
		row := f.save(filled(fmt.Sprint("user", round)))
		errs := atOnce(f, func(s oauth.Store, i int) error {
			if deletes(round, i) {
				return s.Delete(f.ctx, row.ID, row.Version)
			}
			_, err := s.Save(f.ctx, oauth.Token{ID: row.ID, Version: row.Version, UserName: row.UserName, AccessToken: secret(fmt.Sprint("a", i))})
			return err
		})
		won := 0
		for i, err := range errs {
			switch {
			case err == nil:
				won++
			case errors.Is(err, oauth.ErrConflict), deletes(round, i) && errors.Is(err, oauth.ErrNotFound):
			default:
				f.Errorf("Delete or Save with a Version that others use too: %v", err)
			}
		}
		if won != 1 {
			f.Errorf("%d of %d Deletes and Saves with one Version happened, want one", won, many)
		}
	}
}

// concurrentCounter loses no update: everybody reads, changes and saves with the
// Version, and starts again after a conflict.
//
// Defects: D15.
func concurrentCounter(f *fixture) {
	const counting, times = 8, 3 // fewer than many: each conflict costs a round
	row := f.save(counter())
	errs := atOnce(f, func(s oauth.Store, i int) error {
		for range times {
			if i >= counting {
				break
			}
			if err := increment(f.ctx, s, row.ID); err != nil {
				return err
			}
		}
		return nil
	})
	for _, err := range errs {
		if err != nil {
			f.Errorf("counting by Version: %v", err)
		}
	}
	if got := f.get(row.ID).RedirectURL; got != fmt.Sprint(counting*times) {
		f.Errorf("%d increments by Version counted to %s", counting*times, got)
	}
}
