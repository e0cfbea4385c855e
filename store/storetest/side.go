package storetest

import (
	"time"

	"zohocrm/oauth"
)

func sideChecks() []check {
	return []check{
		{name: "SideKept", run: sideKept},
		{name: "SideNotInVersion", run: sideNotInVersion},
		{name: "SideLastUsedHourly", run: sideLastUsedHourly},
		{name: "SideUpdatedAt", run: sideUpdatedAt},
		{name: "SideNewLoginStartsClean", run: sideNewLoginStartsClean},
		{name: "SideReusedID", run: sideReusedID},
		{name: "SideFollowsMerge", run: sideFollowsMerge},
	}
}

// withSide is filled with side data.
func withSide(name string) oauth.Token {
	t := filled(name)
	t.Scope, t.AccountsURL = "ZohoCRM.modules.ALL,ZohoCRM.users.READ", "https://accounts.zoho.com"
	t.LastUsedAt = noon().AddDate(-1, 0, 0)
	return t
}

// side wants the side data of both to be equal; UpdatedAt aside.
func (f *fixture) side(got, want oauth.Token, what string) {
	f.Helper()
	want.UpdatedAt = got.UpdatedAt
	if !got.SameSide(want) {
		f.Errorf("%s: scope %q accounts %q created %v last used %v; want %q %q %v %v", what,
			got.Scope, got.AccountsURL, got.CreatedAt, got.LastUsedAt, want.Scope, want.AccountsURL, want.CreatedAt, want.LastUsedAt)
	}
}

func sideKept(f *fixture) {
	t := withSide("alice")
	saved := f.save(t)
	if saved.CreatedAt.IsZero() || saved.UpdatedAt.IsZero() {
		f.Errorf("Save gives CreatedAt %v and UpdatedAt %v: neither may be zero", saved.CreatedAt, saved.UpdatedAt)
	}
	t.CreatedAt = saved.CreatedAt
	f.side(saved, t, "Save")
	for _, f := range f.again() {
		f.side(f.get(saved.ID), saved, "Get")
		found, err := f.s.Find(f.ctx, oauth.Token{UserName: "alice"})
		if err != nil {
			f.Fatal(err)
		}
		f.side(found, saved, "Find")
		f.side(f.list()[0], saved, "List")
		if !found.UpdatedAt.Equal(saved.UpdatedAt) {
			f.Errorf("Find gives UpdatedAt %v, want %v", found.UpdatedAt, saved.UpdatedAt)
		}
	}
	// Empty fields keep them, a new access token keeps them, other values replace them.
	renewed := f.save(oauth.Token{ID: saved.ID, Version: saved.Version, AccessToken: secret("new"), Expiry: noon()})
	f.side(renewed, saved, "Save of a new access token")
	again := f.save(oauth.Token{UserName: "alice", Scope: "ZohoCRM.org.READ"})
	saved.Scope = "ZohoCRM.org.READ"
	for _, f := range f.again() {
		f.side(again, saved, "Save of a scope")
		f.side(f.get(saved.ID), saved, "Get after Save of a scope")
	}
	// A row that comes from elsewhere brings when it was made.
	moved := withSide("moved")
	moved.CreatedAt = noon().AddDate(-3, 0, 0)
	f.side(f.get(f.save(moved).ID), moved, "Save of a token with its CreatedAt")
}

func sideNotInVersion(f *fixture) {
	row := f.save(filled("alice"))
	t := withSide("alice")
	saved := f.save(t)
	if saved.Version != row.Version {
		f.Error("side data changed the Version")
	}
	t.CreatedAt = row.CreatedAt
	for _, f := range f.again() {
		f.side(f.get(row.ID), t, "Get after side data were added")
		f.holds(row)
	}
	// So the Version from before is still good.
	f.save(oauth.Token{ID: row.ID, Version: row.Version, AccessToken: secret("new")})
}

func sideLastUsedHourly(f *fixture) {
	used := noon().AddDate(-1, 0, 0)
	row := f.save(withSide("alice"))
	for _, c := range []struct{ at, want time.Time }{
		{used.Add(time.Hour - time.Millisecond), used},
		{used.Add(-48 * time.Hour), used},
		{used.Add(time.Hour), used.Add(time.Hour)},
		{used.Add(time.Hour + 59*time.Minute), used.Add(time.Hour)},
		{time.Time{}, used.Add(time.Hour)},
		{used.Add(72 * time.Hour), used.Add(72 * time.Hour)},
		{used.Add(96*time.Hour + 999), used.Add(96 * time.Hour)}, // kept to the millisecond
	} {
		f.save(oauth.Token{ID: row.ID, LastUsedAt: c.at})
		if got := f.get(row.ID); !got.LastUsedAt.Truncate(time.Millisecond).Equal(c.want) {
			f.Errorf("LastUsedAt is %v after a Save with %v, want %v", got.LastUsedAt, c.at, c.want)
		}
	}
}

// sideUpdatedAt needs the store's clock to move between two calls. It runs by
// itself, maybe on another machine, so some milliseconds are let pass.
func sideUpdatedAt(f *fixture) {
	row := f.save(filled("alice"))
	pass := func() { time.Sleep(5 * time.Millisecond) }
	pass()
	for _, t := range []oauth.Token{row, {ID: row.ID, Scope: "ZohoCRM.org.READ"}, {ID: row.ID, LastUsedAt: noon()}} {
		t.UpdatedAt = time.Time{}
		f.save(t)
		if got := f.get(row.ID); !got.UpdatedAt.Equal(row.UpdatedAt) {
			f.Errorf("UpdatedAt moved from %v to %v, though no column changed", row.UpdatedAt, got.UpdatedAt)
		}
	}
	changed := f.save(oauth.Token{ID: row.ID, AccessToken: secret("new")})
	got := f.get(row.ID)
	if !got.UpdatedAt.After(row.UpdatedAt) || !got.UpdatedAt.Equal(changed.UpdatedAt) {
		f.Errorf("UpdatedAt was %v; after a column changed Save gives %v and Get %v", row.UpdatedAt, changed.UpdatedAt, got.UpdatedAt)
	}
	if !got.CreatedAt.Equal(row.CreatedAt) {
		f.Errorf("CreatedAt moved from %v to %v", row.CreatedAt, got.CreatedAt)
	}
}

// clean wants a row without anybody's side data.
func (f *fixture) clean(t oauth.Token, what string) {
	f.Helper()
	if t.Scope != "" || t.AccountsURL != "" || !t.LastUsedAt.IsZero() {
		f.Errorf("%s inherits scope %q, accounts server %q, last use %v", what, t.Scope, t.AccountsURL, t.LastUsedAt)
	}
}

func sideNewLoginStartsClean(f *fixture) {
	made := withSide("alice")
	made.CreatedAt = noon().AddDate(-3, 0, 0)
	row := f.save(made)
	login := f.save(oauth.Token{ID: row.ID, Version: row.Version, RefreshToken: secret("new"), AccessToken: secret("new")})
	for _, got := range []oauth.Token{login, f.get(row.ID)} {
		f.clean(got, "a new refresh token")
		if got.CreatedAt.IsZero() || got.CreatedAt.Equal(made.CreatedAt) {
			f.Errorf("CreatedAt of a new refresh token is %v; the one before was made at %v", got.CreatedAt, made.CreatedAt)
		}
	}
	// It takes what comes with it.
	next := f.save(oauth.Token{ID: row.ID, RefreshToken: secret("newer"), Scope: "ZohoCRM.org.READ"})
	if next.Scope != "ZohoCRM.org.READ" || next.AccountsURL != "" {
		f.Errorf("a new refresh token with a scope has scope %q and accounts server %q", next.Scope, next.AccountsURL)
	}
}

// sideReusedID: side data belong to a refresh token, not to an ID.
//
// Defects: D4.
func sideReusedID(f *fixture) {
	row := f.save(withSide("alice"))
	if err := f.s.Delete(f.ctx, row.ID, ""); err != nil {
		f.Fatal(err)
	}
	t := filled("bob")
	t.ID = row.ID
	f.clean(f.get(f.save(t).ID), "another user's row under an ID that was used before")
	second := f.save(withSide("carol"))
	if err := f.s.DeleteAll(f.ctx); err != nil {
		f.Fatal(err)
	}
	t = filled("dave")
	t.ID = second.ID
	f.clean(f.get(f.save(t).ID), "a row under an ID that was used before DeleteAll")
	// A user who comes back with a new login starts clean, too.
	t = filled("alice")
	t.RefreshToken, t.GrantToken, t.AccessToken = secret("back"), secret("back"), secret("back")
	f.clean(f.get(f.save(t).ID), "a user's new login after the row was deleted")
}

// sideFollowsMerge: the nameless login's side data go with its refresh token
// into the user's row.
func sideFollowsMerge(f *fixture) {
	user := f.save(withSide("alice"))
	login := nameless("login")
	login.Scope, login.LastUsedAt = "ZohoCRM.org.READ", noon()
	saved := f.save(login)
	f.save(oauth.Token{ID: saved.ID, Version: saved.Version, UserName: "alice"})
	login.CreatedAt = saved.CreatedAt
	f.side(f.get(user.ID), login, "Get after a nameless login was merged")
}
