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
	if cfg.ReadOnly {
		return lookAtSQLite(ctx, path, cfg)
	}
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

// lookAtSQLite opens a database to be read.
func lookAtSQLite(ctx context.Context, path string, cfg Config) (*Store, error) {
	db, err := sql.Open("sqlite", sqlite.DSN(sqlite.Memory))
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	if path == sqlite.Memory {
		s, err := sqlite.New(ctx, db, sqlite.Config{Now: cfg.Now})
		if err != nil {
			return nil, errors.Join(err, db.Close())
		}
		return cfg.asked(s, func() error { return errors.Join(s.Close(), db.Close()) }), nil
	}
	s, _, err := sqlite.Look(ctx, db, path, sqlite.Config{Now: cfg.Now, Logger: cfg.Logger})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &Store{Store: s, close: func() error { return errors.Join(s.Close(), db.Close()) }}, nil
}
