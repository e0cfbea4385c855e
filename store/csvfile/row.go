package csvfile

import (
	"errors"
	"strings"
	"sync/atomic"

	"zohocrm/oauth"
)

// row is one token of the file. What it says never changes once it is made, so
// it may be read without a lock.
type row struct {
	line string // as we write it, with its line feed

	// odd is what a line is that we would not write as it was read; nil for others, so
	// that a row takes little memory.
	odd *odd

	// made is the columns as a token, once somebody looked for it: of many thousands
	// of rows few are asked for, and hashing and interning secrets takes its time.
	made atomic.Pointer[made]
}

// made is a row's token, with its Version and without side data.
type made struct {
	token oauth.Token
	side  string // its side key
}

// odd is how a line was read that we would write otherwise.
type odd struct {
	// raw is the line as it was read, without its line feed: a line that reads the
	// same next time is the same row. It is empty for a row that depends on the rest
	// of the file, such as one that was given its ID when read.
	raw string
	// bad says why the columns are no token. Such a row stands in nobody's way: it is
	// kept as it is, and only who asks for it is told.
	bad error
}

// raw is the line that reads the same next time; "" if none does.
func (r *row) raw() string {
	if r.odd != nil {
		return r.odd.raw
	}
	return strings.TrimSuffix(r.line, "\n")
}

// bad says why the columns are no token; nil: they are one.
func (r *row) bad() error {
	if r.odd != nil {
		return r.odd.bad
	}
	return nil
}

// columns is the row as it stands in the file. It is read from the line each time,
// since it takes as much memory as half of that.
func (r *row) columns() oauth.Row {
	rest := strings.TrimSuffix(r.line, "\n")
	var ten [current]string
	if strings.Contains(rest, `"`) {
		values, _ := fields(rest)
		copy(ten[:], values)
		return oauth.RowOf(ten)
	}
	for i := range ten {
		ten[i], rest, _ = strings.Cut(rest, ",")
	}
	return oauth.RowOf(ten)
}

// has reports whether a key of the row has this value.
func (r *row) has(k oauth.Key, value string) bool {
	if m := r.made.Load(); m != nil && r.bad() == nil {
		return k.Of(m.token) == value
	}
	columns := r.columns()
	return key(&columns, k) == value
}

// token is the row as a token. in is the table that keeps it for the next time; nil:
// it is not kept, for whoever goes through all rows.
func (r *row) token(in *table) *made {
	if m := r.made.Load(); m != nil {
		return m
	}
	t, err := r.columns().Token()
	if err != nil {
		t = oauth.Token{} // it is bad, and nobody gets it
	}
	m := &made{t, t.SideKey()}
	if in != nil {
		r.made.Store(m)
		in.keep()
	}
	return m
}

// newest keeps the rows that a loop came by last as tokens: who takes a whole batch of
// them goes on to look each of them up.
type newest struct {
	rows [oauth.BatchSize]struct {
		row  *row
		made *made
	}
	next int
}

// token is r as a token.
func (n *newest) token(r *row) *made {
	m := r.token(nil)
	if !r.made.CompareAndSwap(nil, m) {
		return m // somebody else keeps it
	}
	at := &n.rows[n.next%len(n.rows)]
	n.next++
	if at.row != nil {
		at.row.made.CompareAndSwap(at.made, nil)
	}
	at.row, at.made = r, m
	return m
}

// forget ends the keeping.
func (n *newest) forget() {
	for _, kept := range n.rows[:min(n.next, len(n.rows))] {
		kept.row.made.CompareAndSwap(kept.made, nil)
	}
}

// makesToken reports whether a secret is there that makes a token.
func makesToken(columns oauth.Row) bool {
	return columns.RefreshToken != "" || columns.GrantToken != "" || columns.AccessToken != ""
}

// Why ten columns are no token.
var (
	errNoToken = errors.New("not a line of a token file: it has no header and the line makes no token")
	errExpiry  = errors.New("expiry_time is not a Unix time in milliseconds: correct it by hand")
)

// checkExpiry is nil if the columns can be a token. Most times are told to be
// right by a look.
func checkExpiry(columns oauth.Row) error {
	if len(columns.ExpiryTime) < 15 && strings.Trim(columns.ExpiryTime, "0123456789") == "" {
		return nil
	}
	if _, err := (oauth.Row{ExpiryTime: columns.ExpiryTime}).Token(); err != nil {
		return errExpiry
	}
	return nil
}

// newRow makes a row of ten columns and what stands behind them, as it is
// written anew. width is the number of fields of a whole line.
func newRow(columns oauth.Row, extra []string, width int) *row {
	ten := columns.Values()
	line := string(writeLine(nil, append(ten[:], extra...), width))
	return &row{line: line}
}

// with is a row with other columns in the place of r, whose unknown columns it
// keeps. A nil r has none.
func (r *row) with(columns oauth.Row, width int) *row {
	if r == nil {
		return newRow(columns, nil, width)
	}
	values, _ := fields(strings.TrimSuffix(r.line, "\n"))
	return newRow(columns, values[current:], width)
}

// unlike names a column that differs in both and cannot be read back by every
// official SDK, and says why; "" if there is none.
func unlike(columns, stored oauth.Row) (column, reason string) {
	was := stored.Values()
	for i, v := range columns.Values() {
		if v != was[i] && strings.ContainsAny(v, `,"\`) {
			return oauth.Columns()[i], `a comma, quote or backslash in it is read wrongly by some official SDKs (Node.js, C#, Java)`
		}
	}
	return "", ""
}
