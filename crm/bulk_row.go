package crm

import (
	"iter"
	"strings"
)

// Row is one row of a bulk result. Values are text, as Zoho's CSV has them; of
// a lookup it is the ID.
type Row struct {
	names  *columns
	values []string
}

// columns are the names of a result's columns, shared by its rows.
type columns struct {
	names []string
	index map[string]int
}

func newColumns(header []string) *columns {
	c := &columns{names: header, index: make(map[string]int, len(header))}
	for i, name := range header {
		if i == 0 {
			name = strings.TrimPrefix(name, "\ufeff") // a byte order mark
			c.names[0] = name
		}
		if _, doubled := c.index[name]; !doubled {
			c.index[name] = i
		}
	}
	return c
}

// Text is a value, "" if there is no such column.
func (r Row) Text(column string) string {
	if r.names == nil {
		return ""
	}
	i, ok := r.names.index[column]
	if !ok {
		return ""
	}
	return r.values[i]
}

// ID is the record's ID.
func (r Row) ID() string {
	if id := r.Text("Id"); id != "" {
		return id
	}
	return r.Text("id")
}

// Columns are the names of the columns, shared by all rows: read them, never
// change them.
func (r Row) Columns() []string {
	if r.names == nil {
		return nil
	}
	return r.names.names
}

// Values are the values in the order of Columns. They are the caller's.
func (r Row) Values() []string { return r.values }

// Fields yields the columns with their values.
func (r Row) Fields() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for i, value := range r.values {
			if !yield(r.names.names[i], value) {
				return
			}
		}
	}
}
