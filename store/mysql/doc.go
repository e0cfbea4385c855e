// Package mysql keeps tokens in a table of a MySQL or MariaDB server: DBStore of the
// official SDKs. The table is theirs, and PHP, Java, Node, Python, C# and Ruby can
// go on using it at the same time.
//
// [New] takes a database that the caller has opened; [Open] opens one by the SDKs'
// six settings. What is missing (the database, the table, its indexes, a table of
// our own beside it) is made where the server's user may, else the error says which
// statements somebody has to run. A table that is there is used as it is and never
// altered: with its columns in any order and more of them, id as text or number,
// user_name with or without NOT NULL, in any character set and collation. The
// nine-column table of the second Ruby SDK, with user_mail, is written too; the
// six-column one of the first is only read, for zcrm store copy.
//
// Values are compared byte for byte, whatever the collation says, and the index is
// used all the same. A write locks one row of our own table first, so that writers
// of this module, in any process and on any machine, go one after the other; then it
// locks the token's row against the SDKs. It is one transaction at the level READ
// COMMITTED, which is run again after a deadlock, a lock that took too long, or an
// ID that an SDK gave to another user just then.
package mysql
