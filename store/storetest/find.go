package storetest

import (
	"errors"
	"slices"

	"zohocrm/oauth"
)

func findChecks() []check {
	return []check{
		{name: "FindByEachKey", run: findByEachKey},
		{name: "FindKeyOrder", run: findKeyOrder},
		{name: "FindUnknown", run: findUnknown},
		{name: "FindContradictedID", run: findContradictedID},
		{name: "FindPassesOver", run: findPassesOver},
		{name: "FindAmbiguous", run: findAmbiguous},
		{name: "FindIncompleteKey", run: findIncompleteKey},
		{name: "FindHeaderIsNoRow", run: findHeaderIsNoRow},
		{name: "FindRowAsStored", run: findRowAsStored},
	}
}

// only is a token with nothing but one key of t.
func only(t oauth.Token, k oauth.Key) oauth.Token {
	switch k {
	case oauth.ByID:
		return oauth.Token{ID: t.ID}
	case oauth.ByUserName:
		return oauth.Token{UserName: t.UserName}
	case oauth.ByGrantToken:
		return oauth.Token{GrantToken: t.GrantToken}
	case oauth.ByRefreshToken:
		return oauth.Token{RefreshToken: t.RefreshToken}
	}
	return oauth.Token{AccessToken: t.AccessToken}
}

// both has the keys of a and of b, which have none in common.
func both(a, b oauth.Token) oauth.Token {
	return oauth.Token{
		ID: a.ID + b.ID, UserName: a.UserName + b.UserName,
		GrantToken:   oauth.NewSecret(a.GrantToken.Reveal() + b.GrantToken.Reveal()),
		RefreshToken: oauth.NewSecret(a.RefreshToken.Reveal() + b.RefreshToken.Reveal()),
		AccessToken:  oauth.NewSecret(a.AccessToken.Reveal() + b.AccessToken.Reveal()),
	}
}

func findByEachKey(f *fixture) {
	rows := []oauth.Token{f.save(filled("alice")), f.save(filled("bob")), f.save(nameless("carol"))}
	for _, f := range f.again() {
		for _, row := range rows {
			for _, k := range oauth.Keys() {
				if k == oauth.ByUserName && row.UserName == "" {
					continue
				}
				f.finds(only(row, k), row)
			}
			f.finds(row, row)
			f.same(f.get(row.ID), row, "Get")
		}
	}
}

// findKeyOrder gives two keys of two rows: the earlier key says which row; and
// an earlier key that finds none hands on to the later one.
func findKeyOrder(f *fixture) {
	first := f.save(filled("first"))
	second := f.save(nameless("second")) // without a name, so that a name never contradicts it
	unknown := filled("unknown")
	keys := oauth.Keys()
	for i, early := range keys {
		for _, late := range keys[i+1:] {
			if late == oauth.ByUserName {
				continue // second has none
			}
			f.finds(both(only(first, early), only(second, late)), first)
			if early != oauth.ByID {
				f.finds(both(only(unknown, early), only(second, late)), second)
			}
		}
	}
}

// Defects: D2.
func findUnknown(f *fixture) {
	for range 2 { // in an empty store, and beside a row
		for _, k := range oauth.Keys() {
			unknown := filled("nobody")
			unknown.ID = unknownID
			f.findsNot(only(unknown, k), oauth.ErrNotFound)
		}
		_, err := f.s.Get(f.ctx, unknownID)
		f.fails(err, oauth.ErrNotFound, "Get of an unknown ID")
		f.save(filled("alice"))
	}
	// Columns that are empty in a row match nothing.
	f.save(minimal("bare"))
	f.findsNot(oauth.Token{GrantToken: secret("nobody")}, oauth.ErrNotFound)
	f.findsNot(oauth.Token{AccessToken: secret("nobody")}, oauth.ErrNotFound)
	// An unknown ID ends the search, whatever else is given.
	alice := filled("alice")
	alice.ID = unknownID
	f.findsNot(alice, oauth.ErrNotFound)
}

// Defects: D5.
func findContradictedID(f *fixture) {
	alice := f.save(filled("alice"))
	f.findsNot(oauth.Token{ID: alice.ID, UserName: "bob"}, oauth.ErrMismatch)
	f.findsNot(oauth.Token{ID: alice.ID, ClientID: otherClient}, oauth.ErrMismatch)
	f.findsNot(oauth.Token{ID: alice.ID, UserName: "bob", RefreshToken: alice.RefreshToken}, oauth.ErrMismatch)
	f.finds(oauth.Token{ID: alice.ID, UserName: "alice", ClientID: client}, alice)
	// What is filled in one of them only is no contradiction, and other columns are none.
	bare := f.save(oauth.Token{RefreshToken: secret("bare")})
	f.finds(oauth.Token{ID: bare.ID, UserName: "bob", ClientID: otherClient}, bare)
	f.finds(oauth.Token{ID: alice.ID, RefreshToken: secret("nobody"), APIDomain: domainEU}, alice)
}

func findPassesOver(f *fixture) {
	one := f.save(filled("alice"))
	two := filled("alice")
	two.ClientID, two.RefreshToken, two.GrantToken, two.AccessToken = otherClient, secret("r2"), secret("g2"), secret("a2")
	two = f.save(two)
	if one.ID == two.ID {
		f.Fatal("a user of two clients has one row, want two")
	}
	f.finds(oauth.Token{UserName: "alice", ClientID: client}, one)
	f.finds(oauth.Token{UserName: "alice", ClientID: otherClient}, two)
	f.findsNot(oauth.Token{UserName: "alice", ClientID: "1000.THIRD"}, oauth.ErrNotFound)
	for _, k := range oauth.Keys()[2:] {
		partial := only(one, k)
		partial.UserName = "bob"
		f.findsNot(partial, oauth.ErrNotFound)
		partial.UserName, partial.ClientID = "", otherClient
		f.findsNot(partial, oauth.ErrNotFound)
	}
	// After rows that are passed over, the next key is tried.
	third := nameless("third")
	third.ClientID = "1000.THIRD"
	third = f.save(third)
	f.finds(oauth.Token{UserName: "alice", ClientID: "1000.THIRD", AccessToken: third.AccessToken}, third)
}

func findAmbiguous(f *fixture) {
	one := f.save(filled("alice"))
	two := filled("alice")
	two.ClientID = otherClient
	two = f.save(two) // with the same three tokens
	bob := f.save(filled("bob"))
	for _, k := range oauth.Keys()[1:] {
		f.isAmbiguous(only(one, k), one, two)
	}
	// The first key that finds rows decides: a later one is not asked.
	f.isAmbiguous(oauth.Token{UserName: "alice", RefreshToken: bob.RefreshToken}, one, two)
	f.finds(oauth.Token{ID: two.ID, UserName: "alice"}, two)
	f.finds(oauth.Token{UserName: "bob"}, bob)
}

// isAmbiguous wants Find to refuse and to list these rows.
func (f *fixture) isAmbiguous(partial oauth.Token, rows ...oauth.Token) {
	f.Helper()
	got, err := f.s.Find(f.ctx, partial)
	f.listsMatches(err, rows, "Find(%v) = %v", partial, got)
}

func (f *fixture) listsMatches(err error, rows []oauth.Token, format string, args ...any) {
	f.Helper()
	f.fails(err, oauth.ErrAmbiguous, format, args...)
	var ambiguous *oauth.AmbiguousError
	if !errors.As(err, &ambiguous) {
		f.Errorf("want an *oauth.AmbiguousError, got %T", err)
		return
	}
	for _, row := range rows {
		if !slices.Contains(ambiguous.Matches, oauth.Match{ID: row.ID, UserName: row.UserName}) {
			f.Errorf("AmbiguousError does not list id %q of user %q", row.ID, row.UserName)
		}
	}
}

// Defects: D2.
func findIncompleteKey(f *fixture) {
	full := filled("")
	full.RefreshToken, full.AccessToken, full.GrantToken = oauth.Secret{}, oauth.Secret{}, oauth.Secret{}
	full.Scope, full.AccountsURL = "ZohoCRM.modules.ALL", "https://accounts.zoho.com"
	for _, name := range []string{"", "alice", "bob"} {
		if name != "" {
			saved := f.save(filled(name))
			full.Version = saved.Version
		}
		f.findsNot(oauth.Token{}, oauth.ErrIncompleteKey)
		f.findsNot(oauth.Token{ClientID: client}, oauth.ErrIncompleteKey)
		f.findsNot(full, oauth.ErrIncompleteKey)
	}
	_, err := f.s.Get(f.ctx, "")
	if !errors.Is(err, oauth.ErrIncompleteKey) && !errors.Is(err, oauth.ErrNotFound) {
		f.Errorf("Get of the empty ID: %v; want %q or %q", err, oauth.ErrIncompleteKey, oauth.ErrNotFound)
	}
}

// findHeaderIsNoRow: a file's header line, or a table's column name, is nobody.
func findHeaderIsNoRow(f *fixture) {
	for range 2 {
		f.findsNot(oauth.Token{ID: "id"}, oauth.ErrNotFound)
		f.findsNot(oauth.Token{UserName: "user_name"}, oauth.ErrNotFound)
		f.findsNot(oauth.Token{UserName: "user_mail"}, oauth.ErrNotFound)
		f.findsNot(oauth.Token{GrantToken: oauth.NewSecret("grant_token")}, oauth.ErrNotFound)
		f.findsNot(oauth.Token{RefreshToken: oauth.NewSecret("refresh_token")}, oauth.ErrNotFound)
		f.findsNot(oauth.Token{AccessToken: oauth.NewSecret("access_token")}, oauth.ErrNotFound)
		f.save(filled("alice"))
	}
}

// findRowAsStored: Find lays nothing of the caller's over the row, and reading
// changes nothing.
func findRowAsStored(f *fixture) {
	alice := f.save(filled("alice"))
	partial := oauth.Token{
		UserName: "alice", ClientSecret: secret("mine"), RedirectURL: "https://mine.example.com", GrantToken: secret("mine"),
		RefreshToken: secret("mine"), AccessToken: secret("mine"), Expiry: noon().AddDate(1, 0, 0), APIDomain: domainEU,
		Version: "mine", Scope: "mine", AccountsURL: "mine",
	}
	for range 2 {
		got, err := f.s.Find(f.ctx, partial)
		if err != nil {
			f.Fatalf("Find: %v", err)
		}
		f.same(got, alice, "Find with other values")
		if got.Scope != alice.Scope || got.AccountsURL != alice.AccountsURL {
			f.Errorf("Find laid the caller's side data over the row")
		}
		// What came out is the caller's: changing it changes nothing.
		got.UserName, got.AccessToken = "changed", secret("changed")
	}
	f.holds(alice)
}
