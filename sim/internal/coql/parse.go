package coql

import (
	"slices"
	"strconv"
	"strings"
)

// maxLength bounds a query's text; Zoho documents no length.
const maxLength = 64 << 10

// parser reads one query, one token ahead.
type parser struct {
	lexer
	now      token
	query    Query
	criteria int
	depth    int
}

// Parse reads a query. The error is an [*Error].
func Parse(query string) (*Query, error) {
	p := &parser{lexer: lexer{rest: query, line: 1, column: 1}}
	if len(query) > maxLength {
		return nil, tooMany("select", maxLength)
	}
	if err := p.parse(); err != nil {
		return nil, err
	}
	return &p.query, nil
}

func (p *parser) parse() *Error {
	for _, step := range []func() *Error{p.advance, p.selectClause, p.from, p.where, p.groupBy, p.orderBy, p.limit} {
		if err := step(); err != nil {
			return err
		}
	}
	if p.now.kind == mark && p.now.raw == ";" {
		if err := p.advance(); err != nil {
			return err
		}
	}
	if p.now.kind != end {
		return syntax(p.now)
	}
	return p.check()
}

// check looks at what the clauses say together.
func (p *parser) check() *Error {
	functions := 0
	titles := map[string]bool{}
	for _, c := range p.query.Columns {
		if c.Function != "" {
			functions++
		}
		if titles[c.Title()] && c.Alias != "" {
			return &Error{Code: "DUPLICATE_ALIAS", Message: "alias name duplicated", Details: map[string]any{"alias": c.Alias}}
		}
		titles[c.Title()] = true
	}
	switch q := &p.query; {
	case len(q.Columns) > MaxColumns:
		return tooMany("select", MaxColumns)
	case functions > MaxAggregates:
		return tooMany("aggregate", MaxAggregates)
	case len(q.GroupBy) > MaxGroup:
		return tooMany("group by", MaxGroup)
	case len(q.OrderBy) > MaxOrder:
		return tooMany("order by", MaxOrder)
	case q.Limit > MaxRows:
		return tooMany("limit", MaxRows)
	case q.Offset+q.Limit > MaxReach:
		return tooMany("offset", MaxReach)
	}
	return nil
}

func (p *parser) advance() (err *Error) {
	p.now, err = p.next()
	return err
}

// keyword takes the keyword if it comes next.
func (p *parser) keyword(name string) (bool, *Error) {
	if !p.now.is(name) {
		return false, nil
	}
	return true, p.advance()
}

// symbol takes the mark if it comes next.
func (p *parser) symbol(sign string) (bool, *Error) {
	if p.now.kind != mark || p.now.raw != sign {
		return false, nil
	}
	return true, p.advance()
}

// reserved are the words that need quotes to be a field's name.
func reserved(t token) bool {
	return t.kind == word && slices.Contains([]string{
		"select", "from", "where", "group", "order", "by", "limit", "offset", "and", "or", "not", "in", "like", "is", "null",
		"between", "as", "asc", "desc", "external",
	}, strings.ToLower(t.raw))
}

// name takes a field's or module's name; quotes take a reserved word as it is.
func (p *parser) name() (string, *Error) {
	t := p.now
	if t.kind != word && t.kind != text || reserved(t) || t.text == "" {
		return "", syntax(t)
	}
	return t.text, p.advance()
}

func (p *parser) selectClause() *Error {
	ok, err := p.keyword("select")
	if err != nil {
		return err
	}
	if !ok {
		if p.now.kind == end {
			return missing("select")
		}
		return syntax(p.now)
	}
	for {
		if err := p.column(); err != nil {
			return err
		}
		more, err := p.symbol(",")
		if err != nil {
			return err
		}
		if !more {
			return nil
		}
	}
}

func (p *parser) column() *Error {
	name, err := p.name()
	if err != nil {
		return err
	}
	c := Column{Name: name}
	open, err := p.symbol("(")
	if err != nil {
		return err
	}
	if open {
		c.Function = strings.ToLower(name)
		if !slices.Contains([]string{"count", "sum", "min", "max", "avg"}, c.Function) {
			return &Error{Code: "SYNTAX_ERROR", Message: "invalid query formed", Details: map[string]any{
				"near": name, "line": p.now.line, "column": max(1, p.now.column-len(name)-1)}}
		}
		if c.Name, err = p.name(); err != nil {
			return err
		}
		closed, err := p.symbol(")")
		if err != nil {
			return err
		}
		if !closed {
			return syntax(p.now)
		}
	}
	as, err := p.keyword("as")
	if err == nil && as {
		c.Alias, err = p.name()
	}
	p.query.Columns = append(p.query.Columns, c)
	return err
}

func (p *parser) from() *Error {
	ok, err := p.keyword("from")
	switch {
	case err != nil:
		return err
	case !ok && p.now.kind == end:
		return missing("from")
	case !ok:
		return syntax(p.now)
	}
	p.query.Module, err = p.name()
	return err
}

// list reads names after "group by" or "order by"; each is given to add.
func (p *parser) list(first string, add func(name string) *Error) *Error {
	ok, err := p.keyword(first)
	if err != nil || !ok {
		return err
	}
	if by, err := p.keyword("by"); err != nil || !by {
		if err == nil {
			err = syntax(p.now)
		}
		return err
	}
	for {
		name, err := p.name()
		if err == nil {
			err = add(name)
		}
		if err != nil {
			return err
		}
		if more, err := p.symbol(","); err != nil || !more {
			return err
		}
	}
}

func (p *parser) groupBy() *Error {
	return p.list("group", func(name string) *Error {
		p.query.GroupBy = append(p.query.GroupBy, name)
		return nil
	})
}

func (p *parser) orderBy() *Error {
	return p.list("order", func(name string) *Error {
		descending, err := p.keyword("desc")
		if err == nil && !descending {
			_, err = p.keyword("asc")
		}
		p.query.OrderBy = append(p.query.OrderBy, Order{Name: name, Descending: descending})
		return err
	})
}

// limit reads "limit n", "limit n offset m" and "limit m, n".
func (p *parser) limit() *Error {
	p.query.Limit = DefaultRows
	ok, err := p.keyword("limit")
	if err != nil || !ok {
		return err
	}
	if p.query.Limit, err = p.count(); err != nil {
		return err
	}
	if comma, err := p.symbol(","); err != nil || comma {
		if err == nil {
			p.query.Offset = p.query.Limit
			p.query.Limit, err = p.count()
		}
		return err
	}
	if offset, err := p.keyword("offset"); err != nil || offset {
		if err == nil {
			p.query.Offset, err = p.count()
		}
		return err
	}
	return nil
}

func (p *parser) count() (int, *Error) {
	n, wrong := strconv.Atoi(p.now.raw)
	if p.now.kind != number || wrong != nil || n < 0 || n > 1<<30 {
		return 0, syntax(p.now)
	}
	return n, p.advance()
}
