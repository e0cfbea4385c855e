package sqlstore

import (
	"context"

	"zohocrm/oauth"
)

// FindMany does what Find does for each of many tokens, with few queries. Each
// partial token has a token or an error, at its own index. Unlike with Find, the side
// data of a token that somebody saves meanwhile may be newer than its row.
func (s *Store) FindMany(ctx context.Context, partials []oauth.Token) ([]oauth.Token, []error) {
	m := newMemo(s.dialect)
	if !s.layout.domainBeside && !s.tableless {
		if err := s.again(ctx, func() error { return s.lookUp(ctx, &m, partials) }); err != nil {
			m = newMemo(s.dialect) // whoever asks one by one meets the error
		}
	}
	one := s.rowsOf(ctx)
	rows := func(k oauth.Key, value string) ([]oauth.Token, error) {
		if found, known := m.rows[k][value]; known {
			return copies(found), ctx.Err()
		}
		return one(k, value)
	}
	found, errs := make([]oauth.Token, len(partials)), make([]error, len(partials))
	for i, partial := range partials {
		row, err := oauth.Resolve(partial, rows)
		found[i], errs[i] = row, s.failed(ctx, "find", err)
	}
	return found, errs
}

// lookUp looks up the rows that have the first key of one of the tokens, which is
// enough unless a row is not there.
func (s *Store) lookUp(ctx context.Context, m *memo, partials []oauth.Token) error {
	var values [5][]string
	for _, t := range partials {
		for _, k := range oauth.Keys() {
			if v := k.Of(t); v != "" {
				values[k] = append(values[k], v)
				break
			}
		}
	}
	b := s.onPool(ctx)
	for _, k := range oauth.Keys() {
		if err := m.look(b, k, values[k]); err != nil {
			return err
		}
	}
	return nil
}
