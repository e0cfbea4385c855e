package crm

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// criteriaOf is the criteria of a search: of a condition, or as it was given.
func criteriaOf(where Condition, text string) (string, error) {
	switch {
	case !utf8.ValidString(text):
		return "", errors.New("crm: the criteria are not UTF-8: convert them to UTF-8")
	case where.IsZero():
		return text, nil
	case text != "":
		return "", errors.New("crm: give Where or Criteria, not both")
	}
	return criteriaDialect().write(where)
}

// criteriaDialect is that of searches (Zoho: search-records):
// ((Last_Name:equals:X)and(City:starts_with:Y)).
func criteriaDialect() dialect {
	return dialect{
		name: "a search", isName: isName, and: "and", or: "or", most: 15,
		operators: map[operator]string{
			opEqual: "equals", opNotEqual: "not_equal", opLess: "less_than", opLessEqual: "less_equal",
			opGreater: "greater_than", opGreaterEqual: "greater_equal", opBetween: "between", opIn: "in", opStartsWith: "starts_with",
		},
		comparison: func(field, operator string, _ operator, values []any) (string, error) {
			texts := make([]string, len(values))
			for i, v := range values {
				text, _, err := valueText(v)
				if err != nil {
					return "", err
				}
				if strings.ContainsFunc(text, unicode.IsControl) {
					return "", fmt.Errorf("crm: the value for %s has a control character, which a search cannot find", field)
				}
				texts[i] = escapeCriteria(text)
			}
			return "(" + field + ":" + operator + ":" + strings.Join(texts, ",") + ")", nil
		},
	}
}

// escapeCriteria puts a backslash before what has a meaning in criteria
// (Zoho: Kaizen 82).
func escapeCriteria(text string) string {
	return strings.NewReplacer(`\`, `\\`, `(`, `\(`, `)`, `\)`, `,`, `\,`).Replace(text)
}
