package crm

import "fmt"

// jsonOperators are the comparisons of criteria in JSON (Zoho: bulk read,
// mass update, notifications).
func jsonOperators() map[operator]string {
	return map[operator]string{
		opEqual: "equal", opNotEqual: "not_equal", opLess: "less_than", opLessEqual: "less_equal",
		opGreater: "greater_than", opGreaterEqual: "greater_equal", opBetween: "between", opNotBetween: "not_between",
		opIn: "in", opNotIn: "not_in", opStartsWith: "starts_with", opEndsWith: "ends_with",
		opContains: "contains", opNotContains: "not_contains",
	}
}

// plainFieldName and objectFieldName are the two ways in which Zoho wants the
// field named.
func plainFieldName(field string) any  { return field }
func objectFieldName(field string) any { return map[string]string{"api_name": field} }

// json writes a condition as Zoho's JSON: comparisons in groups of two.
func (c Condition) json(nameField func(string) any) (any, error) {
	d := dialect{name: "a bulk job", operators: jsonOperators(), isName: isName, most: 25}
	if n := c.comparisons(); n > d.most {
		return nil, fmt.Errorf("crm: criteria may have %d comparisons, not %d", d.most, n)
	}
	return c.jsonPart(d, nameField)
}

func (c Condition) jsonPart(d dialect, nameField func(string) any) (any, error) {
	if c.op == opAnd || c.op == opOr {
		word := "and"
		if c.op == opOr {
			word = "or"
		}
		var all any
		for i, p := range c.group {
			next, err := p.jsonPart(d, nameField)
			if err != nil {
				return nil, err
			}
			if i == 0 {
				all = next
			} else {
				all = map[string]any{"group_operator": word, "group": []any{all, next}}
			}
		}
		return all, nil
	}
	if err := c.check(d); err != nil {
		return nil, err
	}
	values := make([]any, len(c.values))
	for i, v := range c.values {
		text, bare, err := valueText(v)
		if err != nil {
			return nil, err
		}
		values[i] = any(text)
		if bare {
			values[i] = v
		}
	}
	var value any = values
	if len(values) == 1 && c.op != opIn && c.op != opNotIn {
		value = values[0]
	}
	return map[string]any{"field": nameField(c.field), "comparator": d.operators[c.op], "value": value}, nil
}
