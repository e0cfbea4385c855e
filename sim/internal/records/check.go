package records

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// fill puts the values of a request into a record that is not stored yet, and
// checks them: types, lengths, lookups, mandatory and unique fields. Fields
// that the module does not have, and read-only ones, are ignored as Zoho does.
func (b *Book) fill(t *table, r *record, i int, values map[string]any) *Problem {
	for _, f := range t.module.Fields {
		v, given := values[f.APIName]
		switch {
		case f.ReadOnly || !given:
		case f.Type == Owner:
			if p := b.setOwner(r, i, f, v); p != nil {
				return p
			}
		case v == nil || v == "":
			delete(r.values, f.APIName)
		default:
			kept, p := b.check(i, f, v)
			if p != nil {
				return p
			}
			r.values[f.APIName] = kept
		}
		if _, has := r.values[f.APIName]; f.Mandatory && !has {
			return &Problem{Code: "MANDATORY_NOT_FOUND", Message: "required field not found", Details: at(i, f.APIName)}
		}
	}
	return t.unique(r, i)
}

// unique refuses a record that shares a unique value with another.
func (t *table) unique(r *record, i int) *Problem {
	for _, f := range t.module.Fields {
		v, ok := r.values[f.APIName]
		if !f.Unique || !ok {
			continue
		}
		if other := t.having(f.APIName, v); other != nil && other.id != r.id {
			details := at(i, f.APIName)
			details["duplicate_record"] = map[string]any{"id": other.id, "module": map[string]any{"api_name": t.module.APIName}}
			return &Problem{Code: "DUPLICATE_DATA", Message: "duplicate data", Details: details}
		}
	}
	return nil
}

// match finds the record that an upsert means: by the first field in which one
// has the same value.
func (t *table) match(values map[string]any, fields []string) (*record, string) {
	for _, name := range fields {
		if v := values[name]; v != nil && v != "" {
			if r := t.having(name, v); r != nil {
				return r, name
			}
		}
	}
	return nil, ""
}

// having finds the first record with a value, ignoring case.
func (t *table) having(field string, value any) *record {
	want := plain(value)
	for _, r := range t.rows {
		if v, ok := r.values[field]; ok && strings.EqualFold(plain(v), want) {
			return r
		}
	}
	return nil
}

// check returns the value in the form in which it is stored.
func (b *Book) check(i int, f Field, v any) (any, *Problem) {
	switch f.Type {
	case Integer:
		if n, ok := v.(json.Number); ok {
			if _, err := strconv.ParseInt(n.String(), 10, 64); err == nil {
				return n, nil
			}
		}
		return nil, wrong(i, f, "integer")
	case Currency:
		if n, ok := v.(json.Number); ok {
			return n, nil
		}
		return nil, wrong(i, f, "double")
	case Boolean:
		if on, ok := v.(bool); ok {
			return on, nil
		}
		return nil, wrong(i, f, "boolean")
	case Date:
		if text, ok := v.(string); ok {
			if _, err := time.Parse(time.DateOnly, text); err == nil {
				return text, nil
			}
		}
		return nil, wrong(i, f, "date")
	case Lookup:
		return b.lookup(i, f, v)
	}
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
	return text, nil
}

// lookup takes {"id": "..."} or the bare ID of an existing record.
func (b *Book) lookup(i int, f Field, v any) (any, *Problem) {
	id, ok := idOf(v)
	if !ok {
		return nil, wrong(i, f, "jsonobject")
	}
	t := b.tables[f.Module]
	r := t.find(id)
	if r == nil {
		return nil, &Problem{Code: "INVALID_DATA", Message: "the related id given seems to be invalid", Details: at(i, f.APIName)}
	}
	return map[string]any{"id": r.id, "name": r.name(t.module)}, nil
}

func (b *Book) setOwner(r *record, i int, f Field, v any) *Problem {
	id, _ := idOf(v)
	for _, p := range b.people {
		if p.ID == id {
			r.owner = p
			return nil
		}
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
