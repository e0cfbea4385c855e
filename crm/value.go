package crm

import (
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"time"

	"zohocrm/crm/internal/jsonscan"
)

// zohoTime is how Zoho writes times: ISO 8601 to the second, with offset.
const zohoTime = "2006-01-02T15:04:05-07:00"

// DateTime is a time for a struct's field: it is written as Zoho reads it, to
// the second and with its offset, where time.Time would add fractions that Zoho
// refuses. The zero DateTime is null.
type DateTime struct{ time.Time }

// MarshalJSON writes the time.
func (t DateTime) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	return []byte(t.Format(`"` + zohoTime + `"`)), nil
}

// UnmarshalJSON reads a time, a date (midnight UTC) or null.
func (t *DateTime) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		*t = DateTime{}
		return nil
	}
	read, ok := timeOf(textOf(text))
	if !ok {
		return errNoTime
	}
	t.Time = read
	return nil
}

// Date is a day without time of day, as in the field Closing_Date. The zero
// Date is null.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the day of a time, in the time's own zone.
func DateOf(t time.Time) Date {
	year, month, day := t.Date()
	return Date{year, month, day}
}

// IsZero reports whether d is the zero Date.
func (d Date) IsZero() bool { return d == Date{} }

// String is the date as 2026-01-31.
func (d Date) String() string {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

// MarshalJSON writes the date.
func (d Date) MarshalJSON() ([]byte, error) {
	if d.IsZero() {
		return []byte("null"), nil
	}
	return []byte(`"` + d.String() + `"`), nil
}

// UnmarshalJSON reads a date, the day of a time, or null.
func (d *Date) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		*d = Date{}
		return nil
	}
	t, ok := timeOf(textOf(text))
	if !ok {
		return errNoTime
	}
	*d = DateOf(t)
	return nil
}

// valueText is a value as text, and whether it stands without quotes in COQL.
func valueText(v any) (text string, bare bool, err error) {
	switch v := v.(type) {
	case string:
		return v, false, nil
	case time.Time:
		return v.Format(zohoTime), false, nil
	case DateTime:
		return v.Format(zohoTime), false, nil
	case Date:
		return v.String(), false, nil
	case json.Number:
		if !jsonscan.Valid([]byte(v)) || v[0] != '-' && (v[0] < '0' || v[0] > '9') {
			return "", false, errNoValue
		}
		return string(v), true, nil
	}
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.String:
		return r.String(), false, nil
	case reflect.Bool:
		return strconv.FormatBool(r.Bool()), true, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(r.Int(), 10), true, nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.FormatUint(r.Uint(), 10), true, nil
	case reflect.Float32, reflect.Float64:
		if f := r.Float(); !math.IsNaN(f) && !math.IsInf(f, 0) {
			return strconv.FormatFloat(f, 'f', -1, 64), true, nil
		}
	}
	return "", false, errNoValue
}
