package sqlstore

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strconv"

	"zohocrm/oauth"
)

var (
	_ sql.Scanner = (*line)(nil)
	_ sql.Scanner = (*cell)(nil)
)

// usualLine is room for most rows, in bytes.
const usualLine = 384

// foundColumns are those of a statement of find: a row's ten, and the count of changes.
const foundColumns = 11

// line receives one row's ten columns, which are scanned into it one after the
// other, and makes a row of them with one allocation.
type line struct {
	texts []byte // of the columns scanned so far, side by side
	ends  [10]int
	next  int // the column that is scanned next

	targets [12]any
}

// into are the scan targets for the ten columns and what follows them.
func (l *line) into(more ...any) []any {
	for i := range l.ends {
		l.targets[i] = l
	}
	return append(l.targets[:len(l.ends)], more...)
}

// Scan implements [sql.Scanner] for the next column.
func (l *line) Scan(value any) (err error) {
	if l.texts == nil {
		l.texts = make([]byte, 0, usualLine)
	}
	if l.texts, err = appendText(l.texts, value); err != nil {
		return err
	}
	l.ends[l.next] = len(l.texts)
	l.next++
	return nil
}

// scan receives a whole row, and the number behind it.
func (l *line) scan(values []driver.Value, behind *sql.NullInt64) error {
	for _, v := range values[:len(l.ends)] {
		if err := l.Scan(v); err != nil {
			return err
		}
	}
	return behind.Scan(values[len(l.ends)])
}

// each scans the rows of an answer, each with a number behind it, and calls keep for it.
func (l *line) each(behind *sql.NullInt64, keep func()) func(*sql.Rows, error) error {
	return func(rows *sql.Rows, err error) error {
		if err != nil {
			return err
		}
		defer rows.Close()
		into := l.into(behind)
		for rows.Next() {
			if err := rows.Scan(into...); err != nil {
				return err
			}
			keep()
		}
		return rows.Err()
	}
}

// row is what was scanned; the line is then ready for the next one.
func (l *line) row() oauth.Row {
	all, from := string(l.texts), 0
	var values [10]string
	for i, end := range l.ends {
		values[i], from = all[from:end], end
	}
	l.texts, l.next = l.texts[:0], 0
	return oauth.RowOf(values)
}

// cell is one column's value as text.
type cell string

// Scan implements [sql.Scanner].
func (c *cell) Scan(value any) error {
	text, err := appendText(nil, value)
	*c = cell(text)
	return err
}

// appendText adds a value of the driver as text; NULL is empty. An SDK or a hand may
// have stored a number where a text belongs.
func appendText(to []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case nil:
		return to, nil
	case string:
		return append(to, v...), nil
	case []byte:
		return append(to, v...), nil
	case int64:
		return strconv.AppendInt(to, v, 10), nil
	case float64:
		return strconv.AppendFloat(to, v, 'f', -1, 64), nil
	}
	return to, fmt.Errorf("a column holds a %T where a text belongs", value)
}
