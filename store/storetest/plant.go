package storetest

import (
	"time"

	"zohocrm/oauth"
)

func plantChecks() []check {
	return []check{
		{name: "PlantRead", run: plantRead, needs: needsPlant},
		{name: "PlantSameUserTwice", run: plantSameUserTwice, needs: needsPlant},
		{name: "PlantSameUserSameID", run: plantSameUserSameID, needs: needsPlant},
		{name: "PlantDoubledID", run: plantDoubledID, needs: needsPlant},
		{name: "PlantNoID", run: plantNoID, needs: needsPlant},
		{name: "PlantEmptyColumns", run: plantEmptyColumns, needs: needsPlant},
		{name: "PlantChanged", run: plantChanged, needs: needsPlant},
	}
}

func (f *fixture) plant(tokens ...oauth.Token) {
	f.Helper()
	rows := make([]oauth.Row, len(tokens))
	for i, t := range tokens {
		rows[i] = t.Row()
	}
	if !f.b.Plant(f.TB, f.opened, rows) {
		f.Skip("storetest: not checked, such rows cannot exist in this store")
	}
}

func withID(t oauth.Token, id string) oauth.Token {
	t.ID = id
	return t
}

// plantRead: a row that an SDK wrote is a row like any other, and new rows keep
// clear of it.
func plantRead(f *fixture) {
	f.plant(withID(filled("alice"), "1"), withID(filled("bob"), "7"), withID(minimal("carol"), "9"))
	for id, want := range map[string]oauth.Token{"1": filled("alice"), "7": filled("bob"), "9": minimal("carol")} {
		got := f.get(id)
		f.columns(got, withID(want, id), "Get")
		f.finds(oauth.Token{UserName: want.UserName}, got)
		f.finds(oauth.Token{RefreshToken: want.RefreshToken}, got)
		f.clean(got, "a row that an SDK wrote")
	}
	ids := given{"1": true, "7": true, "9": true}
	ids.add(f, f.save(minimal("dave")).ID)
	ids.add(f, f.save(minimal("erin")).ID)
	updated := f.save(oauth.Token{UserName: "bob", AccessToken: secret("new")})
	if updated.ID != "7" || len(f.list()) != 5 {
		f.Errorf("Save of a user whom an SDK stored under id 7 went to id %q; %d rows, want 5", updated.ID, len(f.list()))
	}
}

// plantSameUserTwice: an SDK's race left two rows of one user and client.
func plantSameUserTwice(f *fixture) {
	early, late, undated := filled("alice"), filled("alice"), filled("alice")
	early.RefreshToken, early.AccessToken, early.Expiry = secret("early"), secret("early"), noon().AddDate(0, -1, 0)
	late.RefreshToken, late.AccessToken = secret("late"), secret("late")
	undated.RefreshToken, undated.AccessToken, undated.Expiry = secret("undated"), oauth.Secret{}, undated.Expiry.AddDate(-61, 0, 0)
	undated = oauth.Token{UserName: "alice", ClientID: client, GrantToken: undated.GrantToken, RefreshToken: undated.RefreshToken}
	f.plant(withID(early, "1"), withID(late, "2"), withID(undated, "3"))
	latest := f.get("2")
	f.finds(oauth.Token{UserName: "alice"}, latest)
	f.finds(oauth.Token{UserName: "alice", ClientID: client}, latest)
	f.finds(oauth.Token{GrantToken: early.GrantToken}, latest)
	f.finds(oauth.Token{RefreshToken: early.RefreshToken}, f.get("1"))
	f.finds(oauth.Token{ID: "3", UserName: "alice"}, f.get("3"))
	// Save updates the one that is meant, and removes none.
	one, three := f.get("1"), f.get("3")
	saved := f.save(oauth.Token{UserName: "alice", AccessToken: secret("new"), Expiry: noon().Add(1)})
	if saved.ID != "2" {
		f.Errorf("Save updated id %q, want 2, whose access token expires last", saved.ID)
	}
	f.holds(one, saved, three)
	// By Version, too: also on a row that is not the latest.
	one = f.save(oauth.Token{ID: "1", Version: one.Version, RedirectURL: "https://example.com/one"})
	f.holds(one, saved, three)
	if err := f.s.Delete(f.ctx, "2", saved.Version); err != nil {
		f.Errorf("Delete of one of them: %v", err)
	}
	f.holds(one, three)
	f.finds(oauth.Token{UserName: "alice"}, one)
}

// plantSameUserSameID: the two rows of that race may have got one ID, too.
func plantSameUserSameID(f *fixture) {
	early, late := withID(filled("alice"), "1"), withID(filled("alice"), "1")
	early.RefreshToken, early.AccessToken, early.Expiry = secret("early"), secret("early"), noon().AddDate(0, -1, 0)
	f.plant(late, early)
	latest := f.get("1")
	f.columns(latest, late, "Get of an ID that one user has twice")
	f.finds(oauth.Token{UserName: "alice"}, latest)
	saved := f.save(oauth.Token{UserName: "alice", Version: latest.Version, AccessToken: secret("new"), Expiry: noon().Add(time.Hour)})
	late.AccessToken, late.Expiry = secret("new"), noon().Add(time.Hour)
	f.columns(saved, late, "Save")
	f.finds(oauth.Token{RefreshToken: late.RefreshToken}, saved)
	if n := len(f.list()); n != 2 {
		f.Errorf("the store holds %d rows, want 2: no Save removes one", n)
	}
	for _, t := range f.list() {
		if t.RefreshToken == early.RefreshToken {
			f.columns(t, early, "List of the row that was not meant")
		}
	}
}

// plantDoubledID: two users under one ID, as two programs leave it that counted
// at the same time.
func plantDoubledID(f *fixture) {
	f.plant(withID(filled("alice"), "1"), withID(filled("bob"), "1"), withID(filled("carol"), "2"))
	both := []oauth.Token{withID(filled("alice"), "1"), withID(filled("bob"), "1")}
	f.isAmbiguous(oauth.Token{ID: "1"}, both...)
	_, err := f.s.Get(f.ctx, "1")
	f.listsMatches(err, both, "Get of a doubled ID")
	f.isAmbiguous(oauth.Token{ID: "1", UserName: "alice"}, both...)
	f.isAmbiguous(oauth.Token{UserName: "alice"}, both...)
	f.isAmbiguous(oauth.Token{RefreshToken: filled("bob").RefreshToken}, both...)
	for _, t := range []oauth.Token{
		{ID: "1", AccessToken: secret("new")},
		{ID: "1", UserName: "alice", AccessToken: secret("new")},
		{UserName: "bob", AccessToken: secret("new")},
	} {
		_, err = f.s.Save(f.ctx, t)
		f.fails(err, oauth.ErrAmbiguous, "Save over a doubled ID")
	}
	f.fails(f.s.Delete(f.ctx, "1", ""), oauth.ErrAmbiguous, "Delete of a doubled ID")
	if n := len(f.list()); n != 3 {
		f.Errorf("the store holds %d rows, want 3", n)
	}
	carol := f.get("2")
	f.finds(oauth.Token{UserName: "carol"}, carol)
}

// plantNoID: rows of six-column files have no ID. They get one when they are
// read, and keep it.
func plantNoID(f *fixture) {
	f.plant(filled("alice"), withID(filled("bob"), "4"), filled("carol"))
	ids := given{}
	byUser := map[string]string{}
	for _, t := range f.list() {
		if t.ID == "" {
			f.Fatalf("List yields user %q without an ID", t.UserName)
		}
		ids.add(f, t.ID)
		byUser[t.UserName] = t.ID
	}
	if len(byUser) != 3 {
		f.Fatalf("List yields %d users, want 3", len(byUser))
	}
	for _, f := range f.again() {
		for user, id := range byUser {
			f.finds(oauth.Token{UserName: user}, f.get(id))
		}
	}
	ids.add(f, f.save(minimal("dave")).ID) // the next write
	updated := f.save(oauth.Token{UserName: "alice", AccessToken: secret("new")})
	if updated.ID != byUser["alice"] {
		f.Errorf("after a write the row without an ID has id %q, was %q", updated.ID, byUser["alice"])
	}
	for _, f := range f.again() {
		for user, id := range byUser {
			f.finds(oauth.Token{ID: id, UserName: user}, f.get(id))
		}
		if n := len(f.list()); n != 4 {
			f.Errorf("the store holds %d rows, want 4", n)
		}
	}
}

// plantEmptyColumns: empty, or missing, equals nothing, not even empty.
//
// Defects: D2.
func plantEmptyColumns(f *fixture) {
	one := oauth.Token{ID: "1", RefreshToken: secret("one")}
	two := oauth.Token{ID: "2", AccessToken: secret("two"), ClientID: client}
	nothing := oauth.Token{ID: "3"}
	f.plant(one, two, nothing)
	f.finds(oauth.Token{RefreshToken: secret("one")}, f.get("1"))
	f.finds(oauth.Token{UserName: "alice", AccessToken: secret("two")}, f.get("2"))
	f.findsNot(oauth.Token{UserName: "alice"}, oauth.ErrNotFound)
	f.findsNot(oauth.Token{GrantToken: secret("nobody")}, oauth.ErrNotFound)
	f.findsNot(oauth.Token{}, oauth.ErrIncompleteKey)
	f.findsNot(oauth.Token{ClientID: client}, oauth.ErrIncompleteKey)
	f.columns(f.get("3"), nothing, "Get of a row with nothing but an ID")
	f.savesNot(oauth.Token{ID: "3", RedirectURL: "https://example.com"}, oauth.ErrIncompleteKey)
	alice := f.save(minimal("alice"))
	f.finds(oauth.Token{UserName: "alice"}, alice)
	if n := len(f.list()); n != 4 {
		f.Errorf("the store holds %d rows, want 4", n)
	}
}

// plantChanged: an SDK gives an ID anew. Nobody's side data, and nobody's
// Version, fit the new row.
func plantChanged(f *fixture) {
	alice := f.save(withSide("alice"))
	if err := f.s.Delete(f.ctx, alice.ID, ""); err != nil {
		f.Fatal(err)
	}
	f.plant(withID(filled("bob"), alice.ID))
	bob := f.get(alice.ID)
	f.clean(bob, "an SDK's row under an ID that was used before")
	f.findsNot(oauth.Token{ID: alice.ID, UserName: "alice"}, oauth.ErrMismatch)
	f.savesNot(oauth.Token{ID: alice.ID, Version: alice.Version, AccessToken: secret("new")}, oauth.ErrConflict)
	f.fails(f.s.Delete(f.ctx, alice.ID, alice.Version), oauth.ErrConflict, "Delete of a row that an SDK replaced")
	f.holds(bob)
}
