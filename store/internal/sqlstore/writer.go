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
	steps   map[string]step   // by ID
	memo    memo
	highest *highest // nil: not known yet

	alone    *oauth.Token // the only token that is saved, until its keys were asked for; nil: there is none
	together bool         // what is new may be late
	late     late
	sweeps   int   // how many side rows may be looked after at the end
	lastSide []any // arguments of an update of a side row that is yet to come; nil: none

	updates map[columnSet]string // texts of statements

	exact, exactKnown bool
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
	if because := lost(err); because != nil {
		err = s.settle(ctx, what, done, because)
	}
	if err == nil && len(done.written) > 0 && !done.discard {
		s.cache.advance(done.before.changes, done.written)
	}
	return s.failed(ctx, what, err)
}

func newWriter(t *transaction) *writer {
	return &writer{transaction: t, written: make(map[string]beside), steps: make(map[string]step), memo: newMemo(t.dialect), updates: make(map[columnSet]string)}
}

// query reads what is written so far.
func (w *writer) query(text string, args ...any) (*sql.Rows, error) {
	if err := w.flush(); err != nil {
		return nil, err
	}
	return w.transaction.query(text, args...)
}

// exec writes after what is late.
func (w *writer) exec(text string, args ...any) error {
	if err := w.flush(); err != nil {
		return err
	}
	return w.transaction.exec(text, args...)
}

func (w *writer) bulk() bulk { return bulk{w.Store, w.query, true} }

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
	if err := w.sweep(); err != nil {
		return err
	}
	if len(w.written) > 0 {
		w.meta.changes++
	}
	if last := w.lastSide; last != nil && w.meta != w.before {
		w.lastSide = nil
		key := len(last) - 1
		return w.exec(w.sql.updateBoth, append(last[:key:key], w.meta.highestID, w.meta.changes, last[key])...)
	}
	if err := w.flushSide(); err != nil || w.meta == w.before {
		return err
	}
	return w.exec(w.sql.updateMeta, w.meta.highestID, w.meta.changes)
}

// updateSide updates a side row, if it can, together with the meta row at the end:
// as a rule a Save updates one. Until then nothing but sideOf is asked of it.
func (w *writer) updateSide(args []any) error {
	if err := w.flushSide(); err != nil {
		return err
	}
	w.lastSide = args
	if w.layout.domainBeside {
		return w.flushSide() // the row is read together with it
	}
	return nil
}

// flushSide carries out the update that is yet to come.
func (w *writer) flushSide() error {
	last := w.lastSide
	if w.lastSide = nil; last == nil {
		return nil
	}
	return w.exec(w.sql.updateSide, last...)
}

// used raises the highest ID, so that this one is never given again.
func (w *writer) used(id string) {
	n := oauth.NumberOf(id)
	w.meta.highestID = max(w.meta.highestID, n)
	if w.highest != nil && n > 0 {
		w.highest.text = max(w.highest.text, id)
	}
}

// sideOf is the side row of key as it stands in this transaction. What is asked of
// the database, and so remembered, was written by transactions before.
func (w *writer) sideOf(key string) (beside, error) {
	if b, ok := w.written[key]; ok {
		return b, nil
	}
	if b, ok := w.memo.sides[key]; ok {
		return b, nil
	}
	if err := w.flush(); err != nil {
		return beside{}, err
	}
	b, _, err := w.Store.sideOf(w.ctx, w.transaction, w.before.changes, key)
	if err == nil {
		w.memo.sides[key] = b
	}
	return b, err
}

// tokens is [oauth.Rows] in this transaction: it sees what was written so far.
func (w *writer) tokens(k oauth.Key, value string) ([]oauth.Token, error) {
	if w.asksAhead(k) {
		if err := w.askAhead(); err != nil {
			return nil, err
		}
	}
	if found, known := w.memo.rows[k][value]; known {
		return w.renewed(found), nil
	}
	rows, err := w.rowsOf(k, value)
	if err != nil {
		return nil, err
	}
	found, err := w.Store.tokens(rows, 0, w.sideOf)
	if err == nil {
		w.memo.learn(k, value, found)
	}
	return found, err
}

// renewed are tokens that are known, with the side data that were written since.
func (w *writer) renewed(found []*oauth.Token) []oauth.Token {
	all := copies(found)
	for i, t := range all {
		if b, newer := w.written[w.dialect.sideKey(t)]; newer {
			all[i] = t.WithSide(b.data())
		}
	}
	return all
}

// rowsOf fetches rows as they stand in this transaction.
func (w *writer) rowsOf(k oauth.Key, value string) ([]oauth.Row, error) {
	if err := w.flush(); err != nil {
		return nil, err
	}
	found, _, err := w.rows(w.ctx, w.transaction, k, value)
	return found, err
}
