package postgres_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"testing"

	"zohocrm/oauth"
	"zohocrm/store/postgres"
)

// hiding is a driver that stands before the real one, as those for tracing do, and shows
// less of its connections: they prepare all, or skip what was not prepared.
type hiding struct {
	real driver.Driver
	url  string
	skip bool
}

func (h hiding) Driver() driver.Driver { return h.real }

func (h hiding) Connect(context.Context) (driver.Conn, error) {
	c, err := h.real.Open(h.url)
	if err != nil {
		return nil, err
	}
	if h.skip {
		return skipping{c}, nil
	}
	return struct{ driver.Conn }{c}, nil
}

type skipping struct{ driver.Conn }

func (skipping) QueryContext(context.Context, string, []driver.NamedValue) (driver.Rows, error) {
	return nil, driver.ErrSkip
}

// TestFindThroughAnotherDriver needs nothing of the driver but what every one has.
func TestFindThroughAnotherDriver(t *testing.T) {
	ctx := context.Background()
	for _, skip := range []bool{false, true} {
		t.Run(fmt.Sprint("skip ", skip), func(t *testing.T) {
			o := open(t, newURL(t))
			db := sql.OpenDB(hiding{o.db.Driver(), o.url, skip})
			defer db.Close()
			s, err := postgres.New(ctx, db, postgres.Config{})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			want := oauth.Token{UserName: "alice", RefreshToken: oauth.NewSecret("r"), AccessToken: oauth.NewSecret("a")}
			if _, err := s.Save(ctx, want); err != nil {
				t.Fatal(err)
			}
			got, err := s.Find(ctx, oauth.Token{UserName: "alice"})
			if err != nil || got.AccessToken != want.AccessToken {
				t.Errorf("Find: %v, %v", got, err)
			}
			if _, err := s.Find(ctx, oauth.Token{UserName: "bob"}); !errors.Is(err, oauth.ErrNotFound) {
				t.Errorf("Find of nobody: %v", err)
			}
		})
	}
}

// TestFindOnClosedConnections: the server has ended all connections of the pool.
func TestFindOnClosedConnections(t *testing.T) {
	ctx := context.Background()
	o := open(t, newURL(t))
	if _, err := o.Save(ctx, oauth.Token{UserName: "alice", RefreshToken: oauth.NewSecret("r")}); err != nil {
		t.Fatal(err)
	}
	var conns []*sql.Conn
	for range 4 { // all that the pool has
		c, err := o.db.Conn(ctx)
		if err != nil {
			t.Fatal(err)
		}
		conns = append(conns, c)
	}
	other := open(t, o.url)
	if _, err := other.db.Exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"); err != nil {
		t.Fatal(err)
	}
	for _, c := range conns {
		c.Close()
	}
	if got, err := o.Find(ctx, oauth.Token{UserName: "alice"}); err != nil || got.UserName != "alice" {
		t.Errorf("Find: %v, %v", got, err)
	}
}

// TestFindThatIsGivenUp ends with its context, and leaves a pool that works.
func TestFindThatIsGivenUp(t *testing.T) {
	o := open(t, newURL(t))
	ctx := context.Background()
	if _, err := o.Save(ctx, oauth.Token{UserName: "alice", RefreshToken: oauth.NewSecret("r")}); err != nil {
		t.Fatal(err)
	}
	tx, err := open(t, o.url).db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec("LOCK TABLE oauthtoken IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	given, cancel := context.WithCancelCause(ctx)
	found := make(chan error)
	go func() {
		_, err := o.Find(given, oauth.Token{UserName: "alice"})
		found <- err
	}()
	for waiting := 0; waiting == 0; { // until it waits for the lock
		if err := tx.QueryRow("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'oauthtoken'::regclass").Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
	cancel(nil)
	if err := <-found; !errors.Is(err, context.Canceled) {
		t.Errorf("Find: %v", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Find(ctx, oauth.Token{UserName: "alice"}); err != nil {
		t.Errorf("Find afterwards: %v", err)
	}
}
