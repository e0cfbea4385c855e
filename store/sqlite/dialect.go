package sqlite

import (
	"context"
	"database/sql"
	"log/slog"
	"regexp"
	"strconv"
	"strings"

	"zohocrm/store/internal/sqlstore"
)

// dialect is what the engine has to know of SQLite.
func dialect(logger *slog.Logger) sqlstore.Dialect {
	return sqlstore.Dialect{
		Product:     "SQLite",
		MaxTable:    64,
		Quote:       func(name string) string { return `"` + name + `"` },
		Placeholder: func(int) string { return "?" },
		// An expression has no declared type. That of a column is copied and folded
		// for each query by the driver modernc.org/sqlite, which makes Find 9% slower.
		Result: func(column string) string { return "+" + column },
		// A transaction that starts by reading and goes on to write fails as soon as
		// another one wrote in between; this one has the write lock from the start.
		Begin:     "BEGIN IMMEDIATE",
		OneWriter: true,
		// Else each INSERT of several rows keeps a journal of its own, to be undone
		// alone. (It does so anyway where an index is on an expression that could fail.)
		Insert:     "INSERT OR FAIL",
		Exact:      exact,
		Bulk:       bulk,
		SideDigits: 24,
		Tail:       tail,
		Setup:      func(ctx context.Context, db *sql.DB) error { return setup(ctx, db, logger) },
		Inspect:    inspect,
		Indexed:    indexed,
		Findings:   findings,
		Classify:   classify,
	}
}

// tail is how many characters of a secret its index holds. Those of Zoho end with
// random hex digits, sealed ones with random base64.
const tail = 8

// full is the synchronous setting that loses nothing.
const full = 2

// setup keeps a database in memory alive, and warns of one that can lose what it
// has committed.
func setup(ctx context.Context, db *sql.DB, logger *slog.Logger) error {
	file, synchronous, err := database(ctx, db)
	if err != nil {
		return err
	}
	if file == "" {
		db.SetMaxOpenConns(1)
		db.SetMaxIdleConns(1)
		db.SetConnMaxIdleTime(0)
		db.SetConnMaxLifetime(0)
		return nil
	}
	if synchronous < full && logger != nil {
		logger.WarnContext(ctx, "the database is opened with a synchronous setting below FULL: a loss of power can lose the newest tokens; open it with sqlite.DSN")
	}
	return nil
}

// inspect describes a table by SQLite's own descriptions, in which a table's name
// is an argument. SQLite folds the case of names.
func inspect(ctx context.Context, q sqlstore.Querier, table string) (sqlstore.Shape, error) {
	const text = `
SELECT c.name, c.type, c."notnull",
  (c.pk > 0 AND (SELECT count(*) FROM pragma_table_info(?1) WHERE pk > 0) = 1)
  OR EXISTS (SELECT 1 FROM pragma_index_list(?1) i WHERE i."unique" AND NOT i.partial
    AND (SELECT count(*) FROM pragma_index_info(i.name)) = 1
    AND (SELECT x.name FROM pragma_index_info(i.name) x) = c.name)
FROM pragma_table_info(?1) c`
	rows, err := q.QueryContext(ctx, text, table)
	if err != nil {
		return sqlstore.Shape{}, err
	}
	defer rows.Close()
	var shape sqlstore.Shape
	for rows.Next() {
		var name, kind string
		var notNull, unique bool
		if err := rows.Scan(&name, &kind, &notNull, &unique); err != nil {
			return sqlstore.Shape{}, err
		}
		shape.Exists = true
		shape.Columns = append(shape.Columns, sqlstore.Column{
			Name: name, NotNull: notNull, Integer: strings.Contains(strings.ToUpper(kind), "INT"), Size: size(kind),
		})
		if strings.EqualFold(name, "id") {
			shape.UniqueID = unique
		}
	}
	return shape, rows.Err()
}

// exact reports whether the ten columns are texts to SQLite, by its rules of type
// affinity, https://www.sqlite.org/datatype3.html#determination_of_column_affinity,
// and no trigger changes them.
func exact(ctx context.Context, q sqlstore.Querier, table string) (bool, error) {
	const text = `
SELECT NOT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE)
  AND NOT EXISTS (SELECT 1 FROM sqlite_temp_master WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE)
  AND NOT EXISTS (SELECT 1 FROM pragma_table_info(?1) c
    WHERE c.type LIKE '%INT%' OR NOT (c.type LIKE '%CHAR%' OR c.type LIKE '%CLOB%' OR c.type LIKE '%TEXT%'))`
	rows, err := q.QueryContext(ctx, text, table)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	is := false
	for rows.Next() {
		if err := rows.Scan(&is); err != nil {
			return false, err
		}
	}
	return is, rows.Err()
}

// size is the length in a declared type: 255 of "varchar(255)". SQLite ignores it,
// but the databases and SDKs to which the rows may move on do not.
func size(kind string) int {
	n := regexp.MustCompile(`(?i)char[^(]*\((\d+)\)`).FindStringSubmatch(kind)
	if n == nil {
		return 0
	}
	length, err := strconv.Atoi(n[1])
	if err != nil {
		return 0
	}
	return length
}
