package main

import (
	"context"
	"fmt"
	"iter"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"

	"zohocrm/oauth"
)

var _ oauth.Store = (*JSONStore)(nil)

// JSONStore keeps tokens in one JSON file, which many goroutines and many
// programs of one machine may share. Whoever writes holds the lock on the file
// beside it; whoever reads sees the file before or after a write, never between.
// When Save has returned, the file is on the disk.
//
// This holds where a file can be replaced while it is being read, as on Unix. On
// Windows a reader can make a Save fail with [oauth.ErrStoreUnavailable]; a store
// for Windows would take the lock for reading, too.
//
// The zero value with a Path is ready for use.
type JSONStore struct {
	Path string // the file; its folder has to be there
}

// Find implements [oauth.Store]: oauth knows which row is meant.
func (s *JSONStore) Find(ctx context.Context, partial oauth.Token) (oauth.Token, error) {
	c, err := s.read(ctx)
	if err != nil {
		return oauth.Token{}, err
	}
	return oauth.Resolve(partial, oauth.RowsOf(c.tokens))
}

// Get implements [oauth.Store].
func (s *JSONStore) Get(ctx context.Context, id string) (oauth.Token, error) {
	return s.Find(ctx, oauth.Token{ID: id})
}

// Save implements [oauth.Store]: oauth plans, and the plan is carried out under
// the same lock under which the rows were read.
func (s *JSONStore) Save(ctx context.Context, t oauth.Token) (oauth.Token, error) {
	if err := t.Row().Check(0); err != nil {
		return oauth.Token{}, err
	}
	var saved oauth.Token
	err := s.change(ctx, func(c *content) error {
		plan, err := oauth.PlanSave(t, time.Now(), oauth.RowsOf(c.tokens))
		if err != nil {
			return err
		}
		saved = plan.Row
		if saved.ID == "" {
			if saved.ID, err = oauth.NextID(c.lastID, false, ""); err != nil {
				return err
			}
		}
		c.lastID = max(c.lastID, oauth.NumberOf(saved.ID))
		saved.Version = saved.Row().Version()
		if plan.Insert() {
			c.tokens = append(c.tokens, saved)
		} else {
			c.tokens[c.index(plan.Old)] = saved
		}
		if plan.Remove.Version != "" {
			c.remove(plan.Remove)
		}
		return nil
	})
	if err != nil {
		return oauth.Token{}, err
	}
	return saved, nil
}

// Delete implements [oauth.Store].
func (s *JSONStore) Delete(ctx context.Context, id, version string) error {
	return s.change(ctx, func(c *content) error {
		row, err := oauth.Resolve(oauth.Token{ID: id}, oauth.RowsOf(c.tokens))
		if err != nil {
			return err
		}
		if version != "" && version != row.Version {
			return fmt.Errorf("%w: id %q", oauth.ErrConflict, id)
		}
		c.remove(row)
		return nil
	})
}

// List implements [oauth.Store]. It holds no lock while it yields, so the loop
// may call whatever it likes.
func (s *JSONStore) List(ctx context.Context) iter.Seq2[oauth.Token, error] {
	return func(yield func(oauth.Token, error) bool) {
		c, err := s.read(ctx)
		for _, t := range c.tokens {
			if !yield(t, nil) {
				return
			}
			if err = ctx.Err(); err != nil {
				break
			}
		}
		if err != nil {
			yield(oauth.Token{}, err)
		}
	}
}

// DeleteAll implements [oauth.Store]. The last ID stays known: none is given twice.
func (s *JSONStore) DeleteAll(ctx context.Context) error {
	return s.change(ctx, func(c *content) error {
		c.tokens = nil
		return nil
	})
}

// change reads the file, lets do change what it holds, and writes it, while
// nobody else can. If do fails, nothing is written.
func (s *JSONStore) change(ctx context.Context, do func(*content) error) error {
	// A lock of its own for each call keeps goroutines apart as well as programs.
	lock := flock.New(s.Path+".lock", flock.SetPermissions(0o600))
	if _, err := lock.TryLockContext(ctx, time.Millisecond); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("%w: locking %s: %w", oauth.ErrStoreUnavailable, filepath.Base(s.Path), err)
	}
	defer lock.Unlock() // closing the file lets go of it in any case
	c, err := s.read(ctx)
	if err != nil {
		return err
	}
	if err := do(&c); err != nil {
		return err
	}
	return s.write(c)
}

// index is where a row that was just read stands.
func (c *content) index(row oauth.Token) int {
	return slices.IndexFunc(c.tokens, func(t oauth.Token) bool { return t.ID == row.ID && t.Version == row.Version })
}

func (c *content) remove(row oauth.Token) {
	i := c.index(row)
	c.tokens = slices.Delete(c.tokens, i, i+1)
}
