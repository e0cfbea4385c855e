package interop

import (
	"database/sql"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql"

	"zohocrm/internal/servertest"
	"zohocrm/oauth"
	"zohocrm/store/open"
)

// shelf is where both SDKs keep their tokens: a file or a table.
type shelf struct {
	url  string // as zcrm takes it
	at   place  // as the Node driver takes it
	file string
	db   *sql.DB // of a table, as a third program opens it
}

func fileShelf(t *testing.T) shelf {
	t.Helper()
	return shelfOf(filepath.Join(t.TempDir(), "sdk_tokens.txt"))
}

func shelfOf(file string) shelf { return shelf{url: "csv:" + file, at: place{File: file}, file: file} }

// tableShelf is a table in a database of its own, on a real server. Without a
// statement that makes it, the first program does.
func tableShelf(t *testing.T, create string) shelf {
	t.Helper()
	at := servertest.MySQL(t)
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal("the server's address is no URL")
	}
	dsn, err := servertest.MySQLDSN(at)
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	password, _ := u.User.Password()
	s := shelf{url: at, db: db, at: place{DB: &database{
		Host: u.Hostname(), Port: u.Port(), Database: u.Path[1:], Table: "oauthtoken", User: u.User.Username(), Password: password,
	}}}
	if create != "" {
		s.run(t, create)
	}
	return s
}

// run runs a statement on the table's server.
func (s shelf) run(t *testing.T, statement string, args ...any) {
	t.Helper()
	if _, err := s.db.ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// open opens it as zcrm does. It is closed when the test ends.
func (s shelf) open(t *testing.T) oauth.Store {
	t.Helper()
	return openURL(t, s.url)
}

func openURL(t *testing.T, storeURL string) oauth.Store {
	t.Helper()
	store, err := open.URL(t.Context(), storeURL, open.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

// expire lets the access tokens die for readers who go by the clock of this
// machine.
func (s shelf) expire(t *testing.T) {
	t.Helper()
	if s.db == nil {
		rewrite(t, s.file, expired)
		return
	}
	s.run(t, "UPDATE oauthtoken SET expiry_time = ?", strconv.FormatInt(time.Now().Add(-time.Minute).UnixMilli(), 10))
}

// byID puts rows into the order of their IDs, as numbers.
func byID(rows []oauth.Row) []oauth.Row {
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b oauth.Row) int { return int(oauth.NumberOf(a.ID) - oauth.NumberOf(b.ID)) })
	return rows
}

// sameOnShelf checks that both read these rows, in the order of their IDs.
func sameOnShelf(t *testing.T, what string, store oauth.Store, n node, want []oauth.Row) {
	t.Helper()
	sameRows(t, what+", by Go", byID(rowsOf(t, store)), want)
	sameRows(t, what+", by Node", byID(n.list(t)), want)
}

// shape is how a table was made.
type shape struct {
	name     string
	create   string
	nameless bool // it holds rows without a user
}

// shapes are the tables that Node's DBStore works in: that of the READMEs of SDK
// 8.0; the one of PHP's README, whose user_name is NOT NULL, as servers with two
// older character sets make it; and one in which somebody put the columns into an
// order of his own and added another.
func shapes() []shape {
	const (
		key  = "id varchar(10) NOT NULL, "
		user = "user_name varchar(255), "
		app  = "client_id varchar(255), client_secret varchar(255), "
		rest = "refresh_token varchar(255), access_token varchar(255), grant_token varchar(255), expiry_time varchar(20), redirect_url varchar(255), api_domain varchar(255), "
		end  = "PRIMARY KEY (id))"
	)
	const table = "CREATE TABLE oauthtoken ("
	named := strings.Replace(user, ",", " NOT NULL,", 1)
	return []shape{
		{"v8", table + key + user + app + rest + end, true},
		{"php-utf8", table + key + named + app + rest + end + " CHARACTER SET utf8", false},
		{"php-latin1", table + key + named + app + rest + end + " CHARACTER SET latin1", false},
		{"other-order", table + rest + app + user + key + "note varchar(255), " + end, true},
	}
}
