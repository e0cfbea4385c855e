package main

import (
	"context"
	"database/sql"

	"zohocrm/internal/servertest"
)

func mysqlTable() table {
	return table{
		in: inMySQL, bare: bareMySQL,
		// The session is as the store's are: the server's own default would also lock
		// what lies between rows.
		words: words{session: "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", begin: "START TRANSACTION", forUpdate: " FOR UPDATE"},
		tidy:  []string{"ANALYZE TABLE oauthtoken", "ANALYZE TABLE oauthtoken_zcrm"},
	}
}

func bareMySQL(storeURL string) (*sql.DB, error) {
	dsn, err := servertest.MySQLDSN(storeURL)
	if err != nil {
		return nil, err
	}
	return sql.Open("mysql", dsn)
}

// mysqlRows measures the MySQL store with rows that it saved itself, which the
// official SDK then reads.
func mysqlRows(ctx context.Context, k *kit) (sheet, error) {
	t := mysqlTable()
	m, err := t.fill(ctx, k)
	if err != nil {
		return sheet{}, err
	}
	node, err := k.node(ctx, m.url)
	if err != nil {
		return sheet{}, err
	}
	rows := t.rows(ctx, m, 1.2)
	peer := row{name: rows[0].name, other: "findToken of the official Node.js SDK's DBStore, which times itself", ours: rows[0].ours, theirs: node, faster: 10}
	return sheet{rows: append(append(rows[:1:1], peer), rows[1:]...)}, nil
}
