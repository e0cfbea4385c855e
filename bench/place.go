package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"

	_ "github.com/go-sql-driver/mysql" // the drivers under both sides
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/redis/go-redis/v9"
	_ "modernc.org/sqlite"

	"zohocrm/internal/servertest"
	"zohocrm/store/open"
	"zohocrm/store/rediskv"
)

// kind is a store that processes share.
type kind string

const (
	inCSV      kind = "CSV"
	inSQLite   kind = "SQLite"
	inMySQL    kind = "MySQL"
	inPostgres kind = "PostgreSQL"
	inRedis    kind = "Redis"
)

func kinds() []kind { return []kind{inCSV, inSQLite, inMySQL, inPostgres, inRedis} }

// place makes an empty place for a store and gives its URL, as users type it. It is
// gone when the area is done.
func (k *kit) place(ctx context.Context, in kind) (string, error) {
	switch in {
	case inMySQL:
		return k.mysqlPlace(ctx)
	case inPostgres:
		return k.postgresPlace(ctx)
	case inRedis:
		return k.redisPlace(ctx)
	}
	dir, err := k.folder()
	if in == inCSV {
		return "csv:" + filepath.Join(dir, "tokens.csv"), err
	}
	return "sqlite:" + filepath.Join(dir, "tokens.db"), err
}

// store opens a place.
func (k *kit) store(ctx context.Context, storeURL string, cfg open.Config) (*open.Store, error) {
	s, err := open.URL(ctx, storeURL, cfg)
	if err == nil {
		k.later(s.Close)
	}
	return s, err
}

// newName is one that nothing has.
func newName() string {
	b := make([]byte, 6)
	rand.Read(b) // never fails
	return "zcrm_bench_" + hex.EncodeToString(b)
}

func (k *kit) mysqlPlace(ctx context.Context) (string, error) {
	server, err := k.server(ctx, servertest.EnvMySQL)
	if err != nil {
		return "", err
	}
	dsn, err := servertest.MySQLDSN(server)
	if err != nil {
		return "", err
	}
	name := newName()
	if err := k.database(ctx, "mysql", dsn, "CREATE DATABASE "+name, "DROP DATABASE "+name); err != nil {
		return "", err
	}
	return inDatabase(server, name)
}

func (k *kit) postgresPlace(ctx context.Context) (string, error) {
	server, err := k.server(ctx, servertest.EnvPostgres)
	if err != nil {
		return "", err
	}
	name := newName()
	if err := k.database(ctx, "pgx", server, "CREATE DATABASE "+name+" TEMPLATE template0", "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
		return "", err
	}
	return inDatabase(server, name)
}

// database makes a database that is dropped when the area is done.
func (k *kit) database(ctx context.Context, driver, dsn, create, drop string) error {
	db, err := sql.Open(driver, dsn)
	if err != nil {
		return err
	}
	k.later(db.Close)
	if _, err := db.ExecContext(ctx, create); err != nil {
		return fmt.Errorf("%s: %w", create, err)
	}
	k.later(func() error {
		ctx, cancel := clean()
		defer cancel()
		_, err := db.ExecContext(ctx, drop)
		return err
	})
	return nil
}

func inDatabase(server, name string) (string, error) {
	u, err := url.Parse(server)
	if err != nil {
		return "", errors.New("the server's address is no URL") // the error would show the password
	}
	u.Path = "/" + name
	return u.String(), nil
}

func (k *kit) redisPlace(ctx context.Context) (string, error) {
	server, err := k.server(ctx, servertest.EnvRedis)
	if err != nil {
		return "", err
	}
	client, err := k.redis(server)
	if err != nil {
		return "", err
	}
	prefix := newName()
	k.later(func() error { return unlink(client, "{"+prefix+"}*") })
	return server + "?prefix=" + prefix, nil
}

// redis is a client of a server.
func (k *kit) redis(server string) (*redis.Client, error) {
	options, err := rediskv.Options(server)
	if err != nil {
		return nil, err
	}
	client := redis.NewClient(options)
	k.later(client.Close)
	return client, nil
}

// unlink removes the keys that match a pattern.
func unlink(client *redis.Client, pattern string) error {
	ctx, cancel := clean()
	defer cancel()
	keys := client.Scan(ctx, 0, pattern, 1000).Iterator()
	for keys.Next(ctx) {
		if err := client.Unlink(ctx, keys.Val()).Err(); err != nil {
			return err
		}
	}
	return keys.Err()
}
