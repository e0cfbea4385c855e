package csvfile

import (
	"slices"
	"strconv"
	"sync/atomic"

	"zohocrm/oauth"
)

// table is a file's content as tokens.
type table struct {
	rows    []*row // in the file's order; the slice is replaced, never changed, so that a copy of it stays true
	index   *index
	extra   []string // names of unknown columns behind the ten
	highest int64    // the greatest number among the IDs
	blank   bool     // nothing was in the file, not even a header
	bad     bool     // a row has columns that are no token

	kept atomic.Int64 // how many rows have been kept as tokens since the last forgetting
}

// mostKept is how many rows at the most are kept as tokens, which takes about as much
// memory as their text twice.
const mostKept = 1 << 14

// keep notes that a row has been kept as a token. When there are too many, all are
// forgotten.
func (t *table) keep() {
	if t.kept.Add(1) <= mostKept {
		return
	}
	t.kept.Store(0)
	for _, r := range t.rows {
		r.made.Store(nil)
	}
}

func emptyTable() *table { return &table{index: newIndex(nil)} }

func (t *table) width() int { return current + len(t.extra) }

// encode is the whole file in the golden form: the header of the current SDKs,
// a line for each row, line feeds only and after every line. into is overwritten
// if it is large enough.
func encode(into []byte, rows []*row, extra []string) []byte {
	header := append(oauth.Columns(), extra...)
	data := writeLine(into[:0], header, len(header))
	size := len(data)
	for _, r := range rows {
		size += len(r.line)
	}
	data = slices.Grow(data, size-len(data))
	for _, r := range rows {
		data = append(data, r.line...)
	}
	return data
}

// find is the table as [oauth.Rows], with each row's side data. What is found is
// kept as tokens for the next time.
func (t *table) find(sides map[string]oauth.Token) oauth.Rows { return t.findFor(t, sides) }

// findFor is find with what is found kept by a table; nil: by none.
func (t *table) findFor(keeper *table, sides map[string]oauth.Token) oauth.Rows {
	return func(k oauth.Key, value string) ([]oauth.Token, error) {
		found := t.index.find(k, value)
		if len(found) > 1 {
			found = t.inOrder(found)
		}
		tokens := make([]oauth.Token, len(found))
		for i, r := range found {
			if err := r.bad(); err != nil {
				return nil, err
			}
			m := r.token(keeper)
			tokens[i] = m.token.WithSide(sides[m.side])
		}
		return tokens, nil
	}
}

// inOrder sorts rows as they stand in the file.
func (t *table) inOrder(found []*row) []*row {
	wanted := make(map[*row]bool, len(found))
	for _, r := range found {
		wanted[r] = true
	}
	sorted := make([]*row, 0, len(found))
	for _, r := range t.rows {
		if wanted[r] {
			sorted = append(sorted, r)
		}
	}
	return sorted
}

// position is where the row of this token, just read, stands; -1 for a token
// without a Version, which is no row.
func (t *table) position(of oauth.Token) int {
	if of.Version == "" {
		return -1
	}
	for _, r := range t.index.with(oauth.ByID, of.ID) {
		if r.bad() == nil && r.token(nil).token.Version == of.Version {
			return slices.Index(t.rows, r)
		}
	}
	return -1
}

// holds reports whether a row has this ID.
func (t *table) holds(id string) bool { return len(t.index.with(oauth.ByID, id)) > 0 }

// take carries out an edit that was planned on this table.
func (t *table) take(e edit) {
	if len(e.rows) == 0 {
		t.index = newIndex(nil)
		e.was = nil
	}
	for _, r := range e.was {
		t.index.remove(r)
	}
	for _, r := range e.is {
		t.index.add(r)
		t.highest = max(t.highest, oauth.NumberOf(r.columns().ID))
	}
	t.rows = e.rows
}

// number gives the rows that came without an ID the next free ones, from above
// highest on, which covers the rows that were taken over.
func (t *table) number(highest int64, taken []bool) {
	var without []int
	for i, r := range t.rows {
		if taken[i] {
			continue
		}
		id := r.columns().ID
		highest = max(highest, oauth.NumberOf(id))
		if id == "" {
			without = append(without, i)
		}
	}
	for _, i := range without {
		r := t.rows[i]
		columns := r.columns()
		columns.ID = t.freeID(highest)
		highest = max(highest, oauth.NumberOf(columns.ID))
		numbered := r.with(columns, t.width())
		numbered.odd = &odd{bad: r.bad()}
		t.rows[i] = numbered
	}
	t.highest = highest
}

// freeID is the number after highest, or when those are used up, the least that
// is free.
func (t *table) freeID(highest int64) string {
	if id, err := oauth.NextID(highest, false, ""); err == nil {
		return id
	}
	for n := int64(1); ; n++ {
		id := strconv.FormatInt(n, 10)
		if !slices.ContainsFunc(t.rows, func(r *row) bool { return r.columns().ID == id }) {
			return id
		}
	}
}
