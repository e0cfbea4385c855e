package sqlite_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"zohocrm/oauth"
	"zohocrm/store/sqlite"
)

// TestSecretsWithOneTail: an index tells secrets apart by their last characters only.
func TestSecretsWithOneTail(t *testing.T) {
	ctx := context.Background()
	s := open(t, newPath(t))
	secrets := []string{"1000.a.commontail", "1000.b.commontail", "commontail", "tail", "il", "l", "ü.commontail", "1000.'%_", "'%_"}
	var all, partials []oauth.Token
	for i, text := range secrets {
		token := user(fmt.Sprint("user ", i))
		token.RefreshToken, token.AccessToken = oauth.NewSecret(text), oauth.NewSecret("access "+text)
		all = append(all, token)
		partials = append(partials, oauth.Token{RefreshToken: token.RefreshToken}, oauth.Token{AccessToken: token.AccessToken})
	}
	if err := s.SaveAll(ctx, slices.Values(all)); err != nil {
		t.Fatal(err)
	}
	many, errs := s.FindMany(ctx, partials)
	for i, p := range partials {
		want := fmt.Sprint("user ", i/2)
		if got, err := s.Find(ctx, p); err != nil || got.UserName != want {
			t.Errorf("Find by a secret of %s gives %v, %v", want, got, err)
		}
		if errs[i] != nil || many[i].UserName != want {
			t.Errorf("FindMany by a secret of %s gives %v, %v", want, many[i], errs[i])
		}
	}
	for _, none := range []string{"ommontail", "1000.c.commontail", "0.a.commontail"} {
		if got, err := s.Find(ctx, oauth.Token{RefreshToken: oauth.NewSecret(none)}); !errors.Is(err, oauth.ErrNotFound) {
			t.Errorf("Find by %q gives %v, %v", none, got, err)
		}
	}
}

// TestIndexesOfOtherTables: a table that was there, whose columns are written otherwise
// or have a common name, works, and what is advised for it ends the warning.
func TestIndexesOfOtherTables(t *testing.T) {
	ctx := context.Background()
	path := newPath(t)
	db := rawDB(t, path)
	other := strings.Replace(createTable, "refresh_token", "REFRESH_TOKEN", 1)
	run(t, db, strings.Replace(other, "api_domain varchar(255)", "api_domain varchar(255), v varchar(10)", 1))
	s := open(t, path)
	if err := s.SaveAll(ctx, slices.Values([]oauth.Token{user("a"), user("b")})); err != nil {
		t.Fatal(err)
	}
	if found, errs := s.FindMany(ctx, []oauth.Token{{RefreshToken: user("b").RefreshToken}}); errs[0] != nil || found[0].UserName != "b" {
		t.Errorf("FindMany: %v, %v", found, errs)
	}
	for _, f := range inspect(t, s.Store)["missing-index"] {
		run(t, db, f.Remedy)
	}
	if left := inspect(t, s.Store)["missing-index"]; len(left) > 0 {
		t.Errorf("still missing: %v", left)
	}
}

// TestBatchOnABadConnection ends, whichever statement finds out.
func TestBatchOnABadConnection(t *testing.T) {
	ctx := context.Background()
	s, f := openFaulty(t, newPath(t))
	for n := 1; ; n++ {
		var batch []oauth.Token
		for i := range 250 {
			batch = append(batch, user(fmt.Sprintf("user %d of %d", i, n)))
		}
		seen := failAt(f, n, driver.ErrBadConn)
		err := s.SaveAll(ctx, slices.Values(batch))
		f.set(nil)
		if err == nil && seen() < n {
			return
		}
		if err != nil && !errors.Is(err, oauth.ErrStoreUnavailable) {
			t.Errorf("statement %d: %v", n, err)
		}
	}
}

// TestMadeAtTheSecondTry: the first transaction, which makes the tables, found the
// database locked.
func TestMadeAtTheSecondTry(t *testing.T) {
	path := newPath(t)
	real := rawDB(t, path)
	f := &faulty{real: real.Driver(), dsn: sqlite.DSN(path)}
	left := 1
	f.set(func(statement string) error {
		if strings.HasPrefix(statement, "INSERT INTO") && left > 0 {
			left--
			return busy
		}
		return nil
	})
	db := sql.OpenDB(f)
	defer db.Close()
	s, err := sqlite.New(context.Background(), db, sqlite.Config{})
	if err != nil || left != 0 {
		t.Fatal(err, left)
	}
	s.Close()
}

// TestCommitThatIsRefused for as long as a reader stays, in a database without
// write-ahead log, is the store's failure and not the end of the caller's context.
func TestCommitThatIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, f := openFaulty(t, newPath(t))
		save(t, s, user("alice"))
		f.set(func(statement string) error {
			if statement == "COMMIT" {
				return busy
			}
			return nil
		})
		if _, err := s.Save(context.Background(), user("bob")); !errors.Is(err, oauth.ErrStoreUnavailable) || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Save: %v", err)
		}
	})
}
