package mysql

import (
	"context"
	"crypto/tls"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"zohocrm/oauth"
	"zohocrm/store/internal/sqlstore"
)

// connLifetime is the greatest age of a connection in [Open]'s pool: below every
// usual limit of servers and of what stands between, and a way to follow a server
// that has moved.
const connLifetime = 3 * time.Minute

// Open connects to the server that cfg names and makes a Store on its database. What
// it opened, its Close closes. ctx bounds the opening alone.
//
// A connection is tried at once, so a wrong password or a wrong name is an error
// here. No error holds the password.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	return open(ctx, cfg, Sockets())
}

func open(ctx context.Context, cfg Config, sockets []string) (*Store, error) {
	cfg, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	db, there, err := connect(ctx, cfg, cfg.places(sockets))
	if err != nil {
		return nil, err
	}
	d := dialect(sql.LevelDefault, cfg.TLS)
	if !there {
		d.Missing = "database " + quote(cfg.Database)
		d.MayMake = func(ctx context.Context, q sqlstore.Querier, _ string, _ bool) (bool, error) {
			return mayCreate(ctx, q, cfg.Database, "")
		}
		d.Advice = func(ctx context.Context, q sqlstore.Querier, _ string, _ []string) []string {
			return databaseAdvice(ctx, q, cfg.Database)
		}
	}
	s, err := newStore(ctx, db, cfg, d)
	if err != nil {
		db.Close() // the error that matters is the first
		return nil, err
	}
	s.own = db
	return s, nil
}

// connect gives a pool for the first place at which the server lets the user in, and
// makes the database there if it is missing. If it may not make it, the pool is of
// no database, and there is false.
func connect(ctx context.Context, cfg Config, places []place) (db *sql.DB, there bool, err error) {
	for _, p := range places {
		db, err = dial(ctx, cfg, p)
		there = err == nil
		switch missing := number(err) == unknownDatabase; {
		case cfg.ReadOnly && missing:
			none := cfg
			none.Database = ""
			db, err = dial(ctx, none, p)
		case cfg.ReadOnly && number(err) == databaseDenied:
			err = closed(ctx, cfg, p)
		case missing, number(err) == databaseDenied:
			if err = createDatabase(ctx, cfg, p, err); err == nil {
				db, err = dial(ctx, cfg, p)
				there = err == nil
			}
		}
		if err == nil || ctx.Err() != nil {
			break
		}
		err = unreachable(cfg, p, err)
	}
	if stop := ctx.Err(); err != nil && stop != nil {
		return nil, false, fmt.Errorf("MySQL open: %w", stop)
	}
	return db, there, err
}

// closed is the error of a database that the user may not read; the server does not
// say whether it is there.
func closed(ctx context.Context, cfg Config, p place) error {
	name := cfg.Database
	cfg.Database = ""
	db, err := dial(ctx, cfg, p)
	if err != nil {
		return err
	}
	defer db.Close()
	user, err := currentUser(ctx, db)
	if err != nil {
		return err
	}
	return fmt.Errorf("%w: MySQL open, user %q at %s: database %s is missing, or closed to this user; see that the name is right, and let somebody who may run, for reading alone: GRANT SELECT ON %[4]s.* TO %s; for writing too: %s;",
		oauth.ErrStoreUnavailable, cfg.User, p, quote(name), account(user), strings.Join(databaseAdvice(ctx, db, name), "; "))
}

// currentUser is the account as which the server knows the user.
func currentUser(ctx context.Context, q sqlstore.Querier) (string, error) {
	answer, err := one(ctx, q, "SELECT CURRENT_USER() AS account")
	return answer["account"], err
}

func createStatement(database string) string {
	return "CREATE DATABASE IF NOT EXISTS " + quote(database) + " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
}

// databaseAdvice is what an administrator has to run where the database is missing.
func databaseAdvice(ctx context.Context, q sqlstore.Querier, database string) []string {
	all := []string{createStatement(database)}
	user, err := currentUser(ctx, q)
	if err != nil {
		return all
	}
	return append(all, "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, INDEX ON "+quote(database)+".* TO "+account(user))
}

// dial makes a pool and proves that it connects.
func dial(ctx context.Context, cfg Config, p place) (*sql.DB, error) {
	c, err := newConnector(cfg, p)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(cfg.MaxConns)
	db.SetMaxIdleConns(cfg.MaxIdleConns)
	db.SetConnMaxLifetime(connLifetime)
	ctx, cancel := context.WithTimeout(ctx, cfg.ConnectTimeout)
	defer cancel()
	if err := db.PingContext(ctx); err != nil {
		db.Close() // nothing was done with it
		return nil, err
	}
	return db, nil
}

// unreachable is the error of a server that does not let the user in.
func unreachable(cfg Config, p place, err error) error {
	if errors.Is(err, oauth.ErrStoreUnavailable) {
		return err // says it all
	}
	_, why := classify(err)
	if errors.Is(err, context.DeadlineExceeded) {
		why = "no answer within " + cfg.ConnectTimeout.String()
	}
	return fmt.Errorf("%w: MySQL open, user %q at %s: %s%s", oauth.ErrStoreUnavailable, cfg.User, p, why, remedy(err))
}

// remedy is what to do where no connection came about; "": the error says it.
func remedy(err error) string {
	var name *net.DNSError
	var unknown *tls.CertificateVerificationError
	var network *net.OpError
	switch {
	case number(err) == accessDenied, number(err) == accessDeniedByPlugin:
		return "; check the user and the password"
	case errors.As(err, &name):
		return "; see that the name of the host is right"
	case errors.Is(err, context.DeadlineExceeded):
		return "; see that this is the address of a MySQL server"
	case errors.Is(err, mysql.ErrNoTLS):
		return "; let the server offer it, or do without tls=verify where nobody can listen"
	case errors.As(err, &unknown):
		return "; name the authority that signed it with ca=FILE, and the host as in the certificate"
	case errors.As(err, &network) && network.Op == "dial":
		return "; see that the server runs, and that this is its address"
	}
	return ""
}

// createDatabase makes the database that a connection asked for in vain.
func createDatabase(ctx context.Context, cfg Config, p place, because error) error {
	name := cfg.Database
	cfg.Database = ""
	db, err := dial(ctx, cfg, p)
	if err != nil {
		return err
	}
	defer db.Close()
	if number(because) == unknownDatabase {
		if _, err = db.ExecContext(ctx, createStatement(name)); err == nil {
			return nil
		}
		if number(err) != databaseDenied {
			return err
		}
	}
	return fmt.Errorf("%w: MySQL open, user %q at %s: database %s is missing, or closed to this user; let somebody who may run: %s;",
		oauth.ErrStoreUnavailable, cfg.User, p, quote(name), strings.Join(databaseAdvice(ctx, db, name), "; "))
}

// number is the server's error number, 0 for another error.
func number(err error) uint16 {
	var e *mysql.MySQLError
	if errors.As(err, &e) {
		return e.Number
	}
	return 0
}

func isSocket(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&os.ModeSocket != 0
}
