package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"zohocrm/oauth"
)

// faultsOfFind are wrong answers to the question which row is meant.
func faultsOfFind() []fault {
	return []fault{
		wrapped("does not look for access tokens", func(_ testing.TB, a *altered) {
			a.find = func(ctx context.Context, p oauth.Token) (oauth.Token, error) {
				p.AccessToken = oauth.Secret{}
				return a.Store.Find(ctx, p)
			}
		}, "FindByEachKey", "FindKeyOrder", "LikeModel"),
		wrapped("tries the refresh token first", func(_ testing.TB, a *altered) {
			a.find = func(ctx context.Context, p oauth.Token) (oauth.Token, error) {
				if t, err := a.Store.Find(ctx, oauth.Token{RefreshToken: p.RefreshToken}); err == nil && p.ID == "" {
					return t, nil
				}
				return a.Store.Find(ctx, p)
			}
		}, "FindKeyOrder", "LikeModel"),
		wrapped("answers nothing without an error", func(_ testing.TB, a *altered) {
			a.find = func(ctx context.Context, p oauth.Token) (oauth.Token, error) {
				t, err := a.Store.Find(ctx, p)
				if errors.Is(err, oauth.ErrNotFound) {
					err = nil
				}
				return t, err
			}
		}, "FindUnknown", "LikeModel"),
		wrapped("goes on after an unknown ID", func(_ testing.TB, a *altered) {
			a.find = func(ctx context.Context, p oauth.Token) (oauth.Token, error) {
				t, err := a.Store.Find(ctx, p)
				if errors.Is(err, oauth.ErrNotFound) && p.UserName != "" {
					p.ID = ""
					return a.Store.Find(ctx, p)
				}
				return t, err
			}
		}, "FindUnknown", "MatchIDExactly", "LikeModel"),
		wrapped("looks at the ID only", func(_ testing.TB, a *altered) {
			a.find = func(ctx context.Context, p oauth.Token) (oauth.Token, error) {
				if p.ID != "" {
					p = oauth.Token{ID: p.ID}
				}
				return a.Store.Find(ctx, p)
			}
		}, "FindContradictedID", "LikeModel"),
		wrapped("does not mind the client", func(_ testing.TB, a *altered) {
			a.find = func(ctx context.Context, p oauth.Token) (oauth.Token, error) {
				p.ClientID = ""
				return a.Store.Find(ctx, p)
			}
		}, "FindPassesOver", "FindContradictedID", "LikeModel"),
		wrapped("takes the first of several", func(_ testing.TB, a *altered) {
			a.find = func(ctx context.Context, p oauth.Token) (oauth.Token, error) {
				t, err := a.Store.Find(ctx, p)
				var several *oauth.AmbiguousError
				if errors.As(err, &several) {
					return base(a).rows[0], nil
				}
				return t, err
			}
		}, "FindAmbiguous", "PlantDoubledID", "LikeModel"),
		bent("does not list what fits", func(r *rules) {
			r.resolve = func(p oauth.Token, rows oauth.Rows) (oauth.Token, error) {
				t, err := oauth.Resolve(p, rows)
				if errors.Is(err, oauth.ErrAmbiguous) {
					err = oauth.ErrAmbiguous
				}
				return t, err
			}
		}, "FindAmbiguous"),
		wrapped("answers somebody's row to an incomplete key", func(_ testing.TB, a *altered) {
			a.find = func(ctx context.Context, p oauth.Token) (oauth.Token, error) {
				t, err := a.Store.Find(ctx, p)
				if errors.Is(err, oauth.ErrIncompleteKey) && len(base(a).rows) > 0 {
					return base(a).rows[0], nil
				}
				return t, err
			}
		}, "FindIncompleteKey", "PlantEmptyColumns", "LikeModel"),
		wrapped("takes the header for a row", func(_ testing.TB, a *altered) {
			a.find = func(ctx context.Context, p oauth.Token) (oauth.Token, error) {
				if p.UserName == "user_name" {
					return oauth.Token{UserName: "user_name"}, nil
				}
				return a.Store.Find(ctx, p)
			}
		}, "FindHeaderIsNoRow"),
		wrapped("lays the caller's values over the row", func(_ testing.TB, a *altered) {
			a.find = func(ctx context.Context, p oauth.Token) (oauth.Token, error) {
				t, err := a.Store.Find(ctx, p)
				if err != nil {
					return t, err
				}
				return oauth.Merge(p, t), nil
			}
		}, "FindRowAsStored", "LikeModel"),
		wrapped("tells the token that it did not find", func(_ testing.TB, a *altered) {
			a.find = func(ctx context.Context, p oauth.Token) (oauth.Token, error) {
				t, err := a.Store.Find(ctx, p)
				if err != nil {
					err = fmt.Errorf("%w: where refresh_token=%q", err, p.RefreshToken.Reveal())
				}
				return t, err
			}
		}, "FindUnknown", "FindPassesOver"),
		bent("folds case and trims names", foldNames(func(t *oauth.Token) *string { return &t.UserName }), "MatchUserExactly"),
		bent("folds case and trims clients", foldNames(func(t *oauth.Token) *string { return &t.ClientID }), "MatchClientExactly"),
		wrapped("folds case of tokens", func(_ testing.TB, a *altered) {
			a.find = func(ctx context.Context, p oauth.Token) (oauth.Token, error) {
				for _, row := range base(a).rows {
					if !p.RefreshToken.IsZero() && strings.EqualFold(row.RefreshToken.Reveal(), p.RefreshToken.Reveal()) {
						return row, nil
					}
				}
				return a.Store.Find(ctx, p)
			}
		}, "MatchTokenExactly"),
		wrapped("reads an ID as a number", func(_ testing.TB, a *altered) {
			a.get = func(ctx context.Context, id string) (oauth.Token, error) {
				return a.Store.Get(ctx, strings.TrimLeft(strings.TrimSpace(id), "+0"))
			}
		}, "MatchIDExactly"),
	}
}

// foldNames makes values alike that are not.
func foldNames(field func(t *oauth.Token) *string) func(r *rules) {
	return func(r *rules) {
		fold := func(t oauth.Token) oauth.Token {
			*field(&t) = strings.ToLower(strings.TrimSpace(*field(&t)))
			return t
		}
		foldRows := func(rows oauth.Rows) oauth.Rows {
			return func(k oauth.Key, value string) ([]oauth.Token, error) {
				var found []oauth.Token
				// Fetch by everything, fold, then select as the key asks.
				for i := range 200 {
					one, err := rows(oauth.ByID, fmt.Sprint(i))
					if err != nil {
						return nil, err
					}
					for _, row := range one {
						if k.Of(fold(row)) == value {
							found = append(found, fold(row))
						}
					}
				}
				return found, nil
			}
		}
		r.resolve = func(p oauth.Token, rows oauth.Rows) (oauth.Token, error) {
			t, err := oauth.Resolve(fold(p), foldRows(rows))
			if err != nil {
				return t, err
			}
			return oauth.Resolve(oauth.Token{ID: t.ID}, rows)
		}
	}
}
