package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"strings"
	"testing"

	"zohocrm/oauth"
	"zohocrm/store/sqlite"
)

// TestReadOnly: tokens can be found, and what cannot be done says why.
func TestReadOnly(t *testing.T) {
	ctx := context.Background()
	path := newPath(t)
	first := open(t, path)
	saved := save(t, first, user("alice"))
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s, err := sqlite.New(ctx, db, sqlite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got, err := s.Find(ctx, oauth.Token{UserName: "alice"}); err != nil || got != saved {
		t.Errorf("Find gives %v, %v; want %v", got, err, saved)
	}
	_, err = s.Save(ctx, user("bob"))
	for what, err := range map[string]error{
		"Save": err, "Probe": s.Probe(ctx), "Delete": s.Delete(ctx, "1", ""), "DeleteAll": s.DeleteAll(ctx),
	} {
		if !errors.Is(err, oauth.ErrStoreUnavailable) || !strings.Contains(err.Error(), "can only be read; give this user the right to write it") {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err = sqlite.New(ctx, db, sqlite.Config{Table: "others"})
	if !errors.Is(err, oauth.ErrStoreUnavailable) || !strings.Contains(err.Error(), "can only be read") {
		t.Errorf("New on a table that is missing: %v", err)
	}
}

// TestNotADatabase: another file's contents are named, and left alone.
func TestNotADatabase(t *testing.T) {
	path := newPath(t)
	text := strings.Repeat("id,user_name,1000.secret\n", 100)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := openAt(context.Background(), path, sqlite.Config{})
	var place *oauth.CorruptError
	if !errors.As(err, &place) || !strings.Contains(err.Error(), "not a database") || strings.Contains(err.Error(), "secret") {
		t.Errorf("New: %v", err)
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != text {
		t.Errorf("the file was changed, %v", err)
	}
}

// TestDamagedDatabase: pages were overwritten.
func TestDamagedDatabase(t *testing.T) {
	ctx := context.Background()
	path := newPath(t)
	s := open(t, path)
	fill(t, s, 500)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	for i := 10 * page; i < len(data); i++ {
		data[i] = 0xa5
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err = openAt(ctx, path, sqlite.Config{})
	if err == nil {
		defer s.Close()
		_, err = oauth.All(ctx, s)
	}
	if !errors.Is(err, oauth.ErrCorrupt) || !strings.Contains(err.Error(), "malformed") {
		t.Errorf("reading: %v; want the store called damaged", err)
	}
}

func TestCannotOpen(t *testing.T) {
	db, err := sql.Open("sqlite", sqlite.DSN("/no/such/folder/tokens.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := sqlite.New(context.Background(), db, sqlite.Config{}); !errors.Is(err, oauth.ErrStoreUnavailable) || !strings.Contains(err.Error(), "unable to open") {
		t.Errorf("New: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := sqlite.New(ctx, db, sqlite.Config{}); !errors.Is(err, context.Canceled) {
		t.Errorf("New with an ended context: %v", err)
	}
}

// TestAfterClose and after the table has gone: an error, no panic.
func TestAfterClose(t *testing.T) {
	ctx := context.Background()
	s := open(t, newPath(t))
	save(t, s, user("alice"))
	run(t, s.db, "DROP TABLE oauthtoken")
	_, err := s.Save(ctx, user("bob"))
	if !errors.Is(err, oauth.ErrStoreUnavailable) || !strings.Contains(err.Error(), "no such table: oauthtoken") {
		t.Errorf("Save without the table: %v", err)
	}
	s.db.Close()
	if _, err := s.Get(ctx, "1"); !errors.Is(err, oauth.ErrStoreUnavailable) {
		t.Errorf("Get: %v", err)
	}
	for _, err := range s.List(ctx) {
		if !errors.Is(err, oauth.ErrStoreUnavailable) {
			t.Errorf("List: %v", err)
		}
	}
	if err := s.DeleteAll(ctx); !errors.Is(err, oauth.ErrStoreUnavailable) {
		t.Errorf("DeleteAll: %v", err)
	}
}

// TestRulesOfTheTable: a rule that only this table has is told without a value.
func TestRulesOfTheTable(t *testing.T) {
	ctx := context.Background()
	for name, rule := range map[string]string{
		"not null": strings.Replace(createTable, ", primary key", ", note text NOT NULL, primary key", 1),
		"check":    strings.Replace(createTable, ", primary key", ", CHECK (length(access_token) < 3), primary key", 1),
		"unique":   createTable + "; CREATE UNIQUE INDEX one ON oauthtoken (client_id)",
	} {
		t.Run(name, func(t *testing.T) {
			path := newPath(t)
			run(t, rawDB(t, path), rule)
			s := open(t, path)
			if name == "unique" {
				save(t, s, user("bob"))
			}
			_, err := s.Save(ctx, user("alice"))
			if !errors.Is(err, oauth.ErrInvalidValue) || !strings.Contains(err.Error(), "constraint failed") || strings.Contains(err.Error(), "1000.") {
				t.Errorf("Save: %v", err)
			}
			if _, err := s.Find(ctx, oauth.Token{UserName: "alice"}); !errors.Is(err, oauth.ErrNotFound) {
				t.Errorf("Find: %v", err)
			}
		})
	}
}
