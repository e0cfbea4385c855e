package open_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"zohocrm/oauth"
	"zohocrm/store/open"
)

// writes is everything that writes to a store, as others call it.
func writes(ctx context.Context, s *open.Store) map[string]error {
	all := make(map[string]error)
	_, all["Save"] = s.Save(ctx, oauth.Token{UserName: "bob", RefreshToken: oauth.NewSecret("b")})
	all["Delete"] = s.Delete(ctx, "1", "")
	all["DeleteAll"] = s.DeleteAll(ctx)
	all["SaveAll"] = s.SaveAll(ctx, slices.Values([]oauth.Token{{UserName: "bob", RefreshToken: oauth.NewSecret("b")}}))
	if b, ok := s.Unwrap().(oauth.Batch); ok {
		all["SaveAll within"] = b.SaveAll(ctx, slices.Values([]oauth.Token{{UserName: "bob", RefreshToken: oauth.NewSecret("b")}}))
	}
	if p, ok := oauth.ProberOf(s); ok {
		all["Probe"] = p.Probe(ctx)
	}
	if c, ok := oauth.CoordinatorOf(s); ok {
		_, all["Acquire"] = c.Acquire(ctx, oauth.Claim{Key: alice().SideKey(), Owner: "me"})
		all["Settle"] = c.Settle(ctx, oauth.Lease{Key: alice().SideKey(), Owner: "me"}, oauth.Outcome{Kind: oauth.Withdrawn})
	}
	return all
}

// TestReadOnly: of every store what is there is read, and nothing is written.
func TestReadOnly(t *testing.T) {
	dir := t.TempDir()
	all := servers(t)
	all["csv"], all["sqlite"] = "csv:"+filepath.Join(dir, "t.csv"), "sqlite:"+filepath.Join(dir, "t.db")
	for name, storeURL := range all {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			if name != "sqlite" { // which is not there yet
				readsNothing(t, storeURL)
			}
			writer := mustOpen(t, storeURL, open.Config{})
			token := alice()
			token.Scope = "ZohoCRM.users.READ"
			saved, err := writer.Save(ctx, token)
			if err != nil {
				t.Fatal(err)
			}
			coordinator, _ := oauth.CoordinatorOf(writer)
			if err := coordinator.Settle(ctx, oauth.Lease{Key: saved.SideKey()}, oauth.Outcome{Kind: oauth.Withdrawn}); err != nil {
				t.Fatal(err)
			}
			s := mustOpen(t, storeURL, open.Config{ReadOnly: true})
			for what, err := range writes(ctx, s) {
				if !errors.Is(err, oauth.ErrStoreUnavailable) || !strings.Contains(err.Error(), "opened to be read only") {
					t.Errorf("%s: %v", what, err)
				}
			}
			rows, errs := s.FindMany(ctx, []oauth.Token{{UserName: "alice"}, {UserName: "bob"}})
			if errs[0] != nil || rows[0] != saved || !errors.Is(errs[1], oauth.ErrNotFound) {
				t.Errorf("FindMany: %v, %v", rows, errs)
			}
			if found, err := s.Find(ctx, oauth.Token{UserName: "alice"}); err != nil || found != saved {
				t.Errorf("Find: %v, %v; want %v", found, err, saved)
			}
			if listed, err := oauth.All(ctx, s); err != nil || !slices.Equal(listed, []oauth.Token{saved}) {
				t.Errorf("List: %v, %v", listed, err)
			}
			reader, _ := oauth.CoordinatorOf(s)
			if known, err := reader.Standings(ctx, saved.SideKey()); err != nil || known[saved.SideKey()].State != oauth.Ended {
				t.Errorf("Standings: %v, %v", known, err)
			}
			if now, err := reader.Now(ctx); err != nil || now.IsZero() != (name == "csv" || name == "sqlite") {
				t.Errorf("Now: %v, %v", now, err)
			}
		})
	}
}

// readsNothing wants a store that is not there yet to be empty, and to stay so.
func readsNothing(t *testing.T, storeURL string) {
	t.Helper()
	ctx := t.Context()
	s := mustOpen(t, storeURL, open.Config{ReadOnly: true})
	for range 2 {
		if all, err := oauth.All(ctx, s); err != nil || len(all) > 0 {
			t.Errorf("List: %v, %v", all, err)
		}
		if _, err := s.Get(ctx, "1"); !errors.Is(err, oauth.ErrNotFound) {
			t.Errorf("Get: %v", err)
		}
		if _, errs := s.FindMany(ctx, []oauth.Token{alice()}); !errors.Is(errs[0], oauth.ErrNotFound) {
			t.Errorf("FindMany: %v", errs)
		}
		c, _ := oauth.CoordinatorOf(s)
		if known, err := c.Standings(ctx, alice().SideKey()); err != nil || len(known) > 0 {
			t.Errorf("Standings: %v, %v", known, err)
		}
		for what, err := range writes(ctx, s) {
			if !errors.Is(err, oauth.ErrStoreUnavailable) {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
}

// TestReadOnlyMakesNoFile, nor a folder.
func TestReadOnlyMakesNoFile(t *testing.T) {
	dir := t.TempDir()
	if _, err := open.URL(t.Context(), "sqlite:"+filepath.Join(dir, "new", "t.db"), open.Config{ReadOnly: true}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no SQLite file: %v", err)
	}
	for _, storeURL := range []string{"csv:" + filepath.Join(dir, "new", "t.csv"), "memory:", "sqlite::memory:"} {
		readsNothing(t, storeURL)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("made %v, %v", entries, err)
	}
}
