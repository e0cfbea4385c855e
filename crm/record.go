package crm

import (
	"bytes"
	"encoding/json"
	"errors"
	"iter"

	"zohocrm/crm/internal/jsonscan"
)

// Record is one record, or any other JSON object, as Zoho sent it: unknown
// fields stay, and numbers keep all their digits. It is never changed, so it
// may be copied and shared freely.
//
// Nothing is decoded until it is asked for: [Record.Text] and its like find one
// field, [Record.Decode] fills a struct or map. The zero Record has no field.
//
// The records of one page share its memory: keeping one of them for long keeps
// them all, unless it is a [Record.Clone].
type Record struct {
	text []byte // one well-formed JSON object, or nil
}

var errNotObject = errors.New("crm: not a JSON object")

// ParseRecord reads a JSON object. The record shares text, which must not be
// changed afterwards.
func ParseRecord(text []byte) (Record, error) {
	s := jsonscan.New(text)
	if s.Next() != '{' {
		return Record{}, errNotObject
	}
	object := s.Value()
	if !s.End() {
		return Record{}, errNotObject
	}
	return Record{object}, nil
}

// NewRecord makes a record of anything that marshals to a JSON object: a struct
// with json tags, a map.
func NewRecord(v any) (Record, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return Record{}, err
	}
	return ParseRecord(text)
}

// ID is the field "id": the record's ID, 18 or 19 digits.
func (r Record) ID() string { return r.Text("id") }

// Raw is the JSON of a field, nil if it is not there. It is shared with the
// record: read it, never change it. Of a field that is there twice, it is the
// first.
func (r Record) Raw(field string) json.RawMessage {
	var found json.RawMessage
	s := jsonscan.New(r.text)
	s.Object(func(name []byte) bool {
		value := s.Value()
		if jsonscan.NameIs(name, field) {
			found = json.RawMessage(value)
		}
		return found == nil
	})
	return found
}

// Fields yields the fields in Zoho's order with their JSON, which is shared
// with the record.
func (r Record) Fields() iter.Seq2[string, json.RawMessage] {
	return func(yield func(string, json.RawMessage) bool) {
		s := jsonscan.New(r.text)
		s.Object(func(name []byte) bool {
			value := s.Value()
			return value != nil && yield(jsonscan.Text(name), json.RawMessage(value))
		})
	}
}

// Decode fills v as json.Unmarshal does, except that numbers in interface
// values are json.Number.
func (r Record) Decode(v any) error {
	if r.text == nil {
		return errNotObject
	}
	return unmarshal(r.text, v)
}

// Clone is the same record in memory of its own.
func (r Record) Clone() Record { return Record{bytes.Clone(r.text)} }

// IsZero reports whether r is the zero Record.
func (r Record) IsZero() bool { return r.text == nil }

// String is the record's JSON.
func (r Record) String() string {
	if r.text == nil {
		return "null"
	}
	return string(r.text)
}

// MarshalJSON gives the record's JSON, shared as with [Record.Raw]; null for the
// zero Record.
func (r Record) MarshalJSON() ([]byte, error) {
	if r.text == nil {
		return []byte("null"), nil
	}
	return r.text, nil
}

// UnmarshalJSON takes a copy of an object's JSON; null gives the zero Record.
func (r *Record) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		*r = Record{}
		return nil
	}
	parsed, err := ParseRecord(bytes.Clone(text))
	if err != nil {
		return err
	}
	*r = parsed
	return nil
}

// quoteJSON is a name as a JSON string.
func quoteJSON(name string) []byte {
	text, _ := json.Marshal(name) // of a string it cannot fail
	return text
}
