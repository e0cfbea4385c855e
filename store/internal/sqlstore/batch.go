package sqlstore

import (
	"context"
	"iter"

	"zohocrm/oauth"
)

// SaveAll implements [oauth.Batch]: one transaction for up to a thousand tokens.
// They are collected before it begins, so tokens may come from this store.
func (s *Store) SaveAll(ctx context.Context, tokens iter.Seq[oauth.Token]) error {
	var some []oauth.Token
	done := 0
	for t := range tokens {
		if some = append(some, t); len(some) < oauth.BatchSize {
			continue
		}
		if err := s.saveSome(ctx, some, done); err != nil {
			return err
		}
		done += len(some)
		some = some[:0]
	}
	return s.saveSome(ctx, some, done)
}

// saveSome saves tokens of which the first is the one with the number done.
func (s *Store) saveSome(ctx context.Context, tokens []oauth.Token, done int) error {
	if len(tokens) == 0 {
		return ctx.Err()
	}
	refused := -1
	err := s.write(ctx, "save", func(w *writer) error {
		for i, t := range tokens {
			refused = i
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := t.Row().Check(0); err != nil {
				return err
			}
			if _, err := w.save(t); err != nil {
				return err
			}
		}
		refused = -1
		return nil
	})
	if err != nil && refused >= 0 && ctx.Err() == nil {
		return &oauth.BatchError{Index: done + refused, Err: err}
	}
	return err
}
