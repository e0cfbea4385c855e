package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"net/netip"

	"zohocrm/store/check"
	"zohocrm/store/internal/sqlstore"
)

// clock asks for the time now; now() would be that of the transaction's start.
const clock = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint"

// look gathers findings about one table.
type look struct {
	q     sqlstore.Querier
	table string
	cfg   Config
	all   []check.Finding
}

func (l *look) add(severity check.Severity, code, text, remedy string) {
	l.all = append(l.all, check.Finding{Severity: severity, Code: code, Text: text, Remedy: remedy})
}

// findings implements Findings of the dialect.
func findings(ctx context.Context, q sqlstore.Querier, table string, cfg Config) ([]check.Finding, error) {
	l := &look{q: q, table: table, cfg: cfg}
	for _, step := range []func(context.Context) error{l.session, l.encryption, l.tables, l.rights} {
		if err := step(ctx); err != nil {
			return l.all, err
		}
	}
	return l.all, nil
}

// session looks at the settings that decide whether and how a save lasts.
func (l *look) session(ctx context.Context) error {
	answer, err := lines(ctx, l.q, `SELECT pg_is_in_recovery()::text, current_setting('transaction_read_only'),
		current_setting('synchronous_commit'), current_setting('fsync'), current_setting('server_encoding')`, 5)
	if err != nil || len(answer) != 1 {
		return err
	}
	standby, readOnly, synchronous, fsync, encoding := answer[0][0], answer[0][1], answer[0][2], answer[0][3], answer[0][4]
	switch {
	case standby == "true":
		l.add(check.Failure, "read-only", "the server is a standby: nothing can be saved", "name the primary server")
	case readOnly == "on":
		l.add(check.Failure, "read-only", "this user's transactions are read-only (default_transaction_read_only): nothing can be saved", "ALTER ROLE CURRENT_USER RESET default_transaction_read_only, or name another user")
	}
	if synchronous == "off" {
		l.add(check.Warning, "synchronous-commit", "synchronous_commit is off: a crash of the server can lose the newest tokens", "ALTER ROLE CURRENT_USER SET synchronous_commit = on")
	}
	if fsync == "off" {
		l.add(check.Warning, "fsync", "fsync is off: a crash of the server's machine can destroy the database", "set fsync = on in postgresql.conf")
	}
	if encoding != "UTF8" {
		l.add(check.Note, "charset", "the database holds the characters of "+encoding+" only; others are refused", "")
	}
	return nil
}

// encryption looks at how the connection is guarded. On a socket nobody listens, and
// on this machine's loopback only its administrator could. What the server sees
// behind a pooler is the pooler's connection.
func (l *look) encryption(ctx context.Context) error {
	if l.cfg.Pooler {
		return nil
	}
	answer, err := lines(ctx, l.q, "SELECT coalesce(host(inet_client_addr()), ''), coalesce((SELECT s.ssl FROM pg_stat_ssl s WHERE s.pid = pg_backend_pid()), false)::text", 2)
	if err != nil || len(answer) != 1 || answer[0][0] == "" {
		return err
	}
	severity := check.Warning
	if client, err := netip.ParseAddr(answer[0][0]); err == nil && client.IsLoopback() {
		severity = check.Note
	}
	switch mode := l.cfg.SSLMode; {
	case answer[0][1] != "true":
		l.add(severity, "tls-off", "the connection to the server is not encrypted: tokens can be read on the way", "give the server a certificate, and use sslmode=verify-full")
	case mode != "" && mode != "verify-ca" && mode != "verify-full":
		l.add(severity, "tls-unverified", "the connection is encrypted, but the server's certificate is not verified (sslmode="+mode+")", "use sslmode=verify-full, with sslrootcert if the authority is your own")
	}
	return nil
}

// tables looks at properties of the tables that lose or hide rows.
func (l *look) tables(ctx context.Context) error {
	answer, err := lines(ctx, l.q, `SELECT c.relname::text, (c.relpersistence = 'u')::text, row_security_active(c.oid)::text FROM pg_class c
		WHERE c.oid IN (to_regclass(quote_ident($1)), to_regclass(quote_ident($2))) ORDER BY 1`, 3, l.table, l.side())
	for _, t := range answer {
		if t[1] == "true" {
			l.add(check.Warning, "unlogged", fmt.Sprintf("table %s is UNLOGGED: a crash of the server empties it", t[0]), "ALTER TABLE "+quote(t[0])+" SET LOGGED")
		}
		if t[2] == "true" {
			l.add(check.Warning, "row-security", fmt.Sprintf("table %s has row security: this user may not see every row, and an ID that is hidden can be given again", t[0]),
				"let this user see all rows, or give it a table of its own")
		}
	}
	return err
}

func (l *look) rights(ctx context.Context) error {
	all, err := lacking(ctx, l.q, l.table)
	for _, t := range all {
		if t.there { // of one that is not, the engine has said enough
			l.add(check.Failure, "privileges", fmt.Sprintf("the database's user may not %s in table %s", t.rights, t.name), grant(t.user, t.name))
		}
	}
	return err
}

func (l *look) side() string { return l.table + "_zcrm" }

// indexed gives the columns that come first in an index which finds equal values.
func indexed(ctx context.Context, q sqlstore.Querier, table string) ([]string, error) {
	answer, err := lines(ctx, q, `
SELECT a.attname::text FROM pg_index i
  JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
  JOIN pg_class c ON c.oid = i.indexrelid
  JOIN pg_am m ON m.oid = c.relam AND m.amname IN ('btree', 'hash')
WHERE i.indrelid = to_regclass(quote_ident($1)) AND i.indisvalid AND i.indpred IS NULL
  AND i.indcollation[0] IN (0, a.attcollation)`, 1, table)
	columns := make([]string, len(answer))
	for i, line := range answer {
		columns[i] = line[0]
	}
	return columns, err
}

// lines reads an answer of some columns, all texts and none NULL.
func lines(ctx context.Context, q sqlstore.Querier, text string, columns int, args ...any) (all [][]string, err error) {
	rows, err := q.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		line, into := make([]string, columns), make([]any, columns)
		for i := range line {
			into[i] = &line[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		all = append(all, line)
	}
	return all, rows.Err()
}

// setup refuses a driver that prepares statements behind a pooler, where they are
// not there any more when it wants them.
func setup(ctx context.Context, db *sql.DB, cfg Config, mark string) error {
	if !cfg.Pooler {
		return nil
	}
	var prepares bool
	// If the driver prepares this very text, the server lists it.
	err := db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM pg_prepared_statements p WHERE p.statement LIKE '%' || $1::text || '%') /* "+mark+" */", mark).Scan(&prepares)
	if err == nil && prepares {
		return setupError("its driver prepares statements, which a pooler in transaction mode loses: open it with default_query_exec_mode=exec")
	}
	return err
}

// setupError is an error of ours that [classify] hands on.
type setupError string

func (e setupError) Error() string { return string(e) }
