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
	// bulkEndTime is that of a transaction of many tokens, which has more to write to
	// the disk.
	bulkEndTime = time.Minute
	// badConnTries is how many connections are tried that the server has closed.
	badConnTries = 10
)

// session is a connection in a transaction. As long as there is a tx, everything goes
// through it: an error that makes a [sql.Conn] close itself waits for the end of its Tx.
type session struct {
	conn *sql.Conn
	tx   *sql.Tx // nil: nothing prepared is used
	own  bool    // the dialect's Begin started it, and COMMIT or ROLLBACK end it
}

// Executor is a connection or a Tx.
type Executor interface {
	Querier
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

func (in session) on() Executor {
	if in.tx != nil {
		return in.tx
	}
	return in.conn
}

func (in session) exec(ctx context.Context, text string) error {
	_, err := in.on().ExecContext(ctx, text)
	return err
}

// release ends a tx whose transaction has ended; only then can the connection be given
// back.
func (in session) release() {
	if in.tx != nil {
		_ = in.tx.Rollback() // what it tells is that there is nothing to roll back
	}
}

// begin takes a connection and starts a transaction on it. A pool can hold
// connections that the server has closed since; they turn out bad here, where
// nothing is lost yet.
func (s *Store) begin(ctx context.Context) (session, error) {
	for try := 1; ; try++ {
		conn, err := s.db.Conn(ctx)
		if err != nil {
			return session{}, fromDriver(err)
		}
		in, err := s.start(ctx, conn)
		if err == nil {
			return in, nil
		}
		failed := fromDriver(err)
		if in.own && !s.is(failed, Busy) {
			s.rollback(ctx, in) // it may have begun just when ctx ended
		}
		in.release()
		conn.Close()
		if try == badConnTries || !errors.Is(err, driver.ErrBadConn) {
			return session{}, failed
		}
	}
}

func (s *Store) start(ctx context.Context, conn *sql.Conn) (session, error) {
	in := session{conn: conn, own: s.dialect.Begin != ""}
	if !in.own {
		tx, err := conn.BeginTx(ctx, &sql.TxOptions{Isolation: s.dialect.Isolation})
		in.tx = tx
		return in, err
	}
	if !s.dialect.NoPrepare {
		// What is kept prepared on a connection is lent to a Tx alone. This one is for
		// that: what the driver has begun for it gives way to the dialect's Begin, and it
		// does not end when ctx does.
		tx, err := conn.BeginTx(context.WithoutCancel(ctx), nil)
		if err != nil {
			return in, err
		}
		in.tx = tx
		if err := in.exec(ctx, "ROLLBACK"); err != nil {
			return in, err
		}
	}
	return in, in.exec(ctx, s.dialect.Begin)
}

// commit does not stop halfway when the caller gives up: an interrupted commit
// would be one of which nobody knows whether it happened. If the connection is
// lost meanwhile, it is just that: a [lostCommit].
func (s *Store) commit(ctx context.Context, in session, bulk bool) error {
	most := endTime
	if bulk {
		most = bulkEndTime
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), most)
	defer cancel()
	once := func() error {
		if in.own {
			return fromDriver(in.exec(ctx, "COMMIT"))
		}
		return fromDriver(in.tx.Commit()) // no context ends it; the driver's own timeout does
	}
	if s.dialect.OneWriter { // a COMMIT that was refused leaves the transaction open
		var refused error
		err := s.again(ctx, func() error {
			refused = once()
			return refused
		})
		if ctx.Err() != nil && refused != nil {
			return refused // its caller has not given up
		}
		return err
	}
	err := once()
	if err == nil || neverSent(in, err) || !s.is(err, Unavailable) {
		return err // done, never sent, or refused by the server
	}
	return &lostCommit{err}
}

// neverSent reports whether a COMMIT failed before it left: on a connection that
// was closed, or because the caller gave up just then, which ends the driver's
// transactions. Of one that was sent as a statement nothing is believed: pgx (as of
// 5.12) also calls a connection bad on which it waited for the answer.
func neverSent(in session, err error) bool {
	if in.own {
		return false
	}
	for _, before := range []error{driver.ErrBadConn, sql.ErrTxDone, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, before) {
			return true
		}
	}
	return false
}

// rollback leaves the connection without a transaction, or out of the pool.
func (s *Store) rollback(ctx context.Context, in session) {
	drop := func() {
		// The pool drops a connection whose driver calls it bad. Raw hands this error
		// back, and there is nobody to whom it means more.
		_ = in.conn.Raw(func(any) error { return driver.ErrBadConn })
	}
	if !in.own {
		if err := in.tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
			drop()
		}
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
	defer cancel()
	if in.exec(ctx, "ROLLBACK") == nil {
		return
	}
	// An interrupted or failed statement may have ended the transaction already.
	// Then a new one can begin, and the connection is sound.
	if in.exec(ctx, "BEGIN") == nil && in.exec(ctx, "ROLLBACK") == nil {
		return
	}
	in.release()
	drop()
}
