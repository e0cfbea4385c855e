package crm

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// Select is a query in COQL, Zoho's query language. Names are checked and
// values are quoted by their type, so whatever they are, they stay names and
// values: nothing in them can become part of the query.
type Select struct {
	// Columns are API names, also across lookups ("Account_Name.Phone"), or
	// COUNT, SUM, MIN, MAX, AVG of one ("COUNT(id)"), each with " as NAME"
	// behind it if wanted. 1 to 50.
	Columns []string
	// From is the API name of the module. Required.
	From string
	// Where chooses records, by at most 25 comparisons. Zero: all.
	Where Condition
	// GroupBy are at most 4 API names.
	GroupBy []string
	// OrderBy are at most 10 API names, each with " asc" or " desc" behind it
	// if wanted. nil: by id, ascending.
	OrderBy []string
	// Limit is the number of rows wanted. 0: all.
	Limit int
	// Offset is how many rows are left out at the begin.
	Offset int
}

// The limits of COQL (Zoho: COQL-Limitations).
const (
	maxQueryRows    = 2_000   // in one call
	maxQueryWindow  = 100_000 // reached by limit and offset
	maxQueryColumns = 50
	maxOrderBy      = 10
	maxGroupBy      = 4
	maxAggregates   = 5
)

// COQL is the query as text. Without Limit, it has none; Zoho then answers 200
// rows.
func (q Select) COQL() (string, error) {
	parts, err := q.clauses()
	if err != nil {
		return "", err
	}
	limit := ""
	if q.Limit > 0 || q.Offset > 0 {
		limit = limitClause(min(max(q.Limit, 0), maxQueryRows), q.Offset)
	}
	return parts.text(limit), nil
}

// clauses checks and writes the parts of the query, but for its limit.
func (q Select) clauses() (clauses, error) {
	out := clauses{from: q.From, limit: q.Limit, offset: q.Offset}
	switch {
	case len(q.Columns) == 0 || len(q.Columns) > maxQueryColumns:
		return out, fmt.Errorf("crm: Select.Columns has %d names: 1 to %d are possible", len(q.Columns), maxQueryColumns)
	case len(q.GroupBy) > maxGroupBy || len(q.OrderBy) > maxOrderBy:
		return out, fmt.Errorf("crm: COQL groups by %d and orders by %d fields at most", maxGroupBy, maxOrderBy)
	case !isName(q.From) || strings.Contains(q.From, "."):
		return out, fmt.Errorf("crm: Select.From: %q is not the API name of a module", oneLine(q.From))
	case q.Limit < 0 || q.Offset < 0:
		return out, errors.New("crm: Select.Limit and Select.Offset must not be negative")
	}
	aggregates := 0
	for i, c := range q.Columns {
		text, aggregate, err := column(c)
		if err != nil {
			return out, err
		}
		if aggregate {
			aggregates++
		}
		out.columns += sep(i) + text
		out.hasID = out.hasID || text == "id"
		if isName(c) {
			out.names = append(out.names, c)
		}
	}
	if aggregates > maxAggregates {
		return out, fmt.Errorf("crm: COQL takes %d aggregates, not %d", maxAggregates, aggregates)
	}
	for i, name := range q.GroupBy {
		if !isName(name) {
			return out, fmt.Errorf("crm: Select.GroupBy: %q is not an API name", oneLine(name))
		}
		out.group += sep(i) + quotedName(name)
	}
	for i, o := range q.OrderBy {
		name, way, _ := strings.Cut(o, " ")
		if way = strings.ToLower(way); !isName(name) || way != "" && way != "asc" && way != "desc" {
			return out, fmt.Errorf("crm: Select.OrderBy: %q is not an API name, with asc or desc behind it", oneLine(o))
		}
		out.order += strings.TrimSpace(sep(i) + quotedName(name) + " " + way)
	}
	out.counts = aggregates > 0
	out.names = q.Where.fields(out.names)
	if q.Where.IsZero() {
		return out, nil
	}
	var err error
	out.where, err = coqlDialect().write(q.Where)
	return out, err
}

func sep(i int) string {
	if i == 0 {
		return ""
	}
	return ", "
}

// column reads "Name", "SUM(Name)", each with " as Alias".
func column(text string) (written string, aggregate bool, err error) {
	bad := fmt.Errorf("crm: Select.Columns: %q is not an API name or an aggregate of one", oneLine(text))
	what, alias, hasAlias := cutFold(text, " as ")
	if function, inner, ok := strings.Cut(what, "("); ok {
		name, closed := strings.CutSuffix(inner, ")")
		function = strings.ToUpper(function)
		if known := function == "COUNT" || function == "SUM" || function == "MIN" || function == "MAX" || function == "AVG"; !known || !closed || !isName(name) {
			return "", false, bad
		}
		written, aggregate = function+"("+quotedName(name)+")", true
	} else if !isName(what) {
		return "", false, bad
	} else {
		written = quotedName(what)
	}
	if hasAlias {
		if !isName(alias) || strings.Contains(alias, ".") {
			return "", false, bad
		}
		written += " as " + alias
	}
	return written, aggregate, nil
}

func cutFold(text, word string) (before, after string, found bool) {
	if i := strings.Index(strings.ToLower(text), word); i >= 0 && i+len(word) <= len(text) {
		return text[:i], text[i+len(word):], true
	}
	return text, "", false
}

// quotedName puts quotes around a name that is a word of the language, as Zoho
// wants it (Zoho: Kaizen 171).
func quotedName(name string) string {
	switch strings.ToLower(name) {
	case "select", "from", "where", "and", "or", "not", "in", "like", "between", "is", "null", "as", "asc", "desc", "true", "false",
		"group", "order", "by", "limit", "offset", "external", "on", "join", "left", "right", "table", "user", "case", "end", "having":
		return "'" + name + "'"
	}
	return name
}

// coqlDialect is that of COQL's where clause.
func coqlDialect() dialect {
	return dialect{
		name: "COQL", isName: isName, and: " and ", or: " or ", most: 25,
		operators: map[operator]string{
			opEqual: "=", opNotEqual: "!=", opLess: "<", opLessEqual: "<=", opGreater: ">", opGreaterEqual: ">=",
			opBetween: "between", opIn: "in", opNotIn: "not in", opStartsWith: "like", opEndsWith: "like",
			opContains: "like", opNotContains: "not like", opLike: "like", opNotLike: "not like", opNull: "is null", opNotNull: "is not null",
		},
		comparison: coqlComparison,
	}
}

func coqlComparison(field, operator string, op operator, values []any) (string, error) {
	texts := make([]string, len(values))
	for i, v := range values {
		text, bare, err := valueText(v)
		if err != nil {
			return "", err
		}
		switch op {
		case opStartsWith, opEndsWith, opContains, opNotContains:
			if strings.Contains(text, "%") {
				return "", fmt.Errorf("crm: the value for %s has a %%, which COQL's like cannot look for", field)
			}
		}
		switch op {
		case opStartsWith:
			text += "%"
		case opEndsWith:
			text = "%" + text
		case opContains, opNotContains:
			text = "%" + text + "%"
		}
		if !bare {
			if text, err = quoteCOQL(text); err != nil {
				return "", fmt.Errorf("crm: the value for %s: %w", field, err)
			}
		}
		texts[i] = text
	}
	name := quotedName(field)
	switch op {
	case opNull, opNotNull:
		return name + " " + operator, nil
	case opBetween:
		return name + " " + operator + " " + texts[0] + " and " + texts[1], nil
	case opIn, opNotIn:
		return name + " " + operator + " (" + strings.Join(texts, ", ") + ")", nil
	}
	return name + " " + operator + " " + texts[0], nil
}

// quoteCOQL puts text into quotes; a quote in it is doubled (Zoho: Kaizen 171).
// Zoho does not say whether a backslash escapes what follows. Before a quote it
// would then end the text early, so there it is refused: a value must not become
// part of the query under either reading.
func quoteCOQL(text string) (string, error) {
	if strings.ContainsFunc(text, unicode.IsControl) {
		return "", errors.New("it has a control character, which COQL cannot look for")
	}
	if strings.Contains(text, `\'`) || strings.HasSuffix(text, `\`) {
		return "", errors.New("a backslash stands before a quote or at the end, which COQL cannot say safely")
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'", nil
}

func limitClause(limit, offset int) string {
	if limit == 0 {
		limit = 200
	}
	return "limit " + strconv.Itoa(limit) + " offset " + strconv.Itoa(offset)
}
