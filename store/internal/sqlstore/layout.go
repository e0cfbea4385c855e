package sqlstore

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"zohocrm/oauth"
)

// expirySize is the SDKs' size of expiry_time, in characters.
const expirySize = 20

// textSize is the SDKs' size of the other columns but id.
const textSize = 255

// expiryColumn is the place of expiry_time among [oauth.Columns].
const expiryColumn = 7

// layout is what matters of the token table's columns, in the order of
// [oauth.Columns]. A foreign table may declare them otherwise than the SDKs do.
type layout struct {
	columns   [10]Column // one without a Name is not there
	integerID bool
	// nameless: user_name is NOT NULL, so that a row of nobody yet has a stand-in
	// there; see [layout.stored].
	nameless bool
	// domainBeside: there is no api_domain; it is kept in the side table.
	domainBeside bool
	// readOnly: the table has no place for what a token needs.
	readOnly bool
	// sideless: no side table stands beside it, so there are no side data.
	sideless bool
}

// Columns that tables of the older official SDKs lack.
const (
	lackOfNine = "api_domain"                              // R2: user_mail in place of user_name
	lackOfSix  = "client_secret, redirect_url, api_domain" // R1: likewise
	oldName    = "user_mail"
)

func newLayout(d Dialect, table string, shape Shape) (layout, error) {
	var l layout
	for i, name := range oauth.Columns() {
		l.columns[i], _ = shape.column(name)
	}
	old := false
	if l.columns[1].Name == "" && d.OldTables {
		l.columns[1], old = shape.column(oldName)
	}
	switch missing := strings.Join(l.missing(), ", "); {
	case missing == "":
	case old && missing == lackOfNine:
		l.domainBeside = true
		l.columns[9].Size = textSize
	case old && missing == lackOfSix:
		l.readOnly, l.sideless = true, true
	default:
		return layout{}, fmt.Errorf("table %s is not a token table of the official SDKs' current shape: it has no column %s; add what is missing, or name another table",
			table, missing)
	}
	if !shape.UniqueID {
		return layout{}, fmt.Errorf("table %s: nothing keeps its column id unique, so that two users could share an ID; make id the primary key", table)
	}
	l.integerID = l.columns[0].Integer
	l.nameless = l.columns[1].NotNull
	return l, nil
}

// column finds a column; databases fold the case of names.
func (s Shape) column(name string) (Column, bool) {
	at := slices.IndexFunc(s.Columns, func(c Column) bool { return strings.EqualFold(c.Name, name) })
	if at < 0 {
		return Column{}, false
	}
	return s.Columns[at], true
}

// missing are the names of the columns that are not there.
func (l layout) missing() []string {
	var names []string
	for i, name := range oauth.Columns() {
		if l.columns[i].Name == "" {
			names = append(names, name)
		}
	}
	return names
}

// name is what the ith column is called in statements.
func (l layout) name(i int) string {
	if strings.EqualFold(l.columns[i].Name, oldName) {
		return oldName
	}
	return oauth.Columns()[i]
}

// names are the columns that the table has.
func (l layout) names() []string {
	var names []string
	for i := range l.columns {
		if l.has(i) {
			names = append(names, l.name(i))
		}
	}
	return names
}

// has reports whether the table has the ith column.
func (l layout) has(i int) bool { return l.columns[i].Name != "" }

// refuse is the error of every write to a table that can only be read.
func (l layout) refuse(table string) error {
	if !l.readOnly {
		return nil
	}
	return fmt.Errorf("%w: table %s has the six columns of the first Ruby SDK and no place for a client secret, so it is only read: copy it into a new one with zcrm store copy",
		oauth.ErrStoreUnavailable, table)
}

// check refuses a row that the columns do not hold as it is.
func (l layout) check(row oauth.Row) error {
	names := oauth.Columns()
	for i, v := range row.Values() {
		size := l.columns[i].Size
		if i == 1 && l.nameless && isStandIn(v) {
			return &oauth.ValueError{Column: names[i], Reason: "names of this form stand for nobody, since the table asks for one in every row"}
		}
		if i == expiryColumn && size == 0 {
			size = expirySize
		}
		if size > 0 && utf8.RuneCountInString(v) > size {
			return &oauth.ValueError{Column: names[i], Reason: fmt.Sprintf("it is longer than %d characters", size)}
		}
	}
	return nil
}

// holdsID reports whether a row can have this ID.
func (l layout) holdsID(id string) bool {
	if l.integerID {
		n, err := strconv.ParseInt(id, 10, 32)
		return err == nil && n > 0 && strconv.FormatInt(n, 10) == id
	}
	size := l.columns[0].Size
	return id != "" && (size == 0 || utf8.RuneCountInString(id) <= size)
}

// id is an ID as an argument for the id column. It answers false for one that no
// row can have.
func (l layout) id(id string) (any, bool) {
	if !l.integerID {
		return id, true
	}
	n, err := strconv.ParseInt(id, 10, 64)
	greatest := cmp.Or(l.columns[0].Max, math.MaxInt64)
	return n, err == nil && n <= greatest && n >= -greatest-1 && strconv.FormatInt(n, 10) == id
}

// arguments are the columns of row that the table has. What is missing is NULL,
// as in the SDKs, for whom an empty text would be a value; except in a column that
// has no NULL.
func (l layout) arguments(row oauth.Row) []any {
	args := make([]any, 0, len(l.columns))
	for i, v := range l.stored(row).Values() {
		switch {
		case !l.has(i):
		case i == 0:
			id, _ := l.id(v)
			args = append(args, id)
		case v == "" && !l.columns[i].NotNull:
			args = append(args, nil)
		default:
			args = append(args, v)
		}
	}
	return args
}
