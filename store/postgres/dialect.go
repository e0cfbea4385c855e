package postgres

import (
	"context"
	"crypto/rand"
	"database/sql"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"zohocrm/store/check"
	"zohocrm/store/internal/sqlstore"
)

// maxTable leaves room in PostgreSQL's 63 bytes for the longest name that is made
// of a table's: TABLE_zcrm_refresh_token, an index.
const maxTable = 63 - len("_zcrm_refresh_token")

// dialect is what the engine has to know of PostgreSQL.
func dialect(cfg Config) sqlstore.Dialect {
	return sqlstore.Dialect{
		Product:     "PostgreSQL",
		MaxTable:    maxTable,
		Quote:       quote,
		Placeholder: func(n int) string { return "$" + strconv.Itoa(n) },
		// A user's or a database's default may be another level, at which reading the
		// meta row after having waited for its lock fails.
		Begin:     "BEGIN ISOLATION LEVEL READ COMMITTED",
		ForUpdate: " FOR UPDATE",
		// The driver prepares what it meets, which takes no message round of its own
		// to end it; or, behind a pooler, it does not.
		NoPrepare: true,
		Direct:    true,
		Returning: true,
		Holds:     func(text string) bool { return utf8.ValidString(text) && !strings.Contains(text, "\x00") },
		// Those who wait for the meta row's lock hold no connections meanwhile.
		QueueWriters: true,
		// Bytes in order, whatever the database's language: it is the order in which
		// the SDKs look for the greatest ID, and its indexes outlive changes of the
		// system's locales.
		TextOptions: ` COLLATE "C"`,
		Advice:      advice,
		MayMake:     mayMake,
		Setup:       func(ctx context.Context, db *sql.DB) error { return setup(ctx, db, cfg, rand.Text()) },
		Inspect:     inspect,
		Indexed:     indexed,
		Clock:       clock,
		Findings: func(ctx context.Context, q sqlstore.Querier, table string, _ sqlstore.Shape) ([]check.Finding, error) {
			return findings(ctx, q, table, cfg)
		},
		Classify: classify,
	}
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// inspect describes a table where the search path finds it. Columns with capital
// letters are left out: no statement of the engine or of an SDK means them.
func inspect(ctx context.Context, q sqlstore.Querier, table string) (sqlstore.Shape, error) {
	const text = `
SELECT a.attname::text, t.typname::text, a.atttypmod, a.attnotnull,
  EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisunique AND i.indisvalid
    AND i.indpred IS NULL AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum)
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = to_regclass(quote_ident($1)) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum`
	rows, err := q.QueryContext(ctx, text, table)
	if err != nil {
		return sqlstore.Shape{}, err
	}
	defer rows.Close()
	var shape sqlstore.Shape
	for rows.Next() {
		var name, kind string
		var modifier int
		var notNull, unique bool
		if err := rows.Scan(&name, &kind, &modifier, &notNull, &unique); err != nil {
			return sqlstore.Shape{}, err
		}
		shape.Exists = true
		if name != strings.ToLower(name) {
			continue
		}
		shape.Columns = append(shape.Columns, column(name, kind, modifier, notNull))
		if name == "id" {
			shape.UniqueID = unique
		}
	}
	return shape, rows.Err()
}

func column(name, kind string, modifier int, notNull bool) sqlstore.Column {
	c := sqlstore.Column{Name: name, NotNull: notNull}
	switch kind {
	case "varchar", "bpchar":
		const header = 4 // counted in the modifier; without a length it is -1
		c.Size = max(0, modifier-header)
	case "int2":
		c.Integer, c.Max = true, math.MaxInt16
	case "int4":
		c.Integer, c.Max = true, math.MaxInt32
	case "int8":
		c.Integer, c.Max = true, math.MaxInt64
	}
	return c
}
