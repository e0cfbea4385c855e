package crm

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Condition chooses records. The same condition serves searches
// ([SearchOptions]), COQL ([Select]) and bulk reads ([ReadQuery]); each writes
// values so that they can be nothing but values. Make it with [Equal], [And] and
// the like. The zero Condition chooses all records.
//
// Values are text, numbers, bool, time.Time, [DateTime], [Date] and
// json.Number. IDs are text. Not all operators exist everywhere; what does not
// is an error before anything is sent.
type Condition struct {
	op     operator
	field  string
	values []any
	group  []Condition // of opAnd and opOr
}

type operator int

const (
	opNone operator = iota
	opAnd
	opOr
	opEqual
	opNotEqual
	opLess
	opLessEqual
	opGreater
	opGreaterEqual
	opBetween
	opNotBetween
	opIn
	opNotIn
	opStartsWith
	opEndsWith
	opContains
	opNotContains
	opLike
	opNotLike
	opNull
	opNotNull
)

// Equal is: the field has this value.
func Equal(field string, value any) Condition { return compare(opEqual, field, value) }

// NotEqual is: the field has another value.
func NotEqual(field string, value any) Condition { return compare(opNotEqual, field, value) }

// Less is: the field is less than value, or before it.
func Less(field string, value any) Condition { return compare(opLess, field, value) }

// LessEqual is: the field is value or less.
func LessEqual(field string, value any) Condition { return compare(opLessEqual, field, value) }

// Greater is: the field is greater than value, or after it.
func Greater(field string, value any) Condition { return compare(opGreater, field, value) }

// GreaterEqual is: the field is value or greater.
func GreaterEqual(field string, value any) Condition { return compare(opGreaterEqual, field, value) }

// Between is: the field lies between two values or is one of them.
func Between(field string, from, to any) Condition { return compare(opBetween, field, from, to) }

// NotBetween is: the field lies outside of two values. Bulk reads only.
func NotBetween(field string, from, to any) Condition { return compare(opNotBetween, field, from, to) }

// In is: the field has one of these values, at most 100.
func In[T any](field string, values ...T) Condition { return compare(opIn, field, anys(values)...) }

// NotIn is: the field has none of these values, at most 100.
func NotIn[T any](field string, values ...T) Condition {
	return compare(opNotIn, field, anys(values)...)
}

// StartsWith is: the field's text begins so.
func StartsWith(field, text string) Condition { return compare(opStartsWith, field, text) }

// EndsWith is: the field's text ends so. Not in searches.
func EndsWith(field, text string) Condition { return compare(opEndsWith, field, text) }

// Contains is: the field's text has this in it. Not in searches.
func Contains(field, text string) Condition { return compare(opContains, field, text) }

// NotContains is: the field's text does not have this in it. Not in searches.
func NotContains(field, text string) Condition { return compare(opNotContains, field, text) }

// Like is: the field's text fits a pattern with % at its begin, its end or
// both. COQL only.
func Like(field, pattern string) Condition { return compare(opLike, field, pattern) }

// NotLike is: the field's text does not fit the pattern. COQL only.
func NotLike(field, pattern string) Condition { return compare(opNotLike, field, pattern) }

// IsNull is: the field is empty. COQL only.
func IsNull(field string) Condition { return compare(opNull, field) }

// NotNull is: the field is not empty. COQL only.
func NotNull(field string) Condition { return compare(opNotNull, field) }

// And is: all of them. Zero Conditions among them do not count.
func And(all ...Condition) Condition { return grouped(opAnd, all) }

// Or is: at least one of them. Zero Conditions among them do not count.
func Or(some ...Condition) Condition { return grouped(opOr, some) }

// IsZero reports whether c is the zero Condition, which chooses all records.
func (c Condition) IsZero() bool { return c.op == opNone }

// comparisons counts them, for Zoho's limits.
func (c Condition) comparisons() int {
	n := 0
	for _, part := range c.group {
		n += part.comparisons()
	}
	if c.field != "" {
		n++
	}
	return n
}

// fields adds the fields that are compared.
func (c Condition) fields(names []string) []string {
	if c.field != "" {
		names = append(names, c.field)
	}
	for _, part := range c.group {
		names = part.fields(names)
	}
	return names
}

func compare(op operator, field string, values ...any) Condition {
	return Condition{op: op, field: field, values: values}
}

func grouped(op operator, parts []Condition) Condition {
	var list []Condition
	for _, p := range parts {
		if !p.IsZero() {
			list = append(list, p)
		}
	}
	switch len(list) {
	case 0:
		return Condition{}
	case 1:
		return list[0]
	}
	return Condition{op: op, group: list}
}

func anys[T any](values []T) []any {
	list := make([]any, len(values))
	for i, v := range values {
		list[i] = v
	}
	return list
}

// dialect is a language that conditions are written in.
type dialect struct {
	name       string
	operators  map[operator]string
	isName     func(string) bool
	and, or    string
	comparison func(field, operator string, op operator, values []any) (string, error)
	most       int // comparisons
}

// write puts a condition into words, pairs in brackets: Zoho wants
// ((a and b) and c).
func (d dialect) write(c Condition) (string, error) {
	if n := c.comparisons(); n > d.most {
		return "", fmt.Errorf("crm: %s takes %d comparisons, not %d", d.name, d.most, n)
	}
	return d.part(c)
}

func (d dialect) part(c Condition) (string, error) {
	if c.op == opAnd || c.op == opOr {
		word := d.and
		if c.op == opOr {
			word = d.or
		}
		var text string
		for i, p := range c.group {
			next, err := d.part(p)
			if err != nil {
				return "", err
			}
			if i == 0 {
				text = next
			} else {
				text = "(" + text + word + next + ")"
			}
		}
		return text, nil
	}
	if err := c.check(d); err != nil {
		return "", err
	}
	return d.comparison(c.field, d.operators[c.op], c.op, c.values)
}

// check refuses a comparison that the dialect cannot say.
func (c Condition) check(d dialect) error {
	if !d.isName(c.field) {
		return fmt.Errorf("crm: %q is not the API name of a field", oneLine(c.field))
	}
	if _, ok := d.operators[c.op]; !ok {
		return fmt.Errorf("crm: %s has no such comparison of %s: see the comment of its function", d.name, c.field)
	}
	for _, v := range c.values {
		if text, _, err := valueText(v); err == nil && !utf8.ValidString(text) {
			return fmt.Errorf("crm: the value for %s is not UTF-8: convert it to UTF-8, for it would match nothing", c.field)
		}
	}
	if c.op == opIn || c.op == opNotIn {
		if n := len(c.values); n == 0 || n > 100 {
			return fmt.Errorf("crm: %s is compared with %d values: 1 to 100 are possible", c.field, n)
		}
	}
	return nil
}

// isName reports whether text is an API name, or several with dots between
// ("Account_Name.Owner.email").
func isName(text string) bool {
	if text == "" || len(text) > 300 {
		return false
	}
	for part := range strings.SplitSeq(text, ".") {
		if part == "" {
			return false
		}
		for i, r := range part {
			letter := r == '_' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
			digit := r >= '0' && r <= '9'
			if !letter && (!digit || i == 0) && (r != '$' || i > 0 || len(part) == 1) {
				return false
			}
		}
	}
	return true
}

var errNoValue = errors.New("crm: a condition's value must be text, a number, bool, a time or a date")
