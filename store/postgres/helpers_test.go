package postgres_test

import (
	"context"
	"database/sql"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"

	"zohocrm/internal/servertest"
	"zohocrm/oauth"
	"zohocrm/store/postgres"
)

// opened is a store with its database, for tests that look behind it.
type opened struct {
	*postgres.Store
	db  *sql.DB
	url string
}

// Close closes the database too.
func (o *opened) Close() error {
	err := o.Store.Close()
	if e := o.db.Close(); err == nil {
		err = e
	}
	return err
}

func openAt(ctx context.Context, url string, cfg postgres.Config) (*opened, error) {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(4)
	db.SetMaxIdleConns(4)
	s, err := postgres.New(ctx, db, cfg)
	if err != nil {
		db.Close()
		return nil, err
	}
	return &opened{s, db, url}, nil
}

func open(t testing.TB, url string) *opened { return openWith(t, url, postgres.Config{}) }

func openWith(t testing.TB, url string, cfg postgres.Config) *opened {
	t.Helper()
	o, err := openAt(context.Background(), url, cfg)
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

// newURL is that of an empty database.
func newURL(t testing.TB) string { return servertest.Postgres(t) }

// poolerURL is that of an empty database behind PgBouncer, as the driver needs it.
func poolerURL(t testing.TB) string {
	return servertest.PgBouncer(t) + "&default_query_exec_mode=exec"
}

func rawDB(t testing.TB, url string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", url)
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

// insertRow adds a row as an SDK does: what is missing is NULL.
const insertRow = `INSERT INTO oauthtoken (id, user_name, client_id, client_secret, refresh_token, access_token, grant_token,
 expiry_time, redirect_url, api_domain) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

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
