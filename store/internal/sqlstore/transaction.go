package sqlstore

import (
	"context"
	"database/sql"
)

// duplicateTries is how often a change is made anew because another writer inserted the
// same key meanwhile.
const duplicateTries = 10

// transaction is one connection between Begin and commit or rollback.
type transaction struct {
	*Store
	session
	ctx context.Context

	texts   map[string]*sql.Stmt // those used so far; nil: once, so not prepared
	wrote   bool                 // something was written
	discard bool                 // roll back although nothing failed
	retried bool                 // another writer took a key of this change before

	after func(context.Context, *sql.Conn) // of [Dialect.Bulk]; nil: nothing
}

// transact runs change in a transaction that no other writer of this package
// overlaps. It commits if change wrote something and returned nil, else it rolls
// back. change runs again, in a new transaction, when the database was locked or
// another writer took the same key.
func (s *Store) transact(ctx context.Context, change func(*transaction) error) error {
	if err := s.refuse(); err != nil {
		return err
	}
	if err := s.queue(ctx); err != nil {
		return err
	}
	defer s.leave()
	for try := 1; ; try++ {
		err := s.again(ctx, func() error { return s.attempt(ctx, try > 1, change) })
		if try == duplicateTries || !s.is(err, Duplicate) {
			return err
		}
	}
}

// queue waits for this process's turn to write.
func (s *Store) queue(ctx context.Context) error {
	if s.turn == nil {
		return ctx.Err()
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case s.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Store) leave() {
	if s.turn != nil {
		<-s.turn
	}
}

func (s *Store) attempt(ctx context.Context, retried bool, change func(*transaction) error) error {
	if err := s.prepareWanted(ctx); err != nil {
		return err
	}
	in, err := s.begin(ctx)
	if err != nil {
		return err
	}
	t := &transaction{Store: s, session: in, ctx: ctx, retried: retried, texts: make(map[string]*sql.Stmt)}
	open := true
	defer func() {
		t.closeStatements()
		if open {
			s.rollback(ctx, in)
		}
		in.release()
		if t.after != nil {
			t.after(ctx, in.conn)
		}
		in.conn.Close()
	}()
	if err := change(t); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil || !t.wrote || t.discard {
		return err
	}
	if err := s.commit(ctx, in, t.after != nil); err != nil {
		return err
	}
	open = false
	return nil
}
