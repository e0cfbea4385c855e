package storetest

import (
	"time"

	"zohocrm/oauth"
)

func versionChecks() []check {
	return []check{
		{name: "VersionIdentifiesColumns", run: versionIdentifiesColumns},
		{name: "VersionStale", run: versionStale},
		{name: "VersionNeverInserts", run: versionNeverInserts},
		{name: "VersionAcrossHandles", run: versionAcrossHandles, needs: needsReopen},
	}
}

// versionIdentifiesColumns: the same after every way of reading, another after
// every column that changed.
func versionIdentifiesColumns(f *fixture) {
	row := f.save(minimal("alice"))
	seen := map[string]string{row.Version: "the insert"}
	for _, c := range []struct {
		column string
		change oauth.Token
	}{
		{"client_id", oauth.Token{ClientID: client}},
		{"client_secret", oauth.Token{ClientSecret: secret("client")}},
		{"access_token", oauth.Token{AccessToken: secret("access")}},
		{"expiry_time", oauth.Token{AccessToken: secret("access"), Expiry: noon()}},
		{"expiry_time by a millisecond", oauth.Token{AccessToken: secret("access"), Expiry: noon().Add(time.Millisecond)}},
		{"grant_token", oauth.Token{GrantToken: secret("grant")}},
		{"redirect_url", oauth.Token{RedirectURL: "https://example.com"}},
		{"api_domain", oauth.Token{APIDomain: domainUS}},
		{"refresh_token", oauth.Token{RefreshToken: secret("refresh")}},
		{"where one value ends", oauth.Token{RedirectURL: "https://example.co", APIDomain: "m" + domainUS}},
		{"two values exchanged", oauth.Token{AccessToken: secret("grant"), GrantToken: secret("access")}},
	} {
		c.change.ID, c.change.Version = row.ID, row.Version
		row = f.save(c.change)
		if before, dup := seen[row.Version]; dup {
			f.Errorf("after a change of %s the Version is the one after %s", c.column, before)
		}
		seen[row.Version] = c.column
		for _, f := range f.again() {
			f.same(f.get(row.ID), row, "Get")
			f.finds(oauth.Token{UserName: "alice"}, row)
			f.holds(row)
		}
	}
	// user_name, by way of a nameless row.
	login := f.save(nameless("login"))
	if named := f.save(oauth.Token{ID: login.ID, UserName: "bob"}); named.Version == login.Version {
		f.Error("after a change of user_name the Version is the same")
	}
	// id: the same values in two rows.
	one, two := filled("carol"), filled("carol")
	two.ClientID = otherClient
	if f.save(one).Version == f.save(two).Version {
		f.Error("two rows have one Version")
	}
	// A Save that changes nothing leaves the Version, so that nobody is disturbed.
	if again := f.save(row); again.Version != row.Version {
		f.Error("a Save of the same values changed the Version")
	}
}

func versionStale(f *fixture) {
	old := f.save(filled("alice"))
	other := f.save(filled("bob"))
	now := f.save(oauth.Token{ID: old.ID, Version: old.Version, AccessToken: secret("newer")})
	for _, version := range []string{old.Version, other.Version, "no version", now.Version + " "} {
		t := filled("alice")
		t.AccessToken, t.Version = secret("mine"), version
		f.savesNot(t, oauth.ErrConflict) // found by user name
		t.ID = old.ID
		f.savesNot(t, oauth.ErrConflict) // found by ID
		f.fails(f.s.Delete(f.ctx, old.ID, version), oauth.ErrConflict, "Delete with a stale Version")
	}
	f.holds(now, other)
	// Every Save gives the Version for the next.
	for i := range 3 {
		next := noon().Add(time.Duration(i) * time.Second)
		now = f.save(oauth.Token{ID: now.ID, Version: now.Version, AccessToken: now.AccessToken, Expiry: next})
	}
	// Without a Version the last one wins.
	now = f.save(oauth.Token{ID: now.ID, AccessToken: secret("last")})
	f.holds(now, other)
}

// versionNeverInserts: a row that went is a conflict, not a new row.
func versionNeverInserts(f *fixture) {
	t := filled("nobody")
	t.Version = "0123456789abcdef0123456789abcdef"
	f.savesNot(t, oauth.ErrConflict)
	t.ID = unknownID
	f.savesNot(t, oauth.ErrConflict)
	gone := f.save(filled("alice"))
	if err := f.s.Delete(f.ctx, gone.ID, gone.Version); err != nil {
		f.Fatalf("Delete: %v", err)
	}
	f.savesNot(gone, oauth.ErrConflict)
	gone.ID = ""
	f.savesNot(gone, oauth.ErrConflict)
	// The user's new row under an ID of its own is not the one that was read.
	again := f.save(filled("alice"))
	gone.ID = unknownID
	f.savesNot(gone, oauth.ErrConflict)
	// Nor is a row that has another ID, though its Version is the one given.
	moved := again
	moved.ID = unknownID
	f.savesNot(moved, oauth.ErrConflict)
	f.holds(again)
}

// versionAcrossHandles: what one handle reads is good, or stale, in the other.
func versionAcrossHandles(f *fixture) {
	g := f.reopened()
	row := f.save(filled("alice"))
	g.finds(oauth.Token{UserName: "alice"}, row)
	next := g.save(oauth.Token{ID: row.ID, Version: row.Version, AccessToken: secret("by.second")})
	f.same(f.get(row.ID), next, "Get by the first handle")
	f.savesNot(oauth.Token{ID: row.ID, Version: row.Version, AccessToken: secret("by.first")}, oauth.ErrConflict)
	f.fails(f.s.Delete(f.ctx, row.ID, row.Version), oauth.ErrConflict, "Delete by the first handle")
	if err := f.s.Delete(f.ctx, row.ID, next.Version); err != nil {
		f.Errorf("Delete by the first handle: %v", err)
	}
	g.savesNot(next, oauth.ErrConflict)
	g.holds()
}
