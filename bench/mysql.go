package main

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

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

// readmeTable is a table as the SDK's README has it made, with the rows of ours. What
// somebody who comes from the SDK has is this: the user name has no index.
const readmeTable = "oauthtoken_readme"

func makeReadmeTable(ctx context.Context, storeURL string) error {
	db, err := bareMySQL(storeURL)
	if err != nil {
		return err
	}
	defer db.Close()
	columns := strings.ReplaceAll(strings.TrimPrefix(tenColumns, "id, "), ",", " varchar(255),") + " varchar(255)"
	for _, text := range []string{
		"CREATE TABLE " + readmeTable + " (id varchar(10) NOT NULL, " + strings.Replace(columns, "expiry_time varchar(255)", "expiry_time varchar(20)", 1) + ", PRIMARY KEY (id))",
		"INSERT INTO " + readmeTable + " SELECT " + tenColumns + " FROM oauthtoken",
		"ANALYZE TABLE " + readmeTable,
	} {
		if _, err := db.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
	}
	return nil
}

// mysqlRows measures the MySQL store with rows that it saved itself, which the
// official SDK then reads: in a table as the SDK's users have it, and in ours.
func mysqlRows(ctx context.Context, k *kit) (sheet, error) {
	t := mysqlTable()
	m, err := t.fill(ctx, k)
	if err != nil {
		return sheet{}, err
	}
	if err := makeReadmeTable(ctx, m.url); err != nil {
		return sheet{}, err
	}
	rows := t.rows(ctx, m, 1.2)
	peer := func(table, where string, faster float64) (row, error) {
		theirs, err := k.node(ctx, m.url, table)
		other := "findToken of the official Node.js SDK's DBStore, which times itself, in " + where
		return row{name: rows[0].name, other: other, ours: rows[0].ours, theirs: theirs, faster: faster}, err
	}
	theirs, err := peer(readmeTable, "a table of its README with the same rows", 10)
	if err != nil {
		return sheet{}, err
	}
	indexed, err := peer("oauthtoken", "our table, which has an index of users", 0)
	return sheet{rows: append(append(rows[:1:1], theirs, indexed), rows[1:]...)}, err
}
