package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"zohocrm/oauth"
	"zohocrm/store/check"
	"zohocrm/store/postgres"
)

const columns = "client_id varchar(255), client_secret varchar(255), refresh_token varchar(255), access_token varchar(255), " +
	"grant_token varchar(255), expiry_time varchar(20), redirect_url varchar(255), api_domain varchar(255)"

// TestNewTable: what is made has the SDKs' columns in their order, compares bytes,
// and has an index for each key.
func TestNewTable(t *testing.T) {
	s := open(t, newURL(t))
	rows, err := s.db.Query(`SELECT a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || c.collname
		FROM pg_attribute a JOIN pg_collation c ON c.oid = a.attcollation
		WHERE a.attrelid = 'oauthtoken'::regclass AND a.attnum > 0 ORDER BY a.attnum`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var got, want []string
	for rows.Next() {
		var column string
		if err := rows.Scan(&column); err != nil {
			t.Fatal(err)
		}
		got = append(got, column)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	sizes := map[string]int{"id": 10, "expiry_time": 20}
	for _, name := range oauth.Columns() {
		want = append(want, fmt.Sprintf("%s character varying(%d) C", name, max(sizes[name], 255*b2i(sizes[name] == 0))))
	}
	if !slices.Equal(got, want) {
		t.Errorf("the table has %q, want %q", got, want)
	}
	run(t, s.db, "SET enable_seqscan = off")
	found, err := s.Inspect(context.Background())
	if err != nil || count(found, "missing-index") != 0 {
		t.Errorf("Inspect: %v, %v", found, err)
	}
}

func b2i(is bool) int {
	if is {
		return 1
	}
	return 0
}

// TestForeignTables: tables as somebody else made them are used in place and not
// altered.
func TestForeignTables(t *testing.T) {
	ctx := context.Background()
	for name, c := range map[string]struct {
		create   string
		location func(testing.TB) string
		cfg      postgres.Config
	}{
		"other order":   {"CREATE TABLE oauthtoken (api_domain varchar(255), extra int, " + reversed() + ", id varchar(10) PRIMARY KEY)", newURL, postgres.Config{}},
		"id int":        {"CREATE TABLE oauthtoken (id int PRIMARY KEY, user_name varchar(255), " + columns + ")", newURL, postgres.Config{}},
		"id bigint":     {"CREATE TABLE oauthtoken (id bigint PRIMARY KEY, user_name varchar(255), " + columns + ")", newURL, postgres.Config{}},
		"id int pooler": {"CREATE TABLE oauthtoken (id int PRIMARY KEY, user_name varchar(255), " + columns + ")", poolerURL, postgres.Config{Pooler: true}},
		"id wide":       {"CREATE TABLE oauthtoken (id varchar(255) PRIMARY KEY, user_name varchar(255), " + columns + ")", newURL, postgres.Config{}},
		"all text":      {"CREATE TABLE oauthtoken (id text PRIMARY KEY, user_name text, " + strings.NewReplacer("varchar(255)", "text", "varchar(20)", "text").Replace(columns) + ")", newURL, postgres.Config{}},
		"unique index":  {"CREATE TABLE oauthtoken (n serial PRIMARY KEY, id varchar(10) NOT NULL UNIQUE, user_name varchar(255), " + columns + ")", newURL, postgres.Config{}},
		"not null":      {"CREATE TABLE oauthtoken (id varchar(10) PRIMARY KEY, user_name varchar(255) NOT NULL, " + columns + ")", newURL, postgres.Config{}},
		"language":      {`CREATE TABLE oauthtoken (id varchar(10) COLLATE "und-x-icu" PRIMARY KEY, user_name varchar(255) COLLATE "und-x-icu", ` + columns + ")", newURL, postgres.Config{}},
	} {
		t.Run(name, func(t *testing.T) {
			location := c.location(t)
			db := rawDB(t, location)
			run(t, db, c.create)
			if strings.HasPrefix(name, "id int") || name == "id bigint" {
				run(t, db, "INSERT INTO oauthtoken (id, user_name, refresh_token) VALUES (99, 'old', 'r.old')")
			} else {
				run(t, db, "INSERT INTO oauthtoken (id, user_name, refresh_token) VALUES ('99', 'old', 'r.old')")
			}
			s := openWith(t, location, c.cfg)
			if got, err := s.Get(ctx, "99"); err != nil || got.UserName != "old" {
				t.Errorf("Get(99): %v, %v", got, err)
			}
			for _, id := range []string{"099", "x", "99999999999", "-1", "9223372036854775808", "99\x00"} {
				if got, err := s.Get(ctx, id); !errors.Is(err, oauth.ErrNotFound) {
					t.Errorf("Get(%q): %v, %v", id, got, err)
				}
			}
			want := "990000001" // see oauth.NextID
			if strings.HasPrefix(name, "id int") || name == "id bigint" {
				want = "100"
			}
			alice := save(t, s, user("alice"))
			if alice.ID != want {
				t.Errorf("the new ID is %q, want %q", alice.ID, want)
			}
			if got, err := s.Find(ctx, oauth.Token{UserName: "ALICE"}); !errors.Is(err, oauth.ErrNotFound) {
				t.Errorf("Find of another name: %v, %v", got, err)
			}
			nobody := user("nobody")
			nobody.UserName = ""
			if got := save(t, s, nobody); got.UserName != "" {
				t.Errorf("a row without a name reads %v", got)
			}
			err := s.SaveAll(ctx, slices.Values([]oauth.Token{user("bob"), {UserName: "alice", Scope: "x"}, user("carol")}))
			if err != nil {
				t.Error(err)
			}
			all, err := oauth.All(ctx, s)
			if err != nil || len(all) != 5 {
				t.Errorf("List yields %d rows, %v; want 5", len(all), err)
			}
			wantFinding(t, s, "missing-index", "has no index on user_name", "has no index on refresh_token")
		})
	}
}

// reversed are the columns between id and api_domain, the other way round.
func reversed() string {
	names := slices.Clone(oauth.Columns()[1:9])
	slices.Reverse(names)
	return strings.Join(names, " varchar(255), ") + " varchar(255)"
}

// TestNoTokenTable: what is no token table is refused, and nothing is put beside it.
func TestNoTokenTable(t *testing.T) {
	for create, want := range map[string]string{
		"CREATE TABLE oauthtoken (id varchar(10) PRIMARY KEY, user_name text)":                            "it has no column client_id, client_secret",
		`CREATE TABLE oauthtoken ("ID" varchar(10) PRIMARY KEY, user_name varchar(255), ` + columns + ")": "it has no column id",
		"CREATE TABLE oauthtoken (id varchar(10), user_name varchar(255), " + columns + ")":               "nothing keeps its column id unique",
	} {
		location := newURL(t)
		db := rawDB(t, location)
		run(t, db, create)
		_, err := openAt(context.Background(), location, postgres.Config{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
		var n int
		if err := db.QueryRow("SELECT count(*) FROM pg_class WHERE relname = 'oauthtoken_zcrm'").Scan(&n); err != nil || n != 0 {
			t.Errorf("%d tables stand beside it, %v", n, err)
		}
	}
}

// TestLongValues: a value that is too long is refused before the write, and named.
func TestLongValues(t *testing.T) {
	s := open(t, newURL(t))
	long := user("alice")
	long.RedirectURL = strings.Repeat("ü", 256)
	var refused *oauth.ValueError
	if _, err := s.Save(context.Background(), long); !errors.As(err, &refused) || refused.Column != "redirect_url" {
		t.Errorf("Save: %v", err)
	}
	long.RedirectURL = strings.Repeat("ü", 255)
	save(t, s, long)
}

// TestTrigger: a table that makes something else of a value is found out, alone and
// in a batch, and nothing is left of it.
func TestTrigger(t *testing.T) {
	ctx := context.Background()
	s := open(t, newURL(t))
	run(t, s.db, "CREATE FUNCTION fold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.user_name := lower(new.user_name); RETURN new; END $$")
	run(t, s.db, "CREATE TRIGGER fold BEFORE INSERT OR UPDATE ON oauthtoken FOR EACH ROW EXECUTE FUNCTION fold()")
	var refused *oauth.ValueError
	if _, err := s.Save(ctx, user("Alice")); !errors.As(err, &refused) || refused.Column != "user_name" {
		t.Errorf("Save: %v", err)
	}
	var at *oauth.BatchError
	err := s.SaveAll(ctx, slices.Values([]oauth.Token{user("bob"), user("Alice"), user("carol")}))
	if !errors.As(err, &at) || at.Index != 1 || !errors.As(err, &refused) {
		t.Errorf("SaveAll: %v; want the second token refused", err)
	}
	if all, err := oauth.All(ctx, s); err != nil || len(all) != 0 {
		t.Errorf("the store holds %v, %v", all, err)
	}
	run(t, s.db, "CREATE OR REPLACE FUNCTION fold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no %', new.access_token; END $$")
	if _, err := s.Save(ctx, user("alice")); !errors.Is(err, oauth.ErrInvalidValue) || strings.Contains(err.Error(), "1000.access") {
		t.Errorf("Save: %v; want it refused, and no secret told", err)
	}
}

// TestInspect: what there is to say of a table and a server.
func TestInspect(t *testing.T) {
	location := newURL(t)
	s := openWith(t, location, postgres.Config{SSLMode: "disable"})
	wantFinding(t, s, "tls-off", "not encrypted")
	wantFinding(t, s, "fsync", "fsync is off") // of the servers for tests
	found, err := s.Inspect(context.Background())
	if err != nil || count(found, "read-only")+count(found, "privileges")+count(found, "clock-difference")+count(found, "missing-index") != 0 {
		t.Errorf("Inspect of a good table: %v, %v", found, err)
	}
	run(t, s.db, "DROP INDEX oauthtoken_zcrm_refresh_token")
	run(t, s.db, "ALTER TABLE oauthtoken SET UNLOGGED")
	wantFinding(t, s, "missing-index", "refresh_token")
	wantFinding(t, s, "unlogged", "empties it")
	for _, f := range inspected(t, s) {
		if f.Code == "missing-index" || f.Code == "unlogged" {
			run(t, s.db, f.Remedy) // remedies that are statements are right ones
		}
	}
	if found := inspected(t, s); count(found, "missing-index")+count(found, "unlogged") != 0 {
		t.Errorf("after the remedies: %v", found)
	}
	wantFinding(t, open(t, location+"&synchronous_commit=off"), "synchronous-commit", "synchronous_commit is off")
}

func inspected(t *testing.T, s *opened) []check.Finding {
	t.Helper()
	found, err := s.Inspect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// wantFinding wants findings of this code that say all of these.
func wantFinding(t *testing.T, s *opened, code string, texts ...string) {
	t.Helper()
	found := inspected(t, s)
	for _, text := range texts {
		if !slices.ContainsFunc(found, func(f check.Finding) bool { return f.Code == code && strings.Contains(f.Text, text) }) {
			t.Errorf("Inspect says %v; want %s: %q", found, code, text)
		}
	}
}

func count(found []check.Finding, code string) int {
	n := 0
	for _, f := range found {
		if f.Code == code {
			n++
		}
	}
	return n
}
