package mysql

import (
	"context"
	"database/sql"
	"regexp"
	"strconv"
	"strings"

	"zohocrm/store/internal/sqlstore"
)

// inspect describes a table by SHOW, which finds it by its name exactly as other
// statements do, unlike a comparison in information_schema.
func inspect(ctx context.Context, q sqlstore.Querier, table string) (sqlstore.Shape, error) {
	columns, err := records(ctx, q, "SHOW FULL COLUMNS FROM "+quote(table))
	if n := number(err); n == noSuchTable || n == noDatabase {
		return sqlstore.Shape{}, nil
	}
	if err != nil {
		return sqlstore.Shape{}, err
	}
	shape := sqlstore.Shape{Exists: true}
	for _, c := range columns {
		kind := strings.ToLower(c["Type"])
		shape.Columns = append(shape.Columns, sqlstore.Column{
			Name: c["Field"], NotNull: c["Null"] == "NO", Integer: isInteger(kind), Size: size(kind), Collation: c["Collation"],
		})
	}
	indexes, err := records(ctx, q, "SHOW INDEX FROM "+quote(table))
	if err != nil {
		return sqlstore.Shape{}, err
	}
	width := make(map[string]int)
	for _, i := range indexes {
		width[i["Key_name"]]++
	}
	for _, i := range indexes {
		if strings.EqualFold(i["Column_name"], "id") && i["Non_unique"] == "0" && i["Sub_part"] == "" && width[i["Key_name"]] == 1 {
			shape.UniqueID = true
		}
	}
	return shape, nil
}

// indexed gives the columns that come first in an index. One of a column's first
// characters alone serves too: the server compares the rest.
func indexed(ctx context.Context, q sqlstore.Querier, table string) ([]string, error) {
	indexes, err := records(ctx, q, "SHOW INDEX FROM "+quote(table))
	var first []string
	for _, i := range indexes {
		if i["Seq_in_index"] == "1" && i["Index_type"] != "FULLTEXT" && i["Visible"] != "NO" && i["Ignored"] != "YES" {
			first = append(first, i["Column_name"])
		}
	}
	return first, err
}

func isInteger(kind string) bool {
	for _, prefix := range []string{"tinyint", "smallint", "mediumint", "int", "bigint"} {
		if strings.HasPrefix(kind, prefix) {
			return true
		}
	}
	return false
}

// size is the length in characters of a declared type: 255 of "varchar(255)". Other
// types count bytes, and the server refuses what is too long.
func size(kind string) int {
	n := regexp.MustCompile(`^(?:var)?char\((\d+)\)`).FindStringSubmatch(kind)
	if n == nil {
		return 0
	}
	length, err := strconv.Atoi(n[1])
	if err != nil {
		return 0
	}
	return length
}

// records reads a result whose columns differ between servers, by their names; NULL
// is "".
func records(ctx context.Context, q sqlstore.Querier, text string, args ...any) ([]map[string]string, error) {
	rows, err := q.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var all []map[string]string
	for rows.Next() {
		values, targets := make([]sql.NullString, len(names)), make([]any, len(names))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		record := make(map[string]string, len(names))
		for i, name := range names {
			record[name[strings.LastIndexByte(name, '.')+1:]] = values[i].String // a setting of the driver puts the table before
		}
		all = append(all, record)
	}
	return all, rows.Err()
}
