package cli

import (
	"strings"

	"zohocrm/crm"
)

// mostNested bounds the brackets of criteria; Zoho takes 25 comparisons.
const mostNested = 50

// parseCriteria reads Zoho's criteria, ((City:equals:Berlin)or(City:starts_with:B)),
// for the calls that take them as JSON only. A backslash takes the meaning from
// the character behind it.
func parseCriteria(text string) (crm.Condition, error) {
	p := criteriaParser{rest: strings.TrimSpace(text)}
	c, ok := p.group(0)
	if !ok || p.rest != "" {
		return crm.Condition{}, sayf("--where: the criteria cannot be read at character %d: they look like ((City:equals:Berlin)and(Email:starts_with:a))", len(strings.TrimSpace(text))-len(p.rest)+1)
	}
	return c, nil
}

type criteriaParser struct{ rest string }

// take takes a text if it comes next, blanks aside.
func (p *criteriaParser) take(text string) bool {
	p.rest = strings.TrimLeft(p.rest, " \t\r\n")
	if len(p.rest) < len(text) || !strings.EqualFold(p.rest[:len(text)], text) {
		return false
	}
	p.rest = p.rest[len(text):]
	return true
}

// group is (...): one comparison, or several with "and" or "or" between them.
func (p *criteriaParser) group(depth int) (crm.Condition, bool) {
	if depth > mostNested || !p.take("(") {
		return crm.Condition{}, false
	}
	if !strings.HasPrefix(strings.TrimLeft(p.rest, " \t\r\n"), "(") {
		return p.comparison()
	}
	c, ok := p.group(depth + 1)
	for ok && !p.take(")") {
		join := crm.And
		if !p.take("and") {
			if join = crm.Or; !p.take("or") {
				return c, false
			}
		}
		var next crm.Condition
		if next, ok = p.group(depth + 1); ok {
			c = join(c, next)
		}
	}
	return c, ok
}

// comparison is FIELD:OPERATOR:VALUE,VALUE) behind its bracket.
func (p *criteriaParser) comparison() (crm.Condition, bool) {
	field, rest, ok := strings.Cut(p.rest, ":")
	operator, rest, ok2 := strings.Cut(rest, ":")
	if !ok || !ok2 || strings.ContainsAny(field+operator, "()") {
		return crm.Condition{}, false
	}
	values := []string{""}
	for i := 0; i < len(rest); i++ {
		last := &values[len(values)-1]
		switch {
		case rest[i] == '\\' && i+1 < len(rest):
			i++
			*last += rest[i : i+1]
		case rest[i] == ',':
			values = append(values, "")
		case rest[i] == '(':
			return crm.Condition{}, false
		case rest[i] == ')':
			p.rest = rest[i+1:]
			return compared(strings.TrimSpace(field), strings.ToLower(strings.TrimSpace(operator)), values)
		default:
			*last += rest[i : i+1]
		}
	}
	return crm.Condition{}, false
}

// compared is the condition of Zoho's operators.
func compared(field, operator string, values []string) (crm.Condition, bool) {
	switch {
	case operator == "in":
		return crm.In(field, values...), true
	case operator == "not_in":
		return crm.NotIn(field, values...), true
	case operator == "between" && len(values) == 2:
		return crm.Between(field, values[0], values[1]), true
	}
	value := strings.Join(values, ",") // of one value, a comma is a part
	switch operator {
	case "equals", "equal":
		return crm.Equal(field, value), true
	case "not_equal":
		return crm.NotEqual(field, value), true
	case "less_than":
		return crm.Less(field, value), true
	case "less_equal":
		return crm.LessEqual(field, value), true
	case "greater_than":
		return crm.Greater(field, value), true
	case "greater_equal":
		return crm.GreaterEqual(field, value), true
	case "starts_with":
		return crm.StartsWith(field, value), true
	}
	return crm.Condition{}, false
}
