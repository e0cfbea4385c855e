package cli

import (
	"bytes"
	"encoding/json"
	"strings"

	"zohocrm/crm"
)

// fieldOf is the JSON of a field, nil if it is not there. "Owner.email" is that
// field, as COQL names its columns, or the email of the owner.
func fieldOf(r crm.Record, name string) json.RawMessage {
	if value := r.Raw(name); value != nil {
		return value
	}
	for {
		first, rest, dotted := strings.Cut(name, ".")
		if !dotted {
			return r.Raw(name)
		}
		r, name = r.Sub(first), rest
	}
}

// columnSet finds the values of columns in one pass through a record.
type columnSet struct {
	names []string
	index map[string]int
	inner []int // columns with a dot, which may be inside of a field
}

func newColumnSet(names []string) columnSet {
	c := columnSet{names: names, index: make(map[string]int, len(names))}
	for i, name := range names {
		if _, doubled := c.index[name]; doubled || strings.Contains(name, ".") {
			c.inner = append(c.inner, i)
		} else {
			c.index[name] = i
		}
	}
	return c
}

// each gives the value of each column that the record has.
func (c columnSet) each(r crm.Record, use func(i int, value json.RawMessage)) {
	for name, value := range r.Fields() {
		if i, ok := c.index[name]; ok {
			use(i, value)
		}
	}
	for _, i := range c.inner {
		if value := fieldOf(r, c.names[i]); value != nil {
			use(i, value)
		}
	}
}

// shownText is a value for people: a lookup is the name of what it points to.
func shownText(value json.RawMessage) string {
	return textOf(value, ", ", []string{"name", "Full_Name", "display_value", "file_name", "File_Name__s", "id"})
}

// plainText is a value for programs that read CSV: a lookup is its ID, as in
// Zoho's own CSV files, and several choices stand apart by semicolons.
func plainText(value json.RawMessage) string { return textOf(value, ";", []string{"id"}) }

// textOf writes a JSON value as text. Of an object it is the first of the names
// that is there, else its JSON.
func textOf(value json.RawMessage, glue string, names []string) string {
	if len(value) == 0 {
		return ""
	}
	switch value[0] {
	case 'n': // null
		return ""
	case '"':
		var text string
		_ = json.Unmarshal(value, &text) // it was read as JSON before
		return text
	case '{':
		object, _ := crm.ParseRecord(value)
		for _, name := range names {
			if text := object.Text(name); text != "" {
				return text
			}
		}
	case '[':
		var items []json.RawMessage
		if json.Unmarshal(value, &items) != nil {
			break
		}
		texts := make([]string, len(items))
		for i, item := range items {
			if glue == ";" && len(item) > 0 && (item[0] == '{' || item[0] == '[') {
				return string(onOneLine(value)) // rows of a subform
			}
			texts[i] = textOf(item, glue, names)
		}
		return strings.Join(texts, glue)
	}
	return string(onOneLine(value))
}

// isNumber reports whether a value is a number, which tables set flush right.
func isNumber(value json.RawMessage) bool {
	return len(value) > 0 && (value[0] == '-' || value[0] >= '0' && value[0] <= '9')
}

func isNull(value json.RawMessage) bool { return len(value) == 0 || bytes.Equal(value, []byte("null")) }

// namesIn are the fields of a record, in Zoho's order, without those for
// programs ($editable and the like).
func namesIn(r crm.Record) []string {
	var names []string
	for name := range r.Fields() {
		if !strings.HasPrefix(name, "$") {
			names = append(names, name)
		}
	}
	return names
}
