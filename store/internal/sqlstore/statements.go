package sqlstore

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"zohocrm/oauth"
)

// metaKey is the side table's row that holds no side data but the highest ID and
// the count of changes. No hash looks like it.
const metaKey = "meta"

// pageSize is how many rows List fetches at a time.
const pageSize = 2 * listSize

// statements are the texts of all statements on the two tables. Columns are
// named everywhere, since a foreign table may have them in another order, and
// are not quoted: SQLite takes a quoted name that is no column for a text.
type statements struct {
	find        [5]string // by oauth.Key: rows and the count of changes
	findLocked  [5]string // inside a write, which knows the count: rows and 0
	among       [5]*sized // rows
	amongLocked [5]*sized // the same inside a write
	firstPage   string    // rows, and the ID as the driver gives it
	nextPage    string
	anyOf       string // for each of askedKeys whether a row has it: 1 or 0
	insert      string
	addRows     *sized // with what follows it
	update      string // ends before the columns that change
	where       string // ends an update, its placeholder not numbered
	returning   string // follows insert and update
	remove      string
	clear       string

	numbers  string // some IDs between two bounds, greatest first
	highIDs  string // the same, and all IDs between two others
	count    string
	everyID  string
	firstIDs string
	sameID   string
	doubles  string // user names that several rows of one client have

	meta       string
	insertMeta string
	updateMeta string

	side        string // the count of changes and the side row of one key
	sidesAmong  *sized
	insertSide  string
	addSides    *sized
	updateSide  string
	updateBoth  string // updateSide and updateMeta at once
	dueSides    string
	confirmSide string
	leaveSide   string
	dropSide    string
}

const (
	domainColumn = ", api_domain" // of the side table
	sideColumns  = "s.row_id, s.scope, s.accounts_url, s.created_at, s.updated_at, s.last_used_at"
	tokenTypes   = "id varchar(10) NOT NULL PRIMARY KEY, user_name varchar(255), client_id varchar(255), " +
		"client_secret varchar(255), refresh_token varchar(255), access_token varchar(255), grant_token varchar(255), " +
		"expiry_time varchar(20), redirect_url varchar(255), api_domain varchar(255)"
	sideTypes = "side_key varchar(64) NOT NULL PRIMARY KEY, row_id varchar(255), scope text, accounts_url text, " +
		"created_at bigint, updated_at bigint, last_used_at bigint, check_at bigint, highest_id bigint, changes bigint, standing text"
)

// sideNames are the side table's columns:
//
//	side_key      SHA-256 of the token's secret, or its beginning, or "meta"
//	row_id        the ID under which the token was last saved; NULL: a sweep found it gone
//	scope, accounts_url, created_at, updated_at, last_used_at   the side data; times in Unix milliseconds
//	check_at      when to see whether the token is still there, or to forget it if it has gone
//	highest_id    of "meta": the greatest number ever given as an ID
//	changes       of "meta": counts the transactions that changed this table
//	standing      of "lease KEY": what is known of a credential, see [oauth.Standing]
//	api_domain    the token's; only where the token table has no column for it
func sideNames(l layout) []string {
	names := []string{"side_key", "row_id", "scope", "accounts_url", "created_at", "updated_at", "last_used_at", "check_at", "highest_id", "changes", "standing"}
	if l.domainBeside {
		names = append(names, "api_domain")
	}
	return names
}

func newStatements(d Dialect, table string, l layout) statements {
	changes := "(SELECT m.changes FROM " + d.Quote(sideTable(table)) + " m WHERE m.side_key = '" + metaKey + "') AS changes"
	if l.sideless {
		changes = "0 AS changes"
	}
	domain := ""
	if l.domainBeside {
		domain = domainColumn
	}
	names := l.names()
	r := strings.NewReplacer("TOKENS", d.Quote(table), "SIDE", d.Quote(sideTable(table)), "LIST", d.list(l), "CHANGES", changes,
		"META", "side_key = '"+metaKey+"'", "BESIDE", sideColumns+strings.ReplaceAll(domain, ", ", ", s."), "DOMAIN", domain)
	sql := func(text string) string { return d.number(r.Replace(text)) }
	id := d.match(l.columns[0])

	var s statements
	for _, k := range oauth.Keys() {
		i := slices.Index(oauth.Columns(), k.Column())
		where := " FROM TOKENS t WHERE " + d.equals(l, i, 1)
		s.find[k] = sql("SELECT LIST, CHANGES" + where)
		if d.StraightJoin && !l.sideless {
			s.find[k] = sql("SELECT STRAIGHT_JOIN LIST, m.changes" + strings.Replace(where, " t WHERE", " t LEFT JOIN SIDE m ON m.META WHERE", 1))
		}
		s.findLocked[k] = sql("SELECT LIST, 0 AS changes"+where) + d.ForUpdate
		s.among[k], s.amongLocked[k] = d.among(r, l, i, ""), d.among(r, l, i, d.ForUpdate)
	}
	s.anyOf = sql(anyOf(d, l))
	s.firstPage = sql("SELECT LIST, t.id FROM TOKENS t ORDER BY t.id LIMIT ?")
	s.nextPage = sql("SELECT LIST, t.id FROM TOKENS t WHERE t.id > " + id + " ORDER BY t.id LIMIT ?")
	s.insert = sql("INSERT INTO TOKENS (" + strings.Join(names, ", ") + ") VALUES (" + strings.Repeat("?, ", len(names)-1) + "?)")
	s.update = sql("UPDATE TOKENS SET ")
	s.where = " WHERE id = " + id
	if d.Returning {
		s.returning = " RETURNING " + strings.Join(oauth.Columns(), ", ")
	}
	s.addRows = d.adding(r.Replace(d.insert()+" INTO TOKENS ("+strings.Join(names, ", ")+")"), len(names), s.returning)
	s.remove = sql("DELETE FROM TOKENS WHERE id = " + id)
	s.clear = sql("DELETE FROM TOKENS")

	s.numbers = sql("SELECT t.id FROM TOKENS t WHERE t.id >= " + id + " AND t.id <= " + id + " ORDER BY t.id DESC LIMIT ?")
	between := "SELECT t.id FROM TOKENS t WHERE t.id >= " + id + " AND t.id <= " + id
	s.highIDs = sql("SELECT h.id FROM (" + between + " ORDER BY t.id DESC LIMIT ?) h UNION ALL " + between)
	s.count = sql("SELECT count(*) FROM TOKENS t")
	s.everyID = sql("SELECT t.id FROM TOKENS t")
	s.firstIDs = sql("SELECT t.id FROM TOKENS t LIMIT 11")

	s.sameID = sql("SELECT t.id FROM TOKENS t WHERE t.id = " + id)

	name, client := "t."+l.name(1), "t."+l.name(2)
	s.doubles = sql("SELECT " + name + " FROM TOKENS t WHERE " + name + " IS NOT NULL GROUP BY " + name + ", " + client + " HAVING count(*) > 1 ORDER BY " + name + " LIMIT ?")

	s.meta = sql("SELECT m.highest_id, m.changes FROM SIDE m WHERE m.META") + d.ForUpdate
	s.insertMeta = sql("INSERT INTO SIDE (highest_id, changes, side_key) VALUES (?, ?, '" + metaKey + "')")
	s.updateMeta = sql("UPDATE SIDE SET highest_id = ?, changes = ? WHERE META")

	s.side = sql("SELECT m.changes, s.side_key, BESIDE FROM SIDE m LEFT JOIN SIDE s ON s.side_key = ? WHERE m.META")
	s.sidesAmong = d.in(r.Replace("SELECT s.side_key, BESIDE FROM SIDE s WHERE s.side_key"), "?", "")
	s.addSides = d.adding(r.Replace(d.insert()+" INTO SIDE (row_id, scope, accounts_url, created_at, updated_at, last_used_atDOMAIN, check_at, side_key)"), 8+strings.Count(domain, ","), "")
	s.insertSide = sql("INSERT INTO SIDE (row_id, scope, accounts_url, created_at, updated_at, last_used_atDOMAIN, check_at, side_key) VALUES (?, ?, ?, ?, ?, ?" +
		strings.Repeat(", ?", strings.Count(domain, ",")) + ", ?, ?)")
	s.updateSide = sql("UPDATE SIDE SET row_id = ?, scope = ?, accounts_url = ?, created_at = ?, updated_at = ?, last_used_at = ?" +
		strings.ReplaceAll(domain, domainColumn, domainColumn+" = ?") + " WHERE side_key = ?")
	s.updateBoth = sql("UPDATE SIDE SET " + eitherSet("row_id", "scope", "accounts_url", "created_at", "updated_at", "last_used_at") +
		", highest_id = CASE WHEN META THEN ? ELSE highest_id END, changes = CASE WHEN META THEN ? ELSE changes END WHERE side_key IN ('" + metaKey + "', ?)")
	s.dueSides = sql("SELECT s.side_key, s.row_id FROM SIDE s WHERE s.check_at < ? ORDER BY s.check_at LIMIT ?")
	s.confirmSide = sql("UPDATE SIDE SET check_at = ? WHERE side_key = ?")
	s.leaveSide = sql("UPDATE SIDE SET row_id = NULL, check_at = ? WHERE side_key = ?")
	s.dropSide = sql("DELETE FROM SIDE WHERE side_key = ?")
	return s
}

// list is the columns of a SELECT from the token table; one that is not there is
// empty.
func (d Dialect) list(l layout) string {
	list := oauth.Columns()
	for i, c := range list {
		switch {
		case !l.has(i):
			list[i] = "'' AS " + c
		case d.Result != nil:
			list[i] = d.Result("t."+l.name(i)) + " AS " + c
		default:
			list[i] = "t." + l.name(i)
		}
	}
	return strings.Join(list, ", ")
}

func anyOf(d Dialect, l layout) string {
	var list []string
	for n, k := range askedKeys() {
		i := slices.Index(oauth.Columns(), k.Column())
		list = append(list, "CASE WHEN EXISTS (SELECT 1 FROM TOKENS t WHERE "+d.equals(l, i, n+1)+") THEN 1 ELSE 0 END")
	}
	return "SELECT " + strings.Join(list, ", ")
}

// insert begins an INSERT of several rows.
func (d Dialect) insert() string { return cmp.Or(d.Insert, "INSERT") }

// eitherSet sets columns of a row other than "meta" in a statement that updates both.
func eitherSet(columns ...string) string {
	for i, c := range columns {
		columns[i] = c + " = CASE WHEN META THEN " + c + " ELSE ? END"
	}
	return strings.Join(columns, ", ")
}

// match is a value that is compared with a column.
func (d Dialect) match(c Column) string {
	if d.Match == nil {
		return "?"
	}
	return d.Match(c)
}

// types is a column list of CREATE TABLE with the dialect's options for texts.
func (d Dialect) types(list string) string {
	return regexp.MustCompile(`varchar\(\d+\)|text`).ReplaceAllString(list, "$0"+d.TextOptions)
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
