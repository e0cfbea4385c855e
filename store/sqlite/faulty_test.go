package sqlite_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"sync"
	"testing"

	"zohocrm/store/sqlite"
)

// faulty is the real driver with a hook before every statement.
type faulty struct {
	real driver.Driver
	dsn  string

	mu   sync.Mutex
	hook func(statement string) error // nil: none
}

// set changes the hook. An error that it returns is the statement's result, and
// the statement is not run.
func (f *faulty) set(hook func(statement string) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.hook = hook
}

func (f *faulty) before(statement string) error {
	f.mu.Lock()
	hook := f.hook
	f.mu.Unlock()
	if hook == nil {
		return nil
	}
	return hook(statement)
}

// resultCode is an error as SQLite drivers give it.
type resultCode int

func (c resultCode) Error() string { return fmt.Sprintf("result code %d", int(c)) }
func (c resultCode) Code() int     { return int(c) }

const (
	busy      resultCode = 5
	ioError   resultCode = 10
	diskFull  resultCode = 13
	duplicate resultCode = 1555
)

// openFaulty is open with a driver that has a hook.
func openFaulty(t testing.TB, path string) (*opened, *faulty) {
	t.Helper()
	real, err := sql.Open("sqlite", sqlite.DSN(path))
	if err != nil {
		t.Fatal(err)
	}
	defer real.Close()
	f := &faulty{real: real.Driver(), dsn: sqlite.DSN(path)}
	db := sql.OpenDB(f)
	s, err := sqlite.New(context.Background(), db, sqlite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	o := &opened{s, db, path}
	t.Cleanup(func() {
		f.set(nil)
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	})
	return o, f
}

// Connect implements driver.Connector.
func (f *faulty) Connect(context.Context) (driver.Conn, error) {
	if err := f.before("connect"); err != nil {
		return nil, err
	}
	c, err := f.real.Open(f.dsn)
	if err != nil {
		return nil, err
	}
	return &faultyConn{c.(sqliteConn), f}, nil
}

// Driver implements driver.Connector.
func (f *faulty) Driver() driver.Driver { return f.real }

// sqliteConn is what the real connection can do.
type sqliteConn interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.SessionResetter
	driver.Validator
}

type faultyConn struct {
	sqliteConn
	f *faulty
}

func (c *faultyConn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	if err := c.f.before(text); err != nil {
		return nil, err
	}
	return c.sqliteConn.ExecContext(ctx, text, args)
}

func (c *faultyConn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	if err := c.f.before(text); err != nil {
		return nil, err
	}
	return c.sqliteConn.QueryContext(ctx, text, args)
}

func (c *faultyConn) PrepareContext(ctx context.Context, text string) (driver.Stmt, error) {
	s, err := c.sqliteConn.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	return &faultyStmt{s.(sqliteStmt), c.f, text}, nil
}

type sqliteStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

type faultyStmt struct {
	sqliteStmt
	f    *faulty
	text string
}

func (s *faultyStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	if err := s.f.before(s.text); err != nil {
		return nil, err
	}
	return s.sqliteStmt.ExecContext(ctx, args)
}

func (s *faultyStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	if err := s.f.before(s.text); err != nil {
		return nil, err
	}
	return s.sqliteStmt.QueryContext(ctx, args)
}
