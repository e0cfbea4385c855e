// Package postgres keeps tokens in a table of a PostgreSQL database. The table has
// the columns of the official SDKs' database store; it is made if it is missing,
// with an index for each key, and used in place if it is there.
//
// The caller opens the database with github.com/jackc/pgx/v5/stdlib, and closes
// it; this package imports no driver:
//
//	db, err := sql.Open("pgx", "postgres://app@db.example.com/tokens?sslmode=verify-full")
//
// A finished Save is as durable as a commit of the server, which is synced to its
// disk unless synchronous_commit or fsync is off. Writers of all machines queue
// for one row of the table beside it (TABLE_zcrm), which each transaction locks.
//
// # PgBouncer
//
// This package keeps nothing in a session: no prepared statement, no SET, no
// advisory lock. The driver does, unless it is told not to: it prepares each
// statement when it first meets it and remembers that by connection. Behind a
// pooler that gives each transaction another connection, which PgBouncer does in
// its mode "transaction", open the database with
//
//	postgres://app@pooler.example.com:6432/tokens?default_query_exec_mode=exec
//
// and set Config.Pooler. "exec" sends text and arguments apart, in one message
// round, which every version of PgBouncer takes. So does "simple_protocol", which
// writes the arguments into the text and so makes safety a matter of quoting;
// there is no reason to prefer it. Without a pooler neither is wanted, since the
// server then plans each query anew.
package postgres
