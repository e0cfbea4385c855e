package sealed

import (
	"cmp"
	"context"
	"slices"

	"zohocrm/oauth"
	"zohocrm/store/sealed/keys"
)

// Census counts the rows of a store by how they are sealed. Nothing is opened.
type Census struct {
	Rows   int
	Plain  int             // rows without a sealed cell
	Keys   map[keys.ID]int // rows that need a key
	Broken int             // rows with a cell that says it is sealed, and is not
}

// Census reads the whole store.
func (s *Store) Census(ctx context.Context) (Census, error) {
	c := Census{Keys: make(map[keys.ID]int)}
	err := s.needs(ctx, func(_ oauth.Token, ids []keys.ID, err error) {
		c.Rows++
		for _, id := range ids {
			c.Keys[id]++
		}
		switch {
		case err != nil:
			c.Broken++
		case len(ids) == 0:
			c.Plain++
		}
	})
	return c, err
}

// Count says how many rows there are. Nothing is opened, nor read where the store can
// count.
func (s *Store) Count(ctx context.Context) (n int, err error) {
	if c, ok := s.inner.(interface {
		Count(ctx context.Context) (int, error)
	}); ok {
		return c.Count(ctx)
	}
	for _, err := range s.inner.List(ctx) {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// InUse counts the rows that need a key: for keys.Retirement.
func (s *Store) InUse(ctx context.Context, id keys.ID) (int, error) {
	c, err := s.Census(ctx)
	return c.Keys[id], err
}

// Missing is a key that is lost and the rows that need it.
type Missing struct {
	Key  keys.ID
	Rows int
	// Some are the first of the rows, a thousand at most.
	Some []oauth.Match
}

// someRows bounds [Missing.Some].
const someRows = 1000

// MissingKeys lists the keys that rows of a store need and that its keys do not
// have, and who they are. Those users log in again, unless the key is restored from
// a backup.
func MissingKeys(ctx context.Context, s *Store) ([]Missing, error) {
	ring := s.cfg.Keys.Look()
	lost := make(map[keys.ID]*Missing)
	err := s.needs(ctx, func(t oauth.Token, ids []keys.ID, _ error) {
		for _, id := range ids {
			if _, ok := ring.Key(id); ok {
				continue
			}
			if lost[id] == nil {
				lost[id] = &Missing{Key: id}
			}
			m := lost[id]
			if m.Rows++; m.Rows <= someRows {
				m.Some = append(m.Some, oauth.Match{ID: t.ID, UserName: t.UserName})
			}
		}
	})
	var all []Missing
	for _, m := range lost {
		all = append(all, *m)
	}
	slices.SortFunc(all, func(a, b Missing) int { return cmp.Compare(a.Key, b.Key) })
	return all, err
}

// needs tells of each row which keys it needs, each once, and whether one of its
// sealed cells does not say.
func (s *Store) needs(ctx context.Context, tell func(t oauth.Token, ids []keys.ID, err error)) error {
	for t, err := range s.inner.List(ctx) {
		if err != nil {
			return err
		}
		var ids []keys.ID
		var broken error
		for _, c := range append([]cell{{columnSecret, &t.ClientSecret}}, sliceOf(&t)...) {
			if !isSealed(*c.cell) {
				continue
			}
			_, id, err := decode(*c.cell)
			if err != nil {
				broken = err
			} else if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
		tell(t, ids, broken)
	}
	return nil
}
