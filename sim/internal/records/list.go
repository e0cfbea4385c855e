package records

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Query asks for a page of a module's records.
type Query struct {
	Fields    []string  // nil: all
	IDs       []string  // nil: any
	Match     Matcher   // nil: any
	SortBy    string    // "id", "Created_Time" or "Modified_Time"
	Ascending bool      // false: newest or highest first
	Since     time.Time // only records modified after it; zero: any
	Converted Converted // which leads
	Whole     bool      // long rich texts and subforms too, as in a single get
	Limit     int       // records in a page; must be positive
	// Start skips records from the top. Ignored when From is set.
	Start int
	From  *Mark
}

// Converted says which leads a list holds.
type Converted string

// The values of the parameter converted.
const (
	Unconverted Converted = "" // those that still are leads
	OnlyThose   Converted = "true"
	Both        Converted = "both"
)

// Mark is a place in a sorted list. It stays good when records come and go.
type Mark struct {
	Unix   int64  // the sort time in seconds; 0 when sorted by ID
	ID     string // the record beside which the page starts or ends
	Before bool   // the page ends before this record; false: it starts after it
}

// Page is a part of a sorted list.
type Page struct {
	JSON        []byte // the records, with commas between them
	Count       int    // of records
	Start       int    // how many records stand above the first one
	More        bool   // records follow
	First, Last Mark   // around the page: pass First for the one above, Last for the one below
}

// List returns a page. It must be given a module that the book has.
func (b *Book) List(module string, q Query) Page {
	b.mu.RLock()
	defer b.mu.RUnlock()
	t := b.tables[module]
	rows := t.ordered(q)
	var hits []*record
	page := Page{Start: q.Start}
	if q.From != nil && q.From.Before {
		hits, page.More = t.above(rows, q)
	} else {
		hits, page.More = t.below(rows, q)
	}
	page.Count = len(hits)
	if len(hits) == 0 {
		return page
	}
	cols := t.columns(q.Fields, !q.Whole)
	page.JSON = make([]byte, 0, len(hits)*(len(hits[0].raw)+16*len(cols))+64)
	for i, r := range hits {
		if i > 0 {
			page.JSON = append(page.JSON, ',')
		}
		page.JSON = t.appendRow(page.JSON, r, cols)
	}
	page.First, page.Last = q.mark(hits[0]), q.mark(hits[len(hits)-1])
	page.First.Before = true
	return page
}

// below collects a page downwards. more: another record follows.
func (t *table) below(rows []*record, q Query) (hits []*record, more bool) {
	start, skip := 0, q.Start
	if q.From != nil {
		at, exact := q.find(rows, *q.From)
		if start = at; exact {
			start++
		}
		skip = 0
	}
	for i := start; i < len(rows); i++ {
		r := rows[q.turn(i, len(rows))]
		if !q.wants(r) {
			continue
		}
		if skip--; skip >= 0 {
			continue
		}
		if len(hits) == q.Limit {
			return hits, true
		}
		hits = append(hits, r)
	}
	return hits, false
}

// above collects the page that ends before the mark.
func (t *table) above(rows []*record, q Query) (hits []*record, more bool) {
	at, _ := q.find(rows, *q.From)
	for i := at - 1; i >= 0 && len(hits) < q.Limit; i-- {
		if r := rows[q.turn(i, len(rows))]; q.wants(r) {
			hits = append(hits, r)
		}
	}
	slices.Reverse(hits)
	for i := at; i < len(rows) && !more; i++ {
		more = q.wants(rows[q.turn(i, len(rows))])
	}
	return hits, more
}

// Count returns how many records match.
func (b *Book) Count(module string, match Matcher) int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	n := 0
	q := Query{Match: match}
	for _, r := range b.tables[module].rows {
		if q.wants(r) {
			n++
		}
	}
	return n
}

// Get returns one record as JSON, whole. modified is its Modified_Time.
func (b *Book) Get(module, id string, fields []string) (row []byte, modified time.Time, ok bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	t := b.tables[module]
	r := t.find(id)
	if r == nil {
		return nil, time.Time{}, false
	}
	return t.appendRow(nil, r, t.columns(fields, false)), time.Unix(r.modified, 0), true
}

// Holds reports whether a module has a record.
func (b *Book) Holds(module, id string) bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	t := b.tables[module]
	return t != nil && t.find(id) != nil
}

// FindBy returns the ID of the record in which a field has a value.
func (b *Book) FindBy(module, field, value string) (id string, ok bool) {
	b.mu.Lock() // the lookup may make an index
	defer b.mu.Unlock()
	t := b.tables[module]
	i, known := t.at[field]
	if !known || value == "" {
		return "", false
	}
	r := t.lookFor(i, value)
	if r == nil {
		return "", false
	}
	return r.id, true
}

// sorted is the order of a table by a time, as long as the table's version holds.
type sorted struct {
	version int
	rows    []*record // ascending
}

// ordered returns the records to look through, in ascending order of the sort
// key. The slice must not be changed.
func (t *table) ordered(q Query) []*record {
	byTime := q.SortBy == createdField || q.SortBy == modifiedField
	if q.IDs != nil {
		var some []*record
		for _, id := range q.IDs {
			if r := t.find(id); r != nil && !slices.Contains(some, r) {
				some = append(some, r)
			}
		}
		slices.SortFunc(some, q.compare)
		return some
	}
	if !byTime {
		return t.rows
	}
	t.sorting.Lock()
	defer t.sorting.Unlock()
	kept := t.sorted[q.SortBy]
	if kept.rows == nil || kept.version != t.version {
		kept = sorted{version: t.version, rows: slices.Clone(t.rows)}
		slices.SortFunc(kept.rows, q.compare)
		t.sorted[q.SortBy] = kept
	}
	return kept.rows
}

// turn is the place in the ascending order of the i-th record from the top.
func (q Query) turn(i, n int) int {
	if q.Ascending {
		return i
	}
	return n - 1 - i
}

// find is where a mark belongs, counted from the top; exact: its record is there.
func (q Query) find(rows []*record, m Mark) (at int, exact bool) {
	at, exact = slices.BinarySearchFunc(rows, m, func(r *record, m Mark) int { return up(q.mark(r), m) })
	switch {
	case q.Ascending:
		return at, exact
	case exact:
		return len(rows) - 1 - at, true
	}
	return len(rows) - at, false
}

func (q Query) wants(r *record) bool {
	switch {
	case q.Converted == Unconverted && r.converted, q.Converted == OnlyThose && !r.converted,
		!q.Since.IsZero() && r.modified <= q.Since.Unix():
		return false
	}
	return q.Match == nil || q.Match(r)
}

func (q Query) mark(r *record) Mark {
	switch q.SortBy {
	case createdField:
		return Mark{Unix: r.created, ID: r.id}
	case modifiedField:
		return Mark{Unix: r.modified, ID: r.id}
	}
	return Mark{ID: r.id}
}

func (q Query) compare(x, y *record) int { return up(q.mark(x), q.mark(y)) }

func up(a, b Mark) int { return cmp.Or(cmp.Compare(a.Unix, b.Unix), strings.Compare(a.ID, b.ID)) }

// IDs are the IDs of the records that match, ascending.
func (b *Book) IDs(module string, match Matcher) []string {
	b.mu.RLock()
	defer b.mu.RUnlock()
	var out []string
	q := Query{Match: match}
	for _, r := range b.tables[module].rows {
		if q.wants(r) {
			out = append(out, r.id)
		}
	}
	return out
}
