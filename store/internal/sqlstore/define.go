package sqlstore

import "zohocrm/oauth"

// createTokens are the statements that make the token table, with an index for
// each key. On a table that was there no index is made: it is its owner's.
func (d Dialect) createTokens(table string) []string {
	var columns []string
	for _, k := range oauth.Keys()[1:] {
		columns = append(columns, k.Column())
	}
	return d.create(table, table, tokenTypes, d.TokenOptions, columns)
}

// createSide are the statements that make the side table.
func (d Dialect) createSide(table string, l layout) []string {
	types := sideTypes
	if l.domainBeside {
		types += domainColumn + " text"
	}
	return d.create(table, sideTable(table), types, d.SideOptions, []string{"check_at"})
}

// create are the statements that make one of the tables of a token table, with
// indexes on some columns.
func (d Dialect) create(tokens, table, types, options string, indexed []string) []string {
	types = d.types(types)
	var separate []string
	for _, column := range indexed {
		if d.InlineIndexes {
			types += ", KEY " + d.Quote(d.indexName(tokens, column)) + " (" + column + ")"
			continue
		}
		separate = append(separate, d.createIndex(tokens, table, column))
	}
	return append([]string{"CREATE TABLE " + d.Quote(table) + " (" + types + ")" + options}, separate...)
}

func (d Dialect) createIndex(tokens, table, column string) string {
	of := column
	if d.byTail(column) {
		of = d.tail(column)
	}
	return "CREATE INDEX " + d.Quote(d.indexName(tokens, column)) + " ON " + d.Quote(table) + " (" + of + ")"
}

// indexName says whose index it is. Where indexes are declared in CREATE TABLE, the
// name belongs to the table and is short.
func (d Dialect) indexName(tokens, column string) string {
	if d.InlineIndexes {
		return "zcrm_" + column
	}
	return sideTable(tokens) + "_" + column
}
