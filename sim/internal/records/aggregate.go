package records

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"zohocrm/sim/internal/coql"
)

// group is one row of a query with aggregates.
type group struct {
	first *record
	cells []cell // by column
}

// cell is an aggregate on its way.
type cell struct {
	count    int
	sum      float64
	low, top []byte
}

// grouped are the rows of a query with group by or aggregates.
func (s *selection) grouped() (out []byte, count int, more bool) {
	var keys []reader
	for _, name := range s.query.GroupBy {
		read, _, _ := s.reader(name) // checked by prepare
		keys = append(keys, read)
	}
	groups := map[string]*group{}
	var order []*group
	for _, r := range s.table.rows {
		if !s.wants(r) {
			continue
		}
		var key bytes.Buffer
		for _, read := range keys {
			key.Write(bytes.ToLower(read(r)))
			key.WriteByte(0)
		}
		g := groups[key.String()]
		if g == nil {
			g = &group{first: r, cells: make([]cell, len(s.query.Columns))}
			groups[key.String()] = g
			order = append(order, g)
		}
		for i := range s.query.Columns {
			g.cells[i].add(s.kinds[i], s.read[i](r))
		}
	}
	slices.SortStableFunc(order, s.compareGroups)
	end := s.query.Offset + s.query.Limit
	for _, g := range order[min(s.query.Offset, len(order)):min(end, len(order))] {
		if count++; count > 1 {
			out = append(out, ',')
		}
		out = append(out, '{')
		for i, c := range s.query.Columns {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(append(append(out, quote(c.Title())...), ':'), s.result(g, i, c)...)
		}
		out = append(out, '}')
	}
	return out, count, len(order) > end
}

func (c *cell) add(t Type, value []byte) {
	if isNull(value) {
		return
	}
	c.count++
	if n, err := strconv.ParseFloat(string(plain(value)), 64); err == nil {
		c.sum += n
	}
	if c.low == nil || compareValues(t, value, c.low) < 0 {
		c.low = value
	}
	if c.top == nil || compareValues(t, value, c.top) > 0 {
		c.top = value
	}
}

func (s *selection) result(g *group, i int, c coql.Column) []byte {
	cell := g.cells[i]
	switch {
	case c.Function == "count":
		return strconv.AppendInt(nil, int64(cell.count), 10)
	case c.Function == "":
		return s.read[i](g.first)
	case cell.count == 0:
		return []byte("null")
	case c.Function == "sum":
		return number(cell.sum)
	case c.Function == "avg":
		return number(cell.sum / float64(cell.count))
	case c.Function == "min":
		return cell.low
	}
	return cell.top
}

// compareGroups orders rows by the answer's columns.
func (s *selection) compareGroups(x, y *group) int {
	for _, o := range s.query.OrderBy {
		i := slices.IndexFunc(s.query.Columns, func(c coql.Column) bool {
			return c.Alias == o.Name || strings.EqualFold(c.Title(), o.Name) || c.Function == "" && c.Name == o.Name
		})
		if i < 0 {
			continue
		}
		c, kind := s.query.Columns[i], s.kinds[i]
		if c.Function == "count" || c.Function == "sum" || c.Function == "avg" {
			kind = Double
		}
		n := compareValues(kind, s.result(x, i, c), s.result(y, i, c))
		if o.Descending {
			n = -n
		}
		if n != 0 {
			return n
		}
	}
	return strings.Compare(x.first.id, y.first.id)
}
