package postgres

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

	_ oauth.Coordinator = (*Store)(nil)
	_ check.Inspector   = (*Store)(nil)
)

// Config says which table is used, and how; the zero value works.
type Config struct {
	// Table is the token table: 1 to 44 letters, digits, "_" and "$", capital and
	// small letters being different. It is looked for, and made, where the
	// connection's search_path says. It is made if it is missing, and never
	// altered. "" is "oauthtoken", as in the SDKs. Beside it stands TABLE_zcrm,
	// with what the SDKs' columns have no place for.
	Table string
	// Pooler says that a pooler stands in between which gives each transaction
	// another connection; see the package's comment for what the driver has to be
	// told then. New refuses a database whose driver was not told.
	Pooler bool
	// SSLMode is the sslmode with which the database was opened, which this package
	// cannot see, for Inspect: one that verifies nothing is reported. "": not known.
	SSLMode string
	// ReadOnly: nothing is created or written. Save, Delete, Acquire and what else
	// writes wrap [oauth.ErrStoreUnavailable]. Where the token table is missing there is
	// no token, and where TABLE_zcrm is missing, or closed to the user, there are no
	// side data. SELECT is the right it takes.
	ReadOnly bool
	// Now is the clock for CreatedAt and UpdatedAt; nil is time.Now.
	Now func() time.Time
	// Logger takes warnings about the database; nil: none are given.
	Logger *slog.Logger
}

// engine keeps the embedded type out of Store's exported fields.
type engine = sqlstore.Store

// Store keeps tokens in PostgreSQL. Make it with [New]; it is safe for concurrent
// use, also by many programs on one database. Close it before the database.
type Store struct{ *engine }

// New makes a Store on an opened database, which stays its caller's to close. ctx
// bounds the opening alone.
//
// A table without one of the SDKs' ten columns, or whose id is not unique, is
// refused with an error that says what is missing. Where a table is missing and
// this user may not make it, the error holds the statements that make it.
func New(ctx context.Context, db *sql.DB, cfg Config) (*Store, error) {
	s, err := sqlstore.Open(ctx, db, sqlstore.Config{
		Dialect: dialect(cfg), Table: cfg.Table, Now: cfg.Now, Logger: cfg.Logger, ReadOnly: cfg.ReadOnly,
	})
	if err != nil {
		return nil, err
	}
	return &Store{s}, nil
}
