package storetest

import (
	"fmt"
	"strconv"

	"zohocrm/oauth"
)

func idChecks() []check {
	return []check{
		{name: "IDsDiffer", run: idsDiffer},
		{name: "IDNeverReused", run: idNeverReused},
		{name: "IDNeverReusedByOthers", run: idNeverReusedByOthers, needs: needsReopen},
		{name: "IDGiven", run: idGiven},
		{name: "IDGivenIsKept", run: idGivenIsKept, needs: needsKeptIDs},
		{name: "IDUnknownOfKnownUser", run: idUnknownOfKnownUser},
	}
}

func needsKeptIDs(b Backend) string { return missing(!b.KeepsIDs, "KeepsIDs") }

// given collects IDs and complains about one that was given before.
type given map[string]bool

func (g given) add(f *fixture, id string) {
	f.Helper()
	if g[id] {
		f.Errorf("id %q was given a second time", id)
	}
	g[id] = true
}

// idsDiffer goes past 9 and 10, where IDs that are counted as text repeat.
//
// Defects: D1, D24.
func idsDiffer(f *fixture) {
	ids := given{}
	var rows []oauth.Token
	for i := range 25 {
		row := f.save(minimal(fmt.Sprint("user", i)))
		ids.add(f, row.ID)
		rows = append(rows, row)
	}
	for _, f := range f.again() {
		f.holds(rows...)
		for _, row := range rows {
			f.same(f.get(row.ID), row, "Get")
		}
	}
}

// Defects: D4.
func idNeverReused(f *fixture) {
	ids := given{}
	for i := range 4 {
		row := f.save(minimal(fmt.Sprint("highest", i)))
		ids.add(f, row.ID)
		if err := f.s.Delete(f.ctx, row.ID, ""); err != nil {
			f.Fatalf("Delete of the highest ID: %v", err)
		}
	}
	ids.add(f, f.save(minimal("stays")).ID)
	ids.add(f, f.save(minimal("goes")).ID)
	if err := f.s.DeleteAll(f.ctx); err != nil {
		f.Fatalf("DeleteAll: %v", err)
	}
	ids.add(f, f.save(minimal("after")).ID)
	// A nameless row that went into a user's row took its ID along.
	f.save(minimal("user"))
	login := f.save(nameless("login"))
	ids.add(f, login.ID)
	f.save(oauth.Token{ID: login.ID, UserName: "user", ClientID: client})
	ids.add(f, f.save(minimal("next")).ID)
}

// idNeverReusedByOthers: nor by a handle that never saw the row.
//
// Defects: D4.
func idNeverReusedByOthers(f *fixture) {
	ids := given{}
	for i := range 4 {
		row := f.save(minimal(fmt.Sprint("user", i)))
		ids.add(f, row.ID)
		if err := f.s.Delete(f.ctx, row.ID, row.Version); err != nil {
			f.Fatalf("Delete of the highest ID: %v", err)
		}
		f = f.reopened()
	}
	ids.add(f, f.save(minimal("one")).ID)
	ids.add(f, f.save(minimal("two")).ID)
	if err := f.s.DeleteAll(f.ctx); err != nil {
		f.Fatalf("DeleteAll: %v", err)
	}
	ids.add(f, f.reopened().save(minimal("three")).ID)
}

// idGiven: whichever ID a row is inserted under, it is found by it, and no
// later row gets it.
func idGiven(f *fixture) {
	ids := given{}
	for i, id := range []string{unknownID, "9", "10", "42", "1", "2", "12"} {
		t := minimal(fmt.Sprint("given", i))
		t.ID = id
		row := f.save(t)
		ids.add(f, row.ID)
		f.same(f.get(row.ID), row, "Get")
	}
	for i := range 5 {
		ids.add(f, f.save(minimal(fmt.Sprint("new", i))).ID)
	}
	if n := len(f.list()); n != 12 {
		f.Errorf("the store holds %d rows, want 12", n)
	}
}

func idGivenIsKept(f *fixture) {
	for i, id := range []string{"5", "3", unknownID} {
		t := minimal(fmt.Sprint("given", i))
		t.ID = id
		if got := f.save(t); got.ID != id {
			f.Errorf("Save with the unknown id %q inserted under %q", id, got.ID)
		}
		f.get(id)
	}
	// Free numbers between are not the next ones: they may have been given.
	for i := range 3 {
		id := f.save(minimal(fmt.Sprint("new", i))).ID
		if n, err := strconv.ParseInt(id, 10, 64); err == nil && n <= 700000077 {
			f.Errorf("after id %s a new row got id %s", unknownID, id)
		}
	}
}

// idUnknownOfKnownUser: one user of one client, one row.
func idUnknownOfKnownUser(f *fixture) {
	alice := f.save(filled("alice"))
	for i, t := range []oauth.Token{filled("alice"), {UserName: "alice", RefreshToken: secret("other"), AccessToken: secret("other")}} {
		t.ID = strconv.Itoa(700000080 + i)
		got := f.save(t)
		if got.ID != alice.ID {
			f.Errorf("the user's row is now id %q, want %q as before", got.ID, alice.ID)
		}
		f.holds(got)
	}
	// Of another client it is another row.
	t := filled("alice")
	t.ID, t.ClientID = unknownID, otherClient
	f.save(t)
	if n := len(f.list()); n != 2 {
		f.Errorf("the store holds %d rows, want 2", n)
	}
}
