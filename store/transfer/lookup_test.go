package transfer_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	"zohocrm/oauth"
	"zohocrm/store/transfer"
)

// many is a store that finds many tokens at once, with what is done to its answers.
type many struct {
	oauth.Store
	oauth.Batch
	change func(rows []oauth.Token, errs []error)
}

func (m *many) FindMany(ctx context.Context, partials []oauth.Token) ([]oauth.Token, []error) {
	rows, errs := make([]oauth.Token, len(partials)), make([]error, len(partials))
	for i, partial := range partials {
		rows[i], errs[i] = m.Store.Find(ctx, partial)
	}
	if m.change != nil {
		m.change(rows, errs)
	}
	return rows, errs
}

// TestAskedManyAtOnce: what a store says of many tokens at once is used, and asked
// for again, one by one, before a token is refused for it.
func TestAskedManyAtOnce(t *testing.T) {
	for what, change := range map[string]func(rows []oauth.Token, errs []error){
		"right": nil,
		"another value": func(rows []oauth.Token, _ []error) {
			for i := range rows {
				rows[i].AccessToken = oauth.NewSecret("not it")
			}
		},
		"not there": func(rows []oauth.Token, errs []error) {
			clear(rows)
			for i := range errs {
				errs[i] = oauth.ErrNotFound
			}
		},
		"another error": func(rows []oauth.Token, errs []error) {
			clear(rows)
			for i := range errs {
				errs[i] = errors.New("no")
			}
		},
	} {
		t.Run(what, func(t *testing.T) {
			store := filled(t)
			target := &many{Store: store, Batch: store, change: change}
			report, err := transfer.Copy(t.Context(), filled(t, users(1, 50)...), target, transfer.Config{})
			if err != nil || report.Inserted != 49 {
				t.Errorf("%v, %v; want 49 tokens inserted", report, err)
			}
		})
	}
}

// counted counts the tokens that are looked up one by one.
type counted struct {
	many
	finds atomic.Int64
}

func (c *counted) Find(ctx context.Context, partial oauth.Token) (oauth.Token, error) {
	c.finds.Add(1)
	return c.Store.Find(ctx, partial)
}

// TestRenumberedAreAskedManyAtOnce: tokens whose IDs the target gives are read back
// together, too.
func TestRenumberedAreAskedManyAtOnce(t *testing.T) {
	others := users(1, 50)
	for i := range others {
		others[i] = user(1000 + i)
		others[i].ID = fmt.Sprint(i + 1)
	}
	store := filled(t, others...)
	target := &counted{many: many{Store: store, Batch: store}}
	report, err := transfer.Copy(t.Context(), filled(t, users(1, 50)...), target, transfer.Config{})
	if err != nil || report.Inserted != 49 || len(report.Renumbered) != 49 {
		t.Fatalf("%v, %v; want 49 tokens inserted, under other IDs", report, err)
	}
	if n := target.finds.Load(); n > 0 {
		t.Errorf("%d tokens were looked up alone", n)
	}
}

// TestCopyBetweenDatabases copies with both ends asked many at once, again, and with
// what changed meanwhile.
func TestCopyBetweenDatabases(t *testing.T) {
	ctx := t.Context()
	from, to := openSQLite(t, filepath.Join(t.TempDir(), "from.db")), openSQLite(t, filepath.Join(t.TempDir(), "to.db"))
	rows := users(1, 1500)
	nameless := user(2000)
	nameless.UserName = ""
	for _, row := range append(rows, nameless) {
		if _, err := from.Save(ctx, row); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{
		"1500 tokens read: 1500 inserted, 0 updated, 0 unchanged",
		"1500 tokens read: 0 inserted, 0 updated, 1500 unchanged",
	} {
		if report, err := transfer.Copy(ctx, from, to, transfer.Config{}); err != nil || report.String() != want {
			t.Errorf("%v, %v; want %s", report, err, want)
		}
	}
	for _, row := range rows[:10] {
		row.AccessToken, row.Expiry = oauth.NewSecret("later "+row.ID), noon().AddDate(0, 0, 1)
		if _, err := from.Save(ctx, row); err != nil {
			t.Fatal(err)
		}
	}
	if report, err := transfer.Copy(ctx, from, to, transfer.Config{}); err != nil || report.Updated != 10 || report.Unchanged != 1490 {
		t.Errorf("%v, %v; want 10 updated", report, err)
	}
}
