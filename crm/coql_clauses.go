package crm

import (
	"strconv"
	"strings"
)

// clauses are the parts of a query, so that a page of it can be asked for.
type clauses struct {
	columns, from, where, group, order string

	limit, offset int      // 0: none
	hasID         bool     // id is a column
	counts        bool     // there are aggregates
	names         []string // of fields, as far as they are known
}

// text puts the query together; limit is the whole clause, "" for none.
func (c clauses) text(limit string) string {
	var b strings.Builder
	b.WriteString("select " + c.columns + " from " + c.from + " where ")
	if c.where == "" {
		b.WriteString("id is not null") // Zoho wants a where
	} else {
		b.WriteString(c.where)
	}
	for _, part := range [][2]string{{" group by ", c.group}, {" order by ", c.order}, {" ", limit}} {
		if part[1] != "" {
			b.WriteString(part[0] + part[1])
		}
	}
	return b.String()
}

// after is the query for the rows that follow the one with this ID.
func (c clauses) after(id string) clauses {
	next := "id > '" + id + "'"
	switch {
	case c.where == "":
		c.where = next
	case bracketed(c.where):
		c.where = "(" + c.where + " and " + next + ")"
	default:
		c.where = "((" + c.where + ") and " + next + ")"
	}
	c.order = "id asc"
	return c
}

// word is a piece of a query: a name, a quoted text, or one other character.
type word struct {
	text     string
	from, to int
	depth    int // of brackets around it
}

// words cuts a query; ok is false if a quote or bracket is not closed.
func words(text string) (list []word, ok bool) {
	depth := 0
	for i := 0; i < len(text); {
		from := i
		switch c := text[i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
			continue
		case c == '\'' || c == '"':
			end := strings.IndexByte(text[i+1:], c)
			if end < 0 {
				return nil, false
			}
			i += end + 2
		case isWordByte(c):
			for i < len(text) && isWordByte(text[i]) {
				i++
			}
		default:
			i++
		}
		w := word{text: text[from:i], from: from, to: i}
		if w.text == ")" {
			depth--
		}
		w.depth = depth
		if w.text == "(" {
			depth++
		}
		if depth < 0 {
			return nil, false
		}
		list = append(list, w)
	}
	return list, depth == 0
}

func isWordByte(c byte) bool {
	return c == '_' || c == '.' || c == '$' || c == '!' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= 0x80
}

// bracketed reports whether the first bracket of text closes at its very end.
func bracketed(text string) bool {
	list, ok := words(text)
	if !ok || len(list) < 2 || list[0].text != "(" {
		return false
	}
	for i, w := range list {
		if w.text == ")" && w.depth == 0 {
			return i == len(list)-1
		}
	}
	return false
}

// splitQuery cuts a query that somebody wrote into its clauses; ok is false if
// it does not look like one. Zoho judges it.
func splitQuery(text string) (c clauses, ok bool) {
	list, ok := words(text)
	if !ok || len(list) == 0 || !strings.EqualFold(list[0].text, "select") {
		return c, false
	}
	order := []string{"select", "from", "where", "group", "order", "limit", "offset"}
	values := make([]string, len(order))
	at, from := 0, list[0].to
	for i := 1; i < len(list); i++ {
		w := list[i]
		for k := at + 1; k < len(order) && w.depth == 0; k++ {
			if !strings.EqualFold(w.text, order[k]) {
				continue
			}
			values[at] = strings.TrimSpace(text[from:w.from])
			at, from = k, w.to
			if k == 3 || k == 4 { // group by, order by
				if i+1 == len(list) || !strings.EqualFold(list[i+1].text, "by") {
					return c, false
				}
				i++
				from = list[i].to
			}
			break
		}
	}
	values[at] = strings.TrimSpace(text[from:])
	c = clauses{columns: values[0], from: values[1], where: values[2], group: values[3], order: values[4]}
	c.counts = strings.Contains(c.columns, "(")
	if c.columns == "" || c.from == "" {
		return c, false
	}
	return c, c.readLimit(values[5], values[6])
}

// readLimit reads "n", "offset, n" and what stands behind offset.
func (c *clauses) readLimit(limit, offset string) bool {
	if before, after, both := strings.Cut(limit, ","); both {
		limit, offset = strings.TrimSpace(after), strings.TrimSpace(before)
	}
	for _, part := range []struct {
		text string
		into *int
	}{{limit, &c.limit}, {offset, &c.offset}} {
		if part.text == "" {
			continue
		}
		n, err := strconv.Atoi(part.text)
		if err != nil || n < 0 {
			return false
		}
		*part.into = n
	}
	return true
}
