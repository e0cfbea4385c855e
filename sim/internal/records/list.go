package records

import (
	"cmp"
	"slices"
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
	Limit     int       // records in a page; must be positive
	// Start skips records from the top. Ignored when From is set.
	Start int
	From  *Mark
}

// Mark is a place in a sorted list. It stays good when records come and go.
type Mark struct {
	Unix   int64  // the sort time in seconds; 0 when sorted by ID
	ID     string // the record beside which the page starts or ends
	Before bool   // the page ends before this record; false: it starts after it
}

// Page is a part of a sorted list.
type Page struct {
	Rows        []map[string]any
	Start       int  // how many records stand above the first one
	More        bool // records follow
	First, Last Mark // around the page: pass First for the one above, Last for the one below
}

// List returns a page. It must be given a module that the book has.
func (b *Book) List(module string, q Query) Page {
	b.mu.RLock()
	defer b.mu.RUnlock()
	t := b.tables[module]
	hits := t.filter(q)
	order := q.order()
	slices.SortFunc(hits, func(x, y *record) int { return order(q.mark(x), q.mark(y)) })

	start := q.Start
	if q.From != nil {
		at, exact := slices.BinarySearchFunc(hits, *q.From, func(r *record, m Mark) int { return order(q.mark(r), m) })
		switch {
		case q.From.Before:
			start = at - q.Limit
		case exact:
			start = at + 1
		default:
			start = at
		}
	}
	start = min(max(start, 0), len(hits))
	end := min(start+q.Limit, len(hits))
	if q.From != nil && q.From.Before {
		// Records may have gone from above: never run into the page we came from.
		at, _ := slices.BinarySearchFunc(hits, *q.From, func(r *record, m Mark) int { return order(q.mark(r), m) })
		end = min(end, at)
	}
	page := Page{Start: start, More: end < len(hits)}
	for _, r := range hits[start:end] {
		page.Rows = append(page.Rows, r.row(t.module, q.Fields))
	}
	if start < end {
		page.First, page.Last = q.mark(hits[start]), q.mark(hits[end-1])
		page.First.Before = true
	}
	return page
}

// Count returns how many records match.
func (b *Book) Count(module string, match Matcher) int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return len(b.tables[module].filter(Query{Match: match}))
}

// Get returns one record. modified is its Modified_Time.
func (b *Book) Get(module, id string, fields []string) (row map[string]any, modified time.Time, ok bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	t := b.tables[module]
	r := t.find(id)
	if r == nil {
		return nil, time.Time{}, false
	}
	return r.row(t.module, fields), r.modified, true
}

func (t *table) filter(q Query) []*record {
	if q.IDs != nil {
		var hits []*record
		for _, id := range q.IDs {
			if r := t.find(id); r != nil && !slices.Contains(hits, r) && q.wants(r) {
				hits = append(hits, r)
			}
		}
		return hits
	}
	hits := make([]*record, 0, len(t.rows))
	for _, r := range t.rows {
		if q.wants(r) {
			hits = append(hits, r)
		}
	}
	return hits
}

func (q Query) wants(r *record) bool {
	return (q.Since.IsZero() || r.modified.After(q.Since)) && (q.Match == nil || q.Match(r.field))
}

func (q Query) mark(r *record) Mark {
	switch q.SortBy {
	case "Created_Time":
		return Mark{Unix: r.created.Unix(), ID: r.id}
	case "Modified_Time":
		return Mark{Unix: r.modified.Unix(), ID: r.id}
	}
	return Mark{ID: r.id}
}

func (q Query) order() func(a, b Mark) int {
	up := func(a, b Mark) int { return cmp.Or(cmp.Compare(a.Unix, b.Unix), cmp.Compare(a.ID, b.ID)) }
	if q.Ascending {
		return up
	}
	return func(a, b Mark) int { return up(b, a) }
}
