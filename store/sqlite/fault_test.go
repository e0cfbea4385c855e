package sqlite_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"zohocrm/oauth"
)

// TestFaultAtEveryStatement lets each statement of each kind of write fail in
// turn. Nothing may have happened then, and the store must go on working.
func TestFaultAtEveryStatement(t *testing.T) {
	ctx := context.Background()
	for name, write := range map[string]func(s oauth.Store) error{
		"insert": func(s oauth.Store) error {
			_, err := s.Save(ctx, user("carol"))
			return err
		},
		"update": func(s oauth.Store) error {
			_, err := s.Save(ctx, oauth.Token{UserName: "alice", AccessToken: oauth.NewSecret("new")})
			return err
		},
		"login": func(s oauth.Store) error {
			_, err := s.Save(ctx, oauth.Token{UserName: "alice", RefreshToken: oauth.NewSecret("new")})
			return err
		},
		"naming": func(s oauth.Store) error { // the nameless row gives way to alice's
			_, err := s.Save(ctx, oauth.Token{ID: "2", UserName: "alice"})
			return err
		},
		"side data": func(s oauth.Store) error {
			_, err := s.Save(ctx, oauth.Token{UserName: "alice", Scope: "ZohoCRM.org.READ"})
			return err
		},
		"batch": func(s oauth.Store) error {
			return oauth.SaveAll(ctx, s, slices.Values([]oauth.Token{user("carol"), user("dave"), {UserName: "carol", Scope: "x"}, user("erin")}))
		},
		"delete":     func(s oauth.Store) error { return s.Delete(ctx, "1", "") },
		"delete all": func(s oauth.Store) error { return s.DeleteAll(ctx) },
	} {
		t.Run(name, func(t *testing.T) {
			s, f := openFaulty(t, newPath(t))
			save(t, s, user("alice"))
			nameless := user("nameless")
			nameless.UserName = ""
			save(t, s, nameless)
			for n := 1; ; n++ {
				before := contents(t, s)
				seen := failAt(f, n, ioError)
				err := write(s)
				f.set(nil)
				if err == nil {
					if seen() >= n {
						t.Errorf("statement %d failed, and the write did not", n)
					}
					if n < 5 {
						t.Errorf("the write has %d statements: too few to be true", n-1)
					}
					if contents(t, s) == before {
						t.Error("the write that did not fail changed nothing")
					}
					return
				}
				if !errors.Is(err, oauth.ErrStoreUnavailable) {
					t.Errorf("statement %d failed: %v; want the store called unavailable", n, err)
				}
				if after := contents(t, s); after != before {
					t.Fatalf("statement %d failed, and the store changed from\n%s to\n%s", n, before, after)
				}
			}
		})
	}
}

// failAt lets the nth statement fail, and every COMMIT and ROLLBACK before it
// pass. It gives the number of statements seen so far.
func failAt(f *faulty, n int, with error) func() int {
	seen := 0
	f.set(func(string) error {
		if seen++; seen == n {
			return with
		}
		return nil
	})
	return func() int { return seen }
}

// contents is everything in both tables.
func contents(t *testing.T, s *opened) string {
	t.Helper()
	var all strings.Builder
	for _, table := range []string{"oauthtoken", "oauthtoken_zcrm"} {
		rows, err := s.db.Query("SELECT * FROM " + table + " ORDER BY 1")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		columns, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			values := make([]any, len(columns))
			for i := range values {
				values[i] = new(any)
			}
			if err := rows.Scan(values...); err != nil {
				t.Fatal(err)
			}
			for _, v := range values {
				fmt.Fprintf(&all, "%v|", *v.(*any))
			}
			all.WriteString("\n")
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}

// TestConnectionInDoubt: a connection whose transaction cannot be ended does not
// go back to the pool, where it would take the next one's work into its own.
func TestConnectionInDoubt(t *testing.T) {
	ctx := context.Background()
	s, f := openFaulty(t, newPath(t))
	save(t, s, user("alice"))
	f.set(func(statement string) error {
		if strings.HasPrefix(statement, "UPDATE") || statement == "ROLLBACK" {
			return ioError
		}
		return nil
	})
	if _, err := s.Save(ctx, oauth.Token{UserName: "alice", AccessToken: oauth.NewSecret("lost")}); !errors.Is(err, oauth.ErrStoreUnavailable) {
		t.Errorf("Save: %v; want the store called unavailable", err)
	}
	if n := s.db.Stats().OpenConnections; n != 0 {
		t.Errorf("%d connections are open, want the doubtful one dropped", n)
	}
	f.set(nil)
	saved := save(t, s, user("bob"))
	if other := open(t, s.path); saved.ID != "2" {
		t.Errorf("id %q, want 2", saved.ID)
	} else if got, err := other.Get(ctx, "2"); err != nil || got != saved {
		t.Errorf("another program reads %v, %v", got, err)
	}
}

// TestDuplicateIsTriedAgain: where writers are not kept apart, two may choose one
// ID.
func TestDuplicateIsTriedAgain(t *testing.T) {
	s, f := openFaulty(t, newPath(t))
	left := 3
	f.set(func(statement string) error {
		if strings.HasPrefix(statement, `INSERT INTO "oauthtoken" `) && left > 0 {
			left--
			return duplicate
		}
		return nil
	})
	if saved := save(t, s, user("alice")); saved.ID != "1" || left != 0 {
		t.Errorf("id %q after %d duplicates too few", saved.ID, left)
	}
	left = 1000
	_, err := s.Save(context.Background(), user("bob"))
	if !errors.Is(err, oauth.ErrInvalidValue) || left != 990 {
		t.Errorf("Save: %v after %d tries; want it to give up after 10", err, 1000-left)
	}
}

// TestBusyIsWaitedFor, in reading, writing, committing and connecting.
func TestBusyIsWaitedFor(t *testing.T) {
	ctx := context.Background()
	s, f := openFaulty(t, newPath(t))
	save(t, s, user("alice"))
	for _, at := range []string{"BEGIN IMMEDIATE", "COMMIT", "UPDATE", "SELECT", "INSERT", "connect"} {
		s.db.SetMaxIdleConns(0) // so that connections are made anew
		left := 3
		f.set(func(statement string) error {
			if strings.HasPrefix(statement, at) && left > 0 {
				left--
				return busy
			}
			return nil
		})
		save(t, s, user("user of "+at))
		save(t, s, oauth.Token{UserName: "alice", AccessToken: oauth.NewSecret(at)})
		if got, err := s.Find(ctx, oauth.Token{UserName: "alice"}); err != nil || got.AccessToken.Reveal() != at {
			t.Errorf("%s: Find gives %v, %v", at, got, err)
		}
		if left > 0 {
			t.Errorf("%s was met %d times too few", at, left)
		}
	}
}

// TestConnectionClosedByServer: a pool's connection may have died while it was
// idle. The next write takes another one.
func TestConnectionClosedByServer(t *testing.T) {
	s, f := openFaulty(t, newPath(t))
	left := 3
	f.set(func(statement string) error {
		if statement == "BEGIN IMMEDIATE" && left > 0 {
			left--
			return driver.ErrBadConn
		}
		return nil
	})
	if saved := save(t, s, user("alice")); saved.ID != "1" || left != 0 {
		t.Errorf("id %q, with %d bad connections left", saved.ID, left)
	}
}

func TestDiskFull(t *testing.T) {
	s, f := openFaulty(t, newPath(t))
	failAt(f, 5, diskFull)
	if err := s.Probe(context.Background()); !errors.Is(err, oauth.ErrStoreUnavailable) || !strings.Contains(err.Error(), "result code 13") {
		t.Errorf("Probe: %v", err)
	}
}
