package cli

import (
	"crypto/rand"
	"database/sql"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"zohocrm/internal/servertest"
)

// foreignTable is what the official SDKs of version 8 make, with one user's row.
func foreignTable() []string {
	return []string{
		`CREATE TABLE oauthtoken (id varchar(10) NOT NULL, user_name varchar(255), client_id varchar(255), client_secret varchar(255),
		 refresh_token varchar(255), access_token varchar(255), grant_token varchar(255), expiry_time varchar(20), redirect_url varchar(255),
		 api_domain varchar(255), primary key (id))`,
		`INSERT INTO oauthtoken (id, user_name, client_id, client_secret, refresh_token, access_token, expiry_time, api_domain)
		 VALUES ('1', 'alice', '1000.SIM', 's', 'r', 'a', '4102444800000', 'https://www.zohoapis.com')`,
	}
}

// looking is what the commands that only look make of a store.
type looking struct {
	check, status, list, show, from, to int // exit codes
	says                                string
	absent                              string // what status and token list say that there is not
}

// A server's database that zcrm has not used is looked at, listed, copied from and
// tried as a target with nothing made in it, also by a user who may only read it.
func TestLookingAtServersMakesNothing(t *testing.T) {
	for name, server := range map[string]struct {
		url, objects          string // what lists the tables and indexes
		account, grant, leave string // of a user who may only read
	}{
		"MySQL": {servertest.MySQL(t), "SELECT CONCAT(TABLE_NAME, ' ', INDEX_NAME) FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() ORDER BY 1",
			"CREATE USER NAME@127.0.0.1 IDENTIFIED BY 'SECRET'", "GRANT SELECT ON oauthtoken TO NAME@127.0.0.1", "DROP USER NAME@127.0.0.1"},
		"PostgreSQL": {servertest.Postgres(t), "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1",
			"CREATE ROLE NAME LOGIN PASSWORD 'SECRET'", "GRANT SELECT ON oauthtoken TO NAME", "DROP OWNED BY NAME; DROP ROLE NAME"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			db := rawServer(t, server.url)
			reader := "r" + strings.ToLower(rand.Text()[:8])
			password := rand.Text()
			words := strings.NewReplacer("NAME", reader, "SECRET", password)
			execAll(t, db, words.Replace(server.account))
			t.Cleanup(func() { execAll(t, db, strings.Split(words.Replace(server.leave), "; ")...) })
			u, err := url.Parse(server.url)
			if err != nil {
				t.Fatal("not a URL")
			}
			u.User = url.UserPassword(reader, password)

			r.lookAt(t, server.url, looking{status: exitNotFound, show: exitNotFound, from: exitUsage, says: "missing-table", absent: "there is no table oauthtoken in "})
			if made := column(t, db, server.objects); len(made) > 0 {
				t.Errorf("looking at an empty database made %v", made)
			}
			execAll(t, db, foreignTable()...)
			execAll(t, db, words.Replace(server.grant))
			before := column(t, db, server.objects)
			r.lookAt(t, server.url, looking{says: "not-used-yet"})
			r.lookAt(t, u.String(), looking{check: exitFailed, says: "privileges"})
			if after := column(t, db, server.objects); len(before) == 0 || strings.Join(after, "\n") != strings.Join(before, "\n") {
				t.Errorf("looking made %v of %v", after, before)
			}

			r.env["ZCRM_STORE"] = server.url
			r.login("bob")
			got := r.run("", "store", "check", server.url, "--json")
			if found := codesOf(t, got); got.code != exitOK || found["not-used-yet"] || found["not-writable"] || found["missing-table"] {
				t.Errorf("once used: exit code %d: %s%s", got.code, got.stdout, got.stderr)
			}
			// Its own table is closed to the reader.
			if got := r.run("", "status", "--store", u.String()); got.code != exitOK || !strings.Contains(got.stdout, "2 tokens\n") {
				t.Errorf("the reader: exit code %d: %s%s", got.code, got.stdout, got.stderr)
			}
		})
	}
}

// A database that is not there is not made; MySQL's is empty, and PostgreSQL lets
// nobody in.
func TestLookingMakesNoDatabase(t *testing.T) {
	for name, storeURL := range map[string]string{"MySQL": servertest.MySQL(t), "PostgreSQL": servertest.Postgres(t)} {
		t.Run(name, func(t *testing.T) {
			u, err := url.Parse(storeURL)
			if err != nil {
				t.Fatal("not a URL")
			}
			there := strings.TrimPrefix(u.Path, "/")
			u.Path += "_not_there"
			list, want := "SHOW DATABASES LIKE '"+there+"%'", looking{status: exitNotFound, show: exitNotFound, from: exitUsage, says: "there is no database", absent: "there is no database `" + there + "_not_there` in "}
			if name == "PostgreSQL" {
				list = "SELECT datname FROM pg_database WHERE datname LIKE '" + there + "%'"
				want = looking{exitFailed, exitFailed, exitFailed, exitFailed, exitFailed, exitFailed, "does not exist", ""}
			}
			newRig(t).lookAt(t, u.String(), want)
			if all := column(t, rawServer(t, storeURL), list); len(all) != 1 {
				t.Errorf("databases: %v", all)
			}
		})
	}
}

// lookAt runs the commands that only look, and wants what the check says.
func (r *rig) lookAt(t *testing.T, storeURL string, want looking) {
	t.Helper()
	csv, copied := "csv:"+sdkFile(t, 3), "sqlite:"+filepath.Join(t.TempDir(), "copy.db")
	for _, c := range []struct {
		code int
		args []string
	}{
		{want.check, []string{"store", "check", storeURL, "--json"}},
		{want.status, []string{"status", "--store", storeURL}},
		{want.list, []string{"token", "list", "--store", storeURL}},
		{want.show, []string{"token", "show", "--store", storeURL}},
		{want.from, []string{"store", "copy", "--from", storeURL, "--to", copied}},
		{want.to, []string{"store", "copy", "--from", csv, "--to", storeURL, "--dry-run"}},
	} {
		got := r.clean(storeURL, "", c.args...)
		if got.code != c.code {
			t.Errorf("%v: exit code %d, want %d: %s%s", c.args[:2], got.code, c.code, got.stdout, got.stderr)
		}
		if c.args[1] == "check" && !strings.Contains(got.stdout, want.says) {
			t.Errorf("the check does not say %q: %s", want.says, got.stdout)
		}
		if reads := c.args[0] == "status" || c.args[1] == "list"; reads && (!strings.Contains(got.stderr, want.absent) || strings.Contains(got.stderr, "is empty")) {
			t.Errorf("%v does not say %q: %s", c.args[:2], want.absent, got.stderr)
		}
	}
}

// rawServer opens a server's database as another program would.
func rawServer(t *testing.T, storeURL string) *sql.DB {
	t.Helper()
	name, dsn := "pgx", storeURL
	if strings.HasPrefix(storeURL, "mysql:") {
		var err error
		if dsn, err = servertest.MySQLDSN(storeURL); err != nil {
			t.Fatal(err)
		}
		name = "mysql"
	}
	db, err := sql.Open(name, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func execAll(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, text := range statements {
		if _, err := db.Exec(text); err != nil {
			t.Fatalf("%.20s...: %v", text, err)
		}
	}
}

func column(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		all = append(all, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
