package sealed_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/csv"
	"fmt"
	"os"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"zohocrm/oauth"
	"zohocrm/store/csvfile"
	"zohocrm/store/sqlite"
)

func openFile(t testing.TB, path string) *opened {
	t.Helper()
	inner, err := csvfile.New(csvfile.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	s, err := open(context.Background(), path, inner)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// plantFile appends plain rows as Python's SDK does.
func plantFile(t testing.TB, s oauth.Store, rows []oauth.Row) bool {
	t.Helper()
	path := s.(*opened).path
	data, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	b := bytes.NewBuffer(data)
	w := csv.NewWriter(b)
	if len(data) == 0 {
		w.Write(oauth.Columns())
	}
	for _, r := range rows {
		v := r.Values()
		w.Write(v[:])
	}
	w.Flush()
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return true
}

// corruptFile alters the sealed client secret of a row.
func corruptFile(t testing.TB, s oauth.Store, id string) func() string {
	t.Helper()
	path := s.(*opened).path
	rows, err := csv.NewReader(strings.NewReader(stored(t, path))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r[0] == id {
			r[3] = damage(r[3])
		}
	}
	var b bytes.Buffer
	csv.NewWriter(&b).WriteAll(rows)
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return func() string { return stored(t, path) }
}

// database is a store with its database.
type database struct {
	*sqlite.Store
	db *sql.DB
}

// Close closes the database too.
func (d *database) Close() error {
	err := d.Store.Close()
	if e := d.db.Close(); err == nil {
		err = e
	}
	return err
}

// wideTable holds texts of any length, as a user's own table may.
const wideTable = `CREATE TABLE IF NOT EXISTS oauthtoken (id varchar(10) NOT NULL, user_name text, client_id text,
 client_secret text, refresh_token text, access_token text, grant_token text,
 expiry_time varchar(20), redirect_url text, api_domain text, primary key (id))`

// databasePlace is a path of a database with that table, before several processes
// open it.
func databasePlace(t testing.TB) string {
	t.Helper()
	path := place(t, "tokens.db")
	if err := sqlite.Prepare(path, nil); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", sqlite.DSN(path))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(wideTable); err != nil {
		t.Fatal(err)
	}
	return path
}

func openDatabase(ctx context.Context, path string) (*database, error) {
	if err := sqlite.Prepare(path, nil); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", sqlite.DSN(path))
	if err != nil {
		return nil, err
	}
	s, err := sqlite.New(ctx, db, sqlite.Config{})
	if err != nil {
		db.Close()
		return nil, err
	}
	return &database{s, db}, nil
}

func openDB(t testing.TB, path string) *opened {
	t.Helper()
	inner, err := openDatabase(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := open(context.Background(), path, inner)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

const insertRow = `INSERT INTO oauthtoken (id, user_name, client_id, client_secret, refresh_token, access_token, grant_token,
 expiry_time, redirect_url, api_domain) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// plantDB inserts plain rows as an SDK does: what is missing is NULL.
func plantDB(t testing.TB, s oauth.Store, rows []oauth.Row) bool {
	t.Helper()
	ids := map[string]bool{"": true}
	for _, row := range rows {
		if ids[row.ID] {
			return false // id is the primary key
		}
		ids[row.ID] = true
	}
	for _, row := range rows {
		var args []any
		for _, v := range row.Values() {
			args = append(args, sql.NullString{String: v, Valid: v != ""})
		}
		if _, err := s.(*opened).inner.(*database).db.Exec(insertRow, args...); err != nil {
			t.Fatal(err)
		}
	}
	return true
}

// corruptDB alters the sealed refresh token of a row.
func corruptDB(t testing.TB, s oauth.Store, id string) func() string {
	t.Helper()
	db := s.(*opened).inner.(*database).db
	var cell string
	if err := db.QueryRow("SELECT refresh_token FROM oauthtoken WHERE id = ?", id).Scan(&cell); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("UPDATE oauthtoken SET refresh_token = ? WHERE id = ?", damage(cell), id); err != nil {
		t.Fatal(err)
	}
	return func() string { return dump(t, db) }
}

// dump is all that is in the token table.
func dump(t testing.TB, db *sql.DB) string {
	t.Helper()
	rows, err := db.Query("SELECT * FROM oauthtoken ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all strings.Builder
	for rows.Next() {
		values := make([]any, 10)
		for i := range values {
			values[i] = new(sql.NullString)
		}
		if err := rows.Scan(values...); err != nil {
			t.Fatal(err)
		}
		for _, v := range values {
			fmt.Fprintf(&all, "%s|", v.(*sql.NullString).String)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all.String()
}
