package sealed_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"zohocrm/oauth"
	"zohocrm/store/csvfile"
	"zohocrm/store/sealed"
	"zohocrm/store/sealed/keys"
)

// plantedUsers are users whose secrets the search finds.
func plantedUsers(n int) func(func(oauth.Token) bool) {
	return func(yield func(oauth.Token) bool) {
		for i := range n {
			secret := func(kind string) oauth.Secret { return oauth.NewSecret(fmt.Sprint("1000.", planted, ".", kind, i)) }
			t := oauth.Token{
				UserName: fmt.Sprint("user", i), ClientID: "c", ClientSecret: secret("client"), RefreshToken: secret("refresh"),
				AccessToken: secret("access"), APIDomain: "https://www.zohoapis.com",
			}
			if !yield(t) {
				return
			}
		}
	}
}

func newKeys(t *testing.T, path string) *keys.Set {
	t.Helper()
	if _, err := keys.Create(t.Context(), path, keys.Config{}); err != nil {
		t.Fatal(err)
	}
	set, err := keys.Open(t.Context(), path, keys.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// TestSealingLeavesNothingPlain: a store that was plain holds no secret in any of its
// files once it was sealed, while it is open, nor after its tokens were deleted.
func TestSealingLeavesNothingPlain(t *testing.T) {
	for _, where := range []string{"file", "database"} {
		folder := t.TempDir()
		path := filepath.Join(folder, "tokens")
		var inner oauth.Store
		if where == "file" {
			s, err := csvfile.New(csvfile.Config{Path: path})
			if err != nil {
				t.Fatal(err)
			}
			inner = s
		} else {
			s, err := openDatabase(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close() // after the search: its log and its shared memory are files too
			inner = s
		}
		for user := range plantedUsers(200) { // one by one, which leaves more behind
			if _, err := inner.Save(t.Context(), user); err != nil {
				t.Fatal(err)
			}
		}
		over := seal(t, inner, sealed.Config{Keys: newKeys(t, filepath.Join(t.TempDir(), "keys"))})
		if report, err := sealed.SealAll(t.Context(), over, sealed.SealAllConfig{}); err != nil || report.Changed != 200 {
			t.Fatal(report, err)
		}
		if found := search(t, folder, ""); len(found) > 0 {
			t.Errorf("%s: plain secrets stand in %q", where, found)
		}
	}
	folder := t.TempDir()
	s, err := openDatabase(t.Context(), filepath.Join(folder, "tokens"))
	if err != nil {
		t.Fatal(err)
	}
	if err := oauth.SaveAll(t.Context(), s, plantedUsers(200)); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if found := search(t, folder, ""); len(found) > 0 {
		t.Errorf("deleted secrets stand in %q", found)
	}
}

// TestSealingWhileOthersWrite: who saves while a large SQLite store is sealed gets its
// turn, without an error, and the sealing comes to its end.
func TestSealingWhileOthersWrite(t *testing.T) {
	const rows = 12_000 // more than one step
	path := filepath.Join(t.TempDir(), "tokens")
	s, err := openDatabase(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := oauth.SaveAll(t.Context(), s, plantedUsers(rows)); err != nil {
		t.Fatal(err)
	}
	set := newKeys(t, filepath.Join(t.TempDir(), "keys"))
	over := seal(t, s, sealed.Config{Keys: set})
	other, err := openDatabase(t.Context(), path) // as another process would
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	writing := seal(t, other, sealed.Config{Keys: set})
	ctx, stop := context.WithCancel(t.Context())
	saves, done := 0, make(chan error)
	go func() {
		var err error
		for ; err == nil; saves++ {
			// Rows from the end, which the sealing has read and not yet saved.
			_, err = writing.Save(ctx, oauth.Token{UserName: fmt.Sprint("user", rows-1-saves%rows), ClientID: "c", AccessToken: oauth.NewSecret(fmt.Sprint("new ", saves))})
		}
		if ctx.Err() != nil && errors.Is(err, context.Canceled) {
			err = nil
		}
		done <- err
	}()
	began := time.Now()
	report, err := sealed.SealAll(t.Context(), over, sealed.SealAllConfig{})
	took := time.Since(began)
	stop()
	if wrote := <-done; wrote != nil || saves < 2 {
		t.Errorf("the other one saved %d times in %v: %v", saves, took, wrote)
	}
	if err != nil || report.Failed > 0 {
		t.Fatal(report, err)
	}
	census, err := over.Census(t.Context())
	if err != nil || census.Plain != 0 || census.Rows != rows {
		t.Errorf("%+v, %v", census, err)
	}
	t.Logf("%d rows were sealed in %v, beside %d saves", rows, took, saves)
}
