package records

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"

	"zohocrm/sim/internal/coql"
)

// QueryError is why a query cannot be carried out, in Zoho's terms.
type QueryError struct {
	Message string
	Details map[string]any
}

func (e *QueryError) Error() string { return "records: " + e.Message }

// Select carries out a query. The rows come as JSON with commas between them;
// more tells that the query has further ones beyond its window.
func (b *Book) Select(q *coql.Query) (rows []byte, count int, more bool, err error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	t := b.tables[q.Module]
	if t == nil {
		return nil, 0, false, &QueryError{"invalid query formed", map[string]any{"reason": "module name given seems to be invalid", "module": q.Module}}
	}
	s := &selection{book: b, table: t, query: q}
	if err := s.prepare(); err != nil {
		return nil, 0, false, err
	}
	if q.Aggregates() {
		rows, count, more = s.grouped()
	} else {
		rows, count, more = s.plainRows()
	}
	return rows, count, more, nil
}

// reader reads a value of a record, perhaps through a lookup.
type reader func(*record) []byte

// selection is a query that is being carried out.
type selection struct {
	book  *Book
	table *table
	query *coql.Query
	where Matcher
	read  []reader // by column
	kinds []Type   // by column
	order []reader
	kind  []Type // by order key
}

func (s *selection) prepare() (err error) {
	for _, c := range s.query.Columns {
		read, kind, err := s.reader(c.Name)
		if err != nil {
			return err
		}
		s.read, s.kinds = append(s.read, read), append(s.kinds, kind)
	}
	for _, o := range s.query.OrderBy {
		name := o.Name
		for _, c := range s.query.Columns {
			if c.Alias == o.Name && c.Function == "" {
				name = c.Name
			}
		}
		if s.query.Aggregates() {
			continue // ordered by the answer's columns
		}
		read, kind, err := s.reader(name)
		if err != nil {
			return err
		}
		s.order, s.kind = append(s.order, read), append(s.kind, kind)
	}
	for _, name := range s.query.GroupBy {
		if _, _, err := s.reader(name); err != nil {
			return err
		}
	}
	s.where, err = s.matcher(s.query.Where)
	return err
}

// reader finds a column: a field, or a field behind a lookup.
func (s *selection) reader(name string) (reader, Type, error) {
	t := s.table
	first, rest, through := strings.Cut(name, ".")
	if name == "id" {
		return func(r *record) []byte { return quote(r.id) }, Text, nil
	}
	i, ok := t.at[first]
	if !ok || t.Fields[i].Type == Subform {
		return nil, "", unknownColumn(name, t)
	}
	f := t.Fields[i]
	if !through {
		return func(r *record) []byte { return r.value(t.schema, i) }, f.Type, nil
	}
	target := s.book.tables[f.Module]
	if f.Type != Lookup || target == nil {
		return nil, "", unknownColumn(name, t)
	}
	next, kind, err := (&selection{book: s.book, table: target}).reader(rest)
	if err != nil {
		return nil, "", unknownColumn(name, t)
	}
	return func(r *record) []byte {
		other := target.find(string(plain(r.value(t.schema, i))))
		if other == nil {
			return []byte("null")
		}
		return next(other)
	}, kind, nil
}

func unknownColumn(name string, t *table) error {
	return &QueryError{"column given seems to be invalid", map[string]any{"column_name": name, "module": t.APIName}}
}

// matcher turns the where clause into a matcher.
func (s *selection) matcher(n *coql.Node) (Matcher, error) {
	if n.Join == "" {
		return s.condition(n.Condition)
	}
	left, err := s.matcher(n.Left)
	if err != nil {
		return nil, err
	}
	right, err := s.matcher(n.Right)
	if err != nil {
		return nil, err
	}
	if n.Join == "or" {
		return Either(left, right), nil
	}
	return All(left, right), nil
}

func (s *selection) condition(c coql.Condition) (Matcher, error) {
	read, kind, err := s.reader(c.Field)
	if err != nil {
		return nil, err
	}
	op := map[string]string{
		"=": "equal", "!=": "not_equal", "<": "less_than", "<=": "less_equal", ">": "greater_than", ">=": "greater_equal",
		"is null": "null", "is not null": "not_null",
	}[c.Operator]
	if op == "" {
		op = strings.ReplaceAll(c.Operator, " ", "_")
	}
	var values []string
	for _, v := range c.Values {
		values = append(values, v.Text)
	}
	test, err := newTest(kind, Condition{Field: c.Field, Operator: op, Values: values})
	switch {
	case errors.Is(err, ErrValue):
		return nil, &QueryError{"value given seems to be invalid for the column", map[string]any{
			"column_name": c.Field, "module": s.table.APIName, "data_type": kind.API(), "operator": c.Operator,
		}}
	case err != nil:
		return nil, &QueryError{"invalid query formed", map[string]any{"column_name": c.Field, "operator": c.Operator}}
	}
	return func(r *record) bool { return test(read(r)) }, nil
}

func (s *selection) wants(r *record) bool { return !r.converted && s.where(r) }

// plainRows are the records themselves, by ID unless the query says otherwise.
func (s *selection) plainRows() (out []byte, count int, more bool) {
	var hits []*record
	end := s.query.Offset + s.query.Limit
	for _, r := range s.table.rows {
		if !s.wants(r) {
			continue
		}
		hits = append(hits, r)
		if len(s.order) == 0 && len(hits) > end {
			break
		}
	}
	if len(s.order) > 0 {
		slices.SortStableFunc(hits, s.compare)
	}
	for _, r := range hits[min(s.query.Offset, len(hits)):min(end, len(hits))] {
		if count++; count > 1 {
			out = append(out, ',')
		}
		out = s.appendRow(out, r)
	}
	return out, count, len(hits) > end
}

func (s *selection) compare(x, y *record) int {
	for i, read := range s.order {
		c := compareValues(s.kind[i], read(x), read(y))
		if s.query.OrderBy[i].Descending {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return strings.Compare(x.id, y.id)
}

// compareValues orders two JSON values of one type; null comes first.
func compareValues(t Type, x, y []byte) int {
	if isNull(x) || isNull(y) {
		return cmp.Compare(b2i(!isNull(x)), b2i(!isNull(y)))
	}
	o, ok := newOperand(t, string(plain(y)))
	if !ok {
		return bytes.Compare(x, y)
	}
	return o.compare(x)
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// appendRow adds a record's columns as JSON. The ID is always among them.
func (s *selection) appendRow(out []byte, r *record) []byte {
	out = append(out, '{')
	withID := false
	for i, c := range s.query.Columns {
		title := c.Title()
		withID = withID || title == "id"
		if slices.ContainsFunc(s.query.Columns[:i], func(o coql.Column) bool { return o.Title() == title }) {
			continue
		}
		if len(out) > 0 && out[len(out)-1] != '{' {
			out = append(out, ',')
		}
		out = append(append(append(out, quote(title)...), ':'), s.read[i](r)...)
	}
	if !withID {
		out = append(append(out, `,"id":`...), quote(r.id)...)
	}
	return append(out, '}')
}

// number formats the result of an aggregate.
func number(f float64) []byte { return strconv.AppendFloat(nil, f, 'f', -1, 64) }
