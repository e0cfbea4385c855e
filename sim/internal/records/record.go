package records

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
)

// record holds its values as JSON, rendered once when it was written, so that
// an answer is put together from ready bytes. It is replaced, never changed,
// when it is updated: a reader may keep what it took under the lock.
type record struct {
	id        string
	created   int64 // Unix seconds
	modified  int64 // Unix seconds
	owner     *person
	createdBy *person
	changedBy *person
	converted bool     // a lead that has become a contact
	raw       []byte   // the stored values, one after the other
	ends      []uint32 // where each of them ends in raw
}

// person is a user with the JSON that stands for it in records.
type person struct {
	Person
	json []byte
}

func newPerson(p Person) *person {
	text := append([]byte(`{"name":`), quote(p.Name)...)
	text = append(append(text, `,"id":`...), quote(p.ID)...)
	text = append(append(text, `,"email":`...), quote(p.Email)...)
	return &person{Person: p, json: append(text, '}')}
}

// stored is the value in a slot.
func (r *record) stored(slot int) []byte {
	start := uint32(0)
	if slot > 0 {
		start = r.ends[slot-1]
	}
	return r.raw[start:r.ends[slot]]
}

// value is a field's value as JSON.
func (r *record) value(s *schema, field int) []byte {
	if slot := s.slots[field]; slot >= 0 {
		return r.stored(slot)
	}
	switch s.Fields[field].APIName {
	case "Created_By":
		return r.createdBy.json
	case "Modified_By":
		return r.changedBy.json
	}
	return r.owner.json
}

// name is what a lookup shows of a record, as JSON.
func (r *record) name(s *schema) []byte { return r.stored(s.slot(s.NameField)) }

// draft is a record that is being written.
type draft struct {
	record
	schema *schema
	values [][]byte // JSON by slot; nil: null
}

func newDraft(s *schema) *draft { return &draft{schema: s, values: make([][]byte, s.stored)} }

// revise starts a draft from a record.
func revise(s *schema, r *record) *draft {
	d := newDraft(s)
	d.record = *r
	for slot := range d.values {
		if v := r.stored(slot); !isNull(v) {
			d.values[slot] = v
		}
	}
	return d
}

func (d *draft) set(name string, value []byte) {
	if slot := d.schema.slot(name); slot >= 0 {
		d.values[slot] = value
	}
}

func (d *draft) get(name string) []byte {
	if slot := d.schema.slot(name); slot >= 0 {
		return d.values[slot]
	}
	return nil
}

// seal makes the record of a draft.
func (d *draft) seal() *record {
	d.set(createdField, quote(time.Unix(d.created, 0).UTC().Format(Stamp)))
	d.set(modifiedField, quote(time.Unix(d.modified, 0).UTC().Format(Stamp)))
	if d.schema.slot(fullNameField) >= 0 {
		first, last := string(plain(d.get("First_Name"))), string(plain(d.get("Last_Name")))
		d.set(fullNameField, quote(strings.TrimSpace(first+" "+last)))
	}
	r := d.record
	size := 0
	for _, v := range d.values {
		size += max(len(v), len("null"))
	}
	r.raw, r.ends = make([]byte, 0, size), make([]uint32, len(d.values))
	for slot, v := range d.values {
		if v == nil {
			v = []byte("null")
		}
		r.raw = append(r.raw, v...)
		r.ends[slot] = uint32(len(r.raw)) // #nosec G115 -- a record is far below 4 GiB: requests are bounded
	}
	return &r
}

func isNull(value []byte) bool { return len(value) == 0 || value[0] == 'n' }

// plain is a JSON value as a search compares it: a text without its quotes, a
// lookup by its ID, null as nothing. Lookups end in "id":"..."} by construction.
func plain(value []byte) []byte {
	switch {
	case isNull(value):
		return nil
	case value[0] == '"' && bytes.IndexByte(value, '\\') < 0:
		return value[1 : len(value)-1]
	case value[0] == '"':
		var text string
		if json.Unmarshal(value, &text) != nil {
			return nil
		}
		return []byte(text)
	case value[0] == '{':
		return lookupID(value)
	}
	return value
}

// lookupID is the ID in a rendered lookup or person.
func lookupID(value []byte) []byte {
	at := bytes.LastIndex(value, []byte(`"id":"`))
	if at < 0 {
		return nil
	}
	id := value[at+len(`"id":"`):]
	if end := bytes.IndexByte(id, '"'); end >= 0 {
		id = id[:end]
	}
	return id
}

// quote makes a JSON string, without escaping for HTML.
func quote(text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < 0x20 || c == '"' || c == '\\' || c >= 0x7f {
			return marshal(text)
		}
	}
	out := make([]byte, 0, len(text)+2)
	return append(append(append(out, '"'), text...), '"')
}

// marshal renders a value that came from JSON, which cannot fail.
func marshal(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("records: " + err.Error())
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
