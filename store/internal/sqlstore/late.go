package sqlstore

import (
	"slices"

	"zohocrm/oauth"
)

// late are the rows that a batch has yet to add: many at once, and before anything
// else is asked or written.
type late struct {
	rows  []oauth.Row
	sides [][]any // arguments
}

// flush adds what is late.
func (w *writer) flush() error {
	rows, sides := w.late.rows, w.late.sides
	w.late = late{rows[:0], sides[:0]}
	for n := range parts(len(rows)) {
		if err := w.addRows(rows[:n]); err != nil {
			return err
		}
		rows = rows[n:]
	}
	for n := range parts(len(sides)) {
		if err := w.exec(w.sql.addSides.text(n), slices.Concat(sides[:n]...)...); err != nil {
			return err
		}
		sides = sides[n:]
	}
	return nil
}

// addRows adds rows and reads back what was written, see [writer.put].
func (w *writer) addRows(rows []oauth.Row) error {
	args := make([]any, 0, len(rows)*len(w.layout.columns))
	ids := make([]string, len(rows))
	for i, row := range rows {
		args = append(args, w.layout.arguments(row)...)
		ids[i] = row.ID
	}
	var stored []oauth.Row
	text := w.sql.addRows.text(len(rows))
	if w.dialect.Returning {
		w.wrote = true
		found, err := w.query(text, args...)
		if err != nil {
			return fromDriver(err)
		}
		if stored, err = w.bulk().readRows(found, nil); err != nil {
			return err
		}
	} else {
		if err := w.exec(text, args...); err != nil {
			return err
		}
		exact, err := w.isExact()
		if exact || err != nil {
			return err
		}
		if stored, err = w.bulk().rowsBy(oauth.ByID, ids); err != nil {
			return err
		}
	}
	byID := make(map[string][]oauth.Row, len(stored))
	for _, row := range stored {
		byID[row.ID] = append(byID[row.ID], row)
	}
	for _, row := range rows {
		if err := w.compare(row, byID[row.ID]); err != nil {
			return err
		}
	}
	return nil
}

// isExact reports whether the table keeps every value as it is given, so that
// there is no need to read it back. It is asked once in a transaction.
func (w *writer) isExact() (bool, error) {
	if w.dialect.Exact == nil || w.exactKnown {
		return w.exact, nil
	}
	exact, err := w.dialect.Exact(w.ctx, w.on(), w.table)
	if err != nil {
		return false, fromDriver(err)
	}
	w.exact, w.exactKnown = exact, true
	return exact, nil
}
