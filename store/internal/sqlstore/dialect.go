package sqlstore

import (
	"context"
	"database/sql"
)

// Dialect is what one database product does differently. All fields must be set
// unless they say otherwise.
type Dialect struct {
	// Product names the database in messages: "SQLite".
	Product string
	// MaxTable is the longest name of a token table, in bytes. The side table's
	// name is five bytes longer.
	MaxTable int
	// Quote quotes a table's or an index's name. The name holds only letters,
	// digits, "_" and "$".
	Quote func(name string) string
	// Placeholder is how the nth argument of a statement is written, n from 1.
	Placeholder func(n int) string
	// Result is how a token column is written in the list of a SELECT; nil: as it
	// is.
	Result func(column string) string
	// Begin starts a transaction that is going to write. The engine ends it with
	// COMMIT or ROLLBACK.
	Begin string
	// ForUpdate is put at the end of a SELECT whose rows must not change until the
	// transaction ends; empty where Begin keeps every other writer away. The meta
	// row is read so at the start of every write, which makes it the lock between
	// this package's writers.
	ForUpdate string
	// OneWriter is set where the database has a single write lock. Writers of this
	// process then queue for it in order, without holding connections.
	OneWriter bool
	// SideOptions is put at the end of the side table's CREATE TABLE.
	SideOptions string
	// Setup looks at the opened database and adapts the pool; nil: nothing to do.
	Setup func(ctx context.Context, db *sql.DB) error
	// Inspect describes a table.
	Inspect func(ctx context.Context, q Querier, table string) (Shape, error)
	// Classify says what an error of the driver means, and describes it in words
	// that hold no value of any row.
	Classify func(err error) (Failure, string)
}

// Querier runs a query: a pool or one connection.
type Querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Shape is what the database says of a table.
type Shape struct {
	Exists  bool
	Columns []Column
	// UniqueID: no two rows can share an id.
	UniqueID bool
}

// Column is one column of a table.
type Column struct {
	Name    string
	NotNull bool
	Integer bool // holds whole numbers, not text
	Size    int  // declared length in characters; 0: none
}

// Failure is what an error of a driver means.
type Failure int

// The failures, as far as the engine treats them differently.
const (
	Other       Failure = iota
	Busy                // locked by another writer: try again soon
	Duplicate           // a primary key or unique value is there already
	Constraint          // another constraint of the table
	ReadOnly            // the database cannot be written
	Unavailable         // it cannot be reached, read or written
	Corrupt             // what is stored is damaged, or no database
)
