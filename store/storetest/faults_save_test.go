package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"zohocrm/oauth"
)

// saves is a wrapper whose Save does something else.
func saves(name string, save func(ctx context.Context, s oauth.Store, t oauth.Token) (oauth.Token, error), fails ...string) fault {
	return wrapped(name, func(_ testing.TB, a *altered) {
		a.save = func(ctx context.Context, t oauth.Token) (oauth.Token, error) { return save(ctx, a.Store, t) }
	}, fails...)
}

// plans is a store whose plan is something else.
func plans(name string, plan func(t oauth.Token, now time.Time, rows oauth.Rows) (oauth.Plan, error), fails ...string) fault {
	return bent(name, func(r *rules) { r.plan = plan }, fails...)
}

// keeping is a store that writes something else than was planned.
func keeping(name string, keep func(p oauth.Plan) oauth.Token, fails ...string) fault {
	return bent(name, func(r *rules) { r.kept = keep }, fails...)
}

// faultsOfSave are wrong effects of Save.
func faultsOfSave() []fault {
	return []fault{
		keeping("drops a column", func(p oauth.Plan) oauth.Token {
			p.Row.RedirectURL = ""
			return p.Row
		}, "SaveInserts", "SaveUpdatesByEachKey", "SaveEmptyKeeps", "LikeModel"),
		saves("finds users only", func(ctx context.Context, s oauth.Store, t oauth.Token) (oauth.Token, error) {
			if t.ID == "" && t.UserName == "" {
				t.UserName = fmt.Sprint("user of ", t.AccessToken.Hash(), t.RefreshToken.Hash(), t.GrantToken.Hash())
			}
			return s.Save(ctx, t)
		}, "SaveInserts", "SaveUpdatesByEachKey", "ConcurrentUpsert", "LikeModel"),
		plans("erases what is empty", func(t oauth.Token, now time.Time, rows oauth.Rows) (oauth.Plan, error) {
			p, err := oauth.PlanSave(t, now, rows)
			t.ID, t.Version = p.Row.ID, ""
			p.Row = t
			return p, err
		}, "SaveEmptyKeeps", "SaveUpdatesByEachKey", "NameGiven", "LikeModel"),
		keeping("keeps the expiry of the access token before", func(p oauth.Plan) oauth.Token {
			if p.Row.Expiry.IsZero() {
				p.Row.Expiry = p.Old.Expiry
			}
			return p.Row
		}, "SaveAccessAndExpiry", "LikeModel"),
		keeping("keeps the access token of the login before", func(p oauth.Plan) oauth.Token {
			if p.Row.AccessToken.IsZero() {
				p.Row.AccessToken, p.Row.Expiry = p.Old.AccessToken, p.Old.Expiry
			}
			return p.Row
		}, "SaveAccessAndExpiry", "LikeModel"),
		keeping("drops the grant token after its exchange", func(p oauth.Plan) oauth.Token {
			if p.Old.RefreshToken.IsZero() && !p.Insert() {
				p.Row.GrantToken = oauth.Secret{}
			}
			return p.Row
		}, "SaveGrantIsKept", "LikeModel"),
		plans("saves a user without a token", func(t oauth.Token, now time.Time, rows oauth.Rows) (oauth.Plan, error) {
			p, err := oauth.PlanSave(t, now, rows)
			if errors.Is(err, oauth.ErrIncompleteKey) {
				return oauth.Plan{Row: t}, nil
			}
			return p, err
		}, "SaveNothing", "LikeModel"),
		saves("lets an ID take another user", func(ctx context.Context, s oauth.Store, t oauth.Token) (oauth.Token, error) {
			saved, err := s.Save(ctx, t)
			if errors.Is(err, oauth.ErrMismatch) && t.ID != "" && t.APIDomain == "" {
				t.UserName, t.ClientID = "", ""
				return s.Save(ctx, t)
			}
			return saved, err
		}, "SaveContradictedID", "LikeModel"),
		saves("saves to the first of several", func(ctx context.Context, s oauth.Store, t oauth.Token) (oauth.Token, error) {
			saved, err := s.Save(ctx, t)
			var several *oauth.AmbiguousError
			if errors.As(err, &several) {
				return s.Save(ctx, oauth.Token{ID: several.Matches[0].ID, AccessToken: t.AccessToken})
			}
			return saved, err
		}, "SaveAmbiguous", "LikeModel"),
		plans("moves a row to another data centre", func(t oauth.Token, now time.Time, rows oauth.Rows) (oauth.Plan, error) {
			domain := t.APIDomain
			t.APIDomain = ""
			p, err := oauth.PlanSave(t, now, rows)
			if domain != "" {
				p.Row.APIDomain = domain
			}
			return p, err
		}, "SaveOtherDomain", "LikeModel"),
		plans("takes a user's clients for one", func(t oauth.Token, now time.Time, rows oauth.Rows) (oauth.Plan, error) {
			client := t.ClientID
			t.ClientID = ""
			p, err := oauth.PlanSave(t, now, rows)
			if client != "" {
				p.Row.ClientID = client
			}
			return p, err
		}, "SaveOtherClient", "IDUnknownOfKnownUser", "LikeModel"),
		saves("tells the token that it did not save", func(ctx context.Context, s oauth.Store, t oauth.Token) (oauth.Token, error) {
			saved, err := s.Save(ctx, t)
			if err != nil {
				err = fmt.Errorf("%w: %v", err, t.Row().Values())
			}
			return saved, err
		}, "SaveContradictedID", "VersionStale"),
		saves("answers what it was given", func(ctx context.Context, s oauth.Store, t oauth.Token) (oauth.Token, error) {
			saved, err := s.Save(ctx, t)
			t.ID, t.Version = saved.ID, saved.Version
			return t, err
		}, "SaveUpdatesByEachKey", "SaveEmptyKeeps", "LikeModel"),

		saves("makes a new row of one that is given a name", func(ctx context.Context, s oauth.Store, t oauth.Token) (oauth.Token, error) {
			row, err := s.Find(ctx, t)
			if err != nil || row.UserName != "" || t.UserName == "" || t.Version != "" {
				return s.Save(ctx, t)
			}
			if err := s.Delete(ctx, row.ID, ""); err != nil {
				return row, err
			}
			row = oauth.Merge(t, row)
			row.ID, row.Version = "", ""
			return s.Save(ctx, row)
		}, "NameGiven", "LikeModel"),
		plans("leaves the nameless row beside the named one", func(t oauth.Token, now time.Time, rows oauth.Rows) (oauth.Plan, error) {
			p, err := oauth.PlanSave(t, now, rows)
			p.Remove = oauth.Token{}
			return p, err
		}, "NameGivenMerges", "ConcurrentNaming", "LikeModel"),
		plans("keeps the ID of the nameless row", func(t oauth.Token, now time.Time, rows oauth.Rows) (oauth.Plan, error) {
			p, err := oauth.PlanSave(t, now, rows)
			if p.Remove.ID != "" {
				p.Old, p.Remove = p.Remove, p.Old
				p.Row.ID = p.Old.ID
			}
			return p, err
		}, "NameGivenMerges", "LikeModel"),
		saves("names whatever the row is now", func(ctx context.Context, s oauth.Store, t oauth.Token) (oauth.Token, error) {
			if row, err := s.Get(ctx, t.ID); err == nil && row.UserName == "" && t.UserName != "" {
				t.Version = row.Version
			}
			return s.Save(ctx, t)
		}, "NameGivenConflict", "LikeModel"),
		saves("merges logins of all clients and data centres", func(ctx context.Context, s oauth.Store, t oauth.Token) (oauth.Token, error) {
			row, err := s.Get(ctx, t.ID)
			user, err2 := s.Find(ctx, oauth.Token{UserName: t.UserName})
			if err != nil || err2 != nil || row.UserName != "" || user.ClientID == row.ClientID && user.APIDomain == row.APIDomain {
				return s.Save(ctx, t)
			}
			if err := s.Delete(ctx, row.ID, ""); err != nil {
				return row, err
			}
			return s.Save(ctx, oauth.Token{ID: user.ID, RefreshToken: row.RefreshToken, AccessToken: row.AccessToken})
		}, "NameOtherClientStays", "NameOtherDomain", "LikeModel"),
	}
}
