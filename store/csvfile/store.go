package csvfile

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"

	"zohocrm/oauth"
)

var (
	_ oauth.Store  = (*Store)(nil)
	_ oauth.Prober = (*Store)(nil)
)

// Find implements [oauth.Store]. It costs asking the system for the state of two
// files, unless the token file was changed.
func (s *Store) Find(ctx context.Context, partial oauth.Token) (found oauth.Token, err error) {
	err = s.await(ctx, false, true, func(v *view) (err error) {
		found, err = oauth.Resolve(partial, v.table.find(v.sides.entries))
		return err
	})
	if err != nil {
		return oauth.Token{}, err
	}
	return found, nil
}

// FindMany does what Find does for each of many tokens, with one look at the file.
// Each partial token has a token or an error, at its own index.
func (s *Store) FindMany(ctx context.Context, partials []oauth.Token) ([]oauth.Token, []error) {
	found, errs := make([]oauth.Token, len(partials)), make([]error, len(partials))
	err := s.await(ctx, false, false, func(v *view) error {
		rows := v.table.findFor(nil, v.sides.entries) // as a rule each is asked for once
		for i, partial := range partials {
			if found[i], errs[i] = oauth.Resolve(partial, rows); ctx.Err() != nil {
				return ctx.Err()
			}
		}
		return nil
	})
	if err != nil {
		clear(found)
		for i := range errs {
			errs[i] = err
		}
	}
	return found, errs
}

// Get implements [oauth.Store].
func (s *Store) Get(ctx context.Context, id string) (oauth.Token, error) {
	return s.Find(ctx, oauth.Token{ID: id})
}

// Save implements [oauth.Store]. The token is on disk when it returns nil: the
// file and its folder are synced. Side data alone leave the token file as it is.
func (s *Store) Save(ctx context.Context, t oauth.Token) (oauth.Token, error) {
	if err := checkValues(t); err != nil {
		return oauth.Token{}, err
	}
	save := saving{store: s, token: t}
	if err := s.change(ctx, save.plan); err != nil {
		return oauth.Token{}, err
	}
	save.warn()
	return save.saved, nil
}

// Delete implements [oauth.Store].
func (s *Store) Delete(ctx context.Context, id, version string) error {
	return s.change(ctx, func(v *view, t *table) (edit, error) {
		gone, err := oauth.Resolve(oauth.Token{ID: id}, t.find(v.sides.entries))
		if err != nil {
			return edit{}, err
		}
		if version != "" && gone.Version != version {
			return edit{}, fmt.Errorf("%w: id %q", oauth.ErrConflict, id)
		}
		at := t.position(gone)
		return edit{rows: slices.Delete(slices.Clone(t.rows), at, at+1), was: t.rows[at : at+1], last: true}, nil
	})
}

// DeleteAll implements [oauth.Store]. The file stays, with nothing but a header.
func (s *Store) DeleteAll(ctx context.Context) error {
	return s.change(ctx, func(v *view, t *table) (edit, error) {
		if len(t.rows) == 0 {
			return edit{}, nil
		}
		return edit{rows: []*row{}, was: t.rows, last: true}, nil
	})
}

// List implements [oauth.Store]. It yields the rows as they stood when the loop
// began, in the file's order.
func (s *Store) List(ctx context.Context) iter.Seq2[oauth.Token, error] {
	return func(yield func(oauth.Token, error) bool) {
		var rows []*row
		err := s.await(ctx, false, false, func(v *view) error {
			rows = v.table.rows
			return nil
		})
		var newest newest
		defer newest.forget()
		for _, r := range rows {
			if err = ctx.Err(); err == nil {
				err = r.bad()
			}
			if err != nil || !yield(s.withSide(newest.token(r)), nil) {
				break
			}
		}
		if err != nil {
			yield(oauth.Token{}, err)
		}
	}
}

// Count says how many rows there are.
func (s *Store) Count(ctx context.Context) (n int, err error) {
	err = s.await(ctx, false, false, func(v *view) error {
		n = len(v.table.rows)
		return nil
	})
	return n, err
}

func (s *Store) withSide(m *made) oauth.Token {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return m.token.WithSide(s.view.sides.entries[m.side])
}

// Probe implements [oauth.Prober]: it reads the file, takes the lock, and writes,
// syncs and removes a file of the same size in the folder beside it.
func (s *Store) Probe(ctx context.Context) error {
	target, unlock, err := s.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	var b base
	var data []byte
	err = s.await(ctx, true, false, func(v *view) error {
		b, data = baseOf(v, v.table), encode(nil, v.table.rows, v.table.extra)
		return nil
	})
	if err != nil {
		return err
	}
	defer b.close()
	if err := b.hold(); err != nil && !errors.Is(err, errOvertaken) {
		return err
	}
	probe := filepath.Join(besides(target), "new")
	err = writable(target, b.like)
	if err == nil {
		_, err = writeNew(probe, data, b.like)
	}
	if err == nil {
		err = errors.Join(os.Remove(probe), note(filepath.Join(besides(target), sideLog), b.like, true))
	}
	if err != nil {
		return unavailable("write "+target, err)
	}
	return nil
}
