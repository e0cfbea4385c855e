package storetest

import "zohocrm/oauth"

// A login is saved before its user is known; these are about the name that
// comes later.
func nameChecks() []check {
	return []check{
		{name: "NameGiven", run: nameGiven},
		{name: "NameGivenMerges", run: nameGivenMerges},
		{name: "NameGivenConflict", run: nameGivenConflict},
		{name: "NameOtherClientStays", run: nameOtherClientStays},
		{name: "NameOtherDomain", run: nameOtherDomain},
	}
}

// nameGiven: a nameless row that no other gets in the way of keeps its ID.
//
// Defects: D10.
func nameGiven(f *fixture) {
	for _, k := range []oauth.Key{oauth.ByID, oauth.ByGrantToken, oauth.ByRefreshToken, oauth.ByAccessToken} {
		row := f.save(nameless(k.Column()))
		t := only(row, k)
		t.UserName = k.Column()
		named := f.save(t)
		want := stored(filled(k.Column()), named)
		want.ID = row.ID
		f.columns(named, want, "Save of a name by "+k.Column())
	}
	if n := len(f.list()); n != 4 {
		f.Errorf("the store holds %d rows, want 4", n)
	}
}

// nameGivenMerges: where the user has a row, that row takes the values and keeps
// its ID, and the nameless one goes.
//
// Defects: D10.
func nameGivenMerges(f *fixture) {
	for _, how := range []string{"version", "id", "refresh", "grant"} {
		user := f.save(filled(how))
		login := nameless("login." + how)
		login.GrantToken = secret("code." + how)
		login = f.save(login)
		t := oauth.Token{UserName: how}
		switch how {
		case "version":
			t.ID, t.Version = login.ID, login.Version
		case "id":
			t.ID = login.ID
		case "refresh":
			// The user's name is the earlier key: without the login's ID this
			// would find the user's row, which then takes the refresh token.
			t.ID, t.RefreshToken = login.ID, login.RefreshToken
		case "grant":
			t.ID, t.GrantToken, t.AccessToken = login.ID, login.GrantToken, secret("fresh")
			login.AccessToken, login.Expiry = t.AccessToken, t.Expiry
		}
		got := f.save(t)
		want := login
		want.ID, want.UserName, want.Version = user.ID, how, got.Version
		f.columns(got, want, "Save of a name that has a row, by "+how)
		f.same(f.get(user.ID), got, "Get")
		f.finds(oauth.Token{RefreshToken: login.RefreshToken}, got)
		_, err := f.s.Get(f.ctx, login.ID)
		f.fails(err, oauth.ErrNotFound, "Get of the nameless row after it went")
	}
	for _, f := range f.again() {
		if n := len(f.list()); n != 4 {
			f.Errorf("the store holds %d rows, want 4", n)
		}
	}
}

// nameGivenConflict: the Version of the nameless row is compared too.
func nameGivenConflict(f *fixture) {
	f.save(filled("alice"))
	login := f.save(nameless("login"))
	f.save(oauth.Token{ID: login.ID, AccessToken: secret("newer")})
	f.savesNot(oauth.Token{ID: login.ID, Version: login.Version, UserName: "alice"}, oauth.ErrConflict)
}

func nameOtherClientStays(f *fixture) {
	alice := f.save(filled("alice"))
	login := nameless("login")
	login.ClientID = otherClient
	login = f.save(login)
	named := f.save(oauth.Token{ID: login.ID, Version: login.Version, UserName: "alice"})
	if named.ID != login.ID {
		f.Errorf("a login of another client went into id %q, want its own %q", named.ID, login.ID)
	}
	f.holds(alice, named)
}

// nameOtherDomain: the nameless row's Version is no proof that the user's row
// was read.
func nameOtherDomain(f *fixture) {
	f.save(filled("alice"))
	login := nameless("login")
	login.APIDomain = domainEU
	login = f.save(login)
	f.savesNot(oauth.Token{ID: login.ID, Version: login.Version, UserName: "alice"}, oauth.ErrMismatch)
}
