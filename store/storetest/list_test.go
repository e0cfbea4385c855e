package storetest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"zohocrm/oauth"
)

// listStore is a handle onto a list of rows that anybody may write into, with
// every rule in a place where it can be broken.
type listStore struct {
	*list
	rules rules
}

// list is what the handles share.
type list struct {
	mu      sync.Mutex
	rows    []oauth.Token
	lastID  int64
	damaged string // ID of a row that cannot be read
	writes  atomic.Int64

	standings map[string]oauth.Standing
}

// rules are what a store decides for itself or leaves to package oauth.
type rules struct {
	resolve func(partial oauth.Token, rows oauth.Rows) (oauth.Token, error)
	plan    func(t oauth.Token, now time.Time, rows oauth.Rows) (oauth.Plan, error)
	check   func(row oauth.Row) error
	kept    func(plan oauth.Plan) oauth.Token // the row that is written, with its ID
	newID   func(l *list) string
	version func(t oauth.Token) string
	gap     func() // between a plan and its doing; nil: there is none
	number  bool   // rows without an ID get one when they are read

	acquire func(s oauth.Standing, c oauth.Claim, now time.Time) (oauth.Standing, oauth.Lease, error)
	settle  func(s oauth.Standing, l oauth.Lease, o oauth.Outcome, now time.Time) oauth.Standing
}

func sound() rules {
	return rules{
		resolve: oauth.Resolve,
		plan:    oauth.PlanSave,
		check:   checkRow(100),
		kept:    func(p oauth.Plan) oauth.Token { return p.Row },
		newID:   func(l *list) string { return fmt.Sprint(l.lastID + 1) },
		version: func(t oauth.Token) string { return t.Row().Version() },
		number:  true,
		acquire: oauth.Standing.Acquire,
		settle:  oauth.Standing.Settle,
	}
}

// checkRow refuses what cannot be kept, times out of range among it.
func checkRow(maxChars int) func(row oauth.Row) error {
	return func(row oauth.Row) error {
		if err := row.Check(maxChars); err != nil {
			return err
		}
		back, err := row.Token()
		if err != nil || back.Row().ExpiryTime != row.ExpiryTime {
			return &oauth.ValueError{Column: "expiry_time", Reason: "it is out of range"}
		}
		return nil
	}
}

// read numbers rows without an ID and gives what the rows are fetched with. The
// lock must be held.
func (s listStore) read() oauth.Rows {
	for _, row := range s.rows {
		s.lastID = max(s.lastID, oauth.NumberOf(row.ID))
	}
	for i := range s.rows {
		if s.rows[i].ID == "" && s.rules.number {
			s.lastID++
			s.rows[i].ID = fmt.Sprint(s.lastID)
			s.rows[i].Version = s.rules.version(s.rows[i])
		}
	}
	return func(k oauth.Key, value string) ([]oauth.Token, error) {
		found, err := oauth.RowsOf(s.rows)(k, value)
		if err != nil {
			return nil, err
		}
		for _, row := range found {
			if err := s.readable(row); err != nil {
				return nil, err
			}
		}
		return found, nil
	}
}

func (s listStore) readable(row oauth.Token) error {
	if s.damaged != "" && row.ID == s.damaged {
		return &oauth.CorruptError{Place: "row " + row.ID, Reason: "it is damaged"}
	}
	return nil
}

func (s listStore) Find(ctx context.Context, partial oauth.Token) (oauth.Token, error) {
	if err := ctx.Err(); err != nil {
		return oauth.Token{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rules.resolve(partial, s.read())
}

func (s listStore) Get(ctx context.Context, id string) (oauth.Token, error) {
	return s.Find(ctx, oauth.Token{ID: id})
}

func (s listStore) Save(ctx context.Context, t oauth.Token) (oauth.Token, error) {
	if err := ctx.Err(); err != nil {
		return oauth.Token{}, err
	}
	if err := s.rules.check(t.Row()); err != nil {
		return oauth.Token{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.save(t)
}

// SaveAll implements [oauth.Batch].
func (s listStore) SaveAll(ctx context.Context, tokens iter.Seq[oauth.Token]) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := slices.Clone(s.rows)
	i := 0
	for t := range tokens {
		if i%oauth.BatchSize == 0 {
			before = slices.Clone(s.rows)
		}
		err := errors.Join(ctx.Err(), s.rules.check(t.Row()))
		if err == nil {
			_, err = s.save(t)
		}
		if err != nil {
			s.rows = before
			return &oauth.BatchError{Index: i, Err: err}
		}
		i++
	}
	return ctx.Err()
}

// save must be called with the lock held.
func (s listStore) save(t oauth.Token) (oauth.Token, error) {
	plan, err := s.rules.plan(t, time.Now(), s.read())
	if err != nil {
		return oauth.Token{}, err
	}
	s.wait()
	row := s.rules.kept(plan)
	if row.ID == "" {
		row.ID = s.rules.newID(s.list)
	}
	s.lastID = max(s.lastID, oauth.NumberOf(row.ID))
	row.Version = s.rules.version(row)
	s.writes.Add(1)
	if i := s.at(plan.Old); !plan.Insert() && i >= 0 {
		s.rows[i] = row
	} else {
		s.rows = append(s.rows, row)
	}
	if plan.Remove.Version != "" {
		s.remove(plan.Remove)
	}
	return row, nil
}

// wait lets others between, if the rules have a gap.
func (s listStore) wait() {
	if s.rules.gap == nil {
		return
	}
	s.mu.Unlock()
	s.rules.gap()
	s.mu.Lock()
}

// index is where the first row with an ID stands.
func (s listStore) index(id string) int {
	return slices.IndexFunc(s.rows, func(t oauth.Token) bool { return t.ID == id })
}

// at is where a row that was read stands now; -1 if it changed or went since.
func (s listStore) at(row oauth.Token) int {
	return slices.IndexFunc(s.rows, func(t oauth.Token) bool { return t.ID == row.ID && t.Version == row.Version })
}

func (s listStore) remove(row oauth.Token) {
	if i := s.at(row); i >= 0 {
		s.rows = slices.Delete(s.rows, i, i+1)
	}
}

func (s listStore) Delete(ctx context.Context, id, version string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	row, err := s.rules.resolve(oauth.Token{ID: id}, s.read())
	if err != nil {
		return err
	}
	if version != "" && version != row.Version {
		return fmt.Errorf("%w: id %q", oauth.ErrConflict, id)
	}
	s.wait()
	s.remove(row)
	return nil
}

func (s listStore) List(ctx context.Context) iter.Seq2[oauth.Token, error] {
	return func(yield func(oauth.Token, error) bool) {
		s.mu.Lock()
		s.read()
		rows := slices.Clone(s.rows)
		s.mu.Unlock()
		for _, row := range rows {
			err := s.readable(row)
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(oauth.Token{}, err)
				return
			}
			if !yield(row, nil) {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(oauth.Token{}, err)
		}
	}
}

func (s listStore) DeleteAll(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows = nil
	return nil
}

func (s listStore) Probe(ctx context.Context) error { return ctx.Err() }

// base finds the list under whatever was wrapped around it.
func base(s oauth.Store) listStore {
	for {
		if l, ok := s.(listStore); ok {
			return l
		}
		s = s.(interface{ Unwrap() oauth.Store }).Unwrap()
	}
}

// backend is a Backend of lists in which everything is possible.
func backend(r rules) Backend {
	return Backend{
		Open:   func(testing.TB) oauth.Store { return listStore{&list{standings: map[string]oauth.Standing{}}, r} },
		Reopen: func(_ testing.TB, s oauth.Store) oauth.Store { return base(s) },
		Plant: func(t testing.TB, s oauth.Store, rows []oauth.Row) bool {
			l := base(s)
			l.mu.Lock()
			defer l.mu.Unlock()
			for _, row := range rows {
				token, err := row.Token()
				if err != nil {
					t.Fatal(err)
				}
				token.Version = r.version(token)
				l.rows = append(l.rows, token)
			}
			return true
		},
		Corrupt: func(_ testing.TB, s oauth.Store, id string) func() string {
			l := base(s)
			l.damaged = id
			return func() string { return fmt.Sprint(l.writes.Load()) }
		},
		MaxChars: 100,
		KeepsIDs: true,
		patience: patience,
	}
}
