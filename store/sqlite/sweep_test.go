package sqlite_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"zohocrm/oauth"
	"zohocrm/store/sqlite"
)

const day = 24 * time.Hour

// swept is how many new rows the tests save for some of them to be followed by a
// sweep: one in eight is, by a hash.
const swept = 40

// clock can be moved.
type clock struct{ at atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.at.Store(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli())
	return c
}

func (c *clock) now() time.Time           { return time.UnixMilli(c.at.Load()).UTC() }
func (c *clock) advance(by time.Duration) { c.at.Add(by.Milliseconds()) }

func scoped(name string) oauth.Token {
	t := user(name)
	t.Scope = "scope of " + name
	return t
}

// sideRows counts the side rows; meta is none.
func sideRows(t *testing.T, s *opened) int {
	t.Helper()
	var n int
	if err := s.db.QueryRow("SELECT count(*) FROM oauthtoken_zcrm WHERE side_key <> 'meta'").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestSideDataOutliveTheirRow by 30 days at least, and are gone after 60, swept
// with other writes.
func TestSideDataOutliveTheirRow(t *testing.T) {
	ctx := context.Background()
	for name, remove := range map[string]func(t *testing.T, s *opened){
		"deleted": func(t *testing.T, s *opened) {
			if err := s.Delete(ctx, "1", ""); err != nil {
				t.Fatal(err)
			}
		},
		"all deleted": func(t *testing.T, s *opened) {
			if err := s.DeleteAll(ctx); err != nil {
				t.Fatal(err)
			}
		},
		"replaced by a login": func(t *testing.T, s *opened) {
			save(t, s, oauth.Token{ID: "1", RefreshToken: oauth.NewSecret("1000.newer")})
			run(t, s.db, "DELETE FROM oauthtoken WHERE id = '1'")
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClock()
			s := openWith(t, newPath(t), sqlite.Config{Now: c.now})
			token := save(t, s, scoped("alice"))
			c.advance(100 * day) // it was not saved for long before it went
			remove(t, s)
			back := func() oauth.Token { // an SDK's stale rewrite brings it back
				t.Helper()
				run(t, s.db, "DELETE FROM oauthtoken WHERE id = '7'")
				row := token.Row()
				row.ID = "7"
				run(t, s.db, insertRow, rowArguments(row)...)
				got, err := s.Get(ctx, "7")
				if err != nil {
					t.Fatal(err)
				}
				return got
			}
			if got := back(); got.Scope != token.Scope || got.CreatedAt != token.CreatedAt {
				t.Errorf("at once: scope %q, created %v", got.Scope, got.CreatedAt)
			}
			c.advance(30*day - time.Minute)
			for i := range swept {
				save(t, s, user(fmt.Sprint("early ", i)))
			}
			if got := back(); got.Scope != token.Scope {
				t.Errorf("just before 30 days: scope %q", got.Scope)
			}
			c.advance(30*day + 2*time.Minute)
			for i := range swept {
				save(t, s, user(fmt.Sprint("late ", i)))
			}
			if got := back(); got.Scope != "" || !got.CreatedAt.IsZero() {
				t.Errorf("after 60 days: scope %q, created %v; want none", got.Scope, got.CreatedAt)
			}
		})
	}
}

// TestSideDataOfLivingRowsStay, however long nothing is written to them.
func TestSideDataOfLivingRowsStay(t *testing.T) {
	ctx := context.Background()
	c := newClock()
	s := openWith(t, newPath(t), sqlite.Config{Now: c.now})
	want := save(t, s, scoped("alice"))
	for i := range 10 {
		c.advance(31 * day)
		save(t, s, user(fmt.Sprint(i)))
	}
	if got, err := s.Get(ctx, want.ID); err != nil || got != want {
		t.Errorf("Get gives %v, scope %q, %v; want %v", got, got.Scope, err, want)
	}
}

// TestSideDataOfRowsThatSDKsDelete are noticed to be alone, and go 30 days later.
func TestSideDataOfRowsThatSDKsDelete(t *testing.T) {
	c := newClock()
	s := openWith(t, newPath(t), sqlite.Config{Now: c.now})
	for i := range 20 {
		save(t, s, scoped(fmt.Sprint("gone ", i)))
	}
	run(t, s.db, "DELETE FROM oauthtoken")
	c.advance(31 * day)
	for i := range swept {
		save(t, s, user(fmt.Sprint("first ", i)))
	}
	if n := sideRows(t, s); n != 20+swept {
		t.Errorf("%d side rows when they were noticed, want %d", n, 20+swept)
	}
	c.advance(31 * day)
	for i := range swept {
		save(t, s, user(fmt.Sprint("second ", i)))
	}
	if n := sideRows(t, s); n != 2*swept {
		t.Errorf("%d side rows are left, want those of the %d tokens there are", n, 2*swept)
	}
}

// TestSideDataOfATokenThatAnSDKBringsBack are kept again, once it is saved, even
// if nothing else changes, and under whichever ID.
func TestSideDataOfATokenThatAnSDKBringsBack(t *testing.T) {
	ctx := context.Background()
	for _, id := range []string{"1", "7"} {
		c := newClock()
		s := openWith(t, newPath(t), sqlite.Config{Now: c.now})
		row := save(t, s, scoped("alice")).Row()
		run(t, s.db, "DELETE FROM oauthtoken")
		c.advance(31 * day)
		save(t, s, user("bob")) // notices that it has gone
		row.ID = id
		run(t, s.db, insertRow, rowArguments(row)...)
		save(t, s, oauth.Token{UserName: "alice"})
		for i := range 5 {
			c.advance(31 * day)
			save(t, s, user(fmt.Sprint(i)))
		}
		if got, err := s.Get(ctx, id); err != nil || got.Scope != "scope of alice" {
			t.Errorf("Get gives %v, scope %q, %v", got, got.Scope, err)
		}
	}
}

// TestSideDataReturnWithTheToken: a token that is saved again is not swept.
func TestSideDataReturnWithTheToken(t *testing.T) {
	ctx := context.Background()
	c := newClock()
	s := openWith(t, newPath(t), sqlite.Config{Now: c.now})
	save(t, s, scoped("alice"))
	if err := s.Delete(ctx, "1", ""); err != nil {
		t.Fatal(err)
	}
	c.advance(29 * day)
	again := save(t, s, scoped("alice"))
	c.advance(2 * day)
	for i := range 3 {
		save(t, s, user(fmt.Sprint(i)))
	}
	if got, err := s.Get(ctx, again.ID); err != nil || got != again || got.Scope == "" {
		t.Errorf("Get gives %v, scope %q, %v; want %v", got, got.Scope, err, again)
	}
}
