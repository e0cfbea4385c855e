package records

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// fill puts the values of a request into a draft, and checks them: types,
// lengths, lookups, mandatory and unique fields. Fields that the module does
// not have, and read-only ones, are ignored as Zoho does.
func (b *Book) fill(t *table, d *draft, i int, values map[string]any) *Problem {
	for _, f := range t.Fields {
		v, given := values[f.APIName]
		switch {
		case f.ReadOnly || !given:
		case f.Type == Owner:
			if p := b.setOwner(d, i, f, v); p != nil {
				return p
			}
		case v == nil || v == "":
			d.set(f.APIName, nil)
		default:
			kept, p := b.check(t, i, f, v, values)
			if p != nil {
				return p
			}
			d.set(f.APIName, kept)
		}
		if f.Mandatory && d.get(f.APIName) == nil {
			return &Problem{Code: "MANDATORY_NOT_FOUND", Message: "required field not found", Details: at(i, f.APIName)}
		}
	}
	return t.unique(d, i)
}

// unique refuses a record that shares a unique value with another.
func (t *table) unique(d *draft, i int) *Problem {
	for field, f := range t.Fields {
		if !f.Unique || d.get(f.APIName) == nil {
			continue
		}
		other := t.lookFor(field, string(plain(d.get(f.APIName))))
		if other != nil && other.id != d.id {
			details := at(i, f.APIName)
			details["duplicate_record"] = map[string]any{"id": other.id, "module": map[string]any{"api_name": t.APIName}}
			return &Problem{Code: "DUPLICATE_DATA", Message: "duplicate data", Details: details}
		}
	}
	return nil
}

// match finds the record that an upsert means: by the first field in which one
// has the same value.
func (t *table) match(values map[string]any, fields []string) (*record, string) {
	for _, name := range fields {
		v := values[name]
		if id, ok := idOf(v); ok {
			v = id
		}
		text := ""
		switch v := v.(type) {
		case string:
			text = v
		case json.Number:
			text = v.String()
		case bool:
			text = strconv.FormatBool(v)
		}
		if name == "id" && text != "" {
			if r := t.find(text); r != nil {
				return r, name
			}
			continue
		}
		if field, ok := t.at[name]; ok && text != "" {
			if r := t.lookFor(field, text); r != nil {
				return r, name
			}
		}
	}
	return nil, ""
}

// check returns the value in the form in which it is stored.
func (b *Book) check(t *table, i int, f Field, v any, all map[string]any) ([]byte, *Problem) {
	switch f.Type {
	case Integer, Double, Currency:
		return checkNumber(i, f, v)
	case Boolean:
		if on, ok := v.(bool); ok {
			return strconv.AppendBool(nil, on), nil
		}
		return nil, wrong(i, f, "boolean")
	case Date, DateTime:
		layout := map[Type]string{Date: time.DateOnly, DateTime: time.RFC3339}[f.Type]
		if text, ok := v.(string); ok {
			if _, err := time.Parse(layout, text); err == nil {
				return quote(text), nil
			}
		}
		return nil, wrong(i, f, string(f.Type))
	case Lookup:
		return b.lookup(i, f, v, all)
	case Subform:
		return b.subform(t, i, f, v)
	case Tags:
		return t.tagList(i, f, v, b)
	case MultiPick:
		list, ok := v.([]any)
		if !ok {
			return nil, wrong(i, f, "jsonarray")
		}
		return marshal(list), nil
	}
	return checkText(i, f, v)
}

func checkNumber(i int, f Field, v any) ([]byte, *Problem) {
	n, ok := v.(json.Number)
	ok = ok && json.Valid([]byte(n))
	if ok && f.Type == Integer {
		_, err := strconv.ParseInt(n.String(), 10, 64)
		ok = err == nil
	}
	if !ok {
		return nil, wrong(i, f, f.Type.JSON())
	}
	return []byte(n.String()), nil
}

func checkText(i int, f Field, v any) ([]byte, *Problem) {
	text, ok := v.(string)
	switch {
	case !ok:
		return nil, wrong(i, f, string(f.Type))
	case f.Length > 0 && utf8.RuneCountInString(text) > f.Length:
		p := wrong(i, f, "")
		p.Details["maximum_length"] = f.Length
		return nil, p
	case f.Type == Email && !strings.Contains(strings.Trim(text, "@"), "@"):
		return nil, wrong(i, f, "email")
	}
	return quote(text), nil
}

// lookup takes {"id": "..."} or the bare ID of an existing record. A field that
// points at any module may name it beside the ID or in "$se_module".
func (b *Book) lookup(i int, f Field, v any, all map[string]any) ([]byte, *Problem) {
	id, ok := idOf(v)
	if !ok {
		return nil, wrong(i, f, "jsonobject")
	}
	unknown := &Problem{Code: "INVALID_DATA", Message: "the related id given seems to be invalid", Details: at(i, f.APIName)}
	if f.Module != "" {
		t := b.tables[f.Module]
		r := t.find(id)
		if r == nil {
			return nil, unknown
		}
		return link(t, r, false), nil
	}
	t, r := b.anywhere(id)
	if r == nil {
		return nil, unknown
	}
	if module := moduleOf(v, all); module != "" && module != t.APIName {
		return nil, unknown
	}
	return link(t, r, true), nil
}

// link is a lookup's value. Its ID stands last, where plain looks for it.
func link(t *table, r *record, module bool) []byte {
	out := []byte(`{`)
	if module {
		out = append(append(out, `"module":{"api_name":`...), quote(t.APIName)...)
		out = append(append(append(out, `,"id":`...), quote(t.ID())...), `},`...)
	}
	out = append(append(out, `"name":`...), r.name(t.schema)...)
	return append(append(append(out, `,"id":`...), quote(r.id)...), '}')
}

// moduleOf is the module that a request names for a lookup to any module.
func moduleOf(v any, all map[string]any) string {
	if m, ok := v.(map[string]any); ok {
		switch module := m["module"].(type) {
		case string:
			return module
		case map[string]any:
			name, _ := module["api_name"].(string)
			return name
		}
	}
	for _, key := range []string{"$se_module", "se_module"} {
		if name, ok := all[key].(string); ok {
			return name
		}
	}
	return ""
}

// subform takes a list of rows; each gets an ID, or keeps the one it names.
func (b *Book) subform(t *table, i int, f Field, v any) ([]byte, *Problem) {
	rows, ok := v.([]any)
	if !ok {
		return nil, wrong(i, f, "jsonarray")
	}
	out := []byte{'['}
	for n, row := range rows {
		values, ok := row.(map[string]any)
		if !ok {
			return nil, wrong(i, f, "jsonarray")
		}
		if n > 0 {
			out = append(out, ',')
		}
		out = append(out, '{')
		for _, sub := range f.Sub {
			value := []byte("null")
			if given := values[sub.APIName]; given != nil && given != "" {
				kept, p := b.check(t, i, sub, given, values)
				if p != nil {
					return nil, p
				}
				value = kept
			}
			out = append(append(append(out, quote(sub.APIName)...), ':'), value...)
			out = append(out, ',')
		}
		id, ok := idOf(values)
		if !ok {
			id = b.nextID()
		}
		out = append(append(append(out, `"id":`...), quote(id)...), '}')
	}
	return append(out, ']'), nil
}

func (b *Book) setOwner(d *draft, i int, f Field, v any) *Problem {
	id, _ := idOf(v)
	if p := b.people[id]; p != nil {
		d.owner = p
		return nil
	}
	return wrong(i, f, "ownerlookup")
}

func idOf(v any) (string, bool) {
	if m, ok := v.(map[string]any); ok {
		v = m["id"]
	}
	id, ok := v.(string)
	return id, ok && id != ""
}

// wrong is a value that does not fit its field.
func wrong(i int, f Field, expected string) *Problem {
	details := at(i, f.APIName)
	if expected != "" {
		details["expected_data_type"] = expected
	}
	return &Problem{Code: "INVALID_DATA", Message: "invalid data", Details: details}
}
