package storetest

import (
	"time"

	"zohocrm/oauth"
)

func saveChecks() []check {
	return []check{
		{name: "SaveInserts", run: saveInserts},
		{name: "SaveUpdatesByEachKey", run: saveUpdatesByEachKey},
		{name: "SaveEmptyKeeps", run: saveEmptyKeeps},
		{name: "SaveAccessAndExpiry", run: saveAccessAndExpiry},
		{name: "SaveGrantIsKept", run: saveGrantIsKept},
		{name: "SaveNothing", run: saveNothing},
		{name: "SaveContradictedID", run: saveContradictedID},
		{name: "SaveAmbiguous", run: saveAmbiguous},
		{name: "SaveOtherDomain", run: saveOtherDomain},
		{name: "SaveOtherClient", run: saveOtherClient},
	}
}

func saveInserts(f *fixture) {
	var rows []oauth.Token
	accessOnly := oauth.Token{AccessToken: secret("access.only")}
	grantOnly := oauth.Token{GrantToken: secret("grant.only"), ClientID: client}
	for _, t := range []oauth.Token{filled("alice"), filled("bob"), minimal("carol"), nameless("dave"), accessOnly, grantOnly} {
		saved := f.save(t)
		f.columns(saved, stored(t, saved), "Save")
		rows = append(rows, saved)
	}
	for _, f := range f.again() {
		f.holds(rows...)
	}
}

// Defects: D9.
func saveUpdatesByEachKey(f *fixture) {
	row := f.save(filled("alice"))
	other := f.save(filled("bob"))
	for i, k := range oauth.Keys() {
		t := only(row, k)
		t.RedirectURL = "https://example.com/" + k.Column()
		saved := f.save(t)
		want := row
		want.RedirectURL, want.Version = t.RedirectURL, saved.Version
		f.columns(saved, want, "Save by "+k.Column())
		f.holds(saved, other)
		row = saved
		if i == 0 {
			f.save(row) // the whole row again, with its Version
		}
	}
	for _, f := range f.again() {
		f.holds(row, other)
	}
}

// saveEmptyKeeps changes one column at a time: all others keep what is stored.
//
// Defects: D9.
func saveEmptyKeeps(f *fixture) {
	row := f.save(filled("alice"))
	for _, change := range []oauth.Token{
		{ClientSecret: secret("new.client")},
		{RedirectURL: "https://example.com/new"},
		{GrantToken: secret("new.grant")},
		{APIDomain: domainEU},
		{AccessToken: secret("new.access"), Expiry: noon().Add(time.Hour)},
		{RefreshToken: secret("new.refresh"), AccessToken: secret("newer.access"), Expiry: noon().Add(2 * time.Hour)},
		{},
	} {
		want := row.Row().Values()
		for i, v := range change.Row().Values() {
			if v != "" {
				want[i] = v
			}
		}
		change.ID, change.Version = row.ID, row.Version
		saved := f.save(change)
		wanted, err := oauth.RowOf(want).Token()
		if err != nil {
			f.Fatal(err)
		}
		f.columns(saved, wanted, "Save of one column")
		f.holds(saved)
		row = saved
	}
	// A client ID fills an empty one.
	bare := f.save(minimal("bare"))
	if got := f.save(oauth.Token{UserName: "bare", ClientID: client}); got.ClientID != client || got.ID != bare.ID {
		f.Errorf("Save did not fill in the client ID: %v", got)
	}
}

// saveAccessAndExpiry: both are one value, and belong to the refresh token.
func saveAccessAndExpiry(f *fixture) {
	later := noon().Add(time.Hour)
	for _, c := range []struct {
		name   string
		change oauth.Token
		access string
		expiry time.Time
	}{
		{"a new access token with its expiry", oauth.Token{AccessToken: secret("new"), Expiry: later}, "new", later},
		{"a new access token without expiry", oauth.Token{AccessToken: secret("new")}, "new", time.Time{}},
		{"an expiry without access token", oauth.Token{Expiry: later}, "old", noon()},
		{"the same access token with another expiry", oauth.Token{AccessToken: secret("old"), Expiry: later}, "old", later},
		{"the same access token without expiry", oauth.Token{AccessToken: secret("old")}, "old", noon()},
		{"the same refresh token alone", oauth.Token{RefreshToken: secret("old")}, "old", noon()},
		{"a new refresh token alone", oauth.Token{RefreshToken: secret("new")}, "", time.Time{}},
		{"a new refresh token and an expiry", oauth.Token{RefreshToken: secret("new"), Expiry: later}, "", time.Time{}},
		{"a new pair", oauth.Token{RefreshToken: secret("new"), AccessToken: secret("new"), Expiry: later}, "new", later},
		{"a new pair without expiry", oauth.Token{RefreshToken: secret("new"), AccessToken: secret("new")}, "new", time.Time{}},
		{"a new refresh token with the old access token", oauth.Token{RefreshToken: secret("new"), AccessToken: secret("old")}, "old", time.Time{}},
	} {
		row := f.save(oauth.Token{UserName: c.name, RefreshToken: secret("old"), AccessToken: secret("old"), Expiry: noon()})
		c.change.ID = row.ID
		f.save(c.change)
		got := f.get(row.ID)
		want := oauth.Secret{}
		if c.access != "" {
			want = secret(c.access)
		}
		if got.AccessToken != want || !got.Expiry.Equal(c.expiry) {
			f.Errorf("%s: access token %s until %v, want %s until %v", c.name, got.AccessToken, got.Expiry, want, c.expiry)
		}
	}
}

// saveGrantIsKept: a program that starts again with the same code finds its row.
func saveGrantIsKept(f *fixture) {
	row := f.save(oauth.Token{GrantToken: secret("code"), ClientID: client})
	exchanged := f.save(oauth.Token{ID: row.ID, Version: row.Version, RefreshToken: secret("r"), AccessToken: secret("a"), Expiry: noon()})
	if exchanged.GrantToken != row.GrantToken {
		f.Error("the grant token went with its exchange")
	}
	named := f.save(oauth.Token{ID: row.ID, Version: exchanged.Version, UserName: "alice"})
	f.finds(oauth.Token{GrantToken: secret("code")}, named)
	f.finds(oauth.Token{GrantToken: secret("code"), UserName: "alice"}, named)
	f.holds(named)
}

// saveNothing: no key, or no token in the result.
func saveNothing(f *fixture) {
	for _, t := range []oauth.Token{
		{},
		{ClientID: client, ClientSecret: secret("client"), RedirectURL: "https://example.com", APIDomain: domainUS, Expiry: noon()},
		{UserName: "nobody"},
		{UserName: "nobody", ClientID: client, ClientSecret: secret("client"), Expiry: noon()},
		{ID: unknownID},
		{ID: unknownID, UserName: "nobody"},
		{Scope: "ZohoCRM.modules.ALL"},
	} {
		f.savesNot(t, oauth.ErrIncompleteKey)
	}
	// The row's own token counts.
	row := f.save(minimal("alice"))
	f.save(oauth.Token{UserName: "alice", ClientSecret: secret("client")})
	f.savesNot(oauth.Token{ClientID: client}, oauth.ErrIncompleteKey)
	f.savesNot(oauth.Token{Version: row.Version, ClientID: client}, oauth.ErrIncompleteKey)
}

// Defects: D5.
func saveContradictedID(f *fixture) {
	alice, bob := f.save(filled("alice")), f.save(filled("bob"))
	f.savesNot(oauth.Token{ID: alice.ID, UserName: "bob", AccessToken: secret("new")}, oauth.ErrMismatch)
	f.savesNot(oauth.Token{ID: alice.ID, UserName: "carol", AccessToken: secret("new")}, oauth.ErrMismatch)
	f.savesNot(oauth.Token{ID: alice.ID, ClientID: otherClient, AccessToken: secret("new")}, oauth.ErrMismatch)
	f.savesNot(oauth.Token{ID: bob.ID, Version: bob.Version, UserName: "alice", AccessToken: secret("new")}, oauth.ErrMismatch)
}

func saveAmbiguous(f *fixture) {
	one := f.save(filled("alice"))
	two := filled("alice")
	two.ClientID = otherClient
	f.save(two)
	f.savesNot(oauth.Token{UserName: "alice", AccessToken: secret("new")}, oauth.ErrAmbiguous)
	f.savesNot(oauth.Token{RefreshToken: one.RefreshToken, AccessToken: secret("new")}, oauth.ErrAmbiguous)
	f.savesNot(oauth.Token{ID: unknownID, UserName: "alice", AccessToken: secret("new")}, oauth.ErrAmbiguous)
}

// saveOtherDomain: who has not read the row does not move it to another data
// centre or environment.
func saveOtherDomain(f *fixture) {
	row := f.save(filled("alice"))
	move := oauth.Token{UserName: "alice", RefreshToken: secret("new"), APIDomain: domainEU}
	f.savesNot(move, oauth.ErrMismatch)
	move.ID = row.ID
	f.savesNot(move, oauth.ErrMismatch)
	move.ID = unknownID
	f.savesNot(move, oauth.ErrMismatch)
	move.ID, move.Version = row.ID, row.Version
	moved := f.save(move)
	if moved.APIDomain != domainEU {
		f.Errorf("Save with the Version left the row in %q", moved.APIDomain)
	}
	// No domain says nothing, and fills in nothing.
	same := f.save(oauth.Token{UserName: "alice", AccessToken: secret("new")})
	f.holds(same)
	bare := f.save(minimal("bare"))
	filledIn := f.save(oauth.Token{UserName: "bare", APIDomain: domainUS})
	if filledIn.ID != bare.ID || filledIn.APIDomain != domainUS {
		f.Errorf("Save did not fill in the API domain: %v", filledIn)
	}
}

// saveOtherClient: one user may have tokens of many clients, a row of each.
func saveOtherClient(f *fixture) {
	one := f.save(filled("alice"))
	t := filled("alice")
	t.ClientID, t.RefreshToken = otherClient, secret("other")
	two := f.save(t)
	f.holds(one, two)
	// The same refresh token under another name is another row.
	t = filled("bob")
	t.RefreshToken = one.RefreshToken
	bob := f.save(t)
	f.holds(one, two, bob)
	f.finds(oauth.Token{UserName: "bob", RefreshToken: one.RefreshToken}, bob)
}
