package postgres_test

import (
	"context"
	"database/sql"
	"strings"
	"testing"

	"zohocrm/oauth"
	"zohocrm/store/check"
	"zohocrm/store/postgres"
)

const theirTable = `CREATE TABLE oauthtoken (id varchar(10) NOT NULL PRIMARY KEY, user_name varchar(255), client_id varchar(255), client_secret varchar(255),
 refresh_token varchar(255), access_token varchar(255), grant_token varchar(255), expiry_time varchar(20), redirect_url varchar(255), api_domain varchar(255))`

// definition is the token table's columns, indexes, owner and rights; "": there is none.
func definition(t *testing.T, db *sql.DB) string {
	t.Helper()
	var text sql.NullString
	if err := db.QueryRow(`SELECT (SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0)
		|| (SELECT string_agg(pg_get_indexdef(indexrelid), ', ' ORDER BY indexrelid) FROM pg_index WHERE indrelid = c.oid) || c.relowner::regrole || coalesce(c.relacl::text, '')
		FROM (SELECT to_regclass('oauthtoken') AS oid) o LEFT JOIN pg_class c ON c.oid = o.oid`).Scan(&text); err != nil {
		t.Fatal(err)
	}
	return text.String
}

// TestWhatMayNotBeMade: opening, and the check, which makes nothing, give the same
// statements. They run as one command, and twice; after them the user's store works,
// and a table that was there is as it was.
func TestWhatMayNotBeMade(t *testing.T) {
	ctx := context.Background()
	for name, c := range map[string]struct {
		before []string // ROLE is the user
		why    string
		not    []string // what nobody has to run
	}{
		"nothing":       {nil, "permission denied for schema public", []string{"USAGE"}},
		"their table":   {[]string{theirTable, "GRANT SELECT, INSERT, UPDATE, DELETE ON oauthtoken TO ROLE"}, "permission denied for schema public", []string{`TABLE IF NOT EXISTS "oauthtoken" `, `ON "oauthtoken" `}},
		"to be read":    {[]string{theirTable, "GRANT SELECT ON oauthtoken TO ROLE"}, "permission denied for schema public", []string{`TABLE IF NOT EXISTS "oauthtoken" `, `INDEX IF NOT EXISTS "oauthtoken_zcrm_user_name"`}},
		"closed schema": {[]string{"REVOKE ALL ON SCHEMA public FROM PUBLIC"}, "no schema has been selected", nil},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			location := newURL(t)
			role, as := account(t, location)
			admin := rawDB(t, location+"&default_query_exec_mode=simple_protocol") // several statements at once
			for _, text := range c.before {
				run(t, admin, strings.ReplaceAll(text, "ROLE", role))
			}
			if len(c.before) > 1 { // the indexes that the check advises
				for _, f := range inspected(t, openWith(t, location, postgres.Config{ReadOnly: true})) {
					if f.Code == "missing-index" {
						run(t, admin, f.Remedy)
					}
				}
			}
			before := definition(t, admin)

			_, err := openAt(ctx, as, postgres.Config{})
			clear(t, err, c.why)
			_, statements, _ := strings.Cut(err.Error(), "let somebody who may run: ")
			looking := openWith(t, as, postgres.Config{ReadOnly: true})
			found := inspected(t, looking)
			if n := count(found, "missing-table"); n != 1 || count(found, "not-used-yet") != 0 {
				t.Fatalf("the check: %v", found)
			}
			for _, f := range found {
				if f.Code == "missing-table" && (f.Severity != check.Failure || f.Remedy != "let somebody who may run: "+statements) {
					t.Errorf("the check: %+v; want %s", f, statements)
				}
			}
			for _, text := range c.not {
				if strings.Contains(statements, text) {
					t.Errorf("nobody has to run %s: %s", text, statements)
				}
			}
			run(t, admin, statements)
			run(t, admin, statements)
			if after := definition(t, admin); name == "their table" && after != before {
				t.Errorf("the table was altered:\n%s\nbecame\n%s", before, after)
			}
			s := open(t, as)
			saved := save(t, s, user("alice"))
			if got, err := s.Find(ctx, oauth.Token{UserName: "alice"}); err != nil || got != saved {
				t.Errorf("%v, %v; want %v", got, err, saved)
			}
			if found := inspected(t, s); count(found, "privileges") != 0 || count(found, "missing-index") != 0 {
				t.Errorf("after the statements: %v", found)
			}
		})
	}
}

// TestWhatMayBeMade: the check says that it was not tried, and makes nothing.
func TestWhatMayBeMade(t *testing.T) {
	location := newURL(t)
	role, as := account(t, location)
	admin := rawDB(t, location)
	run(t, admin, "GRANT CREATE ON SCHEMA public TO "+role)
	found := inspected(t, openWith(t, as, postgres.Config{ReadOnly: true}))
	if count(found, "not-used-yet") != 1 || count(found, "missing-table") != 1 {
		t.Errorf("the check: %v", found)
	}
	for _, f := range found {
		if f.Severity == check.Failure {
			t.Errorf("no failure: %+v", f)
		}
	}
	if text := definition(t, admin); text != "" {
		t.Errorf("it made %s", text)
	}
	save(t, open(t, as), user("alice"))
}
