package cli

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strings"

	"zohocrm/crm"
	"zohocrm/internal/nearest"
)

// fieldTypes turns text into the values that a module's fields take: Zoho refuses
// "5" for a number. Without metadata all values are text.
type fieldTypes struct {
	module string
	kinds  map[string]string // JSON type by API name; nil: not known
	names  []string
	strict bool // names that are near to none are errors too
	any    bool // no name is an error
	// again asks Zoho for the fields of a list that may be old. nil: the list is new.
	again func() []crm.Record
}

// typesOf are the types of a module's fields. Without the scope for metadata the
// work goes on without them.
func typesOf(module string, known []crm.Record) fieldTypes {
	t := fieldTypes{module: module}
	t.learn(known)
	return t
}

// learn takes the fields in the place of those that were known.
func (t *fieldTypes) learn(known []crm.Record) {
	if len(known) == 0 && t.kinds != nil {
		return
	}
	t.kinds, t.names = map[string]string{"id": "string"}, nil
	for _, f := range known {
		name := f.Text("api_name")
		t.kinds[name] = f.Text("json_type")
		t.names = append(t.names, name)
	}
}

// unknown answers an error for a name that is no field, and without strict only if
// it is probably a mistyped one. Zoho ignores fields that it does not know, and the
// value would be lost silently. Names such as $append_values are Zoho's own.
func (t *fieldTypes) unknown(name string) error {
	if t.any || strings.HasPrefix(name, "$") || t.has(name) {
		return nil
	}
	near := nearest.Name(name, t.names)
	switch {
	case near == "" && t.strict:
		return sayf("%s has no field %s, and Zoho would leave its value out; see: zcrm fields %s, or send it all the same with --unchecked", t.module, oneLine(name), t.module)
	case near == "":
		return nil
	}
	return sayf("%s has no field %s: did you mean %s? see: zcrm fields %s", t.module, oneLine(name), near, t.module)
}

// has reports whether the module has a field, or its fields are not known.
func (t *fieldTypes) has(name string) bool {
	if t.kinds == nil {
		return true
	}
	_, known := t.kinds[name]
	if !known && t.again != nil {
		t.learn(t.again())
		t.again = nil
		_, known = t.kinds[name]
	}
	return known
}

// checkKey wants a field by which records are found, which a flag names.
func (t *fieldTypes) checkKey(flag, name string) error {
	if err := checkName(flag, name); err != nil {
		return err
	}
	if t.any || t.has(name) {
		return nil
	}
	meant := ""
	if near := nearest.Name(name, t.names); near != "" {
		meant = ": did you mean " + near + "?"
	}
	return sayf("%s: %s has no field %s%s see: zcrm fields %s", flag, t.module, oneLine(name), cmp.Or(meant, ";"), t.module)
}

// checkHeader looks for names that are no fields in the first row of a CSV file.
func (t *fieldTypes) checkHeader(header []string) error {
	seen := map[string]bool{}
	for i, name := range header {
		switch {
		case checkName("the data", name) != nil:
			return usagef("column %d of the first row is not an API name such as Last_Name: the first row of CSV data names the fields", i+1)
		case seen[name]:
			return usagef("two columns of the data are called %s", name)
		}
		seen[name] = true
		if err := t.unknown(name); err != nil {
			return err
		}
	}
	return nil
}

// check looks for names that are no fields in a record.
func (t *fieldTypes) check(r crm.Record) error {
	for name := range r.Fields() {
		if err := t.unknown(name); err != nil {
			return err
		}
	}
	return nil
}

// record makes a record of texts. Empty ones are null, which empties the field, or
// are left out, and the field stays as it is.
func (t *fieldTypes) record(names, texts []string, empties bool) crm.Record {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, name := range names {
		if texts[i] == "" && !empties {
			continue
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		b.Write(jsonText(name))
		b.WriteByte(':')
		if texts[i] == "" {
			b.WriteString("null")
		} else {
			b.Write(t.value(name, texts[i]))
		}
	}
	b.WriteByte('}')
	r, _ := crm.ParseRecord(b.Bytes()) // it is JSON
	return r
}

// value is a text as its field wants it. What does not fit is sent as text, and
// Zoho says what is wrong.
func (t *fieldTypes) value(name, text string) []byte {
	trimmed := strings.TrimSpace(text)
	switch t.kinds[name] {
	case "integer", "double", "long", "bigint":
		if isJSONNumber(trimmed) {
			return []byte(trimmed)
		}
	case "boolean":
		if word := strings.ToLower(trimmed); word == "true" || word == "false" {
			return []byte(word)
		}
	case "jsonobject":
		if json.Valid([]byte(trimmed)) && strings.HasPrefix(trimmed, "{") {
			return []byte(trimmed)
		}
		if strings.Trim(trimmed, "0123456789") == "" {
			return append(append([]byte(`{"id":`), jsonText(trimmed)...), '}')
		}
		return append(append([]byte(`{"name":`), jsonText(trimmed)...), '}')
	case "jsonarray":
		if json.Valid([]byte(trimmed)) && strings.HasPrefix(trimmed, "[") {
			return []byte(trimmed)
		}
		list, _ := json.Marshal(strings.Split(text, ";"))
		return list
	}
	return jsonText(text)
}

// jsonText is a text in JSON, with <, > and & as they are.
func jsonText(text string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // a string always has one
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// isJSONNumber reports whether text is a number as JSON writes it, with all of
// its digits: 12, -1.50, 1e3.
func isJSONNumber(text string) bool {
	return text != "" && isNumber(json.RawMessage(text)) && json.Valid([]byte(text))
}
