package records

import (
	"errors"
	"strings"
)

// Errors of ParseCriteria, besides those of conditions.
var (
	ErrCriteria     = errors.New("records: the criteria cannot be read")
	ErrManyCriteria = errors.New("records: too many criteria")
	ErrManyValues   = errors.New("records: too many values")
)

// maxCriteria is how many conditions one search may have (the OpenAPI document
// of search; an older page says 10), and maxValues how many values one "in".
const (
	maxCriteria = 15
	maxValues   = 100
)

// ParseCriteria reads Zoho's search criteria:
// ((Last_Name:equals:Abbott)and(Email:starts_with:a)). "and" and "or" are
// taken from left to right; brackets group. A \ before a bracket, comma or
// colon takes it as it is.
func (b *Book) ParseCriteria(module, text string) (Matcher, error) {
	p := &criteria{book: b, module: module, rest: text}
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
	book   *Book
	module string
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
		or := strings.HasPrefix(p.rest, "or")
		if !or && !strings.HasPrefix(p.rest, "and") {
			return nil, ErrCriteria
		}
		p.rest = strings.TrimPrefix(strings.TrimPrefix(p.rest, "or"), "and")
		right, err := p.group()
		if err != nil {
			return nil, err
		}
		if or {
			match = Either(match, right)
		} else {
			match = All(match, right)
		}
	}
	p.rest = p.rest[1:]
	return match, nil
}

// condition reads Field:operator:value up to the closing bracket. Values of in
// and between are separated by commas.
func (p *criteria) condition() (Matcher, error) {
	var parts [3]strings.Builder
	var values []string
	part, i := 0, 0
	for ; i < len(p.rest) && p.rest[i] != ')'; i++ {
		switch ch := p.rest[i]; {
		case ch == '\\' && i+1 < len(p.rest):
			i++
			parts[part].WriteByte(p.rest[i])
		case ch == ':' && part < 2:
			part++
		case ch == ',' && part == 2 && several(parts[1].String()):
			values = append(values, parts[2].String())
			parts[2].Reset()
		default:
			parts[part].WriteByte(ch)
		}
	}
	if i == len(p.rest) || part != 2 {
		return nil, ErrCriteria
	}
	values = append(values, parts[2].String())
	p.rest = p.rest[i+1:]
	if p.count++; p.count > maxCriteria {
		return nil, ErrManyCriteria
	}
	if len(values) > maxValues {
		return nil, ErrManyValues
	}
	op, ok := searchOperator(parts[1].String())
	if !ok {
		return nil, ErrOperator
	}
	return p.book.Match(p.module, Condition{Field: parts[0].String(), Operator: op, Values: values})
}

func several(operator string) bool { return operator == "in" || operator == "between" }

// searchOperator turns the operator of a search into a condition's.
func searchOperator(name string) (string, bool) {
	switch name {
	case "equals":
		return "equal", true
	case "not_equal", "starts_with", "in", "between", "less_than", "less_equal", "greater_than", "greater_equal":
		return name, true
	}
	return "", false
}
