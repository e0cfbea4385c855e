package rediskv

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"zohocrm/oauth"
)

func secret(text string) oauth.Secret { return oauth.NewSecret("1000.hush." + text) }

// user is a token with every secret.
func user(name string) oauth.Token {
	return oauth.Token{
		UserName: name, ClientID: "1000.CLIENT", ClientSecret: secret("client"), GrantToken: secret("g" + name),
		RefreshToken: secret("r" + name), AccessToken: secret("a" + name),
	}
}

func save(t testing.TB, s *Store, token oauth.Token) oauth.Token {
	t.Helper()
	saved, err := s.Save(context.Background(), token)
	if err != nil {
		t.Fatal(err)
	}
	return saved
}

// names are the keys of a store and the members of its sorted sets.
func names(t testing.TB, s *Store) (keys, members []string) {
	t.Helper()
	ctx := context.Background()
	for _, line := range dump(t, s) {
		key, _, _ := strings.Cut(line, " ")
		keys = append(keys, key)
		if kind := s.client.Type(ctx, key).Val(); kind == "zset" {
			members = append(members, s.client.ZRange(ctx, key, 0, -1).Val()...)
		}
	}
	return keys, members
}

// What shows up in a list of keys tells no secret, has the store's hash tag, and
// never expires.
func TestKeys(t *testing.T) {
	s := open(t)
	alice := save(t, s, user("alice"))
	keys, members := names(t, s)
	tag := strings.TrimSuffix(s.keys.row, "row:")
	want := []string{"by:access_token", "by:grant_token", "by:refresh_token", "by:user_name", "meta", "order", "row:" + alice.ID}
	for i := range want {
		want[i] = tag + want[i]
	}
	if !slices.Equal(keys, want) {
		t.Errorf("keys %q, want %q", keys, want)
	}
	if len(members) != 5 {
		t.Errorf("%d members of sorted sets, want 5: %q", len(members), members)
	}
	for _, name := range append(keys, members...) {
		if strings.Contains(name, "hush") || strings.Contains(name, "alice") {
			t.Errorf("%q tells what it should not", name)
		}
	}
	for _, key := range keys {
		if ttl := s.client.TTL(t.Context(), key).Val(); ttl != -1 {
			t.Errorf("%s expires in %v", key, ttl)
		}
	}
}

// No index keeps what is not a row's any more.
func TestIndexFollowsRows(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	alice := save(t, s, user("alice"))
	save(t, s, oauth.Token{ID: alice.ID, AccessToken: secret("new"), RefreshToken: secret("new"), GrantToken: secret("new")})
	if _, members := names(t, s); len(members) != 5 {
		t.Errorf("after an update %d members of sorted sets, want 5: %q", len(members), members)
	}
	save(t, s, oauth.Token{ID: alice.ID, RefreshToken: secret("newer")}) // clears the access token
	if _, members := names(t, s); len(members) != 4 {
		t.Errorf("without an access token %d members of sorted sets, want 4: %q", len(members), members)
	}
	if left := s.client.HMGet(ctx, s.keys.row+alice.ID, "access_token", "expiry_time").Val(); left[0] != nil || left[1] != nil {
		t.Error("the row keeps an access token that was cleared")
	}
	login := save(t, s, oauth.Token{ClientID: "1000.CLIENT", RefreshToken: secret("login")})
	save(t, s, oauth.Token{ID: login.ID, UserName: "alice"})
	if keys, members := names(t, s); len(members) != 4 || len(keys) != 6 {
		t.Errorf("after a login was merged: %q, %q", keys, members)
	}
	if err := s.Delete(ctx, alice.ID, ""); err != nil {
		t.Fatal(err)
	}
	only := []string{s.keys.fixed[metaKey]}
	if keys, _ := names(t, s); !slices.Equal(keys, only) {
		t.Errorf("after the last Delete: %q, want %q", keys, only)
	}
	save(t, s, user("bob"))
	if err := s.DeleteAll(ctx); err != nil {
		t.Fatal(err)
	}
	if keys, _ := names(t, s); !slices.Equal(keys, only) {
		t.Errorf("after DeleteAll: %q, want %q", keys, only)
	}
}

func TestStoresApart(t *testing.T) {
	one := open(t)
	two := open(t)
	save(t, one, user("alice"))
	if _, err := two.Find(t.Context(), oauth.Token{UserName: "alice"}); !errors.Is(err, oauth.ErrNotFound) {
		t.Errorf("Find in a store of another prefix: %v", err)
	}
	if err := two.DeleteAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := one.Find(t.Context(), oauth.Token{UserName: "alice"}); err != nil {
		t.Errorf("Find after DeleteAll in a store of another prefix: %v", err)
	}
}

// List goes over several pages, in the order of numbers, whatever is changed
// behind and before it.
func TestListPages(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	const rows = 2*pageSize + 50
	for i := range rows {
		save(t, s, user(fmt.Sprint("user", i)))
	}
	want := 0
	for token, err := range s.List(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		want++
		if token.ID != fmt.Sprint(want) {
			t.Fatalf("row %d has id %s", want, token.ID)
		}
		if err := s.Delete(ctx, token.ID, token.Version); err != nil {
			t.Fatal(err)
		}
	}
	if want != rows {
		t.Errorf("List yields %d rows, want %d", want, rows)
	}
}

// A row or a number that somebody deleted by hand harms nothing else.
func TestDeletedByHand(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	for i := range 12 {
		save(t, s, oauth.Token{UserName: fmt.Sprint("user", i), RefreshToken: secret("r")})
	}
	s.client.Del(ctx, s.keys.fixed[metaKey], s.keys.row+"3")
	if _, err := s.Find(ctx, oauth.Token{UserName: "user2"}); !errors.Is(err, oauth.ErrNotFound) {
		t.Errorf("Find of a deleted row: %v", err)
	}
	if all, err := oauth.All(ctx, s); len(all) != 11 || err != nil {
		t.Errorf("List yields %d rows, %v; want 11", len(all), err)
	}
	if got := save(t, s, oauth.Token{UserName: "user2", RefreshToken: secret("r")}); got.ID != "13" {
		t.Errorf("a new row after the highest number was lost has id %s, want 13", got.ID)
	}
	s.client.Del(ctx, s.keys.fixed[metaKey])
	if err := s.DeleteAll(ctx); err != nil {
		t.Fatal(err)
	}
	if got := save(t, s, user("alice")); got.ID != "14" {
		t.Errorf("a new row after DeleteAll without the highest number has id %s, want 14", got.ID)
	}
}

// Damage of other kinds than a value: it is reported, and nothing is half written.
func TestDamage(t *testing.T) {
	for name, damage := range map[string]func(s *Store, id string) (key string){
		"row":     func(s *Store, id string) string { return s.keys.row + id },
		"index":   func(s *Store, _ string) string { return s.keys.index(oauth.ByAccessToken) },
		"numbers": func(s *Store, _ string) string { return s.keys.fixed[metaKey] },
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			alice := save(t, s, user("alice"))
			key := damage(s, alice.ID)
			s.client.Del(t.Context(), key)
			s.client.Set(t.Context(), key, "hush", 0) // of another type
			before := dump(t, s)
			// A change that would write the damaged index, but need not read it.
			_, err := s.Save(t.Context(), oauth.Token{ID: alice.ID, RefreshToken: secret("new")})
			damaged(t, err)
			damaged(t, s.Delete(t.Context(), alice.ID, ""))
			if !slices.Equal(dump(t, s), before) {
				t.Error("something was written")
			}
		})
	}
	s := open(t)
	alice := save(t, s, user("alice"))
	s.client.HSet(t.Context(), s.keys.row+alice.ID, "id", "77")
	_, err := s.Get(t.Context(), alice.ID)
	damaged(t, err)
	s.client.HSet(t.Context(), s.keys.row+alice.ID, "id", alice.ID)
	s.client.HSet(t.Context(), s.keys.fixed[metaKey], "highest", "hush")
	_, err = s.Save(t.Context(), user("bob"))
	damaged(t, err)
}

func damaged(t *testing.T, err error) {
	t.Helper()
	var corrupt *oauth.CorruptError
	if !errors.As(err, &corrupt) || corrupt.Place == "" || strings.Contains(err.Error(), "hush") {
		t.Errorf("error %v; want an *oauth.CorruptError that names the place and no secret", err)
	}
}

// Side data of another login, written by hand, are nobody's.
func TestSideOfAnother(t *testing.T) {
	s := open(t)
	token := user("alice")
	token.Scope = "ZohoCRM.modules.ALL"
	alice := save(t, s, token)
	s.client.HSet(t.Context(), s.keys.row+alice.ID, "refresh_token", "by hand", "created_at", "hush")
	got, err := s.Get(t.Context(), alice.ID)
	if err != nil || got.Scope != "" || !got.CreatedAt.IsZero() {
		t.Errorf("scope %q, created %v, %v; want none", got.Scope, got.CreatedAt, err)
	}
}
