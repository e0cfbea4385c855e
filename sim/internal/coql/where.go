package coql

import "strings"

// where reads the conditions. The clause is required: a query for all records
// says "where id is not null" (Zoho: query API page).
func (p *parser) where() *Error {
	ok, err := p.keyword("where")
	switch {
	case err != nil:
		return err
	case !ok && (p.now.kind == end || reserved(p.now)):
		return missing("where")
	case !ok:
		return syntax(p.now)
	}
	p.query.Where, err = p.pair()
	return err
}

// pair reads one condition or two joined by and or or. A third needs brackets
// around two of them (Zoho: COQL pages and forum, "grouping them in pairs").
func (p *parser) pair() (*Node, *Error) {
	left, err := p.term()
	if err != nil {
		return nil, err
	}
	if !p.now.is("and") && !p.now.is("or") {
		return left, nil
	}
	n := &Node{Join: strings.ToLower(p.now.raw), Left: left}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if n.Right, err = p.term(); err != nil {
		return nil, err
	}
	if p.now.is("and") || p.now.is("or") {
		return nil, syntax(p.now)
	}
	return n, nil
}

func (p *parser) term() (*Node, *Error) {
	open, err := p.symbol("(")
	if err != nil {
		return nil, err
	}
	if !open {
		return p.condition()
	}
	// Redundant brackets nest no deeper than conditions may.
	if p.depth++; p.depth > 2*MaxCriteria {
		return nil, tooMany("where", MaxCriteria)
	}
	n, err := p.pair()
	if err != nil {
		return nil, err
	}
	p.depth--
	closed, err := p.symbol(")")
	if err == nil && !closed {
		err = syntax(p.now)
	}
	return n, err
}

func (p *parser) condition() (*Node, *Error) {
	if p.criteria++; p.criteria > MaxCriteria {
		return nil, tooMany("where", MaxCriteria)
	}
	field, err := p.name()
	if err != nil {
		return nil, err
	}
	n := &Node{Condition: Condition{Field: field}}
	c := &n.Condition
	if c.Operator, err = p.operator(); err != nil {
		return nil, err
	}
	switch c.Operator {
	case "is null", "is not null":
	case "in", "not in":
		err = p.values(c)
	case "between", "not between":
		if err = p.value(c); err != nil {
			return nil, err
		}
		and, wrong := p.keyword("and")
		if wrong != nil {
			return nil, wrong
		}
		if !and {
			return nil, syntax(p.now)
		}
		err = p.value(c)
	default:
		err = p.value(c)
	}
	return n, err
}

// operator reads a comparison, with its words joined by single spaces.
func (p *parser) operator() (string, *Error) {
	t := p.now
	if t.kind == mark {
		switch t.raw {
		case "=", "!=", "<", "<=", ">", ">=":
			return t.raw, p.advance()
		case "<>":
			return "!=", p.advance()
		}
		return "", syntax(t)
	}
	is, err := p.keyword("is")
	if err != nil {
		return "", err
	}
	not, err := p.keyword("not")
	if err != nil {
		return "", err
	}
	negated := ""
	if not {
		negated = "not "
	}
	if is {
		null, err := p.keyword("null")
		if err == nil && !null {
			err = syntax(p.now)
		}
		return "is " + negated + "null", err
	}
	for _, op := range []string{"like", "in", "between"} {
		if found, err := p.keyword(op); err != nil || found {
			return negated + op, err
		}
	}
	return "", syntax(p.now)
}

// values reads the bracketed list of in.
func (p *parser) values(c *Condition) *Error {
	if open, err := p.symbol("("); err != nil || !open {
		if err == nil {
			err = syntax(p.now)
		}
		return err
	}
	for {
		if err := p.value(c); err != nil {
			return err
		}
		if len(c.Values) > MaxIn {
			return tooMany("in", MaxIn)
		}
		more, err := p.symbol(",")
		if err != nil {
			return err
		}
		if !more {
			break
		}
	}
	closed, err := p.symbol(")")
	if err == nil && !closed {
		err = syntax(p.now)
	}
	return err
}

func (p *parser) value(c *Condition) *Error {
	t := p.now
	if t.kind != text && t.kind != number && !t.is("true") && !t.is("false") {
		return syntax(t)
	}
	v := Value{Text: t.text, Quoted: t.kind == text}
	if t.kind == word {
		v.Text = strings.ToLower(t.text)
	}
	c.Values = append(c.Values, v)
	return p.advance()
}
