package storetest

import (
	"errors"
	"fmt"
	"sync/atomic"

	"zohocrm/oauth"
)

// concurrentReaders: whoever reads while others write sees whole rows.
func concurrentReaders(f *fixture) {
	const writers, times, readers = 4, 3, 8
	access := func(i, n int) oauth.Secret { return secret(fmt.Sprint(i, ".", n)) }
	row := f.save(oauth.Token{UserName: "alice", RefreshToken: secret("r"), AccessToken: access(0, 0), RedirectURL: access(0, 0).Fingerprint()})
	var writing atomic.Int32
	writing.Store(writers)
	write := func(s oauth.Store, i int) error {
		defer writing.Add(-1)
		for n := range times {
			_, err := s.Save(f.ctx, oauth.Token{ID: row.ID, AccessToken: access(i, n), RedirectURL: access(i, n).Fingerprint()})
			if err != nil {
				return err
			}
		}
		return nil
	}
	read := func(s oauth.Store) error {
		all, err := oauth.All(f.ctx, s)
		if err != nil {
			return err
		}
		found, err := s.Find(f.ctx, oauth.Token{RefreshToken: row.RefreshToken})
		if err != nil {
			return err
		}
		for _, t := range append(all, found) {
			if t.AccessToken.Fingerprint() != t.RedirectURL {
				return errors.New("a row is half of one Save and half of another")
			}
		}
		return nil
	}
	errs := atOnce(f, func(s oauth.Store, i int) error {
		if i < writers {
			return write(s, i)
		}
		for i < writers+readers && writing.Load() > 0 {
			if err := read(s); err != nil {
				return err
			}
		}
		return nil
	})
	for _, err := range errs {
		if err != nil {
			f.Errorf("reading while others write: %v", err)
		}
	}
}

// concurrentMix calls everything at once on few users. Whatever the order was,
// in the end nobody has two rows and no call failed for another reason than
// that its row was changed or gone.
//
// Defects: D15.
func concurrentMix(f *fixture) {
	errs := atOnce(f, func(s oauth.Store, i int) error {
		if i == 7 {
			return s.DeleteAll(f.ctx)
		}
		for round := range 3 {
			user := fmt.Sprint("user", (i+round)%3)
			row, err := s.Save(f.ctx, oauth.Token{UserName: user, RefreshToken: secret(user), AccessToken: secret(fmt.Sprint(i, round))})
			if err == nil {
				_, err = s.Find(f.ctx, oauth.Token{UserName: user})
			}
			if expected(err) && round == 0 && i%10 == 1 {
				err = s.Delete(f.ctx, row.ID, row.Version)
			}
			if expected(err) {
				_, err = oauth.All(f.ctx, s)
			}
			if !expected(err) {
				return err
			}
		}
		return nil
	})
	for _, err := range errs {
		if err != nil {
			f.Errorf("all methods at once: %v", err)
		}
	}
	users := map[string]bool{}
	for _, t := range f.list() {
		if users[t.UserName] {
			f.Errorf("user %q has two rows", t.UserName)
		}
		users[t.UserName] = true
	}
}

// expected: the row that was just read or saved went, or was saved by another.
func expected(err error) bool {
	return err == nil || errors.Is(err, oauth.ErrNotFound) || errors.Is(err, oauth.ErrConflict)
}
