package servertest

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// cleanTime bounds what a test does to the shared servers before and after.
const cleanTime = 30 * time.Second

// MySQL makes an empty database on the shared MariaDB and gives its URL, which
// [MySQLDSN] translates for the driver. The database goes with the test.
func MySQL(t testing.TB) string {
	t.Helper()
	server := need(t, EnvMySQL)
	name := "zcrm_" + random(6)
	exec := func(statement string) error {
		db, err := openMySQL(server)
		if err != nil {
			return err
		}
		defer db.Close()
		return execMySQL(db, statement)
	}
	create(t, exec, "CREATE DATABASE "+name, "DROP DATABASE "+name)
	return inDatabase(t, server, name)
}

func execMySQL(db *sql.DB, statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), cleanTime)
	defer cancel()
	_, err := db.ExecContext(ctx, statement)
	return err
}

// MySQLSocket is the path of the shared MariaDB's socket, where the user root
// of the machine is the user root of the server.
func MySQLSocket(t testing.TB) string {
	t.Helper()
	return need(t, EnvMySQLSocket)
}

// Postgres makes an empty database on the shared PostgreSQL and gives its URL,
// as github.com/jackc/pgx/v5 takes it. The database goes with the test.
func Postgres(t testing.TB) string {
	t.Helper()
	return postgresAt(t, need(t, EnvPostgres))
}

// PgBouncer is [Postgres] behind a PgBouncer that gives a connection to whoever
// begins a transaction and takes it back at its end, so that nothing else of a
// session lasts: no prepared statement, no SET, no advisory lock.
func PgBouncer(t testing.TB) string {
	t.Helper()
	return postgresAt(t, need(t, EnvPgBouncer))
}

func postgresAt(t testing.TB, server string) string {
	t.Helper()
	name := "zcrm_" + random(6)
	exec := func(statement string) error {
		ctx, cancel := context.WithTimeout(context.Background(), cleanTime)
		defer cancel()
		return withPostgres(ctx, server, func(conn *pgx.Conn) error {
			_, err := conn.Exec(ctx, statement)
			return err
		})
	}
	create(t, exec, "CREATE DATABASE "+name+" TEMPLATE template0", "DROP DATABASE "+name+" WITH (FORCE)")
	return inDatabase(t, server, name)
}

// create makes a database for the length of the test.
func create(t testing.TB, exec func(statement string) error, make, drop string) {
	t.Helper()
	if err := exec(make); err != nil {
		t.Fatalf("servertest: %s: %v", make, err)
	}
	t.Cleanup(func() {
		if err := exec(drop); err != nil {
			t.Errorf("servertest: %s: %v", drop, err)
		}
	})
}

func inDatabase(t testing.TB, server, name string) string {
	t.Helper()
	u, err := parse(server)
	if err != nil {
		t.Fatalf("servertest: %v", err)
	}
	u.Path = "/" + name
	return u.String()
}

// Redis gives the URL of the shared Redis and a prefix that no key has. Keys
// that begin with the prefix, or with "{prefix}" as hash tags do, go with the
// test.
func Redis(t testing.TB) (url, prefix string) {
	t.Helper()
	url, prefix = need(t, EnvRedis), "zcrm_"+random(6)
	t.Cleanup(func() {
		if err := clearRedis(url, prefix); err != nil {
			t.Errorf("servertest: clear the keys %s*: %v", prefix, err)
		}
	})
	return url, prefix
}

func clearRedis(url, prefix string) error {
	client, err := openRedis(url)
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), cleanTime)
	defer cancel()
	for _, pattern := range []string{prefix + "*", "{" + prefix + "}*"} {
		for keys := client.Scan(ctx, 0, pattern, 1000).Iterator(); ; {
			if !keys.Next(ctx) {
				if err := keys.Err(); err != nil {
					return err
				}
				break
			}
			if err := client.Del(ctx, keys.Val()).Err(); err != nil {
				return err
			}
		}
	}
	return nil
}

// need reads an environment variable without which the test cannot run.
func need(t testing.TB, name string) string {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		giveUp(t, fmt.Sprintf("no server: %s is not set; run make test, or go run zohocrm/internal/servertest/with -- go test ...", name))
	}
	return value
}

// giveUp ends a test that lacks a server.
func giveUp(t testing.TB, why string) {
	t.Helper()
	if strict() {
		t.Fatal("servertest: " + why)
	}
	t.Skip("servertest: " + why)
}
