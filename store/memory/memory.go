// Package memory keeps tokens in a list in this process's memory: the in-memory
// store of the official SDKs' samples, and the reference implementation of
// [oauth.Store]. Nothing is written anywhere, so every token is gone when the
// program ends. It suits tests, short jobs that start from a refresh token, and
// reading: the rules of the contract stand in package oauth, and what is left
// here is what every store has to do for itself. An index by each key makes a
// call as quick with 100,000 tokens as with ten; List alone takes its time.
package memory

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"time"

	"zohocrm/oauth"
)

var (
	_ oauth.Store       = (*Store)(nil)
	_ oauth.Prober      = (*Store)(nil)
	_ oauth.Batch       = (*Store)(nil)
	_ oauth.Coordinator = (*Store)(nil)
)

// Config has only defaults that suit everybody; the zero value works.
type Config struct {
	// Now is the clock for CreatedAt and UpdatedAt; nil is time.Now.
	Now func() time.Time
}

// leases keeps the embedded type out of Store's exported fields.
type leases = oauth.LocalCoordinator

// Store is a list of tokens. Make it with [New]; it is safe for concurrent use.
type Store struct {
	leases
	now func() time.Time

	mu     sync.RWMutex
	table  *table // in order of insertion, each row with its Version
	lastID int64  // the greatest number ever given, so that none is reused
}

// New returns an empty store.
func New(cfg Config) *Store {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Store{leases: leases{Clock: cfg.Now}, now: cfg.Now, table: newTable()}
}

// Find implements [oauth.Store].
func (s *Store) Find(ctx context.Context, partial oauth.Token) (oauth.Token, error) {
	if err := ctx.Err(); err != nil {
		return oauth.Token{}, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return oauth.Resolve(partial, s.table.find)
}

// Get implements [oauth.Store].
func (s *Store) Get(ctx context.Context, id string) (oauth.Token, error) {
	return s.Find(ctx, oauth.Token{ID: id})
}

// Save implements [oauth.Store].
func (s *Store) Save(ctx context.Context, t oauth.Token) (oauth.Token, error) {
	if err := ctx.Err(); err != nil {
		return oauth.Token{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.table.commit()
	return s.save(t)
}

// save carries out what [oauth.PlanSave] decides. It changes nothing if it fails.
func (s *Store) save(t oauth.Token) (oauth.Token, error) {
	if err := t.Row().Check(0); err != nil {
		return oauth.Token{}, err
	}
	plan, err := oauth.PlanSave(t, s.now(), s.table.find)
	if err != nil {
		return oauth.Token{}, err
	}
	row := plan.Row
	if row.ID == "" {
		if row.ID, err = oauth.NextID(s.lastID, false, ""); err != nil {
			return oauth.Token{}, err
		}
	}
	s.lastID = max(s.lastID, oauth.NumberOf(row.ID))
	row.Version = row.Row().Version()
	if plan.Insert() {
		s.table.insert(row)
	} else {
		s.table.replace(plan.Old.ID, row)
	}
	if plan.Remove.Version != "" {
		s.table.remove(plan.Remove.ID)
	}
	return row, nil
}

// Delete implements [oauth.Store].
func (s *Store) Delete(ctx context.Context, id, version string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	row, err := oauth.Resolve(oauth.Token{ID: id}, s.table.find)
	if err != nil {
		return err
	}
	if version != "" && row.Version != version {
		return fmt.Errorf("%w: id %q", oauth.ErrConflict, id)
	}
	s.table.remove(id)
	s.table.commit()
	return nil
}

// List implements [oauth.Store]. It yields the rows as they stood when the loop
// began.
func (s *Store) List(ctx context.Context) iter.Seq2[oauth.Token, error] {
	return func(yield func(oauth.Token, error) bool) {
		s.mu.RLock()
		rows := s.table.list()
		s.mu.RUnlock()
		if err := ctx.Err(); err != nil {
			yield(oauth.Token{}, err)
			return
		}
		for _, row := range rows {
			if !yield(*row, nil) {
				return
			}
			if err := ctx.Err(); err != nil {
				yield(oauth.Token{}, err)
				return
			}
		}
	}
}

// DeleteAll implements [oauth.Store].
func (s *Store) DeleteAll(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.table = newTable()
	return nil
}

// Probe implements [oauth.Prober]: memory can always be written.
func (s *Store) Probe(ctx context.Context) error { return ctx.Err() }
