package records

import (
	"errors"
	"fmt"
	"strings"
)

// Matcher decides whether a record counts. It reads the record's fields
// through the function it is given.
type Matcher func(field func(name string) (any, bool)) bool

// Errors of ParseCriteria.
var (
	ErrCriteria     = errors.New("records: the criteria cannot be read")
	ErrManyCriteria = errors.New("records: too many criteria")
)

// maxCriteria is how many conditions one search may have (the OpenAPI document
// of search; an older page says 10).
const maxCriteria = 15

// ParseCriteria reads Zoho's search criteria:
// ((Last_Name:equals:Abbott)and(Email:starts_with:a)). "and" and "or" are
// taken from left to right; brackets group. A \ before a bracket, comma or
// colon takes it as it is.
func ParseCriteria(module, text string) (Matcher, error) {
	p := &criteria{rest: text}
	for _, m := range Modules() {
		if m.APIName == module {
			p.module = m
		}
	}
	match, err := p.group()
	if err != nil {
		return nil, err
	}
	if p.rest != "" {
		return nil, ErrCriteria
	}
	return match, nil
}

type criteria struct {
	module Module
	rest   string
	count  int
	depth  int
}

// group reads one bracketed condition or list of conditions.
func (p *criteria) group() (Matcher, error) {
	if !strings.HasPrefix(p.rest, "(") {
		return nil, ErrCriteria
	}
	p.rest = p.rest[1:]
	if p.depth++; p.depth > maxCriteria {
		return nil, ErrManyCriteria
	}
	defer func() { p.depth-- }()
	if !strings.HasPrefix(p.rest, "(") {
		return p.condition()
	}
	match, err := p.group()
	if err != nil {
		return nil, err
	}
	for !strings.HasPrefix(p.rest, ")") {
		left := match
		or := strings.HasPrefix(p.rest, "or")
		if !or && !strings.HasPrefix(p.rest, "and") {
			return nil, ErrCriteria
		}
		p.rest = strings.TrimPrefix(strings.TrimPrefix(p.rest, "or"), "and")
		right, err := p.group()
		if err != nil {
			return nil, err
		}
		match = func(f func(string) (any, bool)) bool {
			if or {
				return left(f) || right(f)
			}
			return left(f) && right(f)
		}
	}
	p.rest = p.rest[1:]
	return match, nil
}

// condition reads Field:operator:value up to the closing bracket.
func (p *criteria) condition() (Matcher, error) {
	var parts [3]strings.Builder
	part, i := 0, 0
	for ; i < len(p.rest) && p.rest[i] != ')'; i++ {
		switch ch := p.rest[i]; {
		case ch == '\\' && i+1 < len(p.rest):
			i++
			parts[part].WriteByte(p.rest[i])
		case ch == ':' && part < 2:
			part++
		default:
			parts[part].WriteByte(ch)
		}
	}
	if i == len(p.rest) || part != 2 {
		return nil, ErrCriteria
	}
	p.rest = p.rest[i+1:]
	if p.count++; p.count > maxCriteria {
		return nil, ErrManyCriteria
	}
	name, op, value := parts[0].String(), parts[1].String(), strings.ToLower(parts[2].String())
	if name != "id" && !p.module.has(name) {
		return nil, ErrCriteria
	}
	compare, ok := operator(op)
	if !ok {
		return nil, ErrCriteria
	}
	return func(f func(string) (any, bool)) bool {
		v, _ := f(name)
		return compare(strings.ToLower(plain(v)), value)
	}, nil
}

func operator(name string) (func(have, want string) bool, bool) {
	switch name {
	case "equals":
		return func(have, want string) bool { return have == want }, true
	case "not_equal":
		return func(have, want string) bool { return have != want }, true
	case "starts_with":
		return strings.HasPrefix, true
	case "in":
		return func(have, want string) bool {
			for one := range strings.SplitSeq(want, ",") {
				if have == one {
					return true
				}
			}
			return false
		}, true
	}
	return nil, false
}

// plain is a value as a search compares it: a lookup by its ID.
func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case map[string]any:
		id, _ := v["id"].(string)
		return id
	}
	return fmt.Sprint(v)
}

// AnyOf matches records in which one of the fields has the value, ignoring case.
func AnyOf(value string, fields ...string) Matcher {
	return func(f func(string) (any, bool)) bool {
		for _, name := range fields {
			if v, ok := f(name); ok && v != nil && strings.EqualFold(plain(v), value) {
				return true
			}
		}
		return false
	}
}

// Word matches records in which a text contains the word, ignoring case.
func Word(module, word string) Matcher {
	var names []string
	for _, m := range Modules() {
		if m.APIName != module {
			continue
		}
		for _, f := range m.Fields {
			if f.Type == Text || f.Type == Email || f.Type == Phone || f.Type == TextArea {
				names = append(names, f.APIName)
			}
		}
	}
	word = strings.ToLower(word)
	return func(f func(string) (any, bool)) bool {
		for _, name := range names {
			if v, _ := f(name); strings.Contains(strings.ToLower(plain(v)), word) {
				return true
			}
		}
		return false
	}
}
