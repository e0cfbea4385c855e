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
	return plan.Row, nil
}

// insert adds a row, under its own ID where the table can hold it.
func (w *writer) insert(t *oauth.Token) (err error) {
	if !w.layout.holdsID(t.ID) {
		if t.ID, err = w.newID(); err != nil {
			return err
		}
	}
	row := t.Row()
	if row.UserName == "" && w.layout.columns[1].NotNull {
		return &oauth.ValueError{Column: "user_name", Reason: "the table asks for a user name in every row"}
	}
	if err := w.layout.check(row); err != nil {
		return err
	}
	w.used(t.ID)
	if err := w.exec(w.sql.insert, w.layout.arguments(row)...); err != nil {
		return err
	}
	return w.verify(row)
}

// replace updates a row, and removes the nameless one that gave way to it.
func (w *writer) replace(plan oauth.Plan) error {
	row := plan.Row.Row()
	if err := w.layout.check(row); err != nil {
		return err
	}
	if plan.Remove.Version != "" {
		if err := w.remove(plan.Remove.ID); err != nil {
			return err
		}
	}
	if row.Version() == plan.Old.Version {
		return nil
	}
	if err := w.update(plan.Old.Row(), row); err != nil {
		return err
	}
	return w.verify(row)
}

// update writes the columns that change, since each one written costs the work on
// its index. expiry_time is always written: an SDK may have stored the same time
// as another text.
func (w *writer) update(old, row oauth.Row) error {
	var set []string
	var args []any
	was, all := old.Values(), w.layout.arguments(row)
	for i, v := range row.Values() {
		if name := oauth.Columns()[i]; v != was[i] || name == "expiry_time" {
			set = append(set, name+" = ?")
			args = append(args, all[i])
		}
	}
	text := w.sql.update + strings.Join(set, ", ") + " WHERE id = ?"
	return w.exec(w.dialect.number(text), append(args, all[0])...)
}

// verify reads back what was written: a column's type or character set, a
// trigger or a lenient mode can make something else of a value than was given.
func (w *writer) verify(row oauth.Row) error {
	found, _, err := w.rows(w.ctx, w.transaction, oauth.ByID, row.ID)
	if err != nil {
		return err
	}
	stored := oauth.Row{}
	if len(found) == 1 {
		stored = found[0]
	}
	got := stored.Values()
	for i, want := range row.Values() {
		if got[i] != want {
			return &oauth.ValueError{Column: oauth.Columns()[i], Reason: "the table makes another value of it"}
		}
	}
	return nil
}

// remove deletes a token's row.
func (w *writer) remove(id string) error {
	w.used(id)
	arg, _ := w.layout.id(id)
	if err := w.exec(w.sql.remove, arg); err != nil {
		return err
	}
	w.cache.forget(id)
	return nil
}

// saveSide writes the side row of what was saved, if it is new or changed. That of
// a secret which was replaced, or of a row which was deleted, stays until it is
// swept.
func (w *writer) saveSide(plan oauth.Plan) error {
	key := plan.Row.SideKey()
	old, err := w.sideOf(key)
	if err != nil {
		return err
	}
	if old.exists && old.rowID == plan.Row.ID && plan.Row.SameSide(old.data()) {
		return nil
	}
	b := besideOf(plan.Row)
	w.written[key] = b
	if old.exists {
		return w.exec(w.sql.updateSide, append(sideArguments(b), key)...)
	}
	if err := w.exec(w.sql.insertSide, append(sideArguments(b), w.keepUntil(), key)...); err != nil {
		return err
	}
	return w.sweep()
}
