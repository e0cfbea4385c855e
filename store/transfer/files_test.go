package transfer_test

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"zohocrm/oauth"
	"zohocrm/store/csvfile"
	"zohocrm/store/memory"
	"zohocrm/store/sqlite"
	"zohocrm/store/transfer"
)

func openCSV(t testing.TB, path string) *csvfile.Store {
	t.Helper()
	s, err := csvfile.New(csvfile.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func openSQLite(t testing.TB, path string) *sqlite.Store {
	t.Helper()
	if err := sqlite.Prepare(path, nil); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", sqlite.DSN(path))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	s, err := sqlite.New(context.Background(), db, sqlite.Config{})
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

// folder is the files below a folder, with what is in them.
func folder(t testing.TB, path string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(path, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		files[path] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// sdkFile is a file as an official SDK left it: line ends of Windows, a user
// twice, a code that was not exchanged, a value that is too long for a table.
func sdkFile(long string) string {
	return strings.Join(oauth.Columns(), ",") + "\r\n" +
		"1,user1,1000.C,secret,r1,old,,1772359200000,https://example.com,https://www.zohoapis.com\r\n" +
		"2,user2,1000.C,secret,r2,a2,,1772362800000,\"https://example.com/a,b\",https://www.zohoapis.com\r\n" +
		"3,user1,1000.C,secret,r1,new,,1772362800000,https://example.com,https://www.zohoapis.com\r\n" +
		"4,,1000.C,secret,,,g4,,https://example.com,\r\n" +
		"7,user7,1000.C,secret," + long + ",a7,,,,https://www.zohoapis.eu\r\n"
}

func csvOf(tokens ...oauth.Token) string {
	var b strings.Builder
	b.WriteString(strings.Join(oauth.Columns(), ",") + "\n")
	for _, t := range tokens {
		values := t.Row().Values()
		b.WriteString(strings.Join(values[:], ",") + "\n")
	}
	return b.String()
}

// TestCopyThroughFiles takes the tokens of an SDK's file through a database and
// back into a file.
func TestCopyThroughFiles(t *testing.T) {
	home := t.TempDir()
	path := filepath.Join(home, "sdk_tokens.txt")
	if err := os.WriteFile(path, []byte(sdkFile(strings.Repeat("x", 300))), 0o600); err != nil {
		t.Fatal(err)
	}
	before := folder(t, home)
	from, database := openCSV(t, path), openSQLite(t, filepath.Join(t.TempDir(), "tokens.db"))
	for _, inserted := range []int{3, 0} {
		report, err := transfer.Copy(context.Background(), from, database, transfer.Config{})
		sums(t, report)
		counts(t, report, inserted, 0, 3-inserted)
		var value *oauth.ValueError
		if !errors.As(err, &value) || value.Column != "refresh_token" || len(report.Refused) != 1 || report.Refused[0].ID != "7" {
			t.Fatalf("%v, %v; want the refresh token of id 7 refused", report, err)
		}
		if len(report.Duplicates) != 1 || report.Duplicates[0] != (transfer.Duplicate{ID: "1", UserName: "user1", Kept: "3"}) {
			t.Errorf("duplicates are %v", report.Duplicates)
		}
	}
	if !maps.Equal(folder(t, home), before) {
		t.Error("the source, or the folder in which it is, was changed")
	}
	var want []oauth.Token
	for _, id := range []string{"2", "3", "4"} {
		want = append(want, get(t, from, id))
	}
	sameRows(t, database, want)

	// Side data, which the SDKs' columns have no place for, go along.
	if _, err := database.Save(context.Background(), oauth.Token{ID: "2", Scope: "ZohoCRM.org.READ", AccountsURL: "https://accounts.zoho.com", LastUsedAt: noon()}); err != nil {
		t.Fatal(err)
	}
	back := openCSV(t, filepath.Join(t.TempDir(), "tokens.txt"))
	counts(t, copied(t, database, back, transfer.Config{}), 3, 0, 0)
	sameRows(t, back, all(t, database))
	end := memory.New(memory.Config{})
	counts(t, copied(t, back, end, transfer.Config{}), 3, 0, 0)
	sameRows(t, end, all(t, database))
	counts(t, copied(t, end, database, transfer.Config{}), 0, 0, 3)
}

// TestCopyIntoAFileWithTokens: both have counted from 1.
func TestCopyIntoAFileWithTokens(t *testing.T) {
	to := openCSV(t, filepath.Join(t.TempDir(), "tokens.txt"))
	for i, row := range users(50, 53) {
		row.ID = []string{"1", "2", "5"}[i]
		if _, err := to.Save(context.Background(), row); err != nil {
			t.Fatal(err)
		}
	}
	there := all(t, to)
	database := openSQLite(t, filepath.Join(t.TempDir(), "tokens.db"))
	rows := append(users(1, 4), login(4))
	counts(t, copied(t, newFixed(t, rows...), database, transfer.Config{}), 4, 0, 0)
	report := copied(t, database, to, transfer.Config{BatchSize: 2})
	counts(t, report, 4, 0, 0)
	sameRows(t, to, append(renumbered(t, rows, report), there...))
	counts(t, copied(t, database, to, transfer.Config{}), 0, 0, 4)
}

// TestCopyIntoAFileWithADoubledID: two programs of an SDK counted to it.
func TestCopyIntoAFileWithADoubledID(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens.txt")
	one, two := user(5), user(6)
	two.ID = "5"
	if err := os.WriteFile(path, []byte(csvOf(one, two)), 0o600); err != nil {
		t.Fatal(err)
	}
	to := openCSV(t, path)
	moved := user(7)
	moved.ID = "5"
	report := copied(t, newFixed(t, user(1), moved), to, transfer.Config{})
	counts(t, report, 2, 0, 0)
	if len(report.Renumbered) != 1 || report.Renumbered[0].From != "5" {
		t.Errorf("renumbered are %v, want that of id 5", report.Renumbered)
	}
	if got := get(t, to, report.Renumbered[0].To); got.UserName != "user7" || len(all(t, to)) != 4 {
		t.Errorf("under the new ID is %v", got)
	}
	// A user of the doubled ID cannot be told from the other.
	report, err := transfer.Copy(context.Background(), newFixed(t, one), to, transfer.Config{})
	if !errors.Is(err, oauth.ErrAmbiguous) || len(report.Refused) != 1 {
		t.Errorf("%v, %v; want %v", report, err, oauth.ErrAmbiguous)
	}
}
