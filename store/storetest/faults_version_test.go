package storetest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"

	"zohocrm/oauth"
)

// faultsOfVersion are wrong Versions, IDs and Deletes.
func faultsOfVersion() []fault {
	return []fault{
		bent("makes the Version of the tokens only", func(r *rules) {
			r.version = func(t oauth.Token) string {
				return oauth.Row{ID: t.ID, RefreshToken: t.RefreshToken.Reveal(), AccessToken: t.AccessToken.Reveal()}.Version()
			}
		}, "VersionIdentifiesColumns", "LikeModel"),
		bent("makes the Version of side data too", func(r *rules) {
			r.version = func(t oauth.Token) string { return fmt.Sprint(t.Row().Version(), t.Scope, t.LastUsedAt.Unix()) }
		}, "SideNotInVersion", "LikeModel"),
		saves("does not look at the Version", func(ctx context.Context, s oauth.Store, t oauth.Token) (oauth.Token, error) {
			t.Version = ""
			return s.Save(ctx, t)
		}, "VersionStale", "VersionNeverInserts", "VersionAcrossHandles", "ConcurrentVersion", "LikeModel"),
		saves("inserts what is gone", func(ctx context.Context, s oauth.Store, t oauth.Token) (oauth.Token, error) {
			saved, err := s.Save(ctx, t)
			if errors.Is(err, oauth.ErrConflict) {
				if _, err := s.Find(ctx, t); errors.Is(err, oauth.ErrNotFound) {
					t.Version = ""
					return s.Save(ctx, t)
				}
			}
			return saved, err
		}, "VersionNeverInserts", "LikeModel"),
		saves("gives no Version", func(ctx context.Context, s oauth.Store, t oauth.Token) (oauth.Token, error) {
			saved, err := s.Save(ctx, t)
			saved.Version = ""
			return saved, err
		}, "SaveInserts", "VersionStale"),
		wrapped("remembers rows that others have changed", func(_ testing.TB, a *altered) {
			seen := map[string]oauth.Token{}
			a.get = func(ctx context.Context, id string) (oauth.Token, error) {
				if t, ok := seen[id]; ok {
					return t, nil
				}
				t, err := a.Store.Get(ctx, id)
				if err == nil {
					seen[id] = t
				}
				return t, err
			}
			a.save = func(ctx context.Context, t oauth.Token) (oauth.Token, error) {
				saved, err := a.Store.Save(ctx, t)
				if err == nil {
					seen[saved.ID] = saved
				}
				return saved, err
			}
		}, "VersionAcrossHandles"),

		bent("counts IDs to nine", func(r *rules) {
			r.newID = func(l *list) string { return fmt.Sprint(l.lastID%9 + 1) }
		}, "IDsDiffer"),
		bent("gives the lowest free ID", func(r *rules) {
			r.newID = func(l *list) string {
				for i := 1; ; i++ {
					if (listStore{list: l}).index(fmt.Sprint(i)) < 0 {
						return fmt.Sprint(i)
					}
				}
			}
		}, "IDNeverReused", "IDGivenIsKept", "LikeModel"),
		wrapped("forgets the IDs of rows that it never saw", func(_ testing.TB, a *altered) {
			base(a).lastID = 0 // opening counts from the rows that are there
		}, "IDNeverReusedByOthers"),
		bent("forgets IDs that it was given", func(r *rules) {
			next := 0
			r.newID = func(*list) string { next++; return fmt.Sprint(next) }
		}, "IDGiven", "IDGivenIsKept"),
		saves("numbers rows that have an ID", func(ctx context.Context, s oauth.Store, t oauth.Token) (oauth.Token, error) {
			if _, err := s.Get(ctx, t.ID); errors.Is(err, oauth.ErrNotFound) {
				t.ID = ""
			}
			return s.Save(ctx, t)
		}, "IDGivenIsKept", "VersionNeverInserts", "LikeModel"),
		saves("inserts a user under any unknown ID", func(ctx context.Context, s oauth.Store, t oauth.Token) (oauth.Token, error) {
			if _, err := s.Get(ctx, t.ID); errors.Is(err, oauth.ErrNotFound) && t.UserName != "" && t.Version == "" {
				user := t.UserName
				t.UserName = ""
				saved, err := s.Save(ctx, t)
				if err != nil {
					return saved, err
				}
				base(s).rows[base(s).index(saved.ID)].UserName = user
				return s.Get(ctx, saved.ID)
			}
			return s.Save(ctx, t)
		}, "IDUnknownOfKnownUser", "LikeModel"),

		wrapped("deletes from what it shows only", func(_ testing.TB, a *altered) {
			hidden := map[string]bool{}
			a.delete = func(ctx context.Context, id, version string) error {
				t, err := a.Store.Get(ctx, id)
				hidden[t.ID] = true
				return err
			}
			a.list = func(ctx context.Context) iter.Seq2[oauth.Token, error] {
				return func(yield func(oauth.Token, error) bool) {
					for t, err := range a.Store.List(ctx) {
						if !hidden[t.ID] && !yield(t, err) {
							return
						}
					}
				}
			}
		}, "Delete", "DeleteMissing", "DeleteVersion", "LikeModel"),
		wrapped("deletes nothing without an error", func(_ testing.TB, a *altered) {
			a.delete = func(ctx context.Context, id, version string) error {
				err := a.Store.Delete(ctx, id, version)
				if errors.Is(err, oauth.ErrNotFound) {
					return nil
				}
				return err
			}
		}, "DeleteMissing", "ConcurrentDelete", "LikeModel"),
		wrapped("deletes whatever the Version", func(_ testing.TB, a *altered) {
			a.delete = func(ctx context.Context, id, version string) error { return a.Store.Delete(ctx, id, "") }
		}, "DeleteVersion", "VersionStale", "LikeModel"),
		wrapped("deletes all but one", func(_ testing.TB, a *altered) {
			a.deleteAll = func(ctx context.Context) error {
				for _, t := range base(a).rows[min(1, len(base(a).rows)):] {
					if err := a.Store.Delete(ctx, t.ID, ""); err != nil {
						return err
					}
				}
				return ctx.Err()
			}
		}, "DeleteAll", "LikeModel"),
		wrapped("leaves the row of its probe", func(_ testing.TB, a *altered) {
			a.probe = func(ctx context.Context) error {
				_, err := a.Store.Save(ctx, minimal("probe"))
				return err
			}
		}, "ProbeLeavesNothing"),
	}
}
