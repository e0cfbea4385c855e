package csvfile

import (
	"slices"
	"time"

	"zohocrm/oauth"
)

// maxChars is the longest value that is stored, in characters. The SDKs set no
// limit to their files; Zoho's tokens are shorter than a hundred.
const maxChars = 4096

// checkValues refuses what a token file cannot hold.
func checkValues(t oauth.Token) error {
	row := t.Row()
	if err := row.Check(maxChars); err != nil {
		return err
	}
	if back, err := row.Token(); err != nil || back.Expiry.IsZero() != t.Expiry.IsZero() {
		return &oauth.ValueError{Column: "expiry_time", Reason: "it is before 1970 or after 9999"}
	}
	return nil
}

// Check says of a token, without writing, what Save would refuse of its values; what
// [Config.Strict] refuses besides is left out. Package transfer asks for it in a dry
// run.
func (s *Store) Check(t oauth.Token) error { return checkValues(t) }

// saving is one Save. It may be planned more than once.
type saving struct {
	store  *Store
	token  oauth.Token
	newID  string // of the row that is inserted, once it was given
	saved  oauth.Token
	unsafe string // a column that some SDK reads wrongly
}

func (w *saving) plan(v *view, t *table) (edit, error) {
	plan, err := oauth.PlanSave(w.token, w.store.now(), t.find(v.sides.entries))
	if err != nil {
		return edit{}, err
	}
	if err := w.check(plan); err != nil {
		return edit{}, err
	}
	w.saved = wholeMillis(plan.Row)
	if !plan.ColumnsChange() {
		w.saved.Version = plan.Old.Version
		if w.saved.SameSide(plan.Old) {
			return edit{}, nil
		}
		return edit{notes: []entry{entryOf(w.saved)}}, nil
	}
	if plan.Insert() {
		if w.saved.ID, err = w.id(plan.Row.ID, max(v.highest, t.highest), t); err != nil {
			return edit{}, err
		}
	}
	return w.edit(plan, t), nil
}

// check refuses or notes a new value that not every official SDK reads back.
func (w *saving) check(plan oauth.Plan) error {
	column, reason := unlike(plan.Row.Row(), plan.Old.Row())
	if column != "" && w.store.strict {
		return &oauth.ValueError{Column: column, Reason: reason}
	}
	w.unsafe = column
	return nil
}

func (w *saving) warn() {
	if w.unsafe != "" && !w.store.warnedQuotes.Swap(true) {
		w.store.log.Warn("a stored value needs quotes or holds a backslash, which some official SDKs (Node.js, C#, Java) read wrongly; Config.Strict refuses such values",
			"file", w.store.path, "column", w.unsafe)
	}
}

// id is the ID of a new row: the wanted one if there is one, else the next
// number. Java and C# cannot insert into a file that holds any other ID, so
// there a strict store gives a number too.
func (w *saving) id(wanted string, highest int64, t *table) (string, error) {
	if w.store.strict && oauth.NumberOf(wanted) == 0 {
		wanted = ""
	}
	if wanted != "" {
		return wanted, nil
	}
	if w.newID == "" || t.holds(w.newID) {
		id, err := oauth.NextID(highest, false, "")
		if err != nil {
			return "", err
		}
		w.newID = id
	}
	return w.newID, nil
}

// edit is the plan for the rows of t.
func (w *saving) edit(plan oauth.Plan, t *table) edit {
	e := edit{rows: slices.Clone(t.rows), notes: []entry{entryOf(w.saved)}}
	var old *row
	at := t.position(plan.Old)
	if at >= 0 {
		old = t.rows[at]
		e.was = append(e.was, old)
	}
	made := old.with(w.saved.Row(), t.width())
	e.is = []*row{made}
	w.saved.Version = made.token(t).token.Version
	if at >= 0 {
		e.rows[at] = made
	} else {
		e.rows = append(e.rows, made)
	}
	if gone := t.position(plan.Remove); gone >= 0 {
		e.was = append(e.was, t.rows[gone])
		e.rows = slices.Delete(e.rows, gone, gone+1)
		e.last = true
	}
	return e
}

// wholeMillis is t with its side data as they will be read back.
func wholeMillis(t oauth.Token) oauth.Token {
	for _, at := range []*time.Time{&t.CreatedAt, &t.UpdatedAt, &t.LastUsedAt} {
		*at = moment(milli(*at))
	}
	return t
}
