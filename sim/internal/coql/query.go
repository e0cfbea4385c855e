// Package coql reads queries in Zoho's CRM Object Query Language: a select over
// one module with conditions, order and a window. It knows the grammar and the
// limits of the COQL pages and nothing of records: names of modules and columns
// are for the caller to look up.
package coql

import "fmt"

// The limits of Zoho's COQL limitations page.
const (
	MaxColumns    = 50
	MaxCriteria   = 25
	MaxIn         = 50
	MaxOrder      = 10
	MaxGroup      = 4
	MaxAggregates = 5
	MaxRows       = 2_000
	MaxReach      = 100_000 // offset and limit together
	DefaultRows   = 200
)

// Query is a select statement that was understood.
type Query struct {
	Columns []Column
	Module  string
	Where   *Node
	GroupBy []string
	OrderBy []Order
	Offset  int
	Limit   int
}

// Column is one column of the answer.
type Column struct {
	Name     string // of the field, perhaps through a lookup: "Account_Name.Industry"
	Function string // "count", "sum", "min", "max" or "avg"; "": the field itself
	Alias    string // "": none
}

// Title is the column's name in the answer.
func (c Column) Title() string {
	switch {
	case c.Alias != "":
		return c.Alias
	case c.Function != "":
		return fmt.Sprintf("%s(%s)", c.Function, c.Name)
	}
	return c.Name
}

// Order is one key of the order. Name is a field or a column's alias.
type Order struct {
	Name       string
	Descending bool
}

// Node is a condition, or two of them joined by and or or.
type Node struct {
	Join        string // "and" or "or"; "": Condition
	Left, Right *Node
	Condition   Condition
}

// Condition compares a field with literals.
type Condition struct {
	Field string
	// Operator is one of: = != < <= > >= like, not like, in, not in, between,
	// not between, is null, is not null.
	Operator string
	Values   []Value
}

// Value is a literal of a condition.
type Value struct {
	Text   string
	Quoted bool // a text; false: a number, true or false
}

// Aggregates reports whether a column is computed over many records.
func (q *Query) Aggregates() bool {
	for _, c := range q.Columns {
		if c.Function != "" {
			return true
		}
	}
	return len(q.GroupBy) > 0
}

// Error is why a query was refused, in Zoho's terms.
type Error struct {
	Code    string // SYNTAX_ERROR, LIMIT_EXCEEDED or DUPLICATE_ALIAS
	Message string
	Details map[string]any
}

func (e *Error) Error() string { return "coql: " + e.Code + ": " + e.Message }
