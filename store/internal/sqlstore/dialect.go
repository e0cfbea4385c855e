package sqlstore

import (
	"context"
	"database/sql"

	"zohocrm/store/check"
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
	// Match is how a value is written that is compared with a column of the token
	// table, with one "?" in it; nil: as "?". A database that compares texts of
	// different character sets by converting the column could not use its index.
	Match func(c Column) string
	// OldTables is set where tables of the older official SDKs are met: user_mail
	// in place of user_name, and fewer columns.
	OldTables bool
	// StraightJoin is set where the side table's count of changes is read quickest by
	// a join whose order is given: MySQL plans a subquery anew for each execution.
	StraightJoin bool
	// Begin starts a transaction that is going to write. The engine ends it with
	// COMMIT or ROLLBACK. Empty: the driver starts and ends it, at the level Isolation.
	Begin     string
	Isolation sql.IsolationLevel
	// ForUpdate is put at the end of a SELECT whose rows must not change until the
	// transaction ends; empty where Begin keeps every other writer away. The meta
	// row is read so at the start of every write, which makes it the lock between
	// this package's writers.
	ForUpdate string
	// NoPrepare is set where nothing must be prepared by this package: the driver
	// does it by itself, or a pooler in between gives each transaction another
	// connection.
	NoPrepare bool
	// Returning is set where INSERT and UPDATE take RETURNING, so that what was
	// written is read back without another statement.
	Returning bool
	// SideDigits is how many hex digits of a secret's SHA-256 its side data are keyed by;
	// 0: all 64. The keys are random, so that a batch writes most pages of their index,
	// and short ones have fewer. 24 digits are 96 bits: among a thousand million tokens
	// the chance that two share a key is below one in 10^11.
	SideDigits int
	// Tail is how many characters at the end of a secret its index holds; 0: all of
	// them. Secrets are as good as random, and a short part tells nearly all of them
	// apart, on an eighth of the pages, most of which a batch has to write. Rows whose
	// secrets have one tail are compared one by one. The database must know substr with
	// a negative start, and the nth value as ?n.
	Tail int
	// Direct: the driver's connections take questions with arguments that were not
	// prepared before, and end them, and the reading of their answers, with the context.
	Direct bool
	// Insert begins an INSERT of several rows; "": as usual. One that fails is
	// always followed by a rollback of the whole transaction.
	Insert string
	// Bulk adapts a connection to the transaction of many tokens, n of them, that has
	// begun on it; after is called when that has ended. Nil: nothing to do.
	Bulk func(ctx context.Context, on Executor, n int) (after func(context.Context, *sql.Conn), err error)
	// Exact reports whether a table keeps every text as it is given: its columns
	// are texts and no trigger changes them. Nil: it is not known of any table, and
	// what was written is read back.
	Exact func(ctx context.Context, q Querier, table string) (bool, error)
	// Holds reports whether the database can hold, and compare, a text; nil: it
	// can hold every one. No row is looked for by one that it cannot.
	Holds func(text string) bool
	// OneWriter is set where the database has a single write lock. Writers of this
	// process then queue for it in order, without holding connections.
	OneWriter bool
	// QueueWriters makes writers of this process queue likewise where each of them
	// would hold a connection while it waits for the lock on the meta row.
	QueueWriters bool
	// TextOptions is put behind each text column's type in CREATE TABLE.
	TextOptions string
	// TokenOptions and SideOptions are put at the end of the tables' CREATE TABLE.
	TokenOptions, SideOptions string
	// InlineIndexes is set where CREATE TABLE takes KEY name (column), and a
	// statement that makes a table commits by itself, so that one must do it all.
	InlineIndexes bool
	// Advice completes the statements that make what is missing beside a token table,
	// or that table too, to those that somebody with all rights has to run for the
	// present user: one grants what that user lacks. Nil: they are complete.
	Advice func(ctx context.Context, q Querier, table string, create []string) []string
	// MayMake reports, without making one, whether the present user may make a token
	// table and the one beside it, there: the latter alone, and use them then; nil: it
	// is not known.
	MayMake func(ctx context.Context, q Querier, table string, there bool) (bool, error)
	// Missing names what is known to be missing where there cannot be a table: the
	// database. It is said by a Store that makes nothing; "": nothing.
	Missing string
	// Setup looks at the opened database and adapts the pool; nil: nothing to do.
	Setup func(ctx context.Context, db *sql.DB) error
	// Inspect describes a table.
	Inspect func(ctx context.Context, q Querier, table string) (Shape, error)
	// Indexed gives the columns of the table that come first in a whole index of it;
	// nil: nothing is said of missing indexes.
	Indexed func(ctx context.Context, q Querier, table string) ([]string, error)
	// Fits reports whether a column's character set has all characters of a text; nil:
	// it has.
	Fits func(c Column, text string) bool
	// Clock asks the server for its time in Unix milliseconds; "": it has no clock of
	// its own.
	Clock string
	// Findings says what else is noteworthy, for [Store.Inspect]; nil: nothing.
	Findings func(ctx context.Context, q Querier, table string, shape Shape) ([]check.Finding, error)
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
	Integer bool  // holds whole numbers, not text
	Size    int   // declared length in characters; 0: none
	Max     int64 // of whole numbers: the greatest; 0: that of int64
	// Collation is the name of its order and equality, for the dialect's own use.
	Collation string
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
	Denied              // the database's user lacks a right
	Unfit               // a column cannot hold a value; the description is the column's name
)
