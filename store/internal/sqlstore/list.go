package sqlstore

import (
	"context"
	"iter"

	"zohocrm/oauth"
)

// List implements [oauth.Store]. The order is that of the id column. Rows come in
// pages, each fetched whole from behind the last ID of the page before, so that
// nothing is held open while the loop's body runs: a body that needs the pool's
// only connection gets it.
func (s *Store) List(ctx context.Context) iter.Seq2[oauth.Token, error] {
	return func(yield func(oauth.Token, error) bool) {
		var last any // the raw ID at the end of the page before
		for {
			page, err := s.page(ctx, last)
			for _, t := range page.tokens {
				if ctx.Err() != nil {
					break
				}
				if !yield(t, nil) {
					return
				}
			}
			switch {
			case err == nil && ctx.Err() != nil:
				err = ctx.Err()
			case err == nil && page.last == nil:
				return
			}
			if err != nil {
				yield(oauth.Token{}, s.failed(ctx, "list", err))
				return
			}
			last = page.last
		}
	}
}

// page is some rows of List.
type page struct {
	tokens []oauth.Token
	last   any // where the next page starts; nil: there is none
}

// page reads the rows behind the ID last. With an error come the rows before the
// one that could not be read.
func (s *Store) page(ctx context.Context, last any) (page, error) {
	if s.tableless {
		return page{}, ctx.Err()
	}
	if text, is := last.([]byte); is && s.dialect.Match != nil {
		last = string(text) // of a column that has a character set
	}
	var found []oauth.Row
	var p page
	err := s.again(ctx, func() error {
		text, args := s.sql.firstPage, []any{pageSize}
		if last != nil {
			text, args = s.sql.nextPage, []any{last, pageSize}
		}
		found, p.last = found[:0], nil
		rows, err := s.ask(ctx, text, args...)
		if err != nil {
			return fromDriver(err)
		}
		defer rows.Close()
		var line line
		for rows.Next() {
			if err := rows.Scan(line.into(&p.last)...); err != nil {
				return fromDriver(err)
			}
			found = append(found, s.layout.read(line.row()))
		}
		return fromDriver(rows.Err())
	})
	if err != nil {
		return page{}, err
	}
	var damage error
	if err := s.addDomains(ctx, found); err != nil {
		return page{}, err
	}
	for _, row := range found {
		t, err := s.token(row)
		if err != nil {
			damage = err
			break
		}
		p.tokens = append(p.tokens, t)
	}
	if err := s.addSides(ctx, p.tokens); err != nil {
		return page{}, err
	}
	if len(found) < pageSize {
		p.last = nil
	}
	return p, damage
}

// addDomains fetches the api_domain of rows whose table has no column for it.
func (s *Store) addDomains(ctx context.Context, found []oauth.Row) error {
	if !s.layout.domainBeside {
		return nil
	}
	keys := make([]string, len(found))
	for i, row := range found {
		keys[i] = s.dialect.sideKey(secretsOf(row))
	}
	sides, err := s.sidesOf(ctx, keys)
	for i, key := range keys {
		found[i].APIDomain = sides[key].domain
	}
	return err
}

// addSides fetches the side data of a page at once.
func (s *Store) addSides(ctx context.Context, tokens []oauth.Token) error {
	keys := make([]string, len(tokens))
	for i, t := range tokens {
		keys[i] = s.dialect.sideKey(t)
	}
	sides, err := s.sidesOf(ctx, keys)
	for i, key := range keys {
		side := sides[key]
		tokens[i] = tokens[i].WithSide(side.data())
	}
	return err
}

// sidesOf fetches the side rows of some keys; "" has none.
func (s *Store) sidesOf(ctx context.Context, keys []string) (sides map[string]beside, err error) {
	err = s.again(ctx, func() error {
		sides, err = s.onPool(ctx).sidesBy(keys)
		return err
	})
	return sides, err
}

// Count says how many rows there are, without reading them all.
func (s *Store) Count(ctx context.Context) (n int, err error) {
	if s.tableless {
		return 0, ctx.Err()
	}
	err = s.again(ctx, func() error {
		return fromDriver(s.db.QueryRowContext(ctx, s.sql.count).Scan(&n))
	})
	return n, s.failed(ctx, "count", err)
}
