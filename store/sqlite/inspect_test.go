package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"zohocrm/store/check"
	"zohocrm/store/sqlite"
)

func inspect(t *testing.T, s *sqlite.Store) map[string][]check.Finding {
	t.Helper()
	all, err := s.Inspect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string][]check.Finding)
	for _, f := range all {
		if f.Text == "" || strings.ContainsAny(f.Text+f.Remedy, "\r\n") {
			t.Errorf("no line: %+v", f)
		}
		found[f.Code] = append(found[f.Code], f)
	}
	return found
}

// TestInspectOurs: of what we make there is nothing to say.
func TestInspectOurs(t *testing.T) {
	for _, path := range []string{newPath(t), sqlite.Memory} {
		s := open(t, path)
		save(t, s, user("alice"))
		if found := inspect(t, s.Store); len(found) != 0 {
			t.Errorf("found %v", found)
		}
	}
}

// TestInspectTheirs finds what somebody else's database lacks.
func TestInspectTheirs(t *testing.T) {
	path := newPath(t)
	raw := rawDB(t, path)
	run(t, raw, strings.Replace(createTable, "user_name varchar(255)", "user_name varchar(255) COLLATE NOCASE NOT NULL", 1))
	for i := range 10 {
		run(t, raw, "INSERT INTO oauthtoken (id, user_name, client_id, refresh_token) VALUES (?, ?, 'c', ?)", i+1, []string{"bob", "BOB", "bob"}[i%3], fmt.Sprint("1000.", i))
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := sqlite.New(context.Background(), rawDB(t, path), sqlite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	run(t, raw, "PRAGMA synchronous = NORMAL")
	found := inspect(t, s)
	want := map[string]int{"missing-index": 4, "ten-rows": 1, "duplicate-user": 1, "user-name-not-null": 1, "file-mode": 1}
	if runtime.GOOS == "windows" {
		delete(want, "file-mode")
	}
	for code, n := range want {
		if len(found[code]) != n {
			t.Errorf("%s: %v; want %d", code, found[code], n)
		}
		delete(found, code)
	}
	if len(found) != 0 {
		t.Errorf("further: %v", found)
	}
}

// TestInspectLosesPower: how the database was opened.
func TestInspectLosesPower(t *testing.T) {
	db := rawDB(t, newPath(t))
	db.SetMaxOpenConns(1)
	run(t, db, "PRAGMA synchronous = NORMAL")
	s, err := sqlite.New(context.Background(), db, sqlite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if found := inspect(t, s); len(found["synchronous"]) != 1 {
		t.Errorf("found %v", found)
	}
}
