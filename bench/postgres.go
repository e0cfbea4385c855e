package main

import (
	"context"
	"database/sql"
)

func postgresTable() table {
	return table{
		in: inPostgres, words: words{begin: "BEGIN ISOLATION LEVEL READ COMMITTED", forUpdate: " FOR UPDATE", dollars: true},
		bare: func(storeURL string) (*sql.DB, error) { return sql.Open("pgx", storeURL) },
		tidy: []string{"ANALYZE oauthtoken", "ANALYZE oauthtoken_zcrm"},
	}
}

// postgresRows measures the PostgreSQL store with rows that it saved itself.
func postgresRows(ctx context.Context, k *kit) (sheet, error) {
	t := postgresTable()
	m, err := t.fill(ctx, k)
	if err != nil {
		return sheet{}, err
	}
	return sheet{rows: t.rows(ctx, m, 1.2)}, nil
}
