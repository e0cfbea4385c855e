package servertest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
)

func postgresProduct() product {
	return product{
		name: "PostgreSQL", pkg: "postgresql",
		programs: []string{"postgres", "initdb"}, prepare: preparePostgres,
	}
}

func preparePostgres(ctx context.Context, h host, settings []string) (launch, error) {
	data := filepath.Join(h.dir, "data")
	password, err := h.file("password", h.password)
	if err != nil {
		return launch{}, err
	}
	err = h.do(ctx, []string{
		h.programs["initdb"], "--pgdata=" + data, "--username=postgres", "--pwfile=" + password,
		"--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync",
	}, h.dir)
	if err != nil {
		return launch{}, err
	}
	conf, err := os.OpenFile(filepath.Join(data, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return launch{}, err
	}
	defer conf.Close()
	_, err = fmt.Fprintln(conf, strings.Join(append([]string{
		"listen_addresses = '127.0.0.1'", "unix_socket_directories = ''", "max_connections = 200",
		"fsync = off", "full_page_writes = off", // a commit is written, though not synced
	}, settings...), "\n"))
	return launch{
		argv: func(port int) ([]string, error) {
			return []string{h.programs["postgres"], "-D", data, "-p", fmt.Sprint(port)}, nil
		},
		url: func(port int) string {
			return fmt.Sprintf("postgres://postgres:%s@127.0.0.1:%d/postgres?sslmode=disable", h.password, port)
		},
		ping: pingPostgres,
		end:  syscall.SIGINT, // SIGTERM would wait until every client has gone
		// "Immediate shutdown": no clean end, and recovery at the next start. After
		// SIGKILL its children would live on for a while and forbid that start.
		kill: syscall.SIGQUIT,
	}, err
}

func pingPostgres(ctx context.Context, url string) error {
	return withPostgres(ctx, url, func(conn *pgx.Conn) error { return conn.Ping(ctx) })
}

// withPostgres connects for one call. It prepares no statements, which would
// not survive PgBouncer.
func withPostgres(ctx context.Context, url string, do func(*pgx.Conn) error) error {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return err
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return do(conn)
}
