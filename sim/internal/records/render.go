package records

import "slices"

// richMax is how much of a rich text a list shows, in characters.
const richMax = 500

// column is a field that an answer shows.
type column struct {
	key   string // the field's name as a JSON key
	field int
	cut   bool // shortened, as lists do
}

// columns are the columns for the named fields, or for all the module has. A
// name twice counts once, an unknown one is left out, the ID is always there.
// lists leave subforms out and cut rich texts (Zoho: get-records page).
func (s *schema) columns(names []string, list bool) []column {
	if len(names) == 0 {
		for _, f := range s.Fields {
			names = append(names, f.APIName)
		}
	}
	var out []column
	for n, name := range names {
		i, ok := s.at[name]
		if !ok || slices.Contains(names[:n], name) || list && s.Fields[i].Type == Subform {
			continue
		}
		out = append(out, column{key: s.keys[i], field: i, cut: list && s.Fields[i].Rich})
	}
	return out
}

// appendRow adds a record as JSON: ready bytes, copied.
func (t *table) appendRow(out []byte, r *record, cols []column) []byte {
	out = append(out, '{')
	for _, c := range cols {
		out = append(out, c.key...)
		value := r.value(t.schema, c.field)
		if c.cut && len(value) > richMax {
			value = cutText(value)
		}
		out = append(append(out, value...), ',')
	}
	out = append(append(out, `"id":"`...), r.id...)
	return append(out, `"}`...)
}

// cutText shortens a text to what a list shows of it.
func cutText(value []byte) []byte {
	runes := []rune(string(plain(value)))
	if len(runes) <= richMax {
		return value
	}
	return quote(string(runes[:richMax]))
}
