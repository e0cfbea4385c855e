package storetest

import (
	"errors"

	"zohocrm/oauth"
)

func corruptChecks() []check {
	return []check{
		{name: "Corrupt", run: corrupt, needs: func(b Backend) string { return missing(b.Corrupt == nil, "Corrupt") }},
	}
}

// corrupt: damage is reported, by its place and without a secret, and is never
// written over.
func corrupt(f *fixture) {
	f.save(filled("before"))
	row := f.save(filled("alice"))
	f.save(filled("behind"))
	stored := f.b.Corrupt(f.TB, f.opened, row.ID)
	before := stored()
	for _, f := range f.again() {
		errs := map[string]error{}
		_, errs["Get"] = f.s.Get(f.ctx, row.ID)
		_, errs["Find"] = f.s.Find(f.ctx, oauth.Token{UserName: "alice"})
		_, errs["Save"] = f.s.Save(f.ctx, oauth.Token{UserName: "alice", AccessToken: secret("new")})
		_, errs["Save by ID"] = f.s.Save(f.ctx, oauth.Token{ID: row.ID, AccessToken: secret("new")})
		_, errs["Save with Version"] = f.s.Save(f.ctx, row)
		_, errs["List"] = oauth.All(f.ctx, f.s)
		for method, err := range errs {
			f.fails(err, oauth.ErrCorrupt, "%s of a damaged row", method)
			var place *oauth.CorruptError
			if err != nil && (!errors.As(err, &place) || place.Place == "") {
				f.Errorf("%s of a damaged row: %v; want an *oauth.CorruptError that names the place", method, err)
			}
		}
		after := 0
		failed := false
		for _, err := range f.s.List(f.ctx) {
			if failed {
				after++
			}
			failed = failed || err != nil
		}
		if after > 0 {
			f.Errorf("List goes on after its error")
		}
		if stored() != before {
			f.Fatal("the damaged data were written over")
		}
	}
}
