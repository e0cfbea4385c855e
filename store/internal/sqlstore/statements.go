package sqlstore

import (
	"strings"

	"zohocrm/oauth"
)

// metaKey is the side table's row that holds no side data but the highest ID and
// the count of changes. No hash looks like it.
const metaKey = "meta"

// pageSize is how many rows List fetches at a time.
const pageSize = 200

// statements are the texts of all statements on the two tables. Columns are
// named everywhere, since a foreign table may have them in another order, and
// are not quoted: SQLite takes a quoted name that is no column for a text.
type statements struct {
	find       [5]string // by oauth.Key: rows and the count of changes
	findLocked [5]string // the same inside a write
	firstPage  string    // rows, and the ID as the driver gives it
	nextPage   string
	insert     string
	update     string // ends before the columns that change
	remove     string
	clear      string

	numbers  string // IDs between two bounds, greatest first
	everyID  string
	firstIDs string

	meta       string
	insertMeta string
	updateMeta string

	side        string // the count of changes and the side row of one key
	sides       string // ends before the list of keys
	insertSide  string
	updateSide  string
	dueSides    string
	confirmSide string
	leaveSide   string
	dropSide    string
}

const (
	sideColumns = "s.row_id, s.scope, s.accounts_url, s.created_at, s.updated_at, s.last_used_at"
	tokenTypes  = "id varchar(10) NOT NULL PRIMARY KEY, user_name varchar(255), client_id varchar(255), " +
		"client_secret varchar(255), refresh_token varchar(255), access_token varchar(255), grant_token varchar(255), " +
		"expiry_time varchar(20), redirect_url varchar(255), api_domain varchar(255)"
	sideTypes = "side_key varchar(64) NOT NULL PRIMARY KEY, row_id varchar(255), scope text, accounts_url text, " +
		"created_at bigint, updated_at bigint, last_used_at bigint, check_at bigint, highest_id bigint, changes bigint"
)

// sideNames are the side table's columns:
//
//	side_key      SHA-256 of the token's secret, or "meta"
//	row_id        the ID under which the token was last saved; NULL: a sweep found it gone
//	scope, accounts_url, created_at, updated_at, last_used_at   the side data; times in Unix milliseconds
//	check_at      when to see whether the token is still there, or to forget it if it has gone
//	highest_id    of "meta": the greatest number ever given as an ID
//	changes       of "meta": counts the transactions that changed this table
func sideNames() []string {
	return []string{"side_key", "row_id", "scope", "accounts_url", "created_at", "updated_at", "last_used_at", "check_at", "highest_id", "changes"}
}

func newStatements(d Dialect, table string) statements {
	columns := oauth.Columns()
	r := strings.NewReplacer("TOKENS", d.Quote(table), "SIDE", d.Quote(sideTable(table)), "LIST", d.list(columns),
		"CHANGES", "(SELECT m.changes FROM "+d.Quote(sideTable(table))+" m WHERE m.side_key = '"+metaKey+"') AS changes",
		"META", "side_key = '"+metaKey+"'")
	sql := func(text string) string { return d.number(r.Replace(text)) }

	var s statements
	for _, k := range oauth.Keys() {
		s.find[k] = sql("SELECT LIST, CHANGES FROM TOKENS t WHERE t." + k.Column() + " = ?")
		s.findLocked[k] = s.find[k] + d.ForUpdate
	}
	s.firstPage = sql("SELECT LIST, t.id FROM TOKENS t ORDER BY t.id LIMIT ?")
	s.nextPage = sql("SELECT LIST, t.id FROM TOKENS t WHERE t.id > ? ORDER BY t.id LIMIT ?")
	s.insert = sql("INSERT INTO TOKENS (" + strings.Join(columns, ", ") + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
	s.update = sql("UPDATE TOKENS SET ")
	s.remove = sql("DELETE FROM TOKENS WHERE id = ?")
	s.clear = sql("DELETE FROM TOKENS")

	s.numbers = sql("SELECT t.id FROM TOKENS t WHERE t.id >= ? AND t.id <= ? ORDER BY t.id DESC")
	s.everyID = sql("SELECT t.id FROM TOKENS t")
	s.firstIDs = sql("SELECT t.id FROM TOKENS t LIMIT 11")

	s.meta = sql("SELECT m.highest_id, m.changes FROM SIDE m WHERE m.META") + d.ForUpdate
	s.insertMeta = sql("INSERT INTO SIDE (highest_id, changes, side_key) VALUES (?, ?, '" + metaKey + "')")
	s.updateMeta = sql("UPDATE SIDE SET highest_id = ?, changes = ? WHERE META")

	s.side = sql("SELECT m.changes, s.side_key, " + sideColumns + " FROM SIDE m LEFT JOIN SIDE s ON s.side_key = ? WHERE m.META")
	s.sides = sql("SELECT s.side_key, " + sideColumns + " FROM SIDE s WHERE s.side_key IN ")
	s.insertSide = sql("INSERT INTO SIDE (row_id, scope, accounts_url, created_at, updated_at, last_used_at, check_at, side_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
	s.updateSide = sql("UPDATE SIDE SET row_id = ?, scope = ?, accounts_url = ?, created_at = ?, updated_at = ?, last_used_at = ? WHERE side_key = ?")
	s.dueSides = sql("SELECT s.side_key, s.row_id FROM SIDE s WHERE s.check_at < ? ORDER BY s.check_at LIMIT ?")
	s.confirmSide = sql("UPDATE SIDE SET check_at = ? WHERE side_key = ?")
	s.leaveSide = sql("UPDATE SIDE SET row_id = NULL, check_at = ? WHERE side_key = ?")
	s.dropSide = sql("DELETE FROM SIDE WHERE side_key = ?")
	return s
}

// list is the columns of a SELECT from the token table.
func (d Dialect) list(columns []string) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = "t." + c
		if d.Result != nil {
			list[i] = d.Result(list[i]) + " AS " + c
		}
	}
	return strings.Join(list, ", ")
}

// number writes each "?" as the dialect's placeholder. No statement holds one
// that is not a placeholder.
func (d Dialect) number(text string) string {
	var b strings.Builder
	n := 0
	for _, c := range text {
		if c == '?' {
			n++
			b.WriteString(d.Placeholder(n))
			continue
		}
		b.WriteRune(c)
	}
	return b.String()
}

func sideTable(table string) string { return table + "_zcrm" }
