package rediskv

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"zohocrm/internal/servertest"
	"zohocrm/oauth"
	"zohocrm/store/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, storetest.Backend{
		Location: func(t testing.TB) string {
			url, prefix := servertest.Redis(t)
			return url + "#" + prefix
		},
		OpenAt:   openAt,
		Plant:    plant,
		Corrupt:  corrupt,
		MaxChars: MaxChars,
		KeepsIDs: true,
	})
}

// opened is a store with a client of its own.
type opened struct{ *Store }

func (o opened) Close() error { return o.client.Close() }

// openAt opens the store at a location, URL#PREFIX.
func openAt(ctx context.Context, location string) (oauth.Store, error) {
	url, prefix, _ := strings.Cut(location, "#")
	options, err := Options(url)
	if err != nil {
		return nil, err
	}
	client := redis.NewClient(options)
	s, err := New(ctx, client, Config{Prefix: prefix})
	if err != nil {
		return nil, errors.Join(err, client.Close())
	}
	return opened{s}, nil
}

// open is a new, empty store on the shared server.
func open(t testing.TB) *Store {
	t.Helper()
	url, prefix := servertest.Redis(t)
	return at(t, url, Config{Prefix: prefix})
}

// at is a store at a URL, for the length of the test.
func at(t testing.TB, url string, cfg Config) *Store {
	t.Helper()
	s, err := New(context.Background(), client(t, url), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func client(t testing.TB, url string) *redis.Client {
	t.Helper()
	options, err := Options(url)
	if err != nil {
		t.Fatal(err)
	}
	c := redis.NewClient(options)
	t.Cleanup(func() { c.Close() })
	return c
}

// plant writes rows past Save. A row is found by its ID, so there are none
// without one and no two with the same.
func plant(t testing.TB, store oauth.Store, rows []oauth.Row) bool {
	t.Helper()
	s := store.(opened).Store
	ids := map[string]bool{"": true}
	for _, row := range rows {
		if ids[row.ID] {
			return false
		}
		ids[row.ID] = true
	}
	for _, row := range rows {
		token, err := row.Token()
		if err != nil {
			t.Fatal(err)
		}
		l, err := s.snapshot(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		e := newEdit(s.keys)
		e.put(token, oauth.Token{}, false)
		if done, err := s.apply(t.Context(), l, numbers{least: fmt.Sprint(oauth.NumberOf(token.ID))}, e.commands()); err != nil || !done {
			t.Fatal(done, err)
		}
	}
	return true
}

func corrupt(t testing.TB, store oauth.Store, id string) (stored func() string) {
	t.Helper()
	s := store.(opened).Store
	if err := s.client.HSet(context.Background(), s.keys.row+id, "expiry_time", "hush").Err(); err != nil {
		t.Fatal(err)
	}
	return func() string { return strings.Join(dump(t, s), "\n") }
}

// dump is everything that the store keeps.
func dump(t testing.TB, s *Store) []string {
	t.Helper()
	ctx := context.Background()
	var all []string
	keys := s.client.Scan(ctx, 0, strings.TrimSuffix(s.keys.row, "row:")+"*", 1000).Iterator()
	for keys.Next(ctx) {
		value, err := s.client.Dump(ctx, keys.Val()).Result()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprintf("%s %x", keys.Val(), value))
	}
	if err := keys.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}
