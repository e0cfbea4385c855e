package mysql

import (
	"context"
	"database/sql"
	"errors"

	"zohocrm/oauth"
	"zohocrm/store/check"
	"zohocrm/store/internal/sqlstore"
)

var (
	_ oauth.Store     = (*Store)(nil)
	_ oauth.Prober    = (*Store)(nil)
	_ oauth.Batch     = (*Store)(nil)
	_ check.Inspector = (*Store)(nil)
)

// engine keeps the embedded type out of Store's exported fields.
type engine = sqlstore.Store

// Store keeps tokens in MySQL or MariaDB. Make it with [New] or [Open]; it is safe
// for concurrent use, also by several processes and machines.
type Store struct {
	*engine
	own *sql.DB // opened here; nil: it is the caller's
}

// New makes a Store on an opened database, which stays its caller's to close, after
// the Store. Of cfg, Table, ReadOnly, Now and Logger are used. ctx bounds the
// opening alone.
//
// The driver has to be github.com/go-sql-driver/mysql, or one whose errors are its
// [*mysql.MySQLError], with connections in the character set utf8mb4. Set its
// readTimeout and writeTimeout: a COMMIT that a dead network swallows is not ended by
// a context. sql_mode should be strict; what a lenient server makes of a value is
// noticed either way.
func New(ctx context.Context, db *sql.DB, cfg Config) (*Store, error) {
	// The caller's sessions have whichever level the server gives them.
	return newStore(ctx, db, cfg, dialect(sql.LevelReadCommitted, unknownTLS))
}

func newStore(ctx context.Context, db *sql.DB, cfg Config, d sqlstore.Dialect) (*Store, error) {
	s, err := sqlstore.Open(ctx, db, sqlstore.Config{Dialect: d, Table: cfg.Table, Now: cfg.Now, Logger: cfg.Logger, ReadOnly: cfg.ReadOnly})
	if err != nil {
		return nil, err
	}
	return &Store{engine: s}, nil
}

// Close ends the use of the database, and closes one that [Open] opened. No method
// may be called afterwards.
func (s *Store) Close() error {
	err := s.engine.Close()
	if s.own != nil {
		err = errors.Join(err, s.own.Close())
	}
	return err
}
