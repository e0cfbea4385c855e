package records

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Matcher decides whether a record counts.
type Matcher func(*record) bool

// Errors of conditions.
var (
	ErrField    = errors.New("records: no such field")
	ErrOperator = errors.New("records: the operator does not go with the field")
	ErrValue    = errors.New("records: the value does not go with the field")
)

// Condition compares a field with values. It is what searches, queries and bulk
// jobs come down to.
type Condition struct {
	Field string
	// Operator is equal, not_equal, less_than, less_equal, greater_than,
	// greater_equal, in, not_in, between, not_between, starts_with, ends_with,
	// contains, not_contains, like, not_like, null or not_null.
	Operator string
	Values   []string
}

// Match makes the matcher of a condition on a module's records.
func (b *Book) Match(module string, c Condition) (Matcher, error) {
	s := b.tables[module].schema
	if c.Field == "id" {
		return idCondition(c)
	}
	i, ok := s.at[c.Field]
	if !ok {
		return nil, ErrField
	}
	test, err := newTest(s.Fields[i].Type, c)
	if err != nil {
		return nil, err
	}
	return func(r *record) bool { return test(r.value(s, i)) }, nil
}

func idCondition(c Condition) (Matcher, error) {
	test, err := newTest(Text, c)
	if err != nil {
		return nil, err
	}
	return func(r *record) bool { return test(append(append([]byte{'"'}, r.id...), '"')) }, nil
}

// newTest makes a test of a field's JSON value. Texts compare without regard to
// case, numbers and times by what they mean.
func newTest(t Type, c Condition) (func(value []byte) bool, error) {
	if t == Tags { // one of the names
		test, err := newTest(Text, c)
		return func(v []byte) bool {
			return slices.ContainsFunc(tagNames(v), func(name string) bool { return err == nil && test(quote(name)) })
		}, err
	}
	switch c.Operator {
	case "null":
		return isNull, nil
	case "not_null":
		return func(v []byte) bool { return !isNull(v) }, nil
	}
	if len(c.Values) == 0 {
		return nil, ErrValue
	}
	positive, negated := strings.CutPrefix(c.Operator, "not_")
	if negated && slices.Contains([]string{"equal", "in", "between", "contains", "like"}, positive) {
		c.Operator = positive
		test, err := newTest(t, c)
		if err != nil {
			return nil, err
		}
		return func(v []byte) bool { return !test(v) }, nil
	}
	switch c.Operator {
	case "starts_with", "ends_with", "contains", "like":
		return textTest(c), nil
	case "equal", "in", "less_than", "less_equal", "greater_than", "greater_equal", "between":
		return orderTest(t, c)
	}
	return nil, ErrOperator
}

func textTest(c Condition) func([]byte) bool {
	want := []byte(strings.ToLower(c.Values[0]))
	test := map[string]func(s, want []byte) bool{
		"starts_with": bytes.HasPrefix, "ends_with": bytes.HasSuffix, "contains": bytes.Contains, "like": like,
	}[c.Operator]
	return func(v []byte) bool { return !isNull(v) && test(bytes.ToLower(plain(v)), want) }
}

// like compares with a pattern in which % stands for any text.
func like(s, pattern []byte) bool {
	parts := bytes.Split(pattern, []byte("%"))
	if len(parts) == 1 {
		return bytes.Equal(s, pattern)
	}
	s, ok := bytes.CutPrefix(s, parts[0])
	if !ok {
		return false
	}
	last := parts[len(parts)-1]
	for _, part := range parts[1 : len(parts)-1] {
		at := bytes.Index(s, part)
		if at < 0 {
			return false
		}
		s = s[at+len(part):]
	}
	return bytes.HasSuffix(s, last)
}

func orderTest(t Type, c Condition) (func([]byte) bool, error) {
	var wants []operand
	for _, text := range c.Values {
		o, ok := newOperand(t, text)
		if !ok {
			return nil, ErrValue
		}
		wants = append(wants, o)
	}
	if c.Operator == "between" && len(wants) != 2 {
		return nil, ErrValue
	}
	op := c.Operator
	return func(v []byte) bool {
		switch op {
		case "equal":
			return wants[0].equals(v)
		case "in":
			return slices.ContainsFunc(wants, func(o operand) bool { return o.equals(v) })
		}
		if isNull(v) {
			return false
		}
		have := wants[0].compare(v)
		switch op {
		case "less_than":
			return have < 0
		case "less_equal":
			return have <= 0
		case "greater_than":
			return have > 0
		case "greater_equal":
			return have >= 0
		}
		return have >= 0 && wants[1].compare(v) <= 0
	}, nil
}

// operand is what a value is compared with.
type operand struct {
	kind   Type
	text   []byte // in lower case
	number float64
	at     time.Time
}

func newOperand(t Type, text string) (operand, bool) {
	o := operand{kind: Text, text: []byte(strings.ToLower(text))}
	switch {
	case t.numeric():
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return o, text == "" // nothing equals it
		}
		o.kind, o.number = Double, n
	case t == DateTime:
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return o, false
		}
		o.kind, o.at = DateTime, at
	case t == Date:
		if _, err := time.Parse(time.DateOnly, text); err != nil {
			return o, false
		}
	case t == Boolean:
		if text != "true" && text != "false" {
			return o, false
		}
	}
	return o, true
}

func (o operand) equals(v []byte) bool {
	if isNull(v) {
		return o.kind == Text && len(o.text) == 0
	}
	if o.kind == Text {
		return bytes.EqualFold(plain(v), o.text)
	}
	return o.compare(v) == 0
}

// compare orders a value that is not null against the operand.
func (o operand) compare(v []byte) int {
	text := plain(v)
	switch o.kind {
	case Double:
		n, _ := strconv.ParseFloat(string(text), 64)
		return cmp.Compare(n, o.number)
	case DateTime:
		at, _ := time.Parse(time.RFC3339, string(text))
		return at.Compare(o.at)
	}
	return bytes.Compare(bytes.ToLower(text), o.text)
}

// All matches what all of the matchers do; nil ones count for nothing.
func All(list ...Matcher) Matcher {
	var real []Matcher
	for _, m := range list {
		if m != nil {
			real = append(real, m)
		}
	}
	switch len(real) {
	case 0:
		return nil
	case 1:
		return real[0]
	}
	return func(r *record) bool {
		return !slices.ContainsFunc(real, func(m Matcher) bool { return !m(r) })
	}
}

// Either matches what one of the two does.
func Either(x, y Matcher) Matcher { return func(r *record) bool { return x(r) || y(r) } }

// AnyOf matches records in which one of the fields has the value, ignoring case.
func (b *Book) AnyOf(module, value string, fields ...string) Matcher {
	return b.some(module, fields, func(v []byte) bool { return bytes.EqualFold(plain(v), []byte(value)) })
}

// OfType matches records in which a field of the type has the value.
func (b *Book) OfType(module, value string, t Type) Matcher {
	return b.AnyOf(module, value, b.fieldsOf(module, t)...)
}

// Word matches records in which a text contains the word, ignoring case.
func (b *Book) Word(module, word string) Matcher {
	want := bytes.ToLower([]byte(word))
	return b.some(module, b.fieldsOf(module, Text, Email, Phone, TextArea), func(v []byte) bool {
		return bytes.Contains(bytes.ToLower(plain(v)), want)
	})
}

func (b *Book) fieldsOf(module string, types ...Type) []string {
	var out []string
	for _, f := range b.tables[module].Fields {
		if slices.Contains(types, f.Type) {
			out = append(out, f.APIName)
		}
	}
	return out
}

func (b *Book) some(module string, fields []string, test func(value []byte) bool) Matcher {
	s := b.tables[module].schema
	var at []int
	for _, name := range fields {
		if i, ok := s.at[name]; ok {
			at = append(at, i)
		}
	}
	return func(r *record) bool {
		return slices.ContainsFunc(at, func(i int) bool {
			v := r.value(s, i)
			return !isNull(v) && test(v)
		})
	}
}
