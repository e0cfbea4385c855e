package storetest

import (
	"errors"

	"zohocrm/oauth"
)

func deleteChecks() []check {
	return []check{
		{name: "Delete", run: deleteOne},
		{name: "DeleteMissing", run: deleteMissing},
		{name: "DeleteVersion", run: deleteVersion},
		{name: "DeleteAll", run: deleteAll},
		{name: "ProbeLeavesNothing", run: probeLeavesNothing},
	}
}

func deleteOne(f *fixture) {
	a, b, c := f.save(filled("a")), f.save(filled("b")), f.save(filled("c"))
	if err := f.s.Delete(f.ctx, b.ID, ""); err != nil {
		f.Fatalf("Delete: %v", err)
	}
	for _, f := range f.again() {
		f.holds(a, c)
		for _, k := range oauth.Keys() {
			f.findsNot(only(b, k), oauth.ErrNotFound)
		}
	}
	// The user can come back.
	again := f.save(filled("b"))
	f.holds(a, c, again)
}

func deleteMissing(f *fixture) {
	f.fails(f.s.Delete(f.ctx, unknownID, ""), oauth.ErrNotFound, "Delete in an empty store")
	a := f.save(filled("a"))
	f.fails(f.s.Delete(f.ctx, unknownID, ""), oauth.ErrNotFound, "Delete of an unknown ID")
	f.fails(f.s.Delete(f.ctx, unknownID, a.Version), oauth.ErrNotFound, "Delete of an unknown ID with a Version")
	err := f.s.Delete(f.ctx, "", "")
	if !errors.Is(err, oauth.ErrIncompleteKey) && !errors.Is(err, oauth.ErrNotFound) {
		f.Errorf("Delete of the empty ID: %v; want %q or %q", err, oauth.ErrIncompleteKey, oauth.ErrNotFound)
	}
	f.holds(a)
	if err := f.s.Delete(f.ctx, a.ID, ""); err != nil {
		f.Fatalf("Delete: %v", err)
	}
	f.fails(f.s.Delete(f.ctx, a.ID, ""), oauth.ErrNotFound, "Delete a second time")
	f.fails(f.s.Delete(f.ctx, a.ID, a.Version), oauth.ErrNotFound, "Delete a second time with the Version")
}

func deleteVersion(f *fixture) {
	old := f.save(filled("a"))
	other := f.save(filled("b"))
	now := f.save(oauth.Token{ID: old.ID, AccessToken: secret("newer")})
	f.fails(f.s.Delete(f.ctx, old.ID, old.Version), oauth.ErrConflict, "Delete with an old Version")
	f.fails(f.s.Delete(f.ctx, old.ID, other.Version), oauth.ErrConflict, "Delete with another row's Version")
	f.holds(now, other)
	if err := f.s.Delete(f.ctx, now.ID, now.Version); err != nil {
		f.Errorf("Delete with the Version: %v", err)
	}
	f.holds(other)
}

// Defects: D24.
func deleteAll(f *fixture) {
	for range 2 { // of an empty store, and of a full one
		if err := f.s.DeleteAll(f.ctx); err != nil {
			f.Fatalf("DeleteAll: %v", err)
		}
		for _, f := range f.again() {
			f.holds()
			f.findsNot(oauth.Token{UserName: "a"}, oauth.ErrNotFound)
		}
		f.holds(f.save(filled("a")), f.save(nameless("b")), f.save(minimal("c")))
	}
}

func probeLeavesNothing(f *fixture) {
	prober, ok := oauth.ProberOf(f.raw)
	if !ok {
		f.Skip("storetest: not checked, the store is no oauth.Prober")
	}
	var rows []oauth.Token
	for _, name := range []string{"a", "b"} { // in an empty store, and beside a row
		if err := prober.Probe(f.ctx); err != nil {
			f.Errorf("Probe: %v", err)
		}
		f.holds(rows...)
		rows = append(rows, f.save(filled(name)))
	}
	f.holds(rows...)
}
