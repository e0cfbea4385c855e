package crm

import (
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"zohocrm/crm/internal/jsonscan"
)

// Has reports whether the field is there and not null.
func (r Record) Has(field string) bool {
	raw := r.Raw(field)
	return raw != nil && raw[0] != 'n'
}

// Text is a field as text: a string decoded, a number with the digits that
// Zoho sent, "true" or "false". It is "" for everything else: null, a field
// that is not there, an object, an array.
func (r Record) Text(field string) string {
	return textOf(r.Raw(field))
}

// textOf is a JSON value as [Record.Text] gives it.
func textOf(raw []byte) string {
	if len(raw) == 0 {
		return ""
	}
	switch raw[0] {
	case '"':
		return jsonscan.Text(raw[1 : len(raw)-1])
	case 'n', '{', '[':
		return ""
	}
	return string(raw)
}

// Int is a field that is a whole number, or a string of one; false if it is
// not, or too large.
func (r Record) Int(field string) (int64, bool) {
	n, err := strconv.ParseInt(r.Text(field), 10, 64)
	return n, err == nil
}

// Float is a field that is a number, or a string of one, rounded to a float64.
// For amounts of money [Record.Text] has all digits.
func (r Record) Float(field string) (float64, bool) {
	return floatOf(r.Text(field), 64)
}

func floatOf(text string, bits int) (float64, bool) {
	// ParseFloat reads more than JSON's numbers: "Inf", "0x1p4".
	if text == "" || text[0] > '9' || !jsonscan.Valid([]byte(text)) {
		return 0, false
	}
	n, err := strconv.ParseFloat(text, bits)
	return n, err == nil
}

// Bool is a field that is true or false; ok is false if it is neither.
func (r Record) Bool(field string) (value, ok bool) {
	raw := string(r.Raw(field))
	return raw == "true", raw == "true" || raw == "false"
}

// Time is a field that is a date and time with offset, or a date, which is
// midnight UTC.
func (r Record) Time(field string) (time.Time, bool) {
	return timeOf(r.Text(field))
}

func timeOf(text string) (time.Time, bool) {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, true
	}
	t, err := time.Parse(time.DateOnly, text)
	return t, err == nil
}

var errNoTime = errors.New("neither a time nor a date")

// Sub is a field that is an object, such as a lookup with its name and id; the
// zero Record if it is not.
func (r Record) Sub(field string) Record {
	raw := r.Raw(field)
	if raw == nil || raw[0] != '{' {
		return Record{}
	}
	return Record{raw}
}

// Subs is a field that is a list of objects, such as a subform. Other items in
// the list are left out.
func (r Record) Subs(field string) []Record { return objects(r.Raw(field)) }

// objects are the objects in a JSON array; none if it is not an array.
func objects(array json.RawMessage) []Record {
	var list []Record
	s := jsonscan.New(array)
	s.Array(func() bool {
		object := s.Next() == '{'
		value := s.Value()
		if object && value != nil {
			list = append(list, Record{value})
		}
		return value != nil
	})
	return list
}
