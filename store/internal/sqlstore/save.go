package sqlstore

import (
	"context"
	"strings"

	"zohocrm/oauth"
)

// Save implements [oauth.Store].
func (s *Store) Save(ctx context.Context, t oauth.Token) (oauth.Token, error) {
	if err := t.Row().Check(0); err != nil {
		return oauth.Token{}, err
	}
	var saved oauth.Token
	err := s.write(ctx, "save", func(w *writer) (err error) {
		w.alone = &t
		saved, err = w.save(t)
		return err
	})
	if err != nil {
		return oauth.Token{}, err
	}
	return saved, nil
}

func (w *writer) save(t oauth.Token) (oauth.Token, error) {
	plan, err := oauth.PlanSave(t, w.now(), w.tokens)
	if err != nil {
		return oauth.Token{}, err
	}
	plan.Row = wholeMilli(plan.Row)
	if plan.Insert() {
		err = w.insert(&plan.Row)
	} else if plan.ColumnsChange() {
		err = w.replace(plan)
	}
	if err != nil {
		return oauth.Token{}, err
	}
	if err := w.saveSide(plan); err != nil {
		return oauth.Token{}, err
	}
	plan.Row.Version = plan.Row.Row().Version()
	w.did(plan.Row.ID, plan.Old.Version, plan.Row.Version)
	w.memo.change(plan.Old, plan.Row)
	return plan.Row, nil
}

// insert adds a row, under its own ID where the table can hold it.
func (w *writer) insert(t *oauth.Token) (err error) {
	holds, err := w.holdsID(t.ID)
	if err != nil {
		return err
	}
	if !holds {
		if t.ID, err = w.newID(); err != nil {
			return err
		}
	}
	row := t.Row()
	if err := w.layout.check(row); err != nil {
		return err
	}
	w.used(t.ID)
	if w.together {
		w.late.rows = append(w.late.rows, row)
		return nil
	}
	return w.put(row, w.sql.insert, w.layout.arguments(row))
}

// replace updates a row, and removes the nameless one that gave way to it.
func (w *writer) replace(plan oauth.Plan) error {
	row := plan.Row.Row()
	if err := w.layout.check(row); err != nil {
		return err
	}
	if plan.Remove.Version != "" {
		if err := w.remove(plan.Remove); err != nil {
			return err
		}
	}
	if row.Version() == plan.Old.Version {
		return nil
	}
	return w.update(plan.Old.Row(), row)
}

// update writes the columns that change, since each one written costs the work on
// its index. expiry_time is always written: an SDK may have stored the same time
// as another text.
func (w *writer) update(old, row oauth.Row) error {
	var change columnSet
	var args []any
	was, all := old.Values(), w.layout.arguments(row)
	id := all[0]
	for i, v := range row.Values() {
		if !w.layout.has(i) {
			continue
		}
		if v != was[i] || i == expiryColumn {
			change[i] = true
			args = append(args, all[0])
		}
		all = all[1:]
	}
	return w.put(row, w.updateText(change), append(args, id))
}

// columnSet says which of [oauth.Columns] change.
type columnSet [10]bool

// updateText is the statement that writes these columns.
func (w *writer) updateText(change columnSet) string {
	if made, known := w.updates[change]; known {
		return made
	}
	var set []string
	for i, changes := range change {
		if changes {
			set = append(set, w.layout.name(i)+" = ?")
		}
	}
	text := w.dialect.number(w.sql.update + strings.Join(set, ", ") + w.sql.where)
	w.updates[change] = text
	return text
}

// put writes a row and reads back what was written: a column's type or character
// set, a trigger or a lenient mode can make something else of a value than was
// given.
func (w *writer) put(row oauth.Row, text string, args []any) error {
	if w.together && !w.dialect.Returning {
		exact, err := w.isExact()
		if err != nil {
			return err
		}
		if exact {
			return w.exec(text, args...)
		}
	}
	stored, err := w.putBack(row.ID, text, args)
	if err != nil {
		return err
	}
	return w.compare(row, stored)
}

// compare refuses a row that is not the one which is stored under its ID.
func (w *writer) compare(row oauth.Row, stored []oauth.Row) error {
	var got [10]string
	if len(stored) == 1 && stored[0].ID == row.ID {
		got = stored[0].Values()
	}
	for i, want := range row.Values() {
		if w.layout.has(i) && got[i] != want {
			return &oauth.ValueError{Column: oauth.Columns()[i], Reason: "the table makes another value of it"}
		}
	}
	return nil
}

// putBack writes a row and gives what stands there then.
func (w *writer) putBack(id, text string, args []any) ([]oauth.Row, error) {
	if !w.dialect.Returning {
		if err := w.exec(text, args...); err != nil {
			return nil, err
		}
		return w.rowsOf(oauth.ByID, id)
	}
	w.wrote = true
	rows, err := w.query(text+w.sql.returning, args...)
	if err != nil {
		return nil, fromDriver(err)
	}
	return w.bulk().readRows(rows, nil)
}

// remove deletes a token's row. Only its ID and Version are needed, and the other
// keys where an answer of [writer.tokens] may hold it.
func (w *writer) remove(row oauth.Token) error {
	w.used(row.ID)
	arg, _ := w.layout.id(row.ID)
	if err := w.exec(w.sql.remove, arg); err != nil {
		return err
	}
	w.did(row.ID, row.Version, "")
	w.memo.change(row, oauth.Token{})
	w.cache.forget(row.ID)
	return nil
}

// saveSide writes the side row of what was saved, if it is new or changed. That of
// a secret which was replaced, or of a row which was deleted, stays until it is
// swept.
func (w *writer) saveSide(plan oauth.Plan) error {
	key := w.dialect.sideKey(plan.Row)
	if plan.Insert() && !w.retried {
		// As a rule a new row has a new secret. If not, its side row cannot be added, and
		// the next try of the transaction looks for it.
		w.memo.presumeNoSide(key)
	}
	old, err := w.sideOf(key)
	if err != nil {
		return err
	}
	b := w.layout.besideOf(plan.Row)
	if old.exists && old.rowID == b.rowID && old.domain == b.domain && plan.Row.SameSide(old.data()) {
		return nil
	}
	w.written[key] = b
	if old.exists {
		return w.updateSide(append(w.layout.sideArguments(b), key))
	}
	w.sweepFor(key)
	args := append(w.layout.sideArguments(b), w.keepUntil(), key)
	if w.together {
		w.late.sides = append(w.late.sides, args)
		return nil
	}
	return w.exec(w.sql.insertSide, args...)
}
