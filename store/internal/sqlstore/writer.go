package sqlstore

import (
	"context"
	"database/sql"

	"zohocrm/oauth"
)

// writer is a transaction that changes tokens. It has read the meta row, which
// keeps other writers away, and writes it back at the end if it must.
type writer struct {
	*transaction
	meta    meta
	before  meta
	written map[string]beside // side rows, by key, for the cache
}

// meta is the side table's row of that name.
type meta struct {
	highestID int64 // the greatest number ever given as an ID
	changes   int64
}

// write runs change as one transaction; see [Store.transact].
func (s *Store) write(ctx context.Context, what string, change func(*writer) error) error {
	var done *writer
	err := s.transact(ctx, func(t *transaction) error {
		done = newWriter(t)
		if err := done.begin(); err != nil {
			return err
		}
		if err := change(done); err != nil {
			return err
		}
		return done.end()
	})
	if err == nil && len(done.written) > 0 && !done.discard {
		s.cache.advance(done.before.changes, done.written)
	}
	return s.failed(ctx, what, err)
}

func newWriter(t *transaction) *writer {
	return &writer{transaction: t, written: make(map[string]beside)}
}

// begin reads the meta row. If there is none, the side table is new, and what the
// token table holds is the highest ID that is known.
func (w *writer) begin() error {
	found, err := w.readMeta()
	if err != nil {
		return err
	}
	if !found {
		// Counting starts at the time of day, so that a count is not met again
		// after somebody emptied the side table.
		w.meta.changes = w.now().UnixMilli()
		if w.meta.highestID, _, err = w.highestIDs(); err != nil {
			return err
		}
		if err := w.execQuietly(w.sql.insertMeta, w.meta.highestID, w.meta.changes); err != nil {
			return err
		}
	}
	w.before = w.meta
	return nil
}

func (w *writer) readMeta() (found bool, err error) {
	rows, err := w.query(w.sql.meta)
	if err != nil {
		return false, fromDriver(err)
	}
	defer rows.Close()
	for rows.Next() {
		var highest, changes sql.NullInt64
		if err := rows.Scan(&highest, &changes); err != nil {
			return false, fromDriver(err)
		}
		found, w.meta = true, meta{highest.Int64, changes.Int64}
	}
	return found, fromDriver(rows.Err())
}

func (w *writer) end() error {
	if len(w.written) > 0 {
		w.meta.changes++
	}
	if w.meta == w.before {
		return nil
	}
	return w.exec(w.sql.updateMeta, w.meta.highestID, w.meta.changes)
}

// used raises the highest ID, so that this one is never given again.
func (w *writer) used(id string) {
	w.meta.highestID = max(w.meta.highestID, oauth.NumberOf(id))
}

// sideOf is the side row of key as it stands in this transaction. What is asked of
// the database, and so remembered, was written by transactions before.
func (w *writer) sideOf(key string) (beside, error) {
	if b, ok := w.written[key]; ok {
		return b, nil
	}
	return w.Store.sideOf(w.ctx, w.transaction, w.before.changes, key)
}

// tokens is [oauth.Rows] in this transaction: it sees what was written so far.
func (w *writer) tokens(k oauth.Key, value string) ([]oauth.Token, error) {
	found, _, err := w.rows(w.ctx, w.transaction, k, value)
	if err != nil {
		return nil, err
	}
	return w.Store.tokens(found, 0, w.sideOf)
}
