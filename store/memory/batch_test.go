package memory

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"

	"zohocrm/oauth"
)

func user(n int) oauth.Token {
	return oauth.Token{
		UserName: fmt.Sprint("user", n), ClientID: "1000.C",
		RefreshToken: oauth.NewSecret(fmt.Sprint("r", n)), AccessToken: oauth.NewSecret(fmt.Sprint("a", n)),
	}
}

// users yields users from..to-1 and puts broken in the place of one of them.
func users(from, to, broken int) iter.Seq[oauth.Token] {
	return func(yield func(oauth.Token) bool) {
		for n := from; n < to; n++ {
			t := user(n)
			if n == broken {
				t.RefreshToken = oauth.NewSecret("line\nbreak")
			}
			if !yield(t) {
				return
			}
		}
	}
}

func rows(t *testing.T, s *Store) []oauth.Token {
	t.Helper()
	all, err := oauth.All(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestSaveAll(t *testing.T) {
	ctx := context.Background()
	s := New(Config{})
	if err := oauth.SaveAll(ctx, s, users(0, 2500, -1)); err != nil {
		t.Fatal(err)
	}
	all := rows(t, s)
	if len(all) != 2500 {
		t.Fatalf("%d rows, want 2500", len(all))
	}
	for i, row := range all {
		if want := fmt.Sprint(i + 1); row.ID != want || row.UserName != user(i).UserName || row.Version != row.Row().Version() {
			t.Fatalf("row %d is %v, want id %s", i, row, want)
		}
	}
}

// TestSaveAllRefused: the thousand with a token that is refused is not there in
// any part, and what it would have changed is as it was.
func TestSaveAllRefused(t *testing.T) {
	ctx := context.Background()
	s := New(Config{})
	if err := s.SaveAll(ctx, users(0, 10, -1)); err != nil {
		t.Fatal(err)
	}
	login, err := s.Save(ctx, oauth.Token{GrantToken: oauth.NewSecret("g"), RefreshToken: oauth.NewSecret("login")})
	if err != nil {
		t.Fatal(err)
	}
	before := rows(t, s)
	changing := func(yield func(oauth.Token) bool) {
		for i := range 1000 { // a whole batch, which stays
			if !yield(user(100 + i)) {
				return
			}
		}
		newer := user(3)
		newer.AccessToken = oauth.NewSecret("newer")
		named := oauth.Token{ID: login.ID, UserName: "user5", ClientID: "1000.C"} // takes login's row away
		for _, token := range []oauth.Token{newer, user(5000), named, {UserName: "nobody"}, user(5001)} {
			if !yield(token) {
				return
			}
		}
	}
	err = s.SaveAll(ctx, changing)
	var refused *oauth.BatchError
	if !errors.As(err, &refused) || refused.Index != 1003 || !errors.Is(err, oauth.ErrIncompleteKey) {
		t.Fatalf("%v, want that token 1003 is %v", err, oauth.ErrIncompleteKey)
	}
	after := rows(t, s)
	if len(after) != len(before)+1000 || !slices.Equal(after[:len(before)], before) {
		t.Errorf("%d rows after a refused batch, want the %d from before as they were and 1000", len(after), len(before))
	}
	for _, row := range before {
		for _, k := range oauth.Keys() {
			if found, _ := s.table.find(k, k.Of(row)); k.Of(row) != "" && !slices.Equal(found, []oauth.Token{row}) {
				t.Errorf("%s of %v finds %v", k.Column(), row, found)
			}
		}
	}
	for _, gone := range []oauth.Token{{UserName: "user5000"}, {AccessToken: oauth.NewSecret("newer")}} {
		if row, err := s.Find(ctx, gone); !errors.Is(err, oauth.ErrNotFound) {
			t.Errorf("Find(%v) = %v, %v after its batch was refused", gone, row, err)
		}
	}
	// The store goes on as if the batch had never been.
	row, err := s.Save(ctx, user(5002))
	if want := fmt.Sprint(len(after) + 1); err != nil || row.ID != want {
		t.Errorf("the next row is %v, %v; want id %s", row, err, want)
	}
}

func TestSaveAllObeysItsContext(t *testing.T) {
	s := New(Config{})
	ctx, cancel := context.WithCancel(context.Background())
	fetched := 0
	err := s.SaveAll(ctx, func(yield func(oauth.Token) bool) {
		for t := range users(0, 5000, -1) {
			if fetched++; fetched == 1500 {
				cancel()
			}
			if !yield(t) {
				return
			}
		}
	})
	if !errors.Is(err, context.Canceled) || fetched != 2000 {
		t.Errorf("%v after %d tokens, want %v after 2000", err, fetched, context.Canceled)
	}
	if n := len(rows(t, s)); n != 1000 {
		t.Errorf("%d rows, want the batch from before", n)
	}
	if err := s.SaveAll(ctx, func(func(oauth.Token) bool) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("nothing to save, in a context that has ended: %v", err)
	}
}

// TestSaveAllOfItsOwnList: tokens may come from the store itself.
func TestSaveAllOfItsOwnList(t *testing.T) {
	ctx := context.Background()
	s := New(Config{})
	if err := s.SaveAll(ctx, users(0, 1500, -1)); err != nil {
		t.Fatal(err)
	}
	err := s.SaveAll(ctx, func(yield func(oauth.Token) bool) {
		for row := range s.List(ctx) {
			row, err := s.Get(ctx, row.ID)
			if err != nil {
				t.Error(err)
				return
			}
			row.RedirectURL = "https://example.com"
			if !yield(row) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows(t, s) {
		if row.RedirectURL == "" {
			t.Fatalf("%v was not saved", row)
		}
	}
}

// TestIDsUsedUp: past the greatest number that the official SDKs can read there
// is no new ID.
func TestIDsUsedUp(t *testing.T) {
	ctx := context.Background()
	s := New(Config{})
	last := user(1)
	last.ID = "2147483646"
	if _, err := s.Save(ctx, last); err != nil {
		t.Fatal(err)
	}
	if row, err := s.Save(ctx, user(2)); !errors.Is(err, oauth.ErrInvalidValue) {
		t.Errorf("%v, %v; want %v", row, err, oauth.ErrInvalidValue)
	}
	if err := s.SaveAll(ctx, users(3, 5, -1)); !errors.Is(err, oauth.ErrInvalidValue) {
		t.Errorf("%v, want %v", err, oauth.ErrInvalidValue)
	}
	if n := len(rows(t, s)); n != 1 {
		t.Errorf("%d rows, want 1", n)
	}
}
