package records

import (
	"encoding/csv"
	"io"
	"strings"
)

// Snapshot is a part of a module as it was at one moment. It holds records, not
// copies, and so costs little however many they are.
type Snapshot struct {
	schema *schema
	rows   []*record
	next   string // the ID after which the following part begins
	more   bool
}

// Snapshot takes the records that match, by ID, from the one after the given ID
// on: at most limit of them after skipping some. limit 0: no limit.
func (b *Book) Snapshot(module string, match Matcher, after string, skip, limit int) *Snapshot {
	b.mu.RLock()
	defer b.mu.RUnlock()
	t := b.tables[module]
	s := &Snapshot{schema: t.schema}
	q := Query{Match: match}
	for _, r := range t.rows {
		if r.id <= after || !q.wants(r) {
			continue
		}
		if skip--; skip >= 0 {
			continue
		}
		if limit > 0 && len(s.rows) == limit {
			s.more = true
			break
		}
		s.rows = append(s.rows, r)
	}
	if n := len(s.rows); n > 0 {
		s.next = s.rows[n-1].id
	}
	return s
}

// Len is the number of records.
func (s *Snapshot) Len() int { return len(s.rows) }

// More reports whether records follow, and after which ID.
func (s *Snapshot) More() (after string, more bool) { return s.next, s.more }

// WriteCSV writes the records as CSV with a line of field names, row by row.
// The ID comes first whether it is asked for or not. No fields: all.
func (s *Snapshot) WriteCSV(w io.Writer, fields []string) error {
	cols := s.schema.columns(fields, true)
	line := []string{"id"}
	for _, c := range cols {
		line = append(line, s.schema.Fields[c.field].APIName)
	}
	out := csv.NewWriter(w)
	if err := out.Write(line); err != nil {
		return err
	}
	for _, r := range s.rows {
		line[0] = r.id
		for i, c := range cols {
			line[i+1] = s.cell(r, c)
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// cell is a value as the CSV shows it: lookups by ID, tags by name.
func (s *Snapshot) cell(r *record, c column) string {
	value := r.value(s.schema, c.field)
	if s.schema.Fields[c.field].Type == Tags {
		return strings.Join(tagNames(value), ";")
	}
	return string(plain(value))
}
