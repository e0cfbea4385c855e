package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"slices"

	"zohocrm/oauth"
)

// fewTokens are after which room is made for a whole batch.
const fewTokens = 32

// SaveAll implements [oauth.Batch]: one transaction for up to a thousand tokens.
// They are collected before it begins, so tokens may come from this store.
func (s *Store) SaveAll(ctx context.Context, tokens iter.Seq[oauth.Token]) error {
	var some []oauth.Token
	done := 0
	for t := range tokens {
		if some = append(some, t); len(some) < oauth.BatchSize {
			if len(some) == cap(some) && len(some) >= fewTokens {
				some = slices.Grow(some, oauth.BatchSize-len(some))
			}
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

// SaveMany saves all of the tokens in one transaction, however many they are: for who
// changes a whole table, where each transaction writes many of the same pages. It
// answers a [oauth.BatchError] as SaveAll does.
func SaveMany(ctx context.Context, s *Store, tokens []oauth.Token) error {
	return s.saveSome(ctx, tokens, 0)
}

// Maintain runs what stands outside of transactions on one connection, when it is this
// process's turn to write.
func Maintain(ctx context.Context, s *Store, what string, do func(ctx context.Context, conn *sql.Conn) error) error {
	if err := s.queue(ctx); err != nil {
		return s.failed(ctx, what, err)
	}
	defer s.leave()
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return s.failed(ctx, what, fromDriver(err))
	}
	defer conn.Close()
	return s.failed(ctx, what, s.again(ctx, func() error { return fromDriver(do(ctx, conn)) }))
}

// saveSome saves tokens of which the first is the one with the number done: all
// together, and if that fails one by one, to see which of them is refused.
func (s *Store) saveSome(ctx context.Context, tokens []oauth.Token, done int) error {
	if len(tokens) == 0 {
		return ctx.Err()
	}
	refused, err := s.saveTogether(ctx, tokens)
	if !refused || ctx.Err() != nil {
		return err
	}
	var known *oauth.BatchError
	if errors.As(err, &known) {
		return &oauth.BatchError{Index: done + known.Index, Err: known.Err}
	}
	index := -1
	err = s.write(ctx, "save", func(w *writer) error {
		for i, t := range tokens {
			index = i
			if err := w.saveNext(t); err != nil {
				return err
			}
		}
		index = -1
		return nil
	})
	if err != nil && index >= 0 && ctx.Err() == nil {
		return &oauth.BatchError{Index: done + index, Err: err}
	}
	return err
}

// saveTogether looks up at once what is known of the tokens, plans them one after
// the other, and writes the new ones at once. It saves all or none, and reports
// whether it failed because of a token.
func (s *Store) saveTogether(ctx context.Context, tokens []oauth.Token) (refused bool, err error) {
	err = s.write(ctx, "save", func(w *writer) error {
		w.together = !w.layout.domainBeside
		w.written, w.steps = make(map[string]beside, len(tokens)), make(map[string]step, len(tokens))
		if err := w.prepareBulk(len(tokens)); err != nil {
			return err
		}
		if err := w.lookAhead(tokens); err != nil {
			return err
		}
		for i, t := range tokens {
			err := w.saveNext(t)
			if errors.Is(err, oauth.ErrConflict) {
				return &oauth.BatchError{Index: i, Err: err} // no need to look for it
			}
			if err != nil {
				return err
			}
		}
		return w.flush()
	})
	return err != nil && !errors.Is(err, oauth.ErrStoreUnavailable), err
}

// manyTokens are enough for it to be worth to prepare the connection.
const manyTokens = 200

func (w *writer) prepareBulk(n int) error {
	if w.dialect.Bulk == nil || n < manyTokens {
		return nil
	}
	after, err := w.dialect.Bulk(w.ctx, w.on(), n)
	w.after = after
	return fromDriver(err)
}

func (w *writer) saveNext(t oauth.Token) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	if err := t.Row().Check(0); err != nil {
		return err
	}
	_, err := w.save(t)
	return err
}

// lookAhead looks up the rows that [oauth.PlanSave] is going to ask for, with their
// side rows. A token whose user has no row is first taken for new, so that its ID is
// not there, and so are side data of a secret that the token's row has not had: where
// they are, they cannot be added, and the next try of the transaction looks for them
// too.
func (w *writer) lookAhead(tokens []oauth.Token) error {
	if !w.together {
		return nil
	}
	if err := w.lookFor(oauth.ByUserName, tokens); err != nil {
		return err
	}
	names, ids := make(map[string]int, len(tokens)), make(map[string]int, len(tokens))
	for _, t := range tokens {
		names[t.UserName]++
		ids[t.ID]++
	}
	var bySecret []oauth.Token
	for _, t := range tokens {
		known := len(w.memo.rows[oauth.ByUserName][t.UserName]) > 0
		once := names[t.UserName] == 1 && ids[t.ID] == 1 // else others of them may mean the row with that ID
		if !known && !w.retried && t.UserName != "" && t.Version == "" && once {
			w.memo.learn(oauth.ByID, t.ID, nil)
		}
		if t.ID == "" && !known {
			bySecret = append(bySecret, t)
		}
	}
	if err := w.lookFor(oauth.ByID, tokens); err != nil {
		return err
	}
	for _, k := range []oauth.Key{oauth.ByGrantToken, oauth.ByRefreshToken, oauth.ByAccessToken} {
		if err := w.lookFor(k, bySecret); err != nil {
			return err
		}
	}
	sides := make([]string, len(tokens))
	for i, t := range tokens {
		sides[i] = w.dialect.sideKey(t)
		if !w.retried {
			w.memo.presumeNoSide(sides[i])
		}
	}
	return w.memo.lookSides(w.bulk(), sides)
}

// lookFor looks up the rows that have a key of one of the tokens.
func (w *writer) lookFor(k oauth.Key, tokens []oauth.Token) error {
	values := make([]string, len(tokens))
	for i, t := range tokens {
		values[i] = k.Of(t)
	}
	return w.memo.look(w.bulk(), k, values)
}
