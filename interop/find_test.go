package interop

import (
	"errors"
	"fmt"
	"testing"

	"zohocrm/oauth"
)

// Each finds what the other saved, by every key.
func findByEachKey(t *testing.T, s shelf, of shape, n node) {
	store := s.open(t)
	var rows []oauth.Row
	for user := 1; user <= 6; user++ {
		row := numbered(user)
		if user > 4 && of.nameless {
			row.UserName = ""
		}
		if user%2 == 0 {
			rows = append(rows, saveAs(t, store, row, fmt.Sprint(user)))
		} else {
			rows = append(rows, n.save(t, row))
		}
	}
	for _, row := range rows {
		app := oauth.Row{ClientID: row.ClientID, ClientSecret: row.ClientSecret}
		byRefresh, byGrant := app, app
		byRefresh.RefreshToken, byGrant.GrantToken = row.RefreshToken, row.GrantToken
		keys := map[string]oauth.Row{"user_name": {UserName: row.UserName}, "access_token": {AccessToken: row.AccessToken}, "refresh_token": byRefresh, "grant_token": byGrant}
		if row.UserName == "" {
			delete(keys, "user_name")
		}
		if row.GrantToken == "" {
			delete(keys, "grant_token")
		}
		for name, key := range keys {
			if found := n.find(t, key); found == nil || *found != row {
				t.Errorf("Node finds by %s %v, want %v", name, found, row)
			}
			if found, err := store.Find(t.Context(), tokenOf(t, key)); err != nil || found.Row() != row {
				t.Errorf("Go finds by %s %v, %v; want %v", name, found.Row(), err, row)
			}
		}
		if found := n.get(t, row.ID); found != row {
			t.Errorf("Node gets %v, want %v", found, row)
		}
		if found, err := store.Get(t.Context(), row.ID); err != nil || found.Row() != row {
			t.Errorf("Go gets %v, %v; want %v", found.Row(), err, row)
		}
	}
	for _, name := range []string{"nobody@example.com:1", "user1@example.com:70000000"} {
		if found := n.find(t, oauth.Row{UserName: name}); found != nil {
			t.Errorf("Node finds %v", found)
		}
		if _, err := store.Find(t.Context(), oauth.Token{UserName: name}); !errors.Is(err, oauth.ErrNotFound) {
			t.Errorf("Go finds %q: %v", name, err)
		}
	}
}

// What is missing is NULL to the SDKs of version 8.0, and was an empty text to
// their forerunners. It is the same to Go, which writes NULL; and to Node.
func nullAndEmpty(t *testing.T, s shelf, of shape, n node) {
	store := s.open(t)
	const insert = "INSERT INTO oauthtoken (id, user_name, client_id, client_secret, refresh_token, access_token, grant_token, expiry_time, redirect_url, api_domain) VALUES "
	s.run(t, insert+"('1', ?, '1000.SIM', 'sim', '1000.refresh.1', '', '', '', '', '')", alice)
	s.run(t, insert+"('2', ?, '1000.SIM', 'sim', '1000.refresh.2', NULL, NULL, NULL, NULL, NULL)", bob)
	row := func(id, user string) oauth.Row {
		return oauth.Row{ID: id, UserName: user, ClientID: clientID, ClientSecret: clientSecret, RefreshToken: "1000.refresh." + id}
	}
	want := []oauth.Row{row("1", alice), row("2", bob)}
	if of.nameless {
		s.run(t, insert+"('3', '', '1000.SIM', 'sim', '1000.refresh.3', NULL, '', NULL, '', NULL)")
		want = append(want, row("3", ""))
	}
	sameOnShelf(t, "missing values", store, n, want)

	// Each renews both, and names the one without a name.
	for i := range want {
		want[i].UserName = people()[i]
		saved, err := store.Save(t.Context(), oauth.Token{ID: want[i].ID, UserName: want[i].UserName, AccessToken: oauth.NewSecret("1000.access." + want[i].ID)})
		want[i].AccessToken = "1000.access." + want[i].ID
		if err != nil || saved.Row() != want[i] {
			t.Errorf("Go saves %v, %v; want %v", saved.Row(), err, want[i])
		}
		want[i].RedirectURL = "https://example.com/cb"
		n.save(t, oauth.Row{UserName: want[i].UserName, RedirectURL: want[i].RedirectURL})
	}
	sameOnShelf(t, "after both saved", store, n, want)

	// What Go does not know it writes as NULL: an empty user name would make the
	// SDKs' next save fail.
	written := saveAs(t, store, oauth.Row{UserName: "new@example.com:1", ClientID: clientID, RefreshToken: "1000.refresh.new"}, fmt.Sprint(len(want)+1))
	var null bool
	err := s.db.QueryRowContext(t.Context(), "SELECT coalesce(client_secret, access_token, grant_token, expiry_time, redirect_url, api_domain) IS NULL FROM oauthtoken WHERE id = ?", written.ID).Scan(&null)
	if err != nil || !null {
		t.Errorf("Go wrote an empty text for what is missing, %v", err)
	}
}

// What one deletes is gone for the other. Node gives the ID of the last row again
// when that was deleted; Go never does, and does not take such a row for the one
// that its caller means.
func deletedByTheOther(t *testing.T, s shelf, _ shape, n node) {
	store := s.open(t)
	for i, name := range people() {
		saveAs(t, store, userRow(name), fmt.Sprint(i+1))
	}
	if found, err := store.Find(t.Context(), oauth.Token{UserName: carol}); err != nil || found.ID != "3" {
		t.Fatal(found.ID, err)
	}
	n.delete(t, "3")
	for what, key := range map[string]oauth.Token{"user": {UserName: carol}, "ID": {ID: "3"}, "token": {RefreshToken: oauth.NewSecret("1000.refresh." + carol)}} {
		if found, err := store.Find(t.Context(), key); !errors.Is(err, oauth.ErrNotFound) {
			t.Errorf("Go finds by %s what Node deleted: %v, %v", what, found, err)
		}
	}
	if err := store.Delete(t.Context(), "2", ""); err != nil {
		t.Fatal(err)
	}
	if found := n.find(t, oauth.Row{UserName: bob}); found != nil {
		t.Errorf("Node finds what Go deleted: %v", found)
	}

	if again := n.save(t, userRow(bob)); again.ID != "2" {
		t.Errorf("Node saved bob again under %q", again.ID)
	}
	if dave := saveAs(t, store, userRow("dave@example.com:1"), "4"); n.get(t, "4") != dave {
		t.Error("Node does not get dave by his ID")
	}
	n.delete(t, "4")
	if eve := n.save(t, userRow("eve@example.com:1")); eve.ID != "3" {
		t.Errorf("Node saved eve under %q", eve.ID)
	}
	if found, err := store.Find(t.Context(), oauth.Token{ID: "3", UserName: carol}); !errors.Is(err, oauth.ErrMismatch) {
		t.Errorf("eve is found under carol's ID, for carol: %v, %v", found, err)
	}

	n.ok(t, step{Do: "clear"})
	if left := rowsOf(t, store); len(left) != 0 {
		t.Errorf("Go lists %v of an empty table", left)
	}
	saveAs(t, store, userRow(alice), "5")
	if err := store.DeleteAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := n.list(t); len(left) != 0 {
		t.Errorf("Node lists %v of an empty table", left)
	}
}

// A quote in a value makes Node's statements wrong: it cannot find or save such a
// user. It can list what Go saved, and no row is harmed.
func TestInteropTableQuotesBreakNode(t *testing.T) {
	t.Parallel()
	s := tableShelf(t, shapes()[0].create)
	n := startNodeAt(t, s.at, "")
	store := s.open(t)
	const irish = "O'Brien@example.com:1"
	want := []oauth.Row{saveAs(t, store, userRow(alice), "1"), saveAs(t, store, userRow(irish), "2")}
	sameOnShelf(t, "a quote", store, n, want)
	row := userRow(irish)
	for _, do := range []string{"find", "save"} {
		if a := n.do(t, step{Do: do, Row: &row}); a.Error == nil || a.Error.Code != "ER_PARSE_ERROR" {
			t.Errorf("%s: Node answers %s, %v: it can write quotes now", do, a.Ok, a.Error)
		}
	}
	// Its statement would change another row than it names.
	hostile := userRow(alice)
	hostile.ClientSecret = "s', redirect_url='https://evil.example"
	saved, err := store.Save(t.Context(), tokenOf(t, hostile))
	if want[0].ClientSecret = hostile.ClientSecret; err != nil || saved.Row() != want[0] {
		t.Errorf("Go saves %v, %v; want %v", saved.Row(), err, want[0])
	}
	sameOnShelf(t, "a quote in a secret, saved by Go", store, n, want)
}
