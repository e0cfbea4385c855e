package memory

import (
	"context"
	"iter"

	"zohocrm/oauth"
)

// SaveAll implements [oauth.Batch]. The tokens are fetched before the store is
// locked, so where they come from may use the store.
func (s *Store) SaveAll(ctx context.Context, tokens iter.Seq[oauth.Token]) error {
	done := 0
	batch := make([]oauth.Token, 0, oauth.BatchSize)
	save := func() error {
		err := s.saveBatch(ctx, batch, done)
		done += len(batch)
		batch = batch[:0]
		return err
	}
	for t := range tokens {
		batch = append(batch, t)
		if len(batch) < oauth.BatchSize {
			continue
		}
		if err := save(); err != nil {
			return err
		}
	}
	return save()
}

// saveBatch saves all tokens or none. before is how many came before them.
func (s *Store) saveBatch(ctx context.Context, batch []oauth.Token, before int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	lastID := s.lastID
	for i, t := range batch {
		if _, err := s.save(t); err != nil {
			s.table.rollback()
			s.lastID = lastID // nobody has seen the IDs above it
			return &oauth.BatchError{Index: before + i, Err: err}
		}
	}
	s.table.commit()
	return nil
}
