package sqlstore

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"zohocrm/oauth"
)

// expirySize is the SDKs' size of expiry_time, in characters.
const expirySize = 20

// layout is what matters of the token table's columns, in the order of
// [oauth.Columns]. A foreign table may declare them otherwise than the SDKs do.
type layout struct {
	columns   [10]Column
	integerID bool
}

func newLayout(table string, shape Shape) (layout, error) {
	var l layout
	var missing []string
	for i, name := range oauth.Columns() {
		at := slices.IndexFunc(shape.Columns, func(c Column) bool { return strings.EqualFold(c.Name, name) })
		if at < 0 {
			missing = append(missing, name)
			continue
		}
		l.columns[i] = shape.Columns[at]
	}
	if missing != nil {
		return layout{}, fmt.Errorf("table %s is not a token table of the official SDKs' current shape: it has no column %s; add what is missing, or name another table",
			table, strings.Join(missing, ", "))
	}
	if !shape.UniqueID {
		return layout{}, fmt.Errorf("table %s: nothing keeps its column id unique, so that two users could share an ID; make id the primary key", table)
	}
	l.integerID = l.columns[0].Integer
	return l, nil
}

// check refuses a row that the columns do not hold as it is.
func (l layout) check(row oauth.Row) error {
	names := oauth.Columns()
	for i, v := range row.Values() {
		size := l.columns[i].Size
		if names[i] == "expiry_time" && size == 0 {
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
	return n, err == nil && strconv.FormatInt(n, 10) == id
}

// arguments are the columns of row. What is missing is NULL, as in the SDKs, for
// whom an empty text would be a value; except in a column that has no NULL.
func (l layout) arguments(row oauth.Row) []any {
	args := make([]any, 0, len(l.columns))
	for i, v := range row.Values() {
		if v == "" && !l.columns[i].NotNull {
			args = append(args, nil)
			continue
		}
		args = append(args, v)
	}
	args[0], _ = l.id(row.ID)
	return args
}
