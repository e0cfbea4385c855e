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
		if err := w.remove(id); err != nil {
			return err
		}
		return w.leaveSide(sideKeyOf(found[0]), id)
	})
}

// sideKeyOf is the side key of a row that may not be readable as a token.
func sideKeyOf(row oauth.Row) string {
	return oauth.Token{
		RefreshToken: oauth.NewSecret(row.RefreshToken),
		GrantToken:   oauth.NewSecret(row.GrantToken),
		AccessToken:  oauth.NewSecret(row.AccessToken),
	}.SideKey()
}

// DeleteAll implements [oauth.Store].
func (s *Store) DeleteAll(ctx context.Context) error {
	err := s.write(ctx, "delete all", func(w *writer) error {
		highest, _, err := w.highestIDs()
		if err != nil {
			return err
		}
		w.meta.highestID = max(w.meta.highestID, highest)
		if err := w.exec(w.sql.clear); err != nil {
			return err
		}
		w.meta.changes++
		return w.exec(w.sql.leaveSides, w.keepUntil())
	})
	if err == nil {
		s.cache.forget("")
	}
	return err
}
