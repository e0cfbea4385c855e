package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"iter"
	"math/rand/v2"
	"time"

	"zohocrm/oauth"
)

// tokens is how many rows the stores are measured with.
const tokens = 10_000

func userName(i int) string { return fmt.Sprintf("user%d@example.com:%d", i, 700000000+i) }

// token is the i-th made-up user.
func token(i int) oauth.Token {
	return oauth.Token{
		UserName: userName(i), ClientID: "1000.CLIENT", ClientSecret: oauth.NewSecret("secret"),
		RefreshToken: secret("refresh", i), AccessToken: secret("access", i),
		Expiry: expiry(), RedirectURL: "https://example.com/callback", APIDomain: "https://www.zohoapis.com",
	}
}

// secret is a token as Zoho makes them: random, of which an index has no two as
// neighbours that were saved one after the other.
func secret(what string, i int) oauth.Secret {
	sum := sha256.Sum256(fmt.Append(nil, what, i))
	return oauth.NewSecret(fmt.Sprintf("1000.%x.%x", sum[:16], sum[16:]))
}

// expiry is when made-up tokens end.
func expiry() time.Time { return time.UnixMilli(1795308985119) }

// crowd are the made-up users from the first up to the n-th.
func crowd(n int) iter.Seq[oauth.Token] {
	return func(yield func(oauth.Token) bool) {
		for i := range n {
			if !yield(token(i)) {
				return
			}
		}
	}
}

// picker chooses users in an order in which neighbours are far apart, and makes
// access tokens that nobody has. It is for one goroutine.
type picker struct {
	of, at int
	salt   uint64 // tells its tokens from those of other pickers
	made   int
}

// newPicker chooses between so many users.
func newPicker(of int) *picker { return &picker{of: of, salt: rand.Uint64()} }

func (p *picker) next() int {
	p.at = (p.at + 7919) % p.of
	return p.at
}

func (p *picker) access() oauth.Secret {
	p.made++
	return secret(fmt.Sprint(p.salt), p.made)
}

// finding is a Find of one user after the other.
func finding(ctx context.Context, s oauth.Store) side {
	p := newPicker(tokens)
	return each(func() error {
		t, err := s.Find(ctx, oauth.Token{UserName: userName(p.next())})
		if err == nil && t.AccessToken.IsZero() {
			err = fmt.Errorf("%q has no token", t.UserName)
		}
		return err
	})
}

// saving is a Save of a new access token, as after a refresh, for one user after
// the other.
func saving(ctx context.Context, s oauth.Store) side {
	p := newPicker(tokens)
	return each(func() error {
		_, err := s.Save(ctx, oauth.Token{UserName: userName(p.next()), AccessToken: p.access(), Expiry: expiry()})
		return err
	})
}

// adding is a Save of a new user.
func adding(ctx context.Context, s oauth.Store) side {
	n := tokens
	return each(func() error {
		n++
		_, err := s.Save(ctx, token(n))
		return err
	})
}

// warm makes a store see each of its rows, as in a program that has run for a while.
func warm(ctx context.Context, s oauth.Store) error {
	_, err := finding(ctx, s)(tokens)
	return err
}
