package interop

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zohocrm/oauth"
	"zohocrm/store/csvfile"
)

// copyOf is a file of its own with the content of a fixture.
func copyOf(t *testing.T, fixture string) string {
	t.Helper()
	text, err := os.ReadFile(fixture)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), filepath.Base(fixture))
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func contentOf(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Python ends lines with CR LF and quotes; Node leaves the CR in the last column
// and knows no quotes. Go reads both as they were meant, and what it writes is
// free of CRs.
//
// Defects: D12.
func TestInteropLineEndsOfPythonBehindNode(t *testing.T) {
	t.Parallel()
	file := copyOf(t, "testdata/python-8.0.csv")
	n := startNode(t, file, "")
	n.save(t, oauth.Row{ID: "1", AccessToken: "1000.access1.NEW"})
	if !bytes.Contains(contentOf(t, file), []byte("1000.access1.NEW,,1795308985119,https://example.com/cb,https://www.zohoapis.com\r\n")) {
		t.Fatal("Node has left no CR in its last column: this test proves nothing any more")
	}

	store := openFile(t, file)
	for _, row := range rowsOf(t, store) {
		if row.APIDomain != "https://www.zohoapis.com" && row.APIDomain != "https://www.zohoapis.eu" {
			t.Errorf("row %s: Go reads the API domain %q", row.ID, row.APIDomain)
		}
	}
	zoe, err := store.Find(t.Context(), oauth.Token{UserName: "zoë@example.com:700000003"})
	if err != nil || zoe.ClientSecret.Reveal() != `s,e"c` {
		t.Errorf("Go reads %v, %v behind quotes", zoe.Row(), err)
	}

	saved, err := store.Save(t.Context(), oauth.Token{ID: "2", AccessToken: oauth.NewSecret("1000.access2.NEW")})
	if err != nil {
		t.Fatal(err)
	}
	if bytes.ContainsRune(contentOf(t, file), '\r') {
		t.Error("there is a CR in what Go wrote")
	}
	read := n.find(t, oauth.Row{UserName: saved.UserName})
	if read == nil || *read != saved.Row() {
		t.Errorf("Node reads %v, Go saved %v", read, saved.Row())
	}
}

// Node writes values as they are and knows no quotes, so a value that needs them
// would shift its columns. A strict store refuses such values, and leaves those
// alone that stand there.
//
// Defects: D11.
func TestInteropValuesThatNodeCannotRead(t *testing.T) {
	t.Parallel()
	file := copyOf(t, "testdata/python-8.0.csv")
	before := contentOf(t, file)
	strict, err := csvfile.New(csvfile.Config{Path: file, Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		column string
		change func(*oauth.Token)
	}{
		{"user_name", func(x *oauth.Token) { x.UserName = "Doe, Jane:700000009" }},
		{"client_secret", func(x *oauth.Token) { x.ClientSecret = oauth.NewSecret(`quo"ted`) }},
		{"redirect_url", func(x *oauth.Token) { x.RedirectURL = "https://cb.example/?x=1,2" }},
	} {
		token := userToken("jane@example.com:700000009")
		c.change(&token)
		var refused *oauth.ValueError
		if _, err := strict.Save(t.Context(), token); !errors.As(err, &refused) || refused.Column != c.column {
			t.Errorf("%s: a strict store answers %v", c.column, err)
		}
	}
	if !bytes.Equal(contentOf(t, file), before) {
		t.Error("a refused value changed the file")
	}
	// The quoted secret of row 3 stays, whatever else of that row is saved.
	if _, err := strict.Save(t.Context(), oauth.Token{ID: "3", AccessToken: oauth.NewSecret("1000.access3.NEW")}); err != nil {
		t.Errorf("a row that stands there quoted cannot be refreshed: %v", err)
	}

	// What the strict store spares Node: without it the user is in the file, Go
	// finds him, and Node does not, or reads his secret as something else.
	lax := openFile(t, file)
	jane, err := lax.Save(t.Context(), userToken("Doe, Jane:700000009"))
	if err != nil {
		t.Fatal(err)
	}
	if found, err := lax.Find(t.Context(), oauth.Token{UserName: jane.UserName}); err != nil || found.Row() != jane.Row() {
		t.Errorf("Go reads %v, %v, saved %v", found.Row(), err, jane.Row())
	}
	n := startNode(t, file, "")
	if found := n.find(t, oauth.Row{UserName: jane.UserName}); found != nil {
		t.Errorf("Node finds %v: it can read quotes now, and strict stores could allow them", *found)
	}
	for i, row := range n.list(t) {
		whole := row.APIDomain == "https://www.zohoapis.com" || row.APIDomain == "https://www.zohoapis.eu"
		if quoted := i == 2 || i == 4; whole == quoted {
			t.Errorf("row %d, quoted %v: Node reads the API domain %q", i+1, quoted, row.APIDomain)
		}
	}
}

// A row that was saved before its user was known is found by its tokens, and
// named by either SDK without making a second one.
//
// Defects: D10.
func TestInteropRowsWithoutAUser(t *testing.T) {
	t.Parallel()
	file := copyOf(t, "testdata/node-8.0.csv")
	n, store := startNode(t, file, ""), openFile(t, file)
	const secret = "1000.refresh3.0123456789abcdef"

	nameless, err := store.Find(t.Context(), oauth.Token{RefreshToken: oauth.NewSecret(secret)})
	if err != nil || nameless.ID != "3" || nameless.UserName != "" {
		t.Fatalf("Go finds %v, %v", nameless.Row(), err)
	}
	nameless.UserName = carol
	named, err := store.Save(t.Context(), nameless)
	if err != nil || named.ID != "3" {
		t.Fatalf("named by Go: %v, %v", named.Row(), err)
	}

	// Node meets the row by its user, adds a nameless one of its own, and Go
	// learns that it is a newer login of the same user.
	newer := userRow("")
	newer.ClientID, newer.RefreshToken = named.ClientID, "1000.refresh3.newer"
	if found := n.find(t, oauth.Row{UserName: carol}); found == nil || *found != named.Row() {
		t.Errorf("Node finds %v, Go saved %v", found, named.Row())
	}
	if added := n.save(t, newer); added.ID != "4" || added.UserName != "" {
		t.Fatalf("Node added %v", added)
	}
	login, err := store.Save(t.Context(), oauth.Token{ID: "4", UserName: carol})
	if err != nil || login.ID != "3" || login.RefreshToken.Reveal() != newer.RefreshToken {
		t.Errorf("Go named Node's row: %v, %v", login.Row(), err)
	}
	rows := n.list(t)
	if len(rows) != 3 || rows[2] != login.Row() {
		t.Errorf("Node reads %d rows, %v", len(rows), rows)
	}
	if strings.Contains(string(contentOf(t, file)), secret) {
		t.Error("the secret of the older login is still there")
	}
}
