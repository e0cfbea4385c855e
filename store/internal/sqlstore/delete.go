package sqlstore

import (
	"context"
	"fmt"

	"zohocrm/oauth"
)

// Delete implements [oauth.Store]. It also removes a row that is damaged.
func (s *Store) Delete(ctx context.Context, id, version string) error {
	if id == "" {
		return fmt.Errorf("%w: give the ID of the row to delete", oauth.ErrIncompleteKey)
	}
	return s.write(ctx, "delete", func(w *writer) error {
		found, _, err := w.rows(ctx, w.transaction, oauth.ByID, id)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fmt.Errorf("%w: id %q", oauth.ErrNotFound, id)
		}
		if version != "" && found[0].Version() != version {
			return fmt.Errorf("%w: id %q", oauth.ErrConflict, id)
		}
		return w.remove(oauth.Token{ID: id, Version: found[0].Version()})
	})
}

// DeleteAll implements [oauth.Store].
func (s *Store) DeleteAll(ctx context.Context) error {
	err := s.write(ctx, "delete all", func(w *writer) error {
		highest, _, err := w.highestIDs()
		if err != nil {
			return err
		}
		w.meta.highestID = max(w.meta.highestID, highest)
		if err := w.willClear(); err != nil {
			return err
		}
		return w.exec(w.sql.clear)
	})
	if err == nil {
		s.cache.forget("")
	}
	return err
}

// willClear notes a step of what is about to happen to all rows.
func (w *writer) willClear() error {
	ids, err := scanIDs(w.query(w.sql.firstIDs))
	if err != nil || len(ids) == 0 {
		return err
	}
	found, _, err := w.rows(w.ctx, w.transaction, oauth.ByID, ids[0])
	if err == nil && len(found) == 1 {
		w.did(ids[0], found[0].Version(), "")
	}
	return err
}
