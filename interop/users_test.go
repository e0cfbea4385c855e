package interop

import (
	"fmt"
	"testing"
	"time"

	"zohocrm/oauth"
)

// numbered is the n-th of many users: some with letters beyond ASCII, a redirect
// URL or a spent grant code.
func numbered(n int) oauth.Row {
	row := userRow(fmt.Sprintf("user%d@example.com:%d", n, 700000000+n))
	switch n % 4 {
	case 0:
		row.UserName = fmt.Sprintf("zoë%d@example.com:%d", n, 700000000+n)
	case 1:
		row.RedirectURL = "https://cb.example/oauth?x=1&y=2"
	case 2:
		row.GrantToken = fmt.Sprintf("1000.grant.%d", n)
	}
	row.RefreshToken, row.AccessToken = fmt.Sprintf("1000.refresh.%d", n), fmt.Sprintf("1000.access.%d", n)
	return row
}

// tokenOf is a row as one who has never stored it saves it.
func tokenOf(t *testing.T, row oauth.Row) oauth.Token {
	t.Helper()
	token, err := row.Token()
	if err != nil {
		t.Fatal(err)
	}
	token.Version = ""
	return token
}

// Thirty users in turns. Alone, Node cannot save an eleventh: as a text, "9" is
// its greatest ID, and 10 is taken (Java and PHP write the eleventh over the
// tenth there). After five of Go's it counts on, and Go after it.
func thirtyUsers(t *testing.T, s shelf, _ shape, n node) {
	var want []oauth.Row
	byNode := func(user int, id string) {
		t.Helper()
		row := numbered(user)
		saved := n.save(t, row)
		if row.ID = id; saved.ID != id {
			t.Fatalf("Node saved user %d under %q, want %q", user, saved.ID, id)
		}
		want = append(want, row)
	}
	for user := 1; user <= 10; user++ {
		byNode(user, fmt.Sprint(user))
	}
	row := numbered(11)
	if a := n.do(t, step{Do: "save", Row: &row}); a.Error == nil || a.Error.Code != "ER_DUP_ENTRY" {
		t.Fatalf("Node saved an eleventh user: %s, %v; this test proves nothing any more", a.Ok, a.Error)
	}

	store := s.open(t)
	for user := 11; user <= 15; user++ {
		want = append(want, saveAs(t, store, numbered(user), fmt.Sprint(900000001+user-11)))
	}
	for user := 16; user <= 30; user++ {
		byNode(user, fmt.Sprint(900000001+user-11))
	}
	sameOnShelf(t, "thirty users", store, n, want)
	renewEach(t, store, n, want)
}

// The same, begun by Go: it leaves out what Node could not follow.
func thirtyUsersBegunByGo(t *testing.T, s shelf, _ shape, n node) {
	store := s.open(t)
	var want []oauth.Row
	for user := 1; user <= 30; user++ {
		id := fmt.Sprint(user)
		if user > 9 {
			id = fmt.Sprint(900000001 + user - 10)
		}
		if user <= 10 || user > 25 {
			want = append(want, saveAs(t, store, numbered(user), id))
			continue
		}
		row := n.save(t, numbered(user))
		if row.ID != id {
			t.Fatalf("Node saved user %d under %q, want %q", user, row.ID, id)
		}
		want = append(want, row)
	}
	sameOnShelf(t, "thirty users", store, n, want)
	renewEach(t, store, n, want)
}

// saveAs saves a user in Go, and returns the row that is to be there afterwards.
func saveAs(t *testing.T, store oauth.Store, row oauth.Row, id string) oauth.Row {
	t.Helper()
	saved, err := store.Save(t.Context(), tokenOf(t, row))
	if row.ID = id; err != nil || saved.Row() != row {
		t.Fatalf("Go saved %v, %v; want %v", saved.Row(), err, row)
	}
	return row
}

// renewEach gives each user a new access token, every other one by Node. Nobody's
// row is another's afterwards.
func renewEach(t *testing.T, store oauth.Store, n node, rows []oauth.Row) {
	t.Helper()
	for i := range rows {
		row := &rows[i]
		expiry := time.UnixMilli(1795319999999 + int64(i))
		row.AccessToken, row.ExpiryTime = fmt.Sprintf("1000.renewed.%d", i), fmt.Sprint(expiry.UnixMilli())
		if i%2 == 0 {
			n.save(t, oauth.Row{UserName: row.UserName, AccessToken: row.AccessToken, ExpiryTime: row.ExpiryTime})
			continue
		}
		saved, err := store.Save(t.Context(), oauth.Token{UserName: row.UserName, AccessToken: oauth.NewSecret(row.AccessToken), Expiry: expiry})
		if err != nil || saved.Row() != *row {
			t.Errorf("Go renewed %v, %v; want %v", saved.Row(), err, *row)
		}
	}
	sameOnShelf(t, "after a new access token for each", store, n, rows)
}
