package csvfile

import (
	"context"
	"iter"
	"maps"
	"slices"

	"zohocrm/oauth"
)

var _ oauth.Batch = (*Store)(nil)

// SaveAll implements [oauth.Batch]: one writing of the file for each thousand.
// The tokens are fetched before the file is locked, so where they come from may
// use the store.
func (s *Store) SaveAll(ctx context.Context, tokens iter.Seq[oauth.Token]) error {
	batch, before := make([]saving, 0, oauth.BatchSize), 0
	for t := range tokens {
		batch = append(batch, saving{store: s, token: t})
		if len(batch) < oauth.BatchSize {
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
func (s *Store) saveBatch(ctx context.Context, batch []saving, before int) error {
	if err := ctx.Err(); err != nil || len(batch) == 0 {
		return err
	}
	err := s.change(ctx, func(v *view, t *table) (edit, error) {
		return planBatch(v, t, batch, before)
	})
	if err == nil {
		for i := range batch {
			batch[i].warn()
		}
	}
	return err
}

// planBatch plans each Save on what those before it leave, on a copy of the
// table, and answers all of them as one edit.
func planBatch(v *view, t *table, batch []saving, before int) (edit, error) {
	scratch := &table{rows: t.rows, index: newIndex(t.rows), extra: t.extra, highest: t.highest}
	seen := &view{highest: v.highest, sides: sides{entries: maps.Clone(v.sides.entries)}}
	var all edit
	for i := range batch {
		err := checkValues(batch[i].token)
		var e edit
		if err == nil {
			e, err = batch[i].plan(seen, scratch)
		}
		if err != nil {
			return edit{}, &oauth.BatchError{Index: before + i, Err: err}
		}
		for _, n := range e.notes {
			seen.sides.entries[n.Key] = n.token()
		}
		all.notes, all.last = append(all.notes, e.notes...), all.last || e.last
		if e.rows != nil {
			scratch.take(e)
			all.rows = e.rows
		}
	}
	if all.rows != nil {
		all.was, all.is = difference(t.rows, all.rows), difference(all.rows, t.rows)
	}
	return all, nil
}

// difference is the rows that are in a and not in b.
func difference(a, b []*row) []*row {
	in := make(map[*row]bool, len(b))
	for _, r := range b {
		in[r] = true
	}
	return slices.DeleteFunc(slices.Clone(a), func(r *row) bool { return in[r] })
}
