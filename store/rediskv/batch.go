package rediskv

import (
	"context"
	"iter"

	"zohocrm/oauth"
)

// SaveAll implements [oauth.Batch]: two round trips for each thousand, of which
// the second, one script, writes all of them or none. While such a script runs,
// some hundredths of a second, the server serves nobody else. The tokens are
// fetched before, so where they come from may use the store.
func (s *Store) SaveAll(ctx context.Context, tokens iter.Seq[oauth.Token]) error {
	batch, before := make([]oauth.Token, 0, oauth.BatchSize), 0
	for t := range tokens {
		if batch = append(batch, t); len(batch) < oauth.BatchSize {
			continue
		}
		if err := s.saveBatch(ctx, batch, before); err != nil {
			return err
		}
		before += len(batch)
		batch = batch[:0]
	}
	return s.saveBatch(ctx, batch, before)
}

// saveBatch saves all tokens or none. before is how many came before them.
func (s *Store) saveBatch(ctx context.Context, batch []oauth.Token, before int) error {
	if err := ctx.Err(); err != nil || len(batch) == 0 {
		return err
	}
	err := s.again(ctx, func(overtaken bool) (bool, error) { return s.tryBatch(ctx, batch, before, overtaken) })
	return s.failed(ctx, "save", err)
}

// tryBatch reports false if somebody else changed what the plans were made of.
// Then, the next time, it sets numbers for its IDs aside first: others who
// insert rows would overtake it for ever.
func (s *Store) tryBatch(ctx context.Context, batch []oauth.Token, before int, overtaken bool) (bool, error) {
	var highest int64
	if overtaken {
		reply, err := s.write(ctx, s.scripts.reserve, []any{len(batch)})
		if err != nil {
			return false, err
		}
		if highest, err = s.number(text(reply)); err != nil {
			return false, err
		}
	}
	look, err := s.snapshot(ctx, batch)
	if err != nil {
		return false, err
	}
	st := newState(s, look)
	if overtaken {
		st.highest, st.reserved = highest, highest+int64(len(batch))
	}
	for i := range batch {
		if _, err := st.save(i); err != nil {
			return false, &oauth.BatchError{Index: before + i, Err: err}
		}
	}
	return s.carryOut(ctx, st)
}
