package sqlite

import (
	"context"
	"database/sql"
	"log/slog"
	"time"

	"zohocrm/oauth"
	"zohocrm/store/check"
	"zohocrm/store/internal/sqlstore"
)

var (
	_ oauth.Store  = (*Store)(nil)
	_ oauth.Prober = (*Store)(nil)
	_ oauth.Batch  = (*Store)(nil)

	_ check.Inspector = (*Store)(nil)
)

// Config says which table is used; the zero value works.
type Config struct {
	// Table is the token table: 1 to 64 letters, digits, "_" and "$". It is made
	// if it is missing, and never altered. "" is "oauthtoken", as in the SDKs.
	// Beside it stands TABLE_zcrm, with what the SDKs' columns have no place for.
	Table string
	// Now is the clock for CreatedAt and UpdatedAt; nil is time.Now.
	Now func() time.Time
	// Logger takes warnings about the database; nil: none are given.
	Logger *slog.Logger
}

// engine keeps the embedded type out of Store's exported fields.
type engine = sqlstore.Store

// Store keeps tokens in SQLite. Make it with [New]; it is safe for concurrent use,
// also by several processes on one file. Close it before the database.
type Store struct{ *engine }

// SaveMany is [Store.SaveAll] in one transaction, however many tokens there are. It
// is for who changes a whole table: secrets stand in indexes, and each transaction
// writes most of their pages. Other writers wait for its end.
func (s *Store) SaveMany(ctx context.Context, tokens []oauth.Token) error {
	return sqlstore.SaveMany(ctx, s.engine, tokens)
}

// New makes a Store on an opened database, which stays its caller's to close. ctx
// bounds the opening alone.
//
// A database in memory belongs to the one connection that made it, so for one New
// limits db to one connection that is never given up. Nothing here holds a
// connection while the caller's code runs, so one is enough.
//
// A table without one of the SDKs' ten columns, or whose id is not unique, is
// refused with an error that says what is missing.
func New(ctx context.Context, db *sql.DB, cfg Config) (*Store, error) {
	s, err := sqlstore.Open(ctx, db, sqlstore.Config{
		Dialect: dialect(cfg.Logger), Table: cfg.Table, Now: cfg.Now, Logger: cfg.Logger,
	})
	if err != nil {
		return nil, err
	}
	return &Store{s}, nil
}
