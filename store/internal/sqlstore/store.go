package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"zohocrm/oauth"
)

var (
	_ oauth.Store  = (*Store)(nil)
	_ oauth.Prober = (*Store)(nil)
	_ oauth.Batch  = (*Store)(nil)
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
}

// Store keeps tokens in a table. Make it with [Open]; it is safe for concurrent
// use, also by several processes.
type Store struct {
	db      *sql.DB
	dialect Dialect
	table   string
	now     func() time.Time
	logger  *slog.Logger

	sql    statements
	layout layout
	cache  cache
	find   [5]*sql.Stmt // by oauth.Key
	side   *sql.Stmt
	turn   chan struct{} // held by the one who writes; nil: the database orders writers itself
}

// Open makes a Store on db, which stays its caller's: Close does not close it. ctx
// bounds the opening alone.
func Open(ctx context.Context, db *sql.DB, cfg Config) (*Store, error) {
	s := &Store{db: db, dialect: cfg.Dialect, table: cfg.Table, now: cfg.Now, logger: cfg.Logger}
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
	if s.dialect.OneWriter {
		s.turn = make(chan struct{}, 1)
	}
	s.sql = newStatements(s.dialect, s.table)
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
	if err := s.prepareTables(ctx); err != nil {
		return err
	}
	if err := s.warnOfLostUsers(ctx); err != nil {
		return err
	}
	for k, text := range s.sql.find {
		if err := s.prepare(ctx, &s.find[k], text); err != nil {
			return err
		}
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
	for _, stmt := range append(s.find[:], s.side) {
		if stmt != nil {
			all = errors.Join(all, stmt.Close())
		}
	}
	return all
}

// Find implements [oauth.Store].
func (s *Store) Find(ctx context.Context, partial oauth.Token) (oauth.Token, error) {
	row, err := oauth.Resolve(partial, s.rowsOf(ctx))
	return row, s.failed(ctx, "find", err)
}

// Get implements [oauth.Store].
func (s *Store) Get(ctx context.Context, id string) (oauth.Token, error) {
	return s.Find(ctx, oauth.Token{ID: id})
}
