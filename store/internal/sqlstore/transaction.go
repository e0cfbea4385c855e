package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"time"
)

const (
	// A commit or rollback goes on when its caller has given up, for so long.
	endTime = 10 * time.Second
	// duplicateTries is how often a change is made anew because another writer
	// inserted the same key meanwhile.
	duplicateTries = 10
	// badConnTries is how many connections are tried that the server has closed.
	badConnTries = 10
)

// transaction is one connection between Begin and commit or rollback.
type transaction struct {
	*Store
	ctx  context.Context
	conn *sql.Conn

	texts   map[string]*sql.Stmt // those used so far; nil: once, so not prepared
	wrote   bool                 // something was written
	discard bool                 // roll back although nothing failed
}

// transact runs change in a transaction that no other writer of this package
// overlaps. It commits if change wrote something and returned nil, else it rolls
// back. change runs again, in a new transaction, when the database was locked or
// another writer took the same key.
func (s *Store) transact(ctx context.Context, change func(*transaction) error) error {
	if err := s.queue(ctx); err != nil {
		return err
	}
	defer s.leave()
	for try := 1; ; try++ {
		err := s.again(ctx, func() error { return s.attempt(ctx, change) })
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

func (s *Store) attempt(ctx context.Context, change func(*transaction) error) error {
	conn, err := s.begin(ctx)
	if err != nil {
		return err
	}
	t := &transaction{Store: s, ctx: ctx, conn: conn, texts: make(map[string]*sql.Stmt)}
	open := true
	defer func() {
		t.closeStatements()
		if open {
			s.rollback(ctx, conn)
		}
		conn.Close()
	}()
	if err := change(t); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil || !t.wrote || t.discard {
		return err
	}
	if err := s.commit(ctx, conn); err != nil {
		return err
	}
	open = false
	return nil
}

// begin takes a connection and starts a transaction on it. A pool can hold
// connections that the server has closed since; they turn out bad here, where
// nothing is lost yet.
func (s *Store) begin(ctx context.Context) (*sql.Conn, error) {
	for try := 1; ; try++ {
		conn, err := s.db.Conn(ctx)
		if err != nil {
			return nil, fromDriver(err)
		}
		if _, err = conn.ExecContext(ctx, s.dialect.Begin); err == nil {
			return conn, nil
		}
		failed := fromDriver(err)
		if !s.is(failed, Busy) {
			s.rollback(ctx, conn) // it may have begun just when ctx ended
		}
		conn.Close()
		if try == badConnTries || !errors.Is(err, driver.ErrBadConn) {
			return nil, failed
		}
	}
}

// commit does not stop halfway when the caller gives up: an interrupted commit
// would be one of which nobody knows whether it happened.
func (s *Store) commit(ctx context.Context, conn *sql.Conn) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
	defer cancel()
	return s.again(ctx, func() error {
		_, err := conn.ExecContext(ctx, "COMMIT")
		return fromDriver(err)
	})
}

// rollback leaves the connection without a transaction, or out of the pool.
func (s *Store) rollback(ctx context.Context, conn *sql.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
	defer cancel()
	if _, err := conn.ExecContext(ctx, "ROLLBACK"); err == nil {
		return
	}
	// An interrupted or failed statement may have ended the transaction already.
	// Then a new one can begin, and the connection is sound.
	if _, err := conn.ExecContext(ctx, "BEGIN"); err == nil {
		if _, err = conn.ExecContext(ctx, "ROLLBACK"); err == nil {
			return
		}
	}
	// The pool drops a connection whose driver calls it bad. Raw hands this error
	// back, and there is nobody to whom it means more.
	_ = conn.Raw(func(any) error { return driver.ErrBadConn })
}
