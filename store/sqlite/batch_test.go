package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"zohocrm/oauth"
)

func users(from, to int) []oauth.Token {
	var all []oauth.Token
	for i := from; i < to; i++ {
		all = append(all, user(fmt.Sprint("user ", i)))
	}
	return all
}

// TestBatchOverWhatWasThere: tokens that a batch takes for new are there already:
// their IDs are other users', and their side data are left from rows that went.
func TestBatchOverWhatWasThere(t *testing.T) {
	ctx := context.Background()
	s := open(t, newPath(t))
	if err := s.SaveAll(ctx, slices.Values(users(0, 300))); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteAll(ctx); err != nil {
		t.Fatal(err)
	}
	again := users(0, 300)
	for i := range again {
		again[i].ID = fmt.Sprint(i + 1000)
		again[i].Scope = fmt.Sprint("scope ", i)
	}
	if err := s.SaveAll(ctx, slices.Values(again)); err != nil {
		t.Fatal(err)
	}
	for i, want := range again {
		if got, err := s.Find(ctx, oauth.Token{UserName: want.UserName}); err != nil || got.ID != want.ID || got.Scope != want.Scope {
			t.Fatalf("token %d: %v, %v; want %v with %q", i, got, err, want, want.Scope)
		}
	}
	if n := number(t, s, "SELECT count(*) FROM oauthtoken_zcrm"); n != 301 {
		t.Errorf("the side table has %d rows, want one for each token and the meta row", n)
	}
	taken := user("somebody else")
	taken.ID = "1007"
	var at *oauth.BatchError
	err := s.SaveAll(ctx, slices.Values([]oauth.Token{user("new"), user("newer"), taken}))
	if !errors.As(err, &at) || at.Index != 2 || !errors.Is(err, oauth.ErrMismatch) {
		t.Errorf("an ID of another user: %v; want the third token refused", err)
	}
	if got, err := s.Find(ctx, oauth.Token{UserName: "new"}); !errors.Is(err, oauth.ErrNotFound) {
		t.Errorf("the batch was saved in part: %v, %v", got, err)
	}
}

// TestBatchSeesItself: later tokens of a batch meet the rows, the IDs and the side
// data of earlier ones, written or not yet.
func TestBatchSeesItself(t *testing.T) {
	ctx := context.Background()
	s := open(t, newPath(t))
	nameless := user("carol")
	nameless.UserName = ""
	twin := user("twin")
	twin.RefreshToken, twin.Scope = user("alice").RefreshToken, "of both"
	nine, ten := user("nine"), user("ten")
	nine.ID = "9"
	err := s.SaveAll(ctx, slices.Values([]oauth.Token{
		user("alice"), {UserName: "alice", Scope: "first"}, nine, ten, nameless,
		{RefreshToken: nameless.RefreshToken, UserName: "carol"}, twin, {UserName: "alice", AccessToken: oauth.NewSecret("new")},
	}))
	if err != nil {
		t.Fatal(err)
	}
	all, err := oauth.All(ctx, s)
	if err != nil || len(all) != 5 {
		t.Fatalf("the store holds %v, %v; want 5 rows", all, err)
	}
	for name, want := range map[string]struct{ id, scope, access string }{
		"alice": {"1", "of both", "new"}, "nine": {"9", "", "1000.access.nine"}, "ten": {"900000001", "", "1000.access.ten"},
		"carol": {"900000002", "", "1000.access.carol"}, "twin": {"900000003", "of both", "1000.access.twin"},
	} {
		got, err := s.Find(ctx, oauth.Token{UserName: name})
		if err != nil || got.ID != want.id || got.Scope != want.scope || got.AccessToken.Reveal() != want.access {
			t.Errorf("%s: %v with scope %q, %v; want %v", name, got, got.Scope, err, want)
		}
	}
}

// TestBatchIsReadBack where a table does not keep what it is given, and the token is
// named.
func TestBatchIsReadBack(t *testing.T) {
	ctx := context.Background()
	s := open(t, newPath(t))
	run(t, s.db, "CREATE TRIGGER fold AFTER INSERT ON oauthtoken WHEN new.user_name = 'Bob' BEGIN UPDATE oauthtoken SET user_name = 'bob' WHERE id = new.id; END")
	var at *oauth.BatchError
	var refused *oauth.ValueError
	err := s.SaveAll(ctx, slices.Values([]oauth.Token{user("alice"), user("Bob"), user("carol")}))
	if !errors.As(err, &at) || at.Index != 1 || !errors.As(err, &refused) || refused.Column != "user_name" {
		t.Errorf("SaveAll: %v; want the second token's user_name refused", err)
	}
	if all, err := oauth.All(ctx, s); err != nil || len(all) != 0 {
		t.Errorf("the store holds %v, %v", all, err)
	}
}

// TestBatchLeavesSettings as they were, whether they are the usual ones or somebody's.
func TestBatchLeavesSettings(t *testing.T) {
	ctx := context.Background()
	s := open(t, newPath(t))
	s.db.SetMaxOpenConns(1)
	for i, want := range []struct{ pages, cache int }{{1000, -8000}, {0, -8000}, {77, -4000}, {1000, 500}} {
		run(t, s.db, fmt.Sprint("PRAGMA wal_autocheckpoint = ", want.pages))
		run(t, s.db, fmt.Sprint("PRAGMA cache_size = ", want.cache))
		few, many := users(10000*i, 10000*i+1000), users(10000*i+1000, 10000*i+6000)
		if err := errors.Join(s.SaveAll(ctx, slices.Values(few)), s.SaveMany(ctx, many)); err != nil {
			t.Fatal(err)
		}
		if now := number(t, s, "PRAGMA wal_autocheckpoint"); now != want.pages {
			t.Errorf("wal_autocheckpoint was %d and is %d", want.pages, now)
		}
		if now := number(t, s, "PRAGMA cache_size"); now != want.cache {
			t.Errorf("cache_size was %d and is %d", want.cache, now)
		}
	}
}

// TestCount is as many as List gives.
func TestCount(t *testing.T) {
	ctx := context.Background()
	s := open(t, newPath(t))
	for _, more := range []int{0, 3, 300} {
		if err := s.SaveAll(ctx, slices.Values(users(1000*more, 1001*more))); err != nil {
			t.Fatal(err)
		}
		all, err := oauth.All(ctx, s)
		n, countErr := s.Count(ctx)
		if err := errors.Join(err, countErr); err != nil || n != len(all) {
			t.Errorf("Count is %d, List gives %d, %v", n, len(all), err)
		}
	}
}

// TestFindMany answers each as Find does.
func TestFindMany(t *testing.T) {
	ctx := context.Background()
	s := open(t, newPath(t))
	all := users(0, 700)
	for i := range all {
		all[i].Scope = fmt.Sprint(i)
	}
	if err := s.SaveAll(ctx, slices.Values(all)); err != nil {
		t.Fatal(err)
	}
	run(t, s.db, "INSERT INTO oauthtoken (id, user_name, refresh_token) VALUES ('a', 'twice', 'x'), ('b', 'twice', 'y'), ('c', 'other', 'x')")
	run(t, s.db, "INSERT INTO oauthtoken (id, user_name, refresh_token, expiry_time) VALUES ('d', 'damaged', 'z', 'soon')")
	partials := []oauth.Token{
		{}, {ID: "none"}, {ID: "a", UserName: "other"}, {UserName: "twice"}, {RefreshToken: oauth.NewSecret("x")}, {UserName: "damaged"},
		{UserName: "nobody", RefreshToken: oauth.NewSecret("y")}, {UserName: "nobody", RefreshToken: oauth.NewSecret("1000.refresh.user 5")},
		{ID: "a"}, {ID: "a"}, {AccessToken: oauth.NewSecret("1000.access.user 3")}, {UserName: "user 1", ClientID: "another"},
	}
	for i := range all {
		partials = append(partials, oauth.Token{UserName: all[i].UserName}, oauth.Token{RefreshToken: all[i].RefreshToken})
	}
	found, errs := s.FindMany(ctx, partials)
	for i, partial := range partials {
		want, err := s.Find(ctx, partial)
		if found[i] != want || fmt.Sprint(errs[i]) != fmt.Sprint(err) {
			t.Errorf("FindMany of %v: %v, %v; Find: %v, %v", partial, found[i], errs[i], want, err)
		}
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, errs := s.FindMany(ended, partials); slices.ContainsFunc(errs[1:], func(err error) bool { return !errors.Is(err, context.Canceled) }) {
		t.Errorf("FindMany with an ended context: %v", errs)
	}
}

func number(t *testing.T, s *opened, text string) int {
	t.Helper()
	var n int
	if err := s.db.QueryRow(text).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
