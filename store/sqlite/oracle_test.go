package sqlite_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"zohocrm/oauth"
	"zohocrm/store/sqlite"
)

// odd makes tokens of few names, IDs and secrets, some of which share an end.
type odd struct{ *rand.Rand }

func (r odd) of(texts ...string) string { return texts[r.IntN(len(texts))] }

func (r odd) secret() oauth.Secret {
	return oauth.NewSecret(r.of("", "", "1000.aaaaaaaa", "1000.b.aaaaaaaa", "aaaaaaaa", "a", "x'%_\"aaaaaaa", "ü€aaaaaaa", "日本語日本語日本語", "日", "%", "0123456789", "123456789"))
}

func (r odd) token(there []oauth.Token) oauth.Token {
	t := oauth.Token{
		ID: r.of("", "", "", "1", "2", "3", "900000001", "x"), UserName: r.of("", "a", "b", "c", "A"), ClientID: r.of("", "C", "C", "D"),
		RefreshToken: r.secret(), Scope: r.of("", "", "s1", "s2"), AccountsURL: r.of("", "", "https://accounts.zoho.eu"),
	}
	if r.IntN(3) == 0 {
		t.GrantToken = r.secret()
	}
	if r.IntN(2) == 0 {
		t.AccessToken = r.secret()
	}
	if len(there) > 0 && r.IntN(8) == 0 {
		row := there[r.IntN(len(there))]
		t.ID, t.Version = row.ID, row.Version
	}
	return t
}

// told is all that a store holds.
func told(t *testing.T, s oauth.Store) (string, []oauth.Token) {
	t.Helper()
	all, err := oauth.All(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, row := range all {
		fmt.Fprintln(&text, row.Row().Values(), row.Scope, row.AccountsURL, row.CreatedAt, row.UpdatedAt)
	}
	return text.String(), all
}

// TestBatchIsAsOneByOne: a batch leaves the same rows as Saves one after the other, or is
// refused as one of them is and leaves nothing.
func TestBatchIsAsOneByOne(t *testing.T) {
	ctx := context.Background()
	for seed := range uint64(400) {
		r, c := odd{rand.New(rand.NewPCG(seed, 7))}, newClock()
		cfg := sqlite.Config{Now: c.now}
		batched, single := openWith(t, sqlite.Memory, cfg), openWith(t, sqlite.Memory, cfg)
		for round := range 3 {
			c.advance(time.Second)
			before, there := told(t, batched)
			var batch []oauth.Token
			for range 1 + r.IntN(7) {
				batch = append(batch, r.token(there))
			}
			var refused error
			for _, token := range batch {
				if _, refused = single.Save(ctx, token); refused != nil {
					break
				}
			}
			err := batched.SaveAll(ctx, slices.Values(batch))
			after, _ := told(t, batched)
			if err != nil || refused != nil {
				if (err == nil) != (refused == nil) || after != before {
					t.Errorf("seed %d, round %d: the batch gives %v, one by one %v; it left\n%swhere there was\n%s", seed, round, err, refused, after, before)
				}
				break // the two are not the same any more
			}
			if want, _ := told(t, single); after != want {
				t.Errorf("seed %d, round %d: the batch left\n%sone by one\n%s", seed, round, after, want)
				break
			}
			fresh, err := sqlite.New(ctx, batched.db, cfg)
			if err != nil {
				t.Fatal(err)
			}
			partials := []oauth.Token{r.token(nil), r.token(nil), r.token(nil)}
			many, errs := fresh.FindMany(ctx, partials)
			for i, p := range partials {
				a, errA := batched.Find(ctx, p)
				b, errB := fresh.Find(ctx, p)
				if a != b || a != many[i] || (errA == nil) != (errB == nil) || (errA == nil) != (errs[i] == nil) {
					t.Errorf("seed %d: Find gives %v, %v; a new store %v, %v; FindMany %v, %v", seed, a, errA, b, errB, many[i], errs[i])
				}
			}
			fresh.Close()
		}
		batched.Close()
		single.Close()
	}
}
