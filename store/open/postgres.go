package open

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"zohocrm/store/postgres"
)

// openPostgres opens a store in PostgreSQL. Without a password PGPASSWORD and
// ~/.pgpass are looked at, as by every client of PostgreSQL.
func openPostgres(ctx context.Context, a address, cfg Config) (*Store, error) {
	config, err := a.pgxConfig(cfg)
	if err != nil {
		return nil, err
	}
	db := stdlib.OpenDB(*config)
	if err := a.bound(db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	s, err := postgres.New(ctx, db, postgres.Config{
		Table: a.options["table"], Pooler: a.options["pooler"] != "", ReadOnly: cfg.ReadOnly, Now: cfg.Now, Logger: cfg.Logger,
	})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &Store{Store: s, close: func() error { return errors.Join(s.Close(), db.Close()) }}, nil
}

// pgxConfig hands the password over apart from the words that the driver parses,
// and could quote.
func (a *address) pgxConfig(cfg Config) (*pgx.ConnConfig, error) {
	password, err := a.secret(cfg)
	if err != nil {
		return nil, err
	}
	host, mode := a.host, a.options["sslmode"]
	if socket := a.options["socket"]; socket != "" {
		host = socket
	}
	words := map[string]string{
		"host": host, "port": strconv.Itoa(a.port), "dbname": a.database, "user": a.user,
		"sslmode": mode, "sslrootcert": a.options["ca"],
		"connect_timeout": strconv.Itoa(int(connectTime.Seconds())), "application_name": "zcrm",
	}
	if a.options["ca"] != "" {
		if _, err := a.authorities(); err != nil { // says more than the driver
			return nil, err
		}
		if mode == "" {
			words["sslmode"] = "verify-full"
		}
	}
	var dsn strings.Builder
	for name, value := range words {
		if value != "" {
			fmt.Fprintf(&dsn, "%s='%s' ", name, strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value))
		}
	}
	config, err := pgx.ParseConfig(dsn.String())
	if err != nil {
		return nil, fmt.Errorf("%w: the PostgreSQL driver does not take it; look at sslmode, ca and the PG... variables of the environment", ErrUnsupported)
	}
	if !password.IsZero() {
		config.Password = password.Reveal()
	}
	if a.options["pooler"] == "transaction" {
		// Statements that are prepared in a session are not there in the next.
		config.DefaultQueryExecMode = pgx.QueryExecModeExec
		config.StatementCacheCapacity, config.DescriptionCacheCapacity = 0, 0
	}
	return config, nil
}

// bound keeps the pool from growing without an end, and from keeping for ever
// what a firewall has long forgotten.
func (a *address) bound(db *sql.DB) error {
	conns, err := a.maxConns()
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(min(conns, idleConns))
	db.SetConnMaxIdleTime(idleTime)
	return nil
}
