package storetest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"zohocrm/oauth"
)

// faultsOfValue are values and side data that are not kept.
func faultsOfValue() []fault {
	return []fault{
		keeping("doubles quotes", func(p oauth.Plan) oauth.Token {
			p.Row.RedirectURL = strings.ReplaceAll(p.Row.RedirectURL, "'", "''")
			return p.Row
		}, "ValueKept"),
		keeping("cuts at a hundred bytes", func(p oauth.Plan) oauth.Token {
			p.Row.APIDomain = p.Row.APIDomain[:min(len(p.Row.APIDomain), 100)]
			return p.Row
		}, "ValueLong"),
		bent("holds no four-byte characters", func(r *rules) {
			r.check = func(row oauth.Row) error {
				for _, v := range row.Values() {
					if strings.ContainsFunc(v, func(c rune) bool { return c > 0xffff }) {
						return &oauth.ValueError{Column: "user_name", Reason: "the table's character set does not have it"}
					}
				}
				return checkRow(100)(row)
			}
		}, "ValueKept", "ValueLong"),
		bent("takes whatever length", func(r *rules) { r.check = checkRow(0) }, "ValueTooLong"),
		bent("counts bytes in place of characters", func(r *rules) {
			r.check = func(row oauth.Row) error {
				for i, v := range row.Values() {
					if len(v) > 100 {
						return &oauth.ValueError{Column: oauth.Columns()[i], Reason: "it is longer than 100 characters"}
					}
				}
				return checkRow(100)(row)
			}
		}, "ValueLong"),
		bent("does not say which column", func(r *rules) {
			r.check = func(row oauth.Row) error {
				if checkRow(100)(row) != nil {
					return &oauth.ValueError{Column: "id", Reason: "it is unfit"}
				}
				return nil
			}
		}, "ValueTooLong", "ValueRefused"),
		saves("tells the value that it refuses", func(ctx context.Context, s oauth.Store, t oauth.Token) (oauth.Token, error) {
			saved, err := s.Save(ctx, t)
			var refused *oauth.ValueError
			if errors.As(err, &refused) {
				refused.Reason += ": " + t.UserName
			}
			return saved, err
		}, "ValueTooLong", "ValueRefused"),
		bent("takes line breaks", func(r *rules) { r.check = func(oauth.Row) error { return nil } }, "ValueRefused", "ValueTooLong"),
		wrapped("writes before it refuses", func(_ testing.TB, a *altered) {
			a.save = func(ctx context.Context, t oauth.Token) (oauth.Token, error) {
				saved, err := a.Store.Save(ctx, t)
				if errors.Is(err, oauth.ErrInvalidValue) {
					_, err2 := a.Store.Save(ctx, minimal("half"))
					return saved, errors.Join(err, err2)
				}
				return saved, err
			}
		}, "ValueTooLong", "ValueRefused"),
		keeping("keeps seconds", func(p oauth.Plan) oauth.Token {
			p.Row.Expiry = p.Row.Expiry.Truncate(time.Second)
			return p.Row
		}, "ValueTimes", "SaveInserts", "LikeModel"),

		keeping("keeps no side data", func(p oauth.Plan) oauth.Token { return p.Row.WithSide(oauth.Token{}) },
			"SideKept", "SideFollowsMerge", "SideUpdatedAt", "LikeModel"),
		keeping("writes every use", func(p oauth.Plan) oauth.Token {
			if p.Row.LastUsedAt.Equal(p.Old.LastUsedAt) && !p.Insert() {
				p.Row.LastUsedAt = p.Row.LastUsedAt.Add(time.Minute)
			}
			return p.Row
		}, "SideLastUsedHourly", "LikeModel"),
		keeping("takes every Save for a change", func(p oauth.Plan) oauth.Token {
			p.Row.UpdatedAt = time.Now()
			return p.Row
		}, "SideUpdatedAt"),
		keeping("takes a change for none", func(p oauth.Plan) oauth.Token {
			if !p.Insert() {
				p.Row.UpdatedAt = p.Old.UpdatedAt
			}
			return p.Row
		}, "SideUpdatedAt"),
		keeping("keeps the side data of the login before", func(p oauth.Plan) oauth.Token {
			if !p.Insert() && p.Row.Scope == "" {
				p.Row.Scope, p.Row.AccountsURL, p.Row.CreatedAt = p.Old.Scope, p.Old.AccountsURL, p.Old.CreatedAt
			}
			return p.Row
		}, "SideNewLoginStartsClean", "LikeModel"),
		sideByID(),
	}
}

// sideByID keeps side data under the row's ID.
func sideByID() fault {
	return wrapped("keeps side data by ID", func(_ testing.TB, a *altered) {
		side := map[string]oauth.Token{}
		a.get = func(ctx context.Context, id string) (oauth.Token, error) {
			t, err := a.Store.Get(ctx, id)
			if kept, ok := side[id]; ok && t.Scope == "" {
				t = t.WithSide(kept)
			}
			return t, err
		}
		a.save = func(ctx context.Context, t oauth.Token) (oauth.Token, error) {
			saved, err := a.Store.Save(ctx, t)
			if err == nil && saved.Scope != "" {
				side[saved.ID] = saved
			}
			return saved, err
		}
	}, "SideReusedID", "SideNewLoginStartsClean", "PlantChanged")
}
