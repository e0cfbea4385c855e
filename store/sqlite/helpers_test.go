package sqlite_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite"

	"zohocrm/oauth"
	"zohocrm/store/sqlite"
)

// opened is a store with its database, for tests that look behind it.
type opened struct {
	*sqlite.Store
	db   *sql.DB
	path string
}

// Close closes the database too.
func (o *opened) Close() error {
	err := o.Store.Close()
	if e := o.db.Close(); err == nil {
		err = e
	}
	return err
}

func openAt(ctx context.Context, path string, cfg sqlite.Config) (*opened, error) {
	if err := sqlite.Prepare(path, nil); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", sqlite.DSN(path))
	if err != nil {
		return nil, err
	}
	s, err := sqlite.New(ctx, db, cfg)
	if err != nil {
		db.Close()
		return nil, err
	}
	return &opened{s, db, path}, nil
}

func open(t testing.TB, path string) *opened { return openWith(t, path, sqlite.Config{}) }

func openWith(t testing.TB, path string, cfg sqlite.Config) *opened {
	t.Helper()
	o, err := openAt(context.Background(), path, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	})
	return o
}

func newPath(t testing.TB) string { return filepath.Join(t.TempDir(), "tokens.db") }

// rawDB opens the file as another program would.
func rawDB(t testing.TB, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func run(t testing.TB, db *sql.DB, text string, args ...any) {
	t.Helper()
	if _, err := db.Exec(text, args...); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

func save(t testing.TB, s oauth.Store, token oauth.Token) oauth.Token {
	t.Helper()
	saved, err := s.Save(context.Background(), token)
	if err != nil {
		t.Fatal(err)
	}
	return saved
}

// user is a token of one user.
func user(name string) oauth.Token {
	return oauth.Token{
		UserName: name, ClientID: "1000.CLIENT", ClientSecret: oauth.NewSecret("client secret"),
		RefreshToken: oauth.NewSecret("1000.refresh." + name), AccessToken: oauth.NewSecret("1000.access." + name),
		APIDomain: "https://www.zohoapis.com",
	}
}

const createTable = `CREATE TABLE oauthtoken (id varchar(10) NOT NULL, user_name varchar(255), client_id varchar(255),
 client_secret varchar(255), refresh_token varchar(255), access_token varchar(255), grant_token varchar(255),
 expiry_time varchar(20), redirect_url varchar(255), api_domain varchar(255), primary key (id))`

// insertRow adds a row as an SDK does: what is missing is NULL.
const insertRow = `INSERT INTO oauthtoken (id, user_name, client_id, client_secret, refresh_token, access_token, grant_token,
 expiry_time, redirect_url, api_domain) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

func rowArguments(row oauth.Row) []any {
	var args []any
	for _, v := range row.Values() {
		if v == "" {
			args = append(args, nil)
			continue
		}
		args = append(args, v)
	}
	return args
}
