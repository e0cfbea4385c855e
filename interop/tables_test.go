package interop

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"zohocrm/oauth"
)

// The tables open in Go with the right tokens too: a SQLite file as it is, and
// the rows of a MySQL dump in a table of the same columns.
func TestFixtureTables(t *testing.T) {
	for _, f := range tableFixtures() {
		t.Run(f.file, func(t *testing.T) {
			file := copyOf(t, filepath.Join("testdata", f.file))
			if strings.HasSuffix(f.file, ".sql") {
				file = loadDump(t, file)
			}
			store := openSQLite(t, file)
			rows := rowsOf(t, store)
			sameRows(t, f.file, byID(rows), f.rows)
		})
	}
}

// In a table with ten users the SDKs' next ID is 10 again, as text "9" is the
// greatest; Go's is one from which they go on counting.
//
// Defects: D1.
func TestFixtureTableOfTenUsersTakesAnEleventh(t *testing.T) {
	store := openSQLite(t, loadDump(t, filepath.Join("testdata", "node-8.0-mysql-ten-users.sql")))
	saved, err := store.Save(t.Context(), userToken("user11@example.com:7000000011"))
	if err != nil || saved.ID != "900000001" {
		t.Errorf("the eleventh user: ID %q, %v", saved.ID, err)
	}
	if n := len(rowsOf(t, store)); n != 11 {
		t.Errorf("%d rows, want 11", n)
	}
}

func openSQLite(t *testing.T, file string) oauth.Store {
	t.Helper()
	return openURL(t, "sqlite:"+file)
}

// loadDump puts the rows of a MySQL dump into a SQLite file with the columns of
// the official SDKs.
func loadDump(t *testing.T, dump string) string {
	t.Helper()
	text := string(contentOf(t, dump))
	begin := strings.Index(text, "INSERT INTO")
	end := strings.LastIndex(text, ");")
	if begin < 0 || end < begin {
		t.Fatalf("%s: there are no rows in it", dump)
	}
	file := filepath.Join(t.TempDir(), "dump.db")
	db, err := sql.Open("sqlite", file) // the driver that package open brings
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	create := "create table oauthtoken (id varchar(10) not null primary key"
	for _, column := range oauth.Columns()[1:] {
		create += ", " + column + " varchar(255)"
	}
	for _, statement := range []string{create + ")", text[begin : end+1]} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	return file
}
