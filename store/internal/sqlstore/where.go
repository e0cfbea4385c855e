package sqlstore

import (
	"fmt"
	"slices"
	"strings"

	"zohocrm/oauth"
)

// byTail reports whether a column holds secrets whose tails are its index.
func (d Dialect) byTail(column string) bool {
	secrets := []string{oauth.ByGrantToken.Column(), oauth.ByRefreshToken.Column(), oauth.ByAccessToken.Column()}
	return d.Tail > 0 && slices.Contains(secrets, column)
}

// tail is the part of a secret that its index holds.
func (d Dialect) tail(value string) string { return fmt.Sprintf("substr(%s, -%d)", value, d.Tail) }

// equals is the condition that the ith column is the nth value of a statement. It
// compares the whole secret too, so that an index of it, in a table that is another's,
// serves as well.
func (d Dialect) equals(l layout, i, n int) string {
	column := "t." + l.name(i)
	if !d.byTail(l.name(i)) {
		return column + " = " + d.match(l.columns[i])
	}
	value := fmt.Sprint("?", n)
	return d.tail(column) + " = " + d.tail(value) + " AND " + column + " = " + value
}

// among is a query for the rows of which the ith column is one of many values.
func (d Dialect) among(r *strings.Replacer, l layout, i int, after string) *sized {
	column := "t." + l.name(i)
	if !d.byTail(l.name(i)) {
		return d.in(r.Replace("SELECT LIST FROM TOKENS t WHERE "+column), d.match(l.columns[i]), after)
	}
	text := r.Replace("SELECT LIST FROM TOKENS t WHERE " + d.tail(column) + " IN (TAILS) AND " + column + " IN (ALL)" + after)
	return &sized{make: func(n int) string {
		tails, all := make([]string, n), make([]string, n)
		for i := range n {
			all[i] = fmt.Sprint("?", i+1)
			tails[i] = d.tail(all[i])
		}
		return strings.NewReplacer("TAILS", strings.Join(tails, ", "), "ALL", strings.Join(all, ", ")).Replace(text)
	}}
}
