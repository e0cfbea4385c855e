package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"zohocrm/oauth"
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

// TestInspectDoubles: users with several rows are one finding, however many they are,
// and what looks like a token in a name's place is not shown.
func TestInspectDoubles(t *testing.T) {
	const token = "1000.0123456789abcdef0123456789abcdef.0123456789abcdef0123456789abcdef"
	for doubled, want := range map[int]string{
		1:  `used: TOKEN (ids 1, 2)`,
		3:  `, "u1" (ids 3, 4), "u2" (ids 5, 6)`,
		5:  `"u2" (ids 5, 6) and 2 more`,
		20: `"u2" (ids 5, 6) and 17 more`,
		21: `"u2" (ids 5, 6) and at least 18 more`,
		90: `"u2" (ids 5, 6) and at least 18 more`,
	} {
		path := newPath(t)
		raw := rawDB(t, path)
		run(t, raw, createTable)
		for i := range doubled {
			name := fmt.Sprintf("u%d", i)
			if i > 2 {
				name = fmt.Sprintf("v%d", i)
			} else if i == 0 {
				name = token
			}
			for j := range 2 {
				run(t, raw, "INSERT INTO oauthtoken (id, user_name, client_id, refresh_token) VALUES (?, ?, 'c', ?)", 2*i+j+1, name, fmt.Sprint(i, j))
			}
			// The same name of another client is another user.
			run(t, raw, "INSERT INTO oauthtoken (id, user_name, client_id, refresh_token) VALUES (?, ?, 'd', ?)", 1000+i, name, fmt.Sprint(i))
		}
		s, _ := look(t, path)
		found := inspect(t, s)["duplicate-user"]
		if len(found) != 1 || found[0].Severity != check.Warning || strings.Contains(found[0].Text, token) {
			t.Errorf("%d: %+v", doubled, found)
			continue
		}
		want = strings.Replace(want, "TOKEN", oauth.NewSecret(token).Fingerprint(), 1)
		if !strings.HasSuffix(found[0].Text, want) {
			t.Errorf("%d: %s; want it to end in %s", doubled, found[0].Text, want)
		}
	}
}
