package main

import (
	"context"
	"database/sql"
	"strings"

	"zohocrm/store/sqlite"
)

func sqliteTable() table {
	// Secrets are indexed by their last characters, see package sqlite.
	const known = `SELECT count(*) FROM oauthtoken WHERE user_name = ?
OR substr(refresh_token, -8) = substr(?2, -8) AND refresh_token = ?2 OR substr(access_token, -8) = substr(?3, -8) AND access_token = ?3`
	return table{in: inSQLite, words: words{begin: "BEGIN IMMEDIATE", known: known, sideKey: 24}, bare: bareSQLite}
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
