// Package sqlite keeps tokens in a table of a SQLite database, in a file or in
// memory. The table is the official SDKs' (and that of the SQLite sample which
// Zoho shows for custom stores), so a database made by one of them is opened in
// place, and theirs can go on using it.
//
// The caller opens the database with a driver of choice, and closes it; this
// package imports none. With modernc.org/sqlite, [Prepare] makes the file so that
// nobody else can read it, and [DSN] opens it with the settings that make a
// finished Save survive a loss of power: write-ahead log and synchronous=FULL.
//
// Many goroutines and processes may share one file. Each write takes SQLite's
// write lock before it reads, and waits up to ten seconds for a lock that another
// program holds. The file must lie on a local disk: SQLite's locks do not hold on
// network file systems.
package sqlite
