package postgres_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"zohocrm/oauth"
	"zohocrm/store/postgres"
	"zohocrm/store/storetest"
)

// TestContract proves every sentence of the contract on the server, with eight
// processes on one database among them.
func TestContract(t *testing.T) { contract(t, newURL, postgres.Config{}) }

// TestContractBehindPooler proves it through PgBouncer in transaction mode.
func TestContractBehindPooler(t *testing.T) { contract(t, poolerURL, postgres.Config{Pooler: true}) }

func contract(t *testing.T, location func(testing.TB) string, cfg postgres.Config) {
	storetest.Run(t, storetest.Backend{
		Location: location,
		OpenAt:   func(ctx context.Context, url string) (oauth.Store, error) { return openAt(ctx, url, cfg) },
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
	run(t, db, "UPDATE oauthtoken SET expiry_time = 'soon' WHERE id = $1", id)
	return func() string {
		rows, err := db.Query("SELECT t::text FROM oauthtoken t ORDER BY id")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		var all strings.Builder
		for rows.Next() {
			var row string
			if err := rows.Scan(&row); err != nil {
				t.Fatal(err)
			}
			fmt.Fprintln(&all, row)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return all.String()
	}
}
