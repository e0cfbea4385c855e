package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"zohocrm/oauth"
	"zohocrm/store/sqlite"
)

// looked opens a file to be looked at.
func looked(t *testing.T, path string, cfg sqlite.Config) (s *sqlite.Store, used bool, err error) {
	t.Helper()
	db, err := sql.Open("sqlite", sqlite.DSN(sqlite.Memory))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	s, used, err = sqlite.Look(context.Background(), db, path, cfg)
	if err == nil {
		t.Cleanup(func() { s.Close() })
	}
	return s, used, err
}

func look(t *testing.T, path string) (*sqlite.Store, bool) {
	t.Helper()
	s, used, err := looked(t, path, sqlite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return s, used
}

// foreign makes a database as an official SDK's program leaves it, with users who
// are called so, and answers its bytes.
func foreign(t *testing.T, path string, users ...string) []byte {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	run(t, db, createTable)
	for i, name := range users {
		row := user(name).Row()
		row.ID, row.RefreshToken = fmt.Sprint(i+1), fmt.Sprint("1000.refresh.", i)
		run(t, db, insertRow, rowArguments(row)...)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return content(t, path)
}

func content(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// alone wants nothing beside the file.
func alone(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("beside %s: %v, %v", path, entries, err)
	}
}

// TestLookLeavesAForeignFile byte for byte as it is, whatever is done with the Store,
// and has everything to say of it that a Store has.
func TestLookLeavesAForeignFile(t *testing.T) {
	ctx := context.Background()
	path := newPath(t)
	before := foreign(t, path, "bob", "carol", "bob")
	s, used := look(t, path)
	if used {
		t.Error("it is taken for one that a Store has used")
	}
	all, err := oauth.All(ctx, s)
	if err != nil || len(all) != 3 || all[1].UserName != "carol" {
		t.Errorf("List: %v, %v", all, err)
	}
	for _, token := range all {
		if got, err := s.Get(ctx, token.ID); err != nil || got != token {
			t.Errorf("Get: %v, %v; want %v", got, err, token)
		}
	}
	if rows, errs := s.FindMany(ctx, []oauth.Token{{UserName: "carol"}, {UserName: "dave"}}); errs[0] != nil || rows[0] != all[1] || !errors.Is(errs[1], oauth.ErrNotFound) {
		t.Errorf("FindMany: %v, %v", rows, errs)
	}
	found := inspect(t, s)
	for code, n := range map[string]int{"missing-index": 4, "duplicate-user": 1} {
		if len(found[code]) != n {
			t.Errorf("%s: %v; want %d", code, found[code], n)
		}
		delete(found, code)
	}
	if len(found) > 0 {
		t.Errorf("further: %v", found)
	}
	writesNothing(t, s)
	if after := content(t, path); !slices.Equal(before, after) {
		t.Error("the file was changed")
	}
	alone(t, path)
}

// writesNothing wants everything that writes to be refused.
func writesNothing(t *testing.T, s *sqlite.Store) {
	t.Helper()
	ctx := context.Background()
	_, err := s.Save(ctx, user("eve"))
	_, acquire := s.Acquire(ctx, oauth.Claim{Key: user("eve").SideKey(), Owner: "me"})
	for what, err := range map[string]error{
		"Save": err, "Acquire": acquire, "Delete": s.Delete(ctx, "1", ""), "DeleteAll": s.DeleteAll(ctx), "Probe": s.Probe(ctx),
		"SaveAll": s.SaveAll(ctx, slices.Values([]oauth.Token{user("eve")})),
		"Settle":  s.Settle(ctx, oauth.Lease{Key: user("eve").SideKey()}, oauth.Outcome{Kind: oauth.Withdrawn}),
	} {
		if !errors.Is(err, oauth.ErrStoreUnavailable) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestLookAtOurs sees side data and standings, and what another connection has just
// written.
func TestLookAtOurs(t *testing.T) {
	ctx := context.Background()
	ours := open(t, newPath(t))
	alice := user("alice")
	alice.Scope = "ZohoCRM.users.READ"
	saved := save(t, ours, alice)
	if err := ours.Settle(ctx, oauth.Lease{Key: saved.SideKey()}, oauth.Outcome{Kind: oauth.Withdrawn}); err != nil {
		t.Fatal(err)
	}
	s, used := look(t, ours.path)
	if !used {
		t.Error("it is taken for one that no Store has used")
	}
	if got, err := s.Get(ctx, saved.ID); err != nil || got != saved {
		t.Errorf("%v, %v; want %v", got, err, saved)
	}
	if known, err := s.Standings(ctx, saved.SideKey()); err != nil || known[saved.SideKey()].State != oauth.Ended {
		t.Errorf("Standings: %v, %v", known, err)
	}
	if found := inspect(t, s); len(found) > 0 {
		t.Errorf("found %v", found)
	}
	bob := save(t, ours, user("bob"))
	if got, err := s.Find(ctx, oauth.Token{UserName: "bob"}); err != nil || got != bob {
		t.Errorf("%v, %v; want %v", got, err, bob)
	}
	writesNothing(t, s)
	if all, err := oauth.All(ctx, ours); err != nil || len(all) != 2 {
		t.Errorf("afterwards: %v, %v", all, err)
	}
}

// TestLookAtHalfUsed: opening it to be written would make a table, or turn the
// write-ahead log on.
func TestLookAtHalfUsed(t *testing.T) {
	logged, made := newPath(t), newPath(t)
	foreign(t, logged, "bob")
	run(t, rawDB(t, logged), "PRAGMA journal_mode = WAL")
	s := open(t, made)
	save(t, s, user("bob"))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	run(t, rawDB(t, made), "PRAGMA journal_mode = DELETE")
	for _, path := range []string{logged, made} {
		s, used := look(t, path)
		if _, err := s.Find(context.Background(), oauth.Token{UserName: "bob"}); err != nil || used {
			t.Errorf("used: %v, %v", used, err)
		}
	}
}

// TestLookAtNothing: a file without the token table has no tokens.
func TestLookAtNothing(t *testing.T) {
	ctx := context.Background()
	empty, other, named := newPath(t), newPath(t), newPath(t)
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, rawDB(t, other), "CREATE TABLE persons (name text)")
	foreign(t, named, "bob")
	for path, table := range map[string]string{empty: "", other: "", named: "tokens"} {
		before := content(t, path)
		s, used, err := looked(t, path, sqlite.Config{Table: table})
		if err != nil || used {
			t.Errorf("used: %v, %v", used, err)
			continue
		}
		if all, err := oauth.All(ctx, s); err != nil || len(all) > 0 {
			t.Errorf("List: %v, %v", all, err)
		}
		if _, err := s.Find(ctx, oauth.Token{UserName: "bob"}); !errors.Is(err, oauth.ErrNotFound) {
			t.Errorf("Find: %v", err)
		}
		if known, err := s.Standings(ctx, user("bob").SideKey()); err != nil || len(known) > 0 {
			t.Errorf("Standings: %v, %v", known, err)
		}
		found := inspect(t, s)
		if len(found) != 1 || len(found["missing-table"]) != 1 || !strings.Contains(found["missing-table"][0].Text, s.Missing()) {
			t.Errorf("found %v", found)
		}
		writesNothing(t, s)
		if after := content(t, path); !slices.Equal(before, after) {
			t.Error("the file was changed")
		}
	}
}

// TestLookRefuses what is no database, and what is none of ours.
func TestLookRefuses(t *testing.T) {
	text, other, missing := newPath(t), newPath(t), newPath(t)
	if err := os.WriteFile(text, []byte(strings.Repeat("id,user_name\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, rawDB(t, other), "CREATE TABLE oauthtoken (id varchar(10) PRIMARY KEY, name text)")
	for path, want := range map[string]string{text: "not a database", other: "it has no column user_name", missing: "no such file"} {
		_, _, err := looked(t, path, sqlite.Config{})
		if err == nil || !strings.Contains(err.Error(), want) || strings.ContainsAny(err.Error(), "\r\n") {
			t.Errorf("%v; want it to say %q", err, want)
		}
		if path == missing && !errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
	}
	if _, err := os.Stat(missing); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file was made: %v", err)
	}
}

// TestLookNamesAnyFile, whatever letters its name has, also by a relative path.
func TestLookNamesAnyFile(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(folder)
	for _, name := range []string{"with space.db", "a?b=c&d.db", "a#b.db", "100%25.db", "ä+ö.db", "semi;colon.db", "quote'\".db"} {
		save(t, open(t, filepath.Join(folder, name)), user(name))
		s, used := look(t, name)
		if _, err := s.Find(context.Background(), oauth.Token{UserName: name}); err != nil || !used {
			t.Errorf("%q: used: %v, %v", name, used, err)
		}
	}
}
