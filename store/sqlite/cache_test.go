package sqlite_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"zohocrm/oauth"
)

// TestNothingStale: two programs and an SDK write the same rows in random order.
// Whatever is remembered, both always read what is there.
func TestNothingStale(t *testing.T) {
	ctx := context.Background()
	path := newPath(t)
	stores := []*opened{open(t, path), open(t, path), open(t, path)} // the third saves nothing
	random := rand.New(rand.NewPCG(1, 2))
	want := map[string]oauth.Token{} // by user
	var all []string
	for n := range 600 {
		s := stores[random.IntN(2)]
		name := fmt.Sprint("user ", random.IntN(6))
		was, there := want[name]
		if random.IntN(5) == 0 { // writes, and takes back what it wrote
			if err := stores[random.IntN(3)].Probe(ctx); err != nil {
				t.Fatal(err)
			}
		}
		switch kind := random.IntN(10); {
		case !there || kind < 3: // a scope, or a new row with it
			token := oauth.Token{UserName: name, ClientID: "1000.C", Scope: fmt.Sprint("scope ", n)}
			if !there {
				token.RefreshToken = oauth.NewSecret(fmt.Sprint("refresh ", n))
			}
			want[name] = save(t, s, token)
		case kind < 5: // a new access token
			want[name] = save(t, s, oauth.Token{ID: was.ID, Version: was.Version, AccessToken: oauth.NewSecret(fmt.Sprint("access ", n))})
		case kind < 6: // a login
			want[name] = save(t, s, oauth.Token{UserName: name, RefreshToken: oauth.NewSecret(fmt.Sprint("refresh ", n))})
		case kind < 7: // an SDK's refresh
			was.AccessToken = oauth.NewSecret(fmt.Sprint("by SDK ", n))
			run(t, s.db, "UPDATE oauthtoken SET access_token = ? WHERE id = ?", was.AccessToken.Reveal(), was.ID)
			was.Version = was.Row().Version()
			want[name] = was
		case kind < 8: // a batch
			tokens := []oauth.Token{{UserName: name, Scope: fmt.Sprint("first ", n)}, {UserName: name, AccountsURL: fmt.Sprint("second ", n)}}
			if err := s.SaveAll(ctx, func(yield func(oauth.Token) bool) { _ = yield(tokens[0]) && yield(tokens[1]) }); err != nil {
				t.Fatal(err)
			}
			was.Scope, was.AccountsURL = fmt.Sprint("first ", n), fmt.Sprint("second ", n)
			want[name] = was
		case kind < 9: // a batch that fails at its end
			tokens := []oauth.Token{{UserName: name, Scope: "never"}, {UserName: name, RedirectURL: "two\nlines"}}
			if err := s.SaveAll(ctx, func(yield func(oauth.Token) bool) { _ = yield(tokens[0]) && yield(tokens[1]) }); err == nil {
				t.Fatal("a batch with a line break was saved")
			}
		default:
			if err := s.Delete(ctx, was.ID, ""); err != nil {
				t.Fatal(err)
			}
			delete(want, name)
		}
		all = append(all, name)
		for _, s := range stores {
			for name, want := range want {
				if got, err := s.Find(ctx, oauth.Token{UserName: name}); err != nil || got != want {
					t.Fatalf("step %d (%s): Find gives %v, scope %q, updated %v, %v; want %v, scope %q, updated %v", n, strings.Join(all[max(0, n-3):], ", "),
						got, got.Scope, got.UpdatedAt, err, want, want.Scope, want.UpdatedAt)
				}
			}
		}
	}
}

// TestSideTableEmptied: losing all side data is harmless, also while programs
// remember some.
func TestSideTableEmptied(t *testing.T) {
	ctx := context.Background()
	path := newPath(t)
	s, other := open(t, path), open(t, path)
	saved := save(t, s, scoped("alice"))
	save(t, s, user("bob"))
	if err := s.Delete(ctx, "2", ""); err != nil {
		t.Fatal(err)
	}
	for _, s := range []*opened{s, other} {
		if got, err := s.Get(ctx, "1"); err != nil || got != saved {
			t.Fatalf("Get gives %v, %v", got, err)
		}
	}
	run(t, s.db, "DELETE FROM oauthtoken_zcrm")
	for _, s := range []*opened{s, other} {
		if got, err := s.Get(ctx, "1"); err != nil || got.Row() != saved.Row() || got.Scope != "" {
			t.Errorf("Get gives %v, scope %q, %v; want no scope", got, got.Scope, err)
		}
	}
	again := save(t, other, oauth.Token{ID: "1", Scope: "again"})
	for _, s := range []*opened{s, other} {
		if got, err := s.Get(ctx, "1"); err != nil || got != again {
			t.Errorf("Get gives %v, scope %q, %v; want %v", got, got.Scope, err, again)
		}
	}
}

// TestSameTokenUnderTwoUsers: both rows have one key of side data.
func TestSameTokenUnderTwoUsers(t *testing.T) {
	ctx := context.Background()
	s := open(t, newPath(t))
	alice, bob := scoped("alice"), user("bob")
	bob.RefreshToken = alice.RefreshToken
	save(t, s, alice)
	run(t, s.db, insertRow, rowArguments(func() oauth.Row { bob.ID = "2"; return bob.Row() }())...)
	for i := range 3 {
		scope := fmt.Sprint("scope ", i)
		save(t, s, oauth.Token{ID: fmt.Sprint(1 + i%2), Scope: scope})
		for _, id := range []string{"1", "2"} {
			if got, err := s.Get(ctx, id); err != nil || got.Scope != scope {
				t.Errorf("after a Save of %q: row %s has scope %q, %v", scope, id, got.Scope, err)
			}
		}
	}
	if err := s.Delete(ctx, "2", ""); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Get(ctx, "1"); err != nil || got.Scope != "scope 2" {
		t.Errorf("after Delete of the other row: scope %q, %v", got.Scope, err)
	}
}

// TestQueries counts what a Find costs: one query, and a second one where side
// data may have changed since they were read.
func TestQueries(t *testing.T) {
	ctx := context.Background()
	s, f := openFaulty(t, newPath(t))
	other := open(t, s.path)
	queries := 0
	count := func(t *testing.T, want int, partial oauth.Token) {
		t.Helper()
		queries = 0
		f.set(func(string) error { queries++; return nil })
		defer f.set(nil)
		if _, err := s.Find(ctx, partial); err != nil {
			t.Fatal(err)
		}
		if queries != want {
			t.Errorf("Find took %d queries, want %d", queries, want)
		}
	}
	alice := save(t, s, scoped("alice"))
	for _, key := range []oauth.Token{{UserName: "alice"}, {ID: alice.ID}, {RefreshToken: alice.RefreshToken}, {AccessToken: alice.AccessToken}} {
		count(t, 1, key)
	}
	save(t, s, scoped("bob")) // our own writes cost nothing later
	count(t, 1, alice)
	count(t, 1, oauth.Token{UserName: "bob"})
	alice = save(t, s, oauth.Token{UserName: "alice", AccessToken: oauth.NewSecret("new")})
	count(t, 1, alice)
	if err := s.Delete(ctx, "2", ""); err != nil {
		t.Fatal(err)
	}
	count(t, 1, alice)
	save(t, other, scoped("carol")) // another program's cost one query for each row
	count(t, 2, alice)
	count(t, 1, alice)
	count(t, 2, oauth.Token{UserName: "carol"})
	count(t, 1, oauth.Token{UserName: "carol"})
	run(t, s.db, "INSERT INTO oauthtoken (id, user_name, refresh_token) VALUES ('9', 'dave', '1000.dave')") // by an SDK
	count(t, 2, oauth.Token{UserName: "dave"})
	count(t, 1, oauth.Token{UserName: "dave"})
}

// TestRowAndSideDataAreOfOneMoment: somebody saves between the reading of a row and
// that of its side data.
func TestRowAndSideDataAreOfOneMoment(t *testing.T) {
	ctx := context.Background()
	s, f := openFaulty(t, newPath(t))
	other := open(t, s.path)
	write := func(text string) {
		t.Helper()
		token := user("alice")
		token.AccessToken, token.Scope = oauth.NewSecret(text), text
		save(t, other, token)
	}
	write("before")
	between := false
	f.set(func(statement string) error {
		if strings.HasPrefix(statement, "SELECT m.changes, s.side_key") && !between {
			between = true
			write("between")
		}
		return nil
	})
	got, err := s.Find(ctx, oauth.Token{UserName: "alice"})
	if err != nil || !between || got.AccessToken.Reveal() != "between" || got.Scope != "between" {
		t.Errorf("access token %q beside scope %q, %v; want what was saved in between", got.AccessToken.Reveal(), got.Scope, err)
	}
}
