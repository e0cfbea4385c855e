// Package sqlstore is the engine of the SQL stores: everything that SQLite,
// MySQL and PostgreSQL have in common. A store package adds a [Dialect], about a
// page of code, and opens a [Store] with it.
//
// Two tables are used. The token table has the ten columns of the official SDKs
// and may be theirs; it is created if it is missing and never altered. Its
// neighbour, the side table TABLE_zcrm, is ours: side data keyed by
// [oauth.Token.SideKey], and one row, "meta", with the highest ID ever given and
// a count of the side table's changes.
//
// A token table may lack what the SDKs' present one has. In a NOT NULL user_name a
// text stands for nobody, see standin.go; an api_domain without a column is kept in
// the side table; and a table without a place for a client secret is only read.
//
// The rules of the contract are [oauth.Resolve], [oauth.PlanSave] and
// [oauth.NextID]; what is left here is to fetch and to write rows. A write runs
// them inside one transaction that no other writer overlaps, and decides nothing
// by counts of affected rows, which mean different things in different databases.
// Databases compare by their own ideas of equality, so every row fetched by a key
// is compared again, byte for byte, in Go.
//
// Reading costs one indexed query. Side data would need a second one, because
// the key of a row's side data is a hash that SQL cannot compute. So the query
// also reads the count of changes, and what is remembered of the side table holds
// as long as that count stands still: see cache.go.
package sqlstore
