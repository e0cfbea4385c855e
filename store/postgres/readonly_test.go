package postgres_test

import (
	"context"
	"testing"

	"zohocrm/oauth"
	"zohocrm/store/postgres"
)

// TestReadOnlyBesideClosedTable: without the right to read TABLE_zcrm the tokens are
// read without their side data, and the check says so.
func TestReadOnlyBesideClosedTable(t *testing.T) {
	ctx := context.Background()
	location := newURL(t)
	alice := user("alice")
	alice.Scope = "ZohoCRM.users.READ"
	saved := save(t, open(t, location), alice)
	role, as := account(t, location)
	run(t, rawDB(t, location), "GRANT SELECT ON oauthtoken TO "+role)
	s := openWith(t, as, postgres.Config{ReadOnly: true})
	got, err := s.Get(ctx, saved.ID)
	if err != nil || got.Row() != saved.Row() || got.Scope != "" {
		t.Errorf("%v, %v; want %v without side data", got, err, saved)
	}
	if all, err := oauth.All(ctx, s); err != nil || len(all) != 1 || all[0] != got {
		t.Errorf("List: %v, %v", all, err)
	}
	if found, err := s.Inspect(ctx); err != nil || count(found, "side-table-closed") != 1 || count(found, "privileges") == 0 {
		t.Errorf("found %v, %v", found, err)
	}
	run(t, rawDB(t, location), "GRANT SELECT ON oauthtoken_zcrm TO "+role)
	s = openWith(t, as, postgres.Config{ReadOnly: true})
	if got, err := s.Get(ctx, saved.ID); err != nil || got != saved {
		t.Errorf("%v, %v; want %v", got, err, saved)
	}
	if found, err := s.Inspect(ctx); err != nil || count(found, "side-table-closed") != 0 {
		t.Errorf("found %v, %v", found, err)
	}
}
