package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"zohocrm/oauth"
	"zohocrm/store/sqlite"
)

// TestEverythingInsideList: the loop's body may use every other method, even if
// the pool has one connection. More rows than fit on a page.
func TestEverythingInsideList(t *testing.T) {
	for name, path := range map[string]string{"file": newPath(t), "memory": sqlite.Memory} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			s := open(t, path)
			s.db.SetMaxOpenConns(1)
			const rows = 450
			fill(t, s, rows)
			seen := map[string]bool{}
			for row, err := range s.List(ctx) {
				if err != nil {
					t.Fatal(err)
				}
				if seen[row.ID] {
					t.Fatalf("row %q twice", row.ID)
				}
				seen[row.ID] = true
				if got, err := s.Get(ctx, row.ID); err != nil || got != row {
					t.Fatalf("Get gives %v, %v; want %v", got, err, row)
				}
				if len(seen)%2 == 0 {
					if err := s.Delete(ctx, row.ID, row.Version); err != nil {
						t.Fatal(err)
					}
					continue
				}
				if _, err := s.Save(ctx, oauth.Token{ID: row.ID, Version: row.Version, AccessToken: oauth.NewSecret("new")}); err != nil {
					t.Fatal(err)
				}
				if len(seen) == 101 {
					if err := s.Probe(ctx); err != nil {
						t.Fatal(err)
					}
					for range s.List(ctx) {
						break
					}
				}
			}
			if len(seen) != rows {
				t.Errorf("List yields %d rows, want %d", len(seen), rows)
			}
			if all, err := oauth.All(ctx, s); err != nil || len(all) != rows/2 {
				t.Errorf("%d rows are left, %v; want %d", len(all), err, rows/2)
			}
		})
	}
}

// fill adds rows as an SDK would, fast.
func fill(t testing.TB, s *opened, rows int) {
	t.Helper()
	tx, err := s.db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		token := user(fmt.Sprint("user ", i))
		token.ID = fmt.Sprint(i + 1)
		if _, err := tx.Exec(insertRow, rowArguments(token.Row())...); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

// TestMemoryIsOneDatabase, however many goroutines use it, and whatever pool its
// owner had set up.
func TestMemoryIsOneDatabase(t *testing.T) {
	ctx := context.Background()
	s := open(t, sqlite.Memory)
	if n := s.db.Stats().MaxOpenConnections; n != 1 {
		t.Errorf("the pool may open %d connections, want 1", n)
	}
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if _, err := s.Save(ctx, user(fmt.Sprint(i))); err != nil {
				t.Error(err)
			}
			if _, err := s.Find(ctx, oauth.Token{UserName: fmt.Sprint(i)}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if all, err := oauth.All(ctx, s); err != nil || len(all) != 20 {
		t.Errorf("%d rows, %v; want 20", len(all), err)
	}
}

// TestCancelledInMidTransaction: the context ends after the transaction began.
// Nothing is written, the pool stays sound, and a database in memory stays.
func TestCancelledInMidTransaction(t *testing.T) {
	for name, path := range map[string]string{"file": newPath(t), "memory": sqlite.Memory} {
		t.Run(name, func(t *testing.T) {
			end := func() {}
			s := openWith(t, path, sqlite.Config{Now: func() time.Time {
				end() // a Save asks for the time in its transaction
				return time.Now()
			}})
			save(t, s, user("alice"))
			for range 20 {
				ctx, cancel := context.WithCancel(context.Background())
				end = cancel
				if _, err := s.Save(ctx, user("bob")); !errors.Is(err, context.Canceled) {
					t.Fatalf("Save: %v; want it cancelled", err)
				}
				end = func() {}
				if all, err := oauth.All(context.Background(), s); err != nil || len(all) != 1 {
					t.Fatalf("%d rows, %v; want 1", len(all), err)
				}
			}
			if saved := save(t, s, user("bob")); saved.ID != "2" {
				t.Errorf("id %q, want 2", saved.ID)
			}
		})
	}
}

// TestCancelledAtAnyMoment ends contexts at random while others go on.
func TestCancelledAtAnyMoment(t *testing.T) {
	for name, path := range map[string]string{"file": newPath(t), "memory": sqlite.Memory} {
		t.Run(name, func(t *testing.T) {
			s := open(t, path)
			save(t, s, user("alice"))
			var all sync.WaitGroup
			for i := range 4 {
				all.Go(func() {
					for n := range 100 {
						ctx, cancel := context.WithTimeout(context.Background(), time.Duration(n)*10*time.Microsecond)
						_, err := s.Save(ctx, oauth.Token{UserName: "alice", AccessToken: oauth.NewSecret(fmt.Sprint(i, n))})
						if err != nil && !errors.Is(err, context.DeadlineExceeded) {
							t.Errorf("Save: %v", err)
						}
						for _, err := range s.List(ctx) {
							if err != nil && !errors.Is(err, context.DeadlineExceeded) {
								t.Errorf("List: %v", err)
							}
						}
						cancel()
					}
				})
			}
			all.Wait()
			want := save(t, s, oauth.Token{UserName: "alice", AccessToken: oauth.NewSecret("last")})
			if got, err := s.Get(context.Background(), "1"); err != nil || got != want {
				t.Errorf("Get gives %v, %v; want %v", got, err, want)
			}
		})
	}
}

// TestLockedByAnother: a Save waits for another program's lock as long as its
// context lets it, and reading does not wait at all.
func TestLockedByAnother(t *testing.T) {
	ctx := context.Background()
	s := open(t, newPath(t))
	saved := save(t, s, user("alice"))
	other, err := rawDB(t, s.path).Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	lock := func(statement string) {
		t.Helper()
		if _, err := other.ExecContext(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
	lock("BEGIN IMMEDIATE")
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := s.Save(short, user("bob")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Save: %v; want the deadline", err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the context ended after 50 ms, and Save after %v", took)
	}
	if got, err := s.Get(ctx, saved.ID); err != nil || got != saved {
		t.Errorf("Get beside a writer gives %v, %v", got, err)
	}
	done := make(chan error)
	go func() {
		_, err := s.Save(ctx, user("bob"))
		done <- err
	}()
	lock("COMMIT")
	if err := <-done; err != nil {
		t.Errorf("Save after the lock was released: %v", err)
	}
}
