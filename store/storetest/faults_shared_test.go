package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"zohocrm/oauth"
)

// pairs lets two callers pass together, so that both have read before either
// writes. One who stays alone passes after a while.
func pairs() func() {
	meet := make(chan struct{})
	return func() {
		select {
		case meet <- struct{}{}:
		case <-meet:
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// faultsOfSharing are stores that others disturb: goroutines, SDKs, damage.
func faultsOfSharing() []fault {
	return []fault{
		bent("reads, lets others between, and writes", func(r *rules) { r.gap = pairs() },
			"ConcurrentUpsert", "ConcurrentVersion", "ConcurrentDelete", "ConcurrentCounter", "ConcurrentMix"),
		wrapped("writes a row in two steps", func(_ testing.TB, a *altered) {
			gap := pairs()
			var save sync.Mutex
			a.save = func(ctx context.Context, t oauth.Token) (oauth.Token, error) {
				save.Lock()
				defer save.Unlock()
				url := t.RedirectURL
				if t.ID == "" || url == "" {
					return a.Store.Save(ctx, t)
				}
				t.RedirectURL = ""
				if saved, err := a.Store.Save(ctx, t); err != nil {
					return saved, err
				}
				gap() // alone: nobody else can be here
				return a.Store.Save(ctx, oauth.Token{ID: t.ID, RedirectURL: url})
			}
		}, "ConcurrentReaders"),
		saves("gives up when others write", func(ctx context.Context, s oauth.Store, t oauth.Token) (oauth.Token, error) {
			if base(s).writes.Load() > 8 {
				return oauth.Token{}, fmt.Errorf("%w: busy", oauth.ErrStoreUnavailable)
			}
			return s.Save(ctx, t)
		}, "ConcurrentUpsert", "ConcurrentNaming", "ConcurrentMix"),

		bent("counts its own rows only", func(r *rules) {
			next := 6
			r.newID = func(*list) string { next++; return fmt.Sprint(next) }
		}, "PlantRead"),
		bent("takes the first of a user's rows", func(r *rules) {
			r.resolve = func(p oauth.Token, rows oauth.Rows) (oauth.Token, error) {
				if found, err := rows(oauth.ByUserName, p.UserName); p.ID == "" && p.UserName != "" && err == nil && len(found) > 0 {
					return found[0], nil
				}
				return oauth.Resolve(p, rows)
			}
		}, "PlantSameUserTwice"),
		bent("takes any ID that is there twice for a fault", func(r *rules) {
			r.resolve = func(p oauth.Token, rows oauth.Rows) (oauth.Token, error) {
				t, err := oauth.Resolve(p, rows)
				if found, _ := rows(oauth.ByID, t.ID); err == nil && len(found) > 1 {
					return oauth.Token{}, &oauth.AmbiguousError{}
				}
				return t, err
			}
		}, "PlantSameUserSameID"),
		wrapped("tidies up a user's rows", func(_ testing.TB, a *altered) {
			a.save = func(ctx context.Context, t oauth.Token) (oauth.Token, error) {
				saved, err := a.Store.Save(ctx, t)
				l := base(a)
				l.rows = slices.DeleteFunc(l.rows, func(row oauth.Token) bool {
					return err == nil && saved.UserName != "" && row.UserName == saved.UserName && row.ClientID == saved.ClientID && row.ID != saved.ID
				})
				return saved, err
			}
		}, "PlantSameUserTwice"),
		bent("does not notice doubled IDs", func(r *rules) {
			r.resolve = func(p oauth.Token, rows oauth.Rows) (oauth.Token, error) {
				return oauth.Resolve(p, func(k oauth.Key, value string) ([]oauth.Token, error) {
					found, err := rows(k, value)
					return slices.DeleteFunc(found, func(t oauth.Token) bool { return k.Of(t) != value }), err
				})
			}
		}, "PlantDoubledID"),
		bent("takes the first of doubled IDs", func(r *rules) {
			r.resolve = func(p oauth.Token, rows oauth.Rows) (oauth.Token, error) {
				return oauth.Resolve(p, func(k oauth.Key, value string) ([]oauth.Token, error) {
					found, err := rows(k, value)
					return found[:min(1, len(found))], err
				})
			}
		}, "PlantDoubledID"),
		bent("shows rows without an ID", func(r *rules) { r.number = false }, "PlantNoID"),
		bent("numbers rows anew at each reading", func(r *rules) {
			n := 100
			r.number = false
			r.kept = func(p oauth.Plan) oauth.Token { return p.Row }
			r.resolve = func(p oauth.Token, rows oauth.Rows) (oauth.Token, error) {
				t, err := oauth.Resolve(p, rows)
				if err == nil && t.ID == "" {
					n++
					t.ID = fmt.Sprint(n)
				}
				return t, err
			}
		}, "PlantNoID"),
		bent("takes empty for equal", func(r *rules) {
			r.resolve = func(p oauth.Token, rows oauth.Rows) (oauth.Token, error) {
				t, err := oauth.Resolve(p, rows)
				if errors.Is(err, oauth.ErrNotFound) && p.ID == "" {
					if found, err := rows(oauth.ByUserName, ""); err == nil && len(found) > 0 {
						return found[0], nil
					}
				}
				return t, err
			}
		}, "PlantEmptyColumns"),
		saves("writes over damage", func(ctx context.Context, s oauth.Store, t oauth.Token) (oauth.Token, error) {
			if base(s).damaged != "" {
				base(s).damaged = ""
			}
			return s.Save(ctx, t)
		}, "Corrupt"),
		wrapped("takes damage for nothing", func(_ testing.TB, a *altered) {
			a.get = func(ctx context.Context, id string) (oauth.Token, error) {
				t, err := a.Store.Get(ctx, id)
				if errors.Is(err, oauth.ErrCorrupt) {
					err = oauth.ErrNotFound
				}
				return t, err
			}
		}, "Corrupt"),
		wrapped("shows the damage", func(_ testing.TB, a *altered) {
			a.get = func(ctx context.Context, id string) (oauth.Token, error) {
				t, err := a.Store.Get(ctx, id)
				if errors.Is(err, oauth.ErrCorrupt) {
					l := base(a)
					err = fmt.Errorf("%w: %v", err, l.rows[l.index(id)].Row().Values())
				}
				return t, err
			}
		}, "Corrupt"),
	}
}
