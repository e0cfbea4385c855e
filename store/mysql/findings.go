package mysql

import (
	"context"
	"fmt"
	"strings"

	"zohocrm/store/check"
	"zohocrm/store/internal/sqlstore"
)

// unknownTLS is the mode of a database that the caller opened.
const unknownTLS TLS = "unknown"

// look gathers findings about one table.
type look struct {
	q     sqlstore.Querier
	table string
	all   []check.Finding
}

func (l *look) add(severity check.Severity, code, text, remedy string) {
	l.all = append(l.all, check.Finding{Severity: severity, Code: code, Text: text, Remedy: remedy})
}

// findings implements Findings of the dialect.
func findings(ctx context.Context, q sqlstore.Querier, table string, shape sqlstore.Shape, tls TLS) ([]check.Finding, error) {
	l := &look{q: q, table: table}
	session, err := one(ctx, l.q, `SELECT USER() AS client, CURRENT_USER() AS account, DATABASE() AS name, @@session.sql_mode AS mode, @@global.sql_mode AS others, @@global.read_only AS read_only`)
	if err != nil {
		return nil, err
	}
	for _, step := range []func() error{
		func() error { return l.encryption(ctx, session["client"], tls) },
		func() error { l.modes(session["mode"], session["others"]); return nil },
		func() error { return l.readOnly(ctx, session["read_only"]) },
		func() error { return l.engine(ctx) },
		func() error { l.collations(shape); return nil },
		func() error { return l.rights(ctx, quote(session["name"]), session["account"]) },
	} {
		if err := step(); err != nil {
			return l.all, err
		}
	}
	return l.all, nil
}

// one reads the first line of a result.
func one(ctx context.Context, q sqlstore.Querier, text string, args ...any) (map[string]string, error) {
	found, err := records(ctx, q, text, args...)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// encryption looks at how the connection is guarded. On a socket nobody listens, and
// on this machine's loopback only its administrator could.
func (l *look) encryption(ctx context.Context, client string, mode TLS) error {
	host := client[strings.LastIndexByte(client, '@')+1:]
	status, err := one(ctx, l.q, "SHOW SESSION STATUS LIKE 'Ssl_cipher'")
	if err != nil || host == defaultHost {
		return err
	}
	severity := check.Warning
	if strings.HasPrefix(host, "127.") || host == "::1" {
		severity = check.Note
	}
	switch {
	case status["Value"] == "":
		l.add(severity, "tls-off", "the connection to the server is not encrypted: tokens can be read on the way", "give the server a certificate, and use tls=verify")
	case mode == TLSPreferred:
		l.add(severity, "tls-unverified", "the connection is encrypted, but the server's certificate is not verified", "use tls=verify, with the authority's certificate if it is your own")
	}
	return nil
}

// modes looks for sessions that cut values silently: ours, which notices, and those
// of the SDKs, which do not.
func (l *look) modes(ours, others string) {
	const remedy = "SET GLOBAL sql_mode = CONCAT(@@global.sql_mode, ',STRICT_TRANS_TABLES')"
	switch {
	case !strings.Contains(ours, "STRICT_"):
		l.add(check.Warning, "sql-mode", "the sql_mode of this program's sessions is not strict: a value that does not fit is refused, but later than it could be", "open the database with sql_mode=STRICT_ALL_TABLES")
	case !strings.Contains(others, "STRICT_"):
		l.add(check.Note, "sql-mode", "the server's sql_mode is not strict: in other programs, the official SDKs among them, it cuts a value that does not fit, silently", remedy)
	}
}

func (l *look) readOnly(ctx context.Context, setting string) error {
	if setting == "0" || strings.EqualFold(setting, "OFF") {
		return nil
	}
	grants, err := records(ctx, l.q, "SHOW GRANTS")
	if err != nil {
		return err
	}
	for _, g := range grants {
		for _, line := range g {
			rights, _, global := strings.Cut(line, " ON *.* ")
			for _, exempt := range []string{"ALL PRIVILEGES", "SUPER", "READ_ONLY ADMIN", "READ ONLY ADMIN"} {
				if global && strings.Contains(rights, exempt) {
					l.add(check.Warning, "read-only", "the server is read-only, though not for this user: what is written here is lost or breaks the replication", "name the primary server")
					return nil
				}
			}
		}
	}
	l.add(check.Failure, "read-only", "the server is read-only: nothing can be saved", "name the primary server")
	return nil
}

// engine looks for tables without transactions.
func (l *look) engine(ctx context.Context) error {
	found, err := one(ctx, l.q, "SELECT ENGINE AS engine FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?", l.table)
	if engine := found["engine"]; err == nil && engine != "" && !strings.EqualFold(engine, "InnoDB") {
		l.add(check.Warning, "engine", fmt.Sprintf("table %s is in the engine %s, which has no transactions: a save that fails halfway is not undone", l.table, engine),
			"ALTER TABLE "+quote(l.table)+" ENGINE=InnoDB")
	}
	return err
}

// collations looks for what columns cannot hold, and what other programs take for
// equal.
func (l *look) collations(shape sqlstore.Shape) {
	narrow, inexact := map[string]string{}, map[string]string{}
	var sets, folds []string
	for _, c := range shape.Columns {
		set := charset(c.Collation)
		if set == "" || set == "binary" {
			continue
		}
		if set != "utf8mb4" && narrow[set] == "" {
			narrow[set] = c.Name
			sets = append(sets, set)
		}
		if !strings.HasSuffix(c.Collation, "_bin") && inexact[c.Collation] == "" {
			inexact[c.Collation] = c.Name
			folds = append(folds, c.Collation)
		}
	}
	remedy := "ALTER TABLE " + quote(l.table) + " CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
	for _, set := range sets {
		l.add(check.Note, "charset", fmt.Sprintf("table %s: column %s holds the characters of %s only; others are refused", l.table, narrow[set], set), remedy)
	}
	for _, collation := range folds {
		l.add(check.Note, "collation", fmt.Sprintf("table %s: the collation %s (as of column %s) takes some different texts for equal; this module does not, but the official SDKs do", l.table, collation, inexact[collation]), remedy)
	}
}

// rights looks for what may not be done in the tables that this user sees.
func (l *look) rights(ctx context.Context, database, current string) error {
	for _, t := range tables(l.table) {
		if shape, err := inspect(ctx, l.q, t.name); err != nil || !shape.Exists {
			continue // of one that is not there, or not to be seen, the engine has said enough
		}
		if right := lacking(ctx, l.q, t); right != "" {
			l.add(check.Failure, "privileges", fmt.Sprintf("the database's user may not %s in table %s", right, t.name), grant(database, t.name, current))
		}
	}
	return ctx.Err()
}
