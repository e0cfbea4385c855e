package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"zohocrm/oauth"
	"zohocrm/store/internal/sqlstore"
)

func openPlain(t *testing.T, dsn string) (*sqlstore.Store, *sql.DB) {
	t.Helper()
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	s, err := sqlstore.Open(context.Background(), db, sqlstore.Config{Dialect: plainDialect()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, db
}

// TestNumberedPlaceholders: every statement works with "$1", and writers that no
// queue keeps in order lose nothing.
func TestNumberedPlaceholders(t *testing.T) {
	ctx := context.Background()
	s, _ := openPlain(t, "file:"+filepath.Join(t.TempDir(), "tokens.db")+"?_pragma=journal_mode(WAL)")
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 5 {
				name := fmt.Sprint(i, " ", n)
				saved, err := s.Save(ctx, oauth.Token{UserName: name, RefreshToken: oauth.NewSecret("r" + name), Scope: name})
				if err != nil {
					t.Error(err)
					return
				}
				saved, err = s.Save(ctx, oauth.Token{ID: saved.ID, Version: saved.Version, AccessToken: oauth.NewSecret("a" + name)})
				if err != nil {
					t.Error(err)
					return
				}
				for _, key := range []oauth.Token{{ID: saved.ID}, {UserName: name}, {RefreshToken: saved.RefreshToken}, {AccessToken: saved.AccessToken}} {
					if got, err := s.Find(ctx, key); err != nil || got != saved {
						t.Errorf("Find gives %v, %v; want %v", got, err, saved)
					}
				}
			}
		})
	}
	all.Wait()
	rows, err := oauth.All(ctx, s)
	if err != nil || len(rows) != 40 {
		t.Fatalf("%d rows, %v; want 40", len(rows), err)
	}
	for _, row := range rows[:20] {
		if row.Scope != row.UserName {
			t.Errorf("List gives user %q the scope %q", row.UserName, row.Scope)
		}
		if err := s.Delete(ctx, row.ID, row.Version); err != nil {
			t.Error(err)
		}
	}
	if err := errors.Join(s.Probe(ctx), s.DeleteAll(ctx)); err != nil {
		t.Error(err)
	}
}

// TestDriversWordsStayInside: an error shows the dialect's description only, since
// other databases quote the values that they refuse.
//
// Defects: D20.
func TestDriversWordsStayInside(t *testing.T) {
	s, db := openPlain(t, "file:"+filepath.Join(t.TempDir(), "tokens.db"))
	const quoted = "1000.secret"
	if _, err := db.Exec("CREATE TRIGGER quote BEFORE INSERT ON oauthtoken BEGIN SELECT RAISE(ABORT, 'refused " + quoted + "'); END"); err != nil {
		t.Fatal(err)
	}
	_, err := s.Save(context.Background(), oauth.Token{UserName: "alice", RefreshToken: oauth.NewSecret(quoted)})
	if err == nil || strings.Contains(err.Error(), quoted) || !strings.Contains(err.Error(), "the database failed") {
		t.Errorf("Save: %v", err)
	}
	for ; err != nil; err = errors.Unwrap(err) {
		if strings.Contains(err.Error(), quoted) {
			t.Errorf("inside the error: %v", err)
		}
	}
}
