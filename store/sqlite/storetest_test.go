package sqlite_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"zohocrm/oauth"
	"zohocrm/store/sqlite"
	"zohocrm/store/storetest"
)

// TestContract proves every sentence of the contract for a database file, with
// eight processes on one file among them.
func TestContract(t *testing.T) {
	storetest.Run(t, storetest.Backend{
		Location: func(t testing.TB) string { return newPath(t) },
		OpenAt: func(ctx context.Context, path string) (oauth.Store, error) {
			return openAt(ctx, path, sqlite.Config{})
		},
		Open:     func(t testing.TB) oauth.Store { return open(t, newPath(t)) },
		Reopen:   func(t testing.TB, s oauth.Store) oauth.Store { return open(t, s.(*opened).path) },
		Plant:    plant,
		Corrupt:  corrupt,
		MaxChars: 255,
		KeepsIDs: true,
	})
}

// TestContractInMemory proves it for a database in memory, whose pool is one
// connection.
func TestContractInMemory(t *testing.T) {
	storetest.Run(t, storetest.Backend{
		Open:     func(t testing.TB) oauth.Store { return open(t, sqlite.Memory) },
		Plant:    plant,
		Corrupt:  corrupt,
		MaxChars: 255,
		KeepsIDs: true,
	})
}

func plant(t testing.TB, s oauth.Store, rows []oauth.Row) bool {
	t.Helper()
	ids := map[string]bool{"": true}
	for _, row := range rows {
		if ids[row.ID] {
			return false // id is the primary key
		}
		ids[row.ID] = true
	}
	for _, row := range rows {
		run(t, s.(*opened).db, insertRow, rowArguments(row)...)
	}
	return true
}

func corrupt(t testing.TB, s oauth.Store, id string) func() string {
	t.Helper()
	db := s.(*opened).db
	run(t, db, "UPDATE oauthtoken SET expiry_time = 'soon' WHERE id = ?", id)
	return func() string {
		rows, err := db.Query("SELECT * FROM oauthtoken ORDER BY id")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		var all strings.Builder
		for rows.Next() {
			values := make([]any, 10)
			for i := range values {
				values[i] = new(any)
			}
			if err := rows.Scan(values...); err != nil {
				t.Fatal(err)
			}
			for _, v := range values {
				fmt.Fprintf(&all, "%v|", *v.(*any))
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return all.String()
	}
}
