package sqlite_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"zohocrm/oauth"
	"zohocrm/store/sqlite"
)

// TestTablesThatWork uses tables that somebody else made.
//
// Defects: D24.
func TestTablesThatWork(t *testing.T) {
	const rest = "client_id varchar(255), client_secret varchar(255), refresh_token varchar(255), access_token varchar(255), grant_token varchar(255), redirect_url varchar(255), api_domain varchar(255)"
	for name, table := range map[string]string{
		"another order":         "CREATE TABLE oauthtoken (api_domain varchar(255), user_name varchar(255), expiry_time varchar(20), redirect_url varchar(255), grant_token varchar(255), access_token varchar(255), refresh_token varchar(255), client_secret varchar(255), client_id varchar(255), id varchar(10) PRIMARY KEY)",
		"more columns":          "CREATE TABLE oauthtoken (id varchar(10) PRIMARY KEY, user_name varchar(255), expiry_time varchar(20), " + rest + ", note text, made integer NOT NULL DEFAULT 7)",
		"capital letters":       "CREATE TABLE OAuthToken (ID VARCHAR(10) PRIMARY KEY, User_Name VARCHAR(255), EXPIRY_TIME VARCHAR(20), " + strings.ToUpper(rest) + ")",
		"texts without size":    "CREATE TABLE oauthtoken (id text PRIMARY KEY, user_name text, expiry_time text, client_id text, client_secret text, refresh_token text, access_token text, grant_token text, redirect_url text, api_domain text)",
		"unique and not key":    "CREATE TABLE oauthtoken (id varchar(10) NOT NULL UNIQUE, user_name varchar(255), expiry_time varchar(20), " + rest + ")",
		"numbers as IDs":        "CREATE TABLE oauthtoken (id integer PRIMARY KEY AUTOINCREMENT, user_name varchar(255), expiry_time varchar(20), " + rest + ")",
		"int as ID":             "CREATE TABLE oauthtoken (id int(11) NOT NULL PRIMARY KEY, user_name varchar(255), expiry_time varchar(20), " + rest + ")",
		"times as numbers":      "CREATE TABLE oauthtoken (id varchar(10) PRIMARY KEY, user_name varchar(255), expiry_time bigint, " + rest + ")",
		"names always there":    "CREATE TABLE oauthtoken (id varchar(10) PRIMARY KEY, user_name varchar(255) NOT NULL, expiry_time varchar(20), " + rest + ")",
		"nothing may be NULL":   "CREATE TABLE oauthtoken (id varchar(10) PRIMARY KEY, user_name varchar(255) NOT NULL, expiry_time varchar(20) NOT NULL, " + strings.ReplaceAll(rest, "(255)", "(255) NOT NULL") + ")",
		"case does not matter":  "CREATE TABLE oauthtoken (id varchar(10) COLLATE NOCASE PRIMARY KEY, user_name varchar(255) COLLATE NOCASE, expiry_time varchar(20), " + strings.ReplaceAll(rest, "(255)", "(255) COLLATE RTRIM") + ")",
		"no rowid":              "CREATE TABLE oauthtoken (id varchar(10) PRIMARY KEY, user_name varchar(255), expiry_time varchar(20), " + rest + ") WITHOUT ROWID",
		"strict":                "CREATE TABLE oauthtoken (id text PRIMARY KEY, user_name text, expiry_time text, client_id text, client_secret text, refresh_token text, access_token text, grant_token text, redirect_url text, api_domain text) STRICT",
		"another key beside id": "CREATE TABLE oauthtoken (id varchar(10) NOT NULL UNIQUE, user_name varchar(255), expiry_time varchar(20), " + rest + ", nr integer PRIMARY KEY)",
	} {
		t.Run(name, func(t *testing.T) {
			path := newPath(t)
			raw := rawDB(t, path)
			run(t, raw, table)
			before := schemaOf(t, raw, "oauthtoken")
			s := open(t, path)
			useTable(t, s)
			if after := schemaOf(t, raw, "oauthtoken"); len(after) != len(before) {
				t.Errorf("the table was altered: %q became %q", before, after)
			}
		})
	}
}

// useTable does everything once, with eleven users.
func useTable(t *testing.T, s oauth.Store) {
	t.Helper()
	ctx := context.Background()
	names := strings.Fields("alice ALICE bob carol dave erin frank grace heidi ivan judy")
	for _, name := range names {
		token := user(name)
		saved := save(t, s, token)
		got, err := s.Find(ctx, oauth.Token{UserName: name})
		if err != nil || got != saved {
			t.Fatalf("Find gives %v, %v; want %v", got, err, saved)
		}
		token.ID = saved.ID
		if got.Row() != token.Row() {
			t.Errorf("Find gives %v, want %v", got, token)
		}
		if got, err := s.Get(ctx, saved.ID); err != nil || got != saved {
			t.Errorf("Get gives %v, %v; want %v", got, err, saved)
		}
		if got, err := s.Find(ctx, oauth.Token{RefreshToken: token.RefreshToken}); err != nil || got != saved {
			t.Errorf("Find by refresh token gives %v, %v; want %v", got, err, saved)
		}
		renewed := save(t, s, oauth.Token{ID: saved.ID, Version: saved.Version, AccessToken: oauth.NewSecret("new " + name), Expiry: sampleToken(1).Expiry})
		if got, err := s.Get(ctx, saved.ID); err != nil || got != renewed || !got.Expiry.Equal(sampleToken(1).Expiry) {
			t.Errorf("Get after an update gives %v, %v; want %v", got, err, renewed)
		}
	}
	if _, err := s.Find(ctx, oauth.Token{UserName: "bob "}); !errors.Is(err, oauth.ErrNotFound) {
		t.Errorf("Find with a space at the end: %v; want not found", err)
	}
	if _, err := s.Find(ctx, oauth.Token{UserName: "BOB"}); !errors.Is(err, oauth.ErrNotFound) {
		t.Errorf("Find in capitals: %v; want not found", err)
	}
	if _, err := s.Find(ctx, oauth.Token{RefreshToken: oauth.NewSecret("1000.refresh.bob ")}); !errors.Is(err, oauth.ErrNotFound) {
		t.Errorf("Find by a token with a space at the end: %v; want not found", err)
	}
	if _, err := s.Get(ctx, "one"); !errors.Is(err, oauth.ErrNotFound) {
		t.Errorf("Get of an ID that cannot be: %v; want not found", err)
	}
	all, err := oauth.All(ctx, s)
	if err != nil || len(all) != len(names) {
		t.Errorf("List gives %d rows, %v; want %d", len(all), err, len(names))
	}
	for i, row := range all {
		if i%2 == 0 {
			if err := s.Delete(ctx, row.ID, row.Version); err != nil {
				t.Error(err)
			}
		}
	}
	if err := s.DeleteAll(ctx); err != nil {
		t.Error(err)
	}
	if all, err := oauth.All(ctx, s); err != nil || len(all) != 0 {
		t.Errorf("List after DeleteAll gives %d rows, %v", len(all), err)
	}
	if err := s.(oauth.Prober).Probe(ctx); err != nil {
		t.Errorf("Probe: %v", err)
	}
}

// TestTablesRefused: the error says what to do, and nothing is put beside a table
// that is refused.
func TestTablesRefused(t *testing.T) {
	const three = "CREATE TABLE oauthtoken (id varchar(10), user_name varchar(255), expiry_time varchar(20)"
	for name, c := range map[string]struct{ table, want string }{
		"one column missing": {strings.Replace(createTable, " grant_token varchar(255),", "", 1), "no column grant_token;"},
		"many missing":       {three + ")", "no column client_id, client_secret, refresh_token, access_token, grant_token, redirect_url, api_domain;"},
		"nine columns":       {strings.Replace(strings.Replace(createTable, "user_name", "user_mail", 1), ", api_domain varchar(255)", "", 1), "no column user_name, api_domain;"},
		"no key":             {strings.Replace(createTable, ", primary key (id)", "", 1), "make id the primary key"},
		"key of two columns": {strings.Replace(createTable, "primary key (id)", "primary key (id, user_name)", 1), "make id the primary key"},
		"unique in part":     {strings.Replace(createTable, ", primary key (id)", "", 1) + "; CREATE UNIQUE INDEX part ON oauthtoken (id) WHERE user_name IS NOT NULL", "make id the primary key"},
		"side table":         {"CREATE TABLE oauthtoken_zcrm (side_key varchar(64))", "oauthtoken_zcrm: it has no column row_id"},
	} {
		t.Run(name, func(t *testing.T) {
			path := newPath(t)
			raw := rawDB(t, path)
			run(t, raw, c.table)
			_, err := openAt(context.Background(), path, sqlite.Config{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("New: %v; want %q", err, c.want)
			}
			var tables int
			if err := raw.QueryRow("SELECT count(*) FROM sqlite_master WHERE type = 'table'").Scan(&tables); err != nil || tables != 1 {
				t.Errorf("there are %d tables, %v; want 1", tables, err)
			}
		})
	}
}

func TestTableNames(t *testing.T) {
	path := newPath(t)
	for _, name := range []string{"tokens", "T_1$", "1", "select", strings.Repeat("x", 64)} {
		s := openWith(t, path, sqlite.Config{Table: name})
		save(t, s, user("alice of "+name))
		if all, err := oauth.All(context.Background(), s); err != nil || len(all) != 1 || all[0].ID != "1" {
			t.Errorf("table %q holds %v, %v", name, all, err)
		}
	}
	for _, name := range []string{"a b", `a"b`, "a`b", "a'b", "a;b", "a.b", "ä", "a-b", strings.Repeat("x", 65)} {
		if _, err := openAt(context.Background(), path, sqlite.Config{Table: name}); err == nil || !strings.Contains(err.Error(), "use 1 to 64 letters") {
			t.Errorf("table %q: %v; want it refused", name, err)
		}
	}
	if _, err := openAt(context.Background(), path, sqlite.Config{Table: "sqlite_tokens"}); err == nil || !strings.Contains(err.Error(), "reserved") {
		t.Errorf("a name that SQLite keeps for itself: %v", err)
	}
}

// TestViewIsNotATable: a view has the columns but takes no rows.
func TestViewIsNotATable(t *testing.T) {
	path := newPath(t)
	raw := rawDB(t, path)
	run(t, raw, strings.Replace(createTable, "oauthtoken", "others", 1)+"; CREATE VIEW oauthtoken AS SELECT * FROM others")
	if _, err := openAt(context.Background(), path, sqlite.Config{}); err == nil {
		t.Error("New took a view")
	}
}
