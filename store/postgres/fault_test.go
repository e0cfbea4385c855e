package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"zohocrm/internal/servertest"
	"zohocrm/oauth"
	"zohocrm/store/postgres"
)

// TestCommitWithoutAnswer: when the connection breaks at the COMMIT, a write says
// whether it happened. It looks, and where it cannot it says so.
func TestCommitWithoutAnswer(t *testing.T) {
	for _, c := range []struct {
		cut  string
		gone bool
		want string // of the error; "": none
		rows int
	}{
		{"before", false, "nothing was changed", 1},
		{"after", false, "", 2},
		{"before", true, "it is not known whether it happened", 1},
		{"after", true, "it is not known whether it happened", 2},
	} {
		t.Run(fmt.Sprint(c.cut, c.gone), func(t *testing.T) {
			location := newURL(t)
			through, p := behindProxy(t, location)
			direct, s := open(t, location), open(t, through)
			save(t, s, user("alice"))
			p.arm(c.cut, c.gone)
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			saved, err := s.Save(ctx, user("bob"))
			if c.want == "" {
				if err != nil {
					t.Errorf("Save: %v; want it to see that it happened", err)
				}
				if got, err := direct.Find(context.Background(), oauth.Token{UserName: "bob"}); err != nil || got != saved {
					t.Errorf("there is %v, %v; want %v", got, err, saved)
				}
			} else {
				clear(t, err, c.want)
			}
			// The server says what it holds as soon as it is done with the connection that
			// was cut: until then that one has the lock for which this waits.
			if err := direct.Probe(context.Background()); err != nil {
				t.Fatal(err)
			}
			var n int
			if err := direct.db.QueryRow("SELECT count(*) FROM oauthtoken").Scan(&n); err != nil || n != c.rows {
				t.Errorf("%d rows, %v; want %d", n, err, c.rows)
			}
			if !c.gone {
				save(t, s, user("carol")) // the pool gets over it
			}
			save(t, direct, user("bob"))
		})
	}
}

// TestDeleteWithoutAnswer is the same for what goes.
func TestDeleteWithoutAnswer(t *testing.T) {
	through, p := behindProxy(t, newURL(t))
	s := open(t, through)
	ctx := context.Background()
	for _, remove := range []func(id string) error{
		func(id string) error { return s.Delete(ctx, id, "") },
		func(string) error { return s.DeleteAll(ctx) },
	} {
		for _, cut := range []string{"before", "after"} {
			alice := save(t, s, user("alice"))
			p.arm(cut, false)
			err := remove(alice.ID)
			if cut == "after" && err != nil {
				t.Errorf("cut after the COMMIT: %v", err)
			}
			if cut == "before" {
				clear(t, err, "nothing was changed")
			}
			_, err = s.Get(ctx, alice.ID)
			if gone := errors.Is(err, oauth.ErrNotFound); gone != (cut == "after") {
				t.Errorf("cut %s the COMMIT: Get: %v", cut, err)
			}
		}
	}
}

// TestServerDies in the middle of many saves, and comes back: what a Save promised
// is there, what failed says so, and the same store goes on.
func TestServerDies(t *testing.T) {
	ctx := context.Background()
	server := servertest.StartPostgres(t)
	s := open(t, server.URL())
	promised := make(map[string]oauth.Token)
	failed := make(chan error)
	started := make(chan struct{})
	go func() {
		for i := 0; ; i++ {
			name := fmt.Sprint("user ", i)
			saved, err := s.Save(ctx, user(name))
			if err != nil {
				failed <- err
				return
			}
			if promised[name] = saved; i == 20 {
				close(started)
			}
		}
	}()
	<-started
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	err := <-failed
	if !errors.Is(err, oauth.ErrStoreUnavailable) || !strings.Contains(err.Error(), "nothing was changed") && !strings.Contains(err.Error(), "not known whether") {
		t.Errorf("Save while the server died: %v", err)
	}
	_, err = s.Find(ctx, oauth.Token{UserName: "user 1"})
	clear(t, err, "connection refused")
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	for name, want := range promised {
		if got, err := s.Find(ctx, oauth.Token{UserName: name}); err != nil || got != want {
			t.Fatalf("Find(%s) after the restart: %v, %v; want %v", name, got, err, want)
		}
	}
	save(t, s, user("after"))
}

// TestReadOnly: what a standby, or a role that may only read, answers to writes.
func TestReadOnly(t *testing.T) {
	ctx := context.Background()
	location := newURL(t)
	alice := save(t, open(t, location), user("alice"))
	s := open(t, location+"&default_transaction_read_only=on")
	if got, err := s.Find(ctx, oauth.Token{UserName: "alice"}); err != nil || got != alice {
		t.Errorf("Find: %v, %v; want %v", got, err, alice)
	}
	for what, err := range map[string]error{
		"Save":      second(s.Save(ctx, user("bob"))),
		"SaveAll":   oauth.SaveAll(ctx, s, func(yield func(oauth.Token) bool) { yield(user("bob")) }),
		"Delete":    s.Delete(ctx, alice.ID, ""),
		"DeleteAll": s.DeleteAll(ctx),
		"Probe":     s.Probe(ctx),
	} {
		t.Run(what, func(t *testing.T) { clear(t, err, "can only be read", "25006") })
	}
	wantFinding(t, s, "read-only", "this user's transactions are read-only")
	// Where the tables are missing they cannot be made.
	_, err := openAt(ctx, newURL(t)+"&default_transaction_read_only=on", postgres.Config{})
	clear(t, err, "can only be read")
}

// TestDeadlock: a transaction that the server picks as the victim is made again, and
// so is one that may not wait for a lock.
func TestDeadlock(t *testing.T) {
	location := newURL(t)
	s := open(t, location+"&lock_timeout=20") // milliseconds
	alice := save(t, s, user("alice"))
	other := rawDB(t, location)
	tx, err := other.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec("UPDATE oauthtoken SET redirect_url = 'theirs' WHERE id = $1", alice.ID); err != nil {
		t.Fatal(err)
	}
	saved := make(chan oauth.Token)
	failed := make(chan error)
	go func() {
		got, err := s.Save(context.Background(), oauth.Token{UserName: "alice", Scope: "mine"})
		saved <- got
		failed <- err
	}()
	// It is refused the lock several times before the other program ends.
	for n := 0; n < 3; {
		var now int
		if err := other.QueryRow("SELECT xact_rollback FROM pg_stat_database WHERE datname = current_database()").Scan(&now); err != nil {
			t.Fatal(err)
		}
		if n = now; n < 3 {
			if _, err := other.Exec("SELECT pg_sleep(0.02), pg_stat_clear_snapshot()"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if got, err := <-saved, <-failed; err != nil || got.Scope != "mine" || got.RedirectURL != "theirs" {
		t.Errorf("Save: %v, %v; want it to wait, and to see what the other program wrote", got, err)
	}
}

func second[T any](_ T, err error) error { return err }
