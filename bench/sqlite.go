package main

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite" // the driver under both sides

	"zohocrm/oauth"
	"zohocrm/store/sqlite"
)

// sqliteRows measures the SQLite store with rows that it saved itself.
func sqliteRows(dir string) ([]row, func() error, error) {
	ctx, cancel := context.WithCancel(context.Background())
	path := filepath.Join(dir, "tokens.db")
	if err := fill(ctx, path); err != nil {
		cancel()
		return nil, nil, err
	}
	db, err := sql.Open("sqlite", sqlite.DSN(path))
	if err != nil {
		cancel()
		return nil, nil, err
	}
	store, err := sqlite.New(ctx, db, sqlite.Config{})
	if err != nil {
		cancel()
		return nil, nil, err
	}
	bare, err := db.PrepareContext(ctx, `SELECT id, user_name, client_id, client_secret, refresh_token,
		access_token, grant_token, expiry_time, redirect_url, api_domain FROM oauthtoken WHERE user_name = ?`)
	if err != nil {
		cancel()
		return nil, nil, err
	}
	i := 0
	next := func() string {
		i = (i + 7919) % tokens
		return userName(i)
	}
	find := func(b *testing.B) {
		for range b.N {
			if t, err := store.Find(ctx, oauth.Token{UserName: next()}); err != nil || t.AccessToken.IsZero() {
				b.Fatal(t, err)
			}
		}
	}
	cold := func(b *testing.B) {
		for i := range b.N {
			if i%tokens == 0 { // a store that has not seen any row yet
				b.StopTimer()
				var err error
				if err = store.Close(); err == nil {
					store, err = sqlite.New(ctx, db, sqlite.Config{})
				}
				if err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
			if t, err := store.Find(ctx, oauth.Token{UserName: next()}); err != nil || t.AccessToken.IsZero() {
				b.Fatal(t, err)
			}
		}
	}
	query := func(b *testing.B) {
		for range b.N {
			if err := scan(ctx, bare, next()); err != nil {
				b.Fatal(err)
			}
		}
	}
	stop := func() error {
		err := errors.Join(bare.Close(), store.Close(), db.Close())
		cancel()
		return err
	}
	const other = "the same prepared query through database/sql"
	return []row{
		{name: "SQLite Find among 10,000", other: other, ours: find, theirs: query, atMost: 1.3, allocs: -1},
		{name: "SQLite Find among 10,000, the first of each row in a process", other: other, ours: cold, theirs: query, allocs: -1},
	}, stop, nil
}

// scan is what any Go program does to read such a row.
func scan(ctx context.Context, stmt *sql.Stmt, user string) error {
	rows, err := stmt.QueryContext(ctx, user)
	if err != nil {
		return err
	}
	defer rows.Close()
	found := 0
	for rows.Next() {
		var v [10]sql.NullString
		if err := rows.Scan(&v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &v[6], &v[7], &v[8], &v[9]); err != nil {
			return err
		}
		found++
	}
	if found != 1 {
		return errors.New("the row is not there")
	}
	return rows.Err()
}

// fill makes the database. It need not survive a power cut, so it is not synced.
func fill(ctx context.Context, path string) (err error) {
	db, err := sql.Open("sqlite", sqlite.DSN(path))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	store, err := sqlite.New(ctx, db, sqlite.Config{})
	if err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, "PRAGMA synchronous = OFF"); err != nil {
		return err
	}
	for i := range tokens {
		if _, err := store.Save(ctx, token(i, 0)); err != nil {
			return err
		}
	}
	return store.Close()
}
