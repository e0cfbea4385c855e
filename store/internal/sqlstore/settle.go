package sqlstore

import (
	"context"
	"errors"
	"fmt"

	"zohocrm/oauth"
)

// lostCommit is a COMMIT to which no answer came: whether it happened is not
// known.
type lostCommit struct{ err error }

func (e *lostCommit) Error() string { return e.err.Error() }
func (e *lostCommit) Unwrap() error { return e.err }

// step is what a transaction does to one token's row, by the row's Version; "":
// there is none.
type step struct{ before, after string }

// did notes a step for [Store.settle]. Several to one row are one.
func (w *writer) did(id, before, after string) {
	if earlier, more := w.steps[id]; more {
		before = earlier.before
	}
	w.steps[id] = step{before, after}
}

// outcome is what became of a transaction.
type outcome int

const (
	unclear outcome = iota
	happened
	undone
)

// settle finds out what became of a transaction whose COMMIT was not answered,
// and gives the error of the whole write. It waits for the lock on the meta row,
// which the server keeps for the transaction for as long as it may still commit.
func (s *Store) settle(ctx context.Context, what string, lost *writer, because error) error {
	enough, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
	defer cancel()
	is, err := s.lookBack(enough, lost)
	for err != nil && ctx.Err() == nil && enough.Err() == nil {
		s.pause(ctx, longestPause) // the server may be starting again
		is, err = s.lookBack(enough, lost)
	}
	switch _, why := s.dialect.Classify(because); is {
	case happened:
		return nil
	case undone:
		return fmt.Errorf("%w: %s %s, table %s: the connection was lost, and nothing was changed; try again (%s)",
			oauth.ErrStoreUnavailable, s.dialect.Product, what, s.table, why)
	default:
		return fmt.Errorf("%w: %s %s, table %s: the connection was lost at the last moment, so that it is not known whether it happened; read before you repeat it (%s)",
			oauth.ErrStoreUnavailable, s.dialect.Product, what, s.table, why)
	}
}

func (s *Store) lookBack(ctx context.Context, lost *writer) (is outcome, err error) {
	err = s.transact(ctx, func(t *transaction) error {
		w := newWriter(t)
		if found, err := w.readMeta(); err != nil || !found {
			return err
		}
		is, err = w.outcomeOf(lost)
		return err
	})
	return is, err
}

// outcomeOf compares what is stored with what a transaction found and left.
func (w *writer) outcomeOf(lost *writer) (outcome, error) {
	if lost.meta != lost.before && w.meta == lost.before {
		return undone, nil // nobody has written since it began
	}
	for id, its := range lost.steps {
		if its.before == its.after {
			continue
		}
		found, _, err := w.rows(w.ctx, w.transaction, oauth.ByID, id)
		if err != nil {
			return unclear, err
		}
		version := ""
		if len(found) == 1 {
			version = found[0].Version()
		}
		switch version {
		case its.after:
			return happened, nil
		case its.before:
			return undone, nil
		}
	}
	w.before = w.meta
	for key, b := range lost.written {
		if stored, err := w.sideOf(key); err != nil || stored == b {
			return happened, err
		}
	}
	return unclear, nil
}

// lost gives the lostCommit in an error of a transaction.
func lost(err error) error {
	var e *lostCommit
	if errors.As(err, &e) {
		return e.err
	}
	return nil
}
