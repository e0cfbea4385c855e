package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"zohocrm/oauth"
	"zohocrm/store/check"
)

var (
	_ oauth.Store  = (*Store)(nil)
	_ oauth.Prober = (*Store)(nil)
	_ oauth.Batch  = (*Store)(nil)

	_ check.Inspector = (*Store)(nil)
)

// DefaultTable is the token table's name in the official SDKs.
const DefaultTable = "oauthtoken"

// Config says which tables are used and how.
type Config struct {
	// Dialect is the database product's.
	Dialect Dialect
	// Table is the token table; "" is [DefaultTable].
	Table string
	// Now is the clock for CreatedAt, UpdatedAt and the keeping of side data; nil
	// is time.Now.
	Now func() time.Time
	// Logger takes warnings about the table; nil: none are given.
	Logger *slog.Logger
	// ReadOnly: nothing is created or written. Save, Delete, Acquire and what else
	// writes wrap [oauth.ErrStoreUnavailable]. A token table that is missing holds no
	// token, and where the side table is missing there are no side data and no
	// standings, until the Store is opened again.
	ReadOnly bool
}

// Store keeps tokens in a table. Make it with [Open]; it is safe for concurrent
// use, also by several processes.
type Store struct {
	db      *sql.DB
	dialect Dialect
	table   string
	now     func() time.Time
	logger  *slog.Logger

	readOnly  bool // [Config.ReadOnly]
	tableless bool // there was no token table, and none was made
	used      bool // no table was missing

	sql    statements
	layout layout
	cache  cache
	find   [5]*sql.Stmt // by oauth.Key
	side   *sql.Stmt
	kept   kept
	leases leaseStatements
	// oneStanding is prepared when it is first used: most programs that only list or
	// copy never ask.
	oneStanding struct {
		mu   sync.Mutex
		stmt *sql.Stmt
	}
	turn chan struct{} // held by the one who writes; nil: the database orders writers itself
}

// Open makes a Store on db, which stays its caller's: Close does not close it. ctx
// bounds the opening alone.
func Open(ctx context.Context, db *sql.DB, cfg Config) (*Store, error) {
	s := &Store{db: db, dialect: cfg.Dialect, table: cfg.Table, now: cfg.Now, logger: cfg.Logger, readOnly: cfg.ReadOnly}
	if s.table == "" {
		s.table = DefaultTable
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.logger == nil {
		s.logger = slog.New(slog.DiscardHandler)
	}
	if err := checkName(s.dialect, s.table); err != nil {
		return nil, fmt.Errorf("%s: %w", s.dialect.Product, err)
	}
	if s.dialect.OneWriter || s.dialect.QueueWriters {
		s.turn = make(chan struct{}, 1)
	}
	s.leases = newLeaseStatements(s.dialect, s.table)
	if err := s.open(ctx); err != nil {
		_ = s.Close() // the error that matters is the first
		return nil, s.failed(ctx, "open", err)
	}
	return s, nil
}

func (s *Store) open(ctx context.Context) error {
	if s.dialect.Setup != nil {
		setup := func() error { return fromDriver(s.dialect.Setup(ctx, s.db)) }
		if err := s.again(ctx, setup); err != nil {
			return err
		}
	}
	if err := s.prepareTables(ctx); err != nil || s.tableless {
		return err
	}
	if err := s.warnOfLostUsers(ctx); err != nil {
		return err
	}
	if s.dialect.NoPrepare {
		return nil
	}
	for k, text := range s.sql.find {
		if err := s.prepare(ctx, &s.find[k], text); err != nil {
			return err
		}
	}
	if s.layout.sideless {
		return nil
	}
	return s.prepare(ctx, &s.side, s.sql.side)
}

func (s *Store) prepare(ctx context.Context, into **sql.Stmt, text string) error {
	return s.again(ctx, func() (err error) {
		*into, err = s.db.PrepareContext(ctx, text)
		return fromDriver(err)
	})
}

// Close ends the use of the database, which its owner can then close. No method
// may be called afterwards.
func (s *Store) Close() error {
	var all error
	for _, stmt := range append(append(s.find[:], s.side, s.oneStanding.stmt), s.kept.all()...) {
		if stmt != nil {
			all = errors.Join(all, stmt.Close())
		}
	}
	return all
}

// Used reports whether no table was missing when the Store was opened, so that
// opening it without [Config.ReadOnly] makes nothing.
func (s *Store) Used() bool { return s.used }

// Find implements [oauth.Store].
func (s *Store) Find(ctx context.Context, partial oauth.Token) (oauth.Token, error) {
	row, err := oauth.Resolve(partial, s.rowsOf(ctx))
	return row, s.failed(ctx, "find", err)
}

// Get implements [oauth.Store].
func (s *Store) Get(ctx context.Context, id string) (oauth.Token, error) {
	return s.Find(ctx, oauth.Token{ID: id})
}
