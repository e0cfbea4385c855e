package open

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	_ "modernc.org/sqlite" // the driver named "sqlite", in Go alone

	"zohocrm/store/sqlite"
)

func openSQLite(ctx context.Context, path string, cfg Config) (*Store, error) {
	if err := sqlite.Prepare(path, cfg.Logger); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", sqlite.DSN(path))
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	s, err := sqlite.New(ctx, db, sqlite.Config{Now: cfg.Now, Logger: cfg.Logger})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &Store{Store: s, close: func() error { return errors.Join(s.Close(), db.Close()) }}, nil
}
