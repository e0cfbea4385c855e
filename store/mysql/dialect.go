package mysql

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"zohocrm/store/check"
	"zohocrm/store/internal/sqlstore"
)

// maxTable leaves room for the side table's name in MySQL's 64 characters.
const maxTable = 59

// tableOptions make exact tables, whose indexes may hold 255 characters of any kind.
const tableOptions = " ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"

// dialect is what the engine has to know of MySQL. Transactions begin at level;
// sql.LevelDefault: the sessions are at READ COMMITTED by themselves.
func dialect(level sql.IsolationLevel, tls TLS) sqlstore.Dialect {
	return sqlstore.Dialect{
		Product:       "MySQL",
		MaxTable:      maxTable,
		Quote:         quote,
		Placeholder:   func(int) string { return "?" },
		Match:         match,
		OldTables:     true,
		StraightJoin:  true,
		Isolation:     level,
		ForUpdate:     " FOR UPDATE",
		QueueWriters:  true,
		TokenOptions:  tableOptions,
		SideOptions:   tableOptions,
		InlineIndexes: true,
		Advice:        advice,
		MayMake:       mayMake,
		Setup:         setup,
		Inspect:       inspect,
		Indexed:       indexed,
		Fits:          fits,
		Clock:         "SELECT CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)",
		Findings: func(ctx context.Context, q sqlstore.Querier, table string, shape sqlstore.Shape) ([]check.Finding, error) {
			return findings(ctx, q, table, shape, tls)
		},
		Classify: classify,
	}
}

func quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// account is what CURRENT_USER() gives, user@host, as GRANT takes it.
func account(current string) string {
	at := strings.LastIndexByte(current, '@')
	if at < 0 {
		return text(current)
	}
	return text(current[:at]) + "@" + text(current[at+1:])
}

func text(v string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", "''").Replace(v) + "'"
}

// match converts a value to the character set of the column that it is compared
// with, and gives it the column's collation: else the server would convert the
// column, and not use its index. What the set has no character for becomes "?", and
// is not equal when it is compared again.
func match(c sqlstore.Column) string {
	set := charset(c.Collation)
	if set == "" || set == "utf8mb4" || set == "binary" {
		return "?"
	}
	return "CONVERT(? USING " + set + ") COLLATE " + c.Collation
}

// charset is the character set of a collation, the first part of its name; "" for
// what is no name.
func charset(collation string) string {
	if strings.Trim(collation, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		return ""
	}
	set, _, _ := strings.Cut(collation, "_")
	return set
}

// setup refuses connections on which texts would be taken for other ones.
func setup(ctx context.Context, db *sql.DB) error {
	var client, results string
	if err := db.QueryRowContext(ctx, "SELECT @@character_set_client, @@character_set_results").Scan(&client, &results); err != nil {
		return err
	}
	if client != "utf8mb4" || results != "utf8mb4" {
		return setupError(fmt.Sprintf("its connections use the character sets %s and %s: open it with charset=utf8mb4", client, results))
	}
	return nil
}

// setupError is an error of ours that [classify] hands on.
type setupError string

func (e setupError) Error() string { return string(e) }
