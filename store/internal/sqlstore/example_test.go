package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	_ "modernc.org/sqlite"

	"zohocrm/oauth"
	"zohocrm/store/internal/sqlstore"
)

// A dialect is what a new database needs. This one makes the least of SQLite;
// package sqlite has the real one.
func Example() {
	ctx := context.Background()
	db, err := sql.Open("sqlite", "file:example?mode=memory&cache=shared")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	db.SetMaxOpenConns(1)

	store, err := sqlstore.Open(ctx, db, sqlstore.Config{Dialect: plainDialect()})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer store.Close()
	saved, err := store.Save(ctx, oauth.Token{UserName: "alice", RefreshToken: oauth.NewSecret("1000.r")})
	fmt.Println(saved, err)
	_, err = store.Find(ctx, oauth.Token{UserName: "bob"})
	fmt.Println(errors.Is(err, oauth.ErrNotFound))
	// Output:
	// token{id:"1" user:"alice" refresh:"sha256:ab41d5b0e261"} <nil>
	// true
}

func plainDialect() sqlstore.Dialect {
	return sqlstore.Dialect{
		Product:     "example",
		MaxTable:    59,
		Quote:       func(name string) string { return "`" + name + "`" },
		Placeholder: func(n int) string { return fmt.Sprint("$", n) },
		Begin:       "BEGIN IMMEDIATE",
		Inspect: func(ctx context.Context, q sqlstore.Querier, table string) (sqlstore.Shape, error) {
			rows, err := q.QueryContext(ctx, "SELECT name FROM pragma_table_info($1)", table)
			if err != nil {
				return sqlstore.Shape{}, err
			}
			defer rows.Close()
			shape := sqlstore.Shape{UniqueID: true}
			for rows.Next() {
				var c sqlstore.Column
				if err := rows.Scan(&c.Name); err != nil {
					return sqlstore.Shape{}, err
				}
				shape.Columns = append(shape.Columns, c)
			}
			shape.Exists = len(shape.Columns) > 0
			return shape, rows.Err()
		},
		Classify: func(err error) (sqlstore.Failure, string) {
			if strings.Contains(err.Error(), "locked") {
				return sqlstore.Busy, "locked"
			}
			return sqlstore.Unavailable, "the database failed"
		},
	}
}
