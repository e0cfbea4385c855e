package interop

import (
	"context"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"zohocrm"
	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/sim"
	"zohocrm/sim/simtest"
	"zohocrm/store/csvfile"
)

// The simulator's client, and its users as the SDKs name them: email:zgid.
const (
	clientID     = "1000.SIM"
	clientSecret = "sim"

	alice = "alice@example.com:10001"
	bob   = "bob@example.com:10002"
	carol = "carol@example.com:10003"
)

func people() []string { return []string{alice, bob, carol} }

func emailOf(user string) string {
	email, _, _ := strings.Cut(user, ":")
	return email
}

// world is a simulator with Zoho's limits, and a token file or table that both
// SDKs use.
type world struct {
	shelf
	sim  *simtest.Server
	home dc.DataCenter
}

// newWorld has a file.
func newWorld(t *testing.T) world {
	t.Helper()
	s := simtest.New(t, sim.Config{})
	return world{shelf: fileShelf(t), sim: s, home: homeOf(t, s.URL)}
}

func homeOf(t *testing.T, url string) dc.DataCenter {
	t.Helper()
	home, err := dc.Custom(url, url)
	if err != nil {
		t.Fatal(err)
	}
	return home
}

// node is a Node program that starts.
func (w world) node(t *testing.T) node { return startNodeAt(t, w.at, w.sim.URL) }

// nodeCall asks the CRM who each user is, in a Node program that starts for it.
func (w world) nodeCall(t *testing.T, users ...string) []called {
	t.Helper()
	n := w.node(t)
	defer n.close(t)
	return n.call(t, users...)
}

// client is a Go program that starts for one user: nothing is remembered but
// what the file or table says.
func (w world) client(t *testing.T, token oauth.Token) *zohocrm.Client {
	t.Helper()
	c, err := zohocrm.New(t.Context(), zohocrm.Config{Token: token, Store: w.open(t), DataCenter: w.home})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// goCall is the same, by Go.
func (w world) goCall(t *testing.T, users ...string) []called {
	t.Helper()
	first := w.client(t, oauth.Token{UserName: users[0]})
	var all []called
	for _, name := range users {
		c, err := first.As(t.Context(), oauth.Token{UserName: name})
		if err != nil {
			t.Fatal(err)
		}
		user, err := c.CRM.Users.Current(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, called{Row: c.User.Row(), Email: user.Email})
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	return all
}

// expire lets the access tokens die: at the simulator by its clock, and on the
// shelf.
func (w world) expire(t *testing.T) {
	t.Helper()
	w.sim.Advance(61 * time.Minute)
	w.shelf.expire(t)
}

// expired makes a row's access token one that died a minute ago.
func expired(fields []string) {
	fields[7] = strconv.FormatInt(time.Now().Add(-time.Minute).UnixMilli(), 10)
}

// rewrite changes the rows of a plain token file, in place, as an editor does.
func rewrite(t *testing.T, file string, change func(fields []string)) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	for i, line := range lines {
		if fields := strings.Split(line, ","); i > 0 && len(fields) == len(oauth.Columns()) {
			change(fields)
			lines[i] = strings.Join(fields, ",")
		}
	}
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
}

func openFile(t *testing.T, path string) oauth.Store {
	t.Helper()
	store, err := csvfile.New(csvfile.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// goList is what Go reads in the file.
func goList(t *testing.T, file string) []oauth.Row {
	t.Helper()
	return rowsOf(t, openFile(t, file))
}

func rowsOf(t *testing.T, store oauth.Store) []oauth.Row {
	t.Helper()
	all, err := oauth.All(context.Background(), store)
	if err != nil {
		t.Fatal(err)
	}
	var rows []oauth.Row
	for _, token := range all {
		rows = append(rows, token.Row())
	}
	return rows
}

// sameRows compares two readings of a file.
func sameRows(t *testing.T, what string, got, want []oauth.Row) {
	t.Helper()
	if slices.Equal(got, want) {
		return
	}
	t.Errorf("%s: %d rows, want %d", what, len(got), len(want))
	for i := range min(len(got), len(want)) {
		g, w := got[i].Values(), want[i].Values()
		for c, name := range oauth.Columns() {
			if g[c] != w[c] {
				t.Errorf("%s: row %d: %s is %q, want %q", what, i+1, name, g[c], w[c])
			}
		}
	}
}
