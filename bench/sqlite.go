package main

import (
	"context"
	"database/sql"
	"strings"

	"zohocrm/store/sqlite"
)

func sqliteTable() table {
	return table{in: inSQLite, words: words{begin: "BEGIN IMMEDIATE"}, bare: bareSQLite}
}

func bareSQLite(storeURL string) (*sql.DB, error) {
	return sql.Open("sqlite", sqlite.DSN(strings.TrimPrefix(storeURL, "sqlite:")))
}

// sqliteRows measures the SQLite store with rows that it saved itself.
func sqliteRows(ctx context.Context, k *kit) (sheet, error) {
	t := sqliteTable()
	m, err := t.fill(ctx, k)
	if err != nil {
		return sheet{}, err
	}
	return sheet{rows: t.rows(ctx, m, 1.3)}, nil
}
