package interop

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"zohocrm/oauth"
)

// fixture is a file that an official SDK wrote, and the rows that are in it.
type fixture struct {
	file string
	rows []oauth.Row
}

// csvFixtures are the token files of testdata.
func csvFixtures() []fixture {
	const cb = "https://example.com/cb"
	const long = "https://cb.example/oauth?x=1&y=2"
	com, eu := "https://www.zohoapis.com", "https://www.zohoapis.eu"
	alice, bob := fixtureRow(1, "alice@example.com:700000001", cb, com), fixtureRow(2, "bob@example.com:700000002", cb, eu)
	bob.GrantToken = "1000.grant2.abc"
	zoe := fixtureRow(3, "zoë@example.com:700000003", long, com)
	zoe.ClientSecret = `s,e"c`
	refreshed, bobByNode := alice, bob
	refreshed.AccessToken = "1000.access1.NEW"
	bobByNode.RedirectURL = long

	ruby := func(id, user string, n int) oauth.Row {
		r := fixtureRow(n, user, cb, "")
		r.ID = id
		return r
	}
	oldest := fixtureRow(1, "alice@example.com", "", "")
	oldest.ClientSecret = ""
	return []fixture{
		{"python-8.0.csv", []oauth.Row{alice, bob, zoe, fixtureRow(4, "", cb, com)}},
		{"node-8.0.csv", []oauth.Row{alice, bobByNode, fixtureRow(3, "", cb, com)}},
		{"python-then-node-8.0.csv", []oauth.Row{refreshed, bob, zoe, fixtureRow(4, "", cb, com)}},
		{"ruby-2.0.csv", []oauth.Row{ruby("ruby_alice_us_prd_cdef", "alice@example.com", 1), ruby("ruby_bob_us_prd_cdef", "bob@example.com", 2)}},
		{"ruby-1-shape.csv", []oauth.Row{oldest}},
	}
}

func fixtureRow(n int, user, redirect, domain string) oauth.Row {
	return oauth.Row{
		ID: fmt.Sprint(n), UserName: user, ClientID: fmt.Sprintf("1000.CLIENT%d", n), ClientSecret: "sec",
		RefreshToken: fmt.Sprintf("1000.refresh%d.0123456789abcdef", n), AccessToken: fmt.Sprintf("1000.access%d.0123456789abcdef", n),
		ExpiryTime: "1795308985119", RedirectURL: redirect, APIDomain: domain,
	}
}

// tableFixtures are the tables of testdata, in the order of their IDs.
func tableFixtures() []fixture {
	var two, ten []oauth.Row
	for n := 1; n <= 10; n++ {
		r := fixtureRow(n, fmt.Sprintf("user%d@example.com:70000000%d", n, n), "https://example.com/cb", "https://www.zohoapis.com")
		if n <= 2 {
			two = append(two, r)
		}
		switch n {
		case 2:
			r.GrantToken = "1000.grant2.abc"
		case 10:
			r.UserName = "user10@example.com:7000000010"
		}
		ten = append(ten, r)
	}
	return []fixture{{"python-8.0-custom-store-sqlite.db", two}, {"node-8.0-mysql-ten-users.sql", ten}}
}

// needsQuotes reports whether a row holds what Node cannot read.
func needsQuotes(r oauth.Row) bool {
	for _, v := range r.Values() {
		if strings.ContainsAny(v, `,"`) {
			return true
		}
	}
	return false
}

// Each file opens in Go with the right tokens, and after Go has saved into it,
// the official Node SDK reads all that it can read, with identical values.
func TestFixtureFiles(t *testing.T) {
	t.Parallel()
	n := startNode(t, filepath.Join(t.TempDir(), "none"), "")
	for _, f := range csvFixtures() {
		file := copyOf(t, filepath.Join("testdata", f.file))
		store := openFile(t, file)
		sameRows(t, f.file, rowsOf(t, store), f.rows)
		for _, row := range f.rows {
			if found, err := store.Find(t.Context(), oauth.Token{RefreshToken: oauth.NewSecret(row.RefreshToken)}); err != nil || found.Row() != row {
				t.Errorf("%s: row %s: Find answers %v, %v", f.file, row.ID, found.Row(), err)
			}
		}

		wanted := slices.Clone(f.rows)
		refreshed := &wanted[0]
		refreshed.AccessToken, refreshed.ExpiryTime = "1000.access1.GO", "1795319999999"
		saved, err := store.Save(t.Context(), oauth.Token{
			ID: refreshed.ID, AccessToken: oauth.NewSecret(refreshed.AccessToken), Expiry: time.UnixMilli(1795319999999),
		})
		if err != nil || saved.Row() != *refreshed {
			t.Errorf("%s: Save answers %v, %v", f.file, saved.Row(), err)
		}
		sameRows(t, f.file+", after Go saved, by Go", goList(t, file), wanted)
		readByNode(t, n, file, wanted)
	}
}

// readByNode checks that Node reads the rows in a file with identical values; a
// row that needs quotes, which Node does not know, with others.
func readByNode(t *testing.T, n node, file string, rows []oauth.Row) {
	t.Helper()
	byNode := value[[]oauth.Row](t, n.do(t, step{Do: "list", File: file}))
	if len(byNode) != len(rows) {
		t.Errorf("%s: Node reads %d rows, want %d", filepath.Base(file), len(byNode), len(rows))
		return
	}
	for i, row := range rows {
		if (byNode[i] == row) == needsQuotes(row) {
			t.Errorf("%s: row %s: Node reads %v, Go wrote %v", filepath.Base(file), row.ID, byNode[i], row)
		}
	}
}

// The files of testdata are those of the collection that this project's facts
// were found with, where that is at hand.
func TestFixtureFilesAreTheOriginals(t *testing.T) {
	var known []string
	for _, f := range append(csvFixtures(), tableFixtures()...) {
		known = append(known, f.file)
	}
	for _, folder := range []string{"testdata", filepath.Join("..", "..", "shared", "fixtures")} {
		entries, err := os.ReadDir(folder)
		if errors.Is(err, fs.ErrNotExist) && folder != "testdata" {
			continue // they are not part of this repository
		}
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), ".md") || strings.HasPrefix(e.Name(), ".") {
				continue
			}
			found++
			if !slices.Contains(known, e.Name()) {
				t.Errorf("%s: no test knows what is in %s", folder, e.Name())
			} else if ours := contentOf(t, filepath.Join("testdata", e.Name())); string(contentOf(t, filepath.Join(folder, e.Name()))) != string(ours) {
				t.Errorf("%s is not the file in %s", e.Name(), folder)
			}
		}
		if found != len(known) {
			t.Errorf("%s: %d files, want %d", folder, found, len(known))
		}
	}
}
