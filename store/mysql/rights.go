package mysql

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"zohocrm/store/internal/sqlstore"
)

// needed is a table that the store needs, with a column of it.
type needed struct{ name, column string }

func tables(table string) []needed {
	return []needed{{table, "id"}, {table + "_zcrm", "side_key"}}
}

// lacking is the first right that the present user has not in a table; "": that user
// has all. The server is asked to explain writes, for which it wants the same rights
// as for doing them, and wants them before it says that a table is not there.
func lacking(ctx context.Context, q sqlstore.Querier, t needed) string {
	name := quote(t.name)
	for _, c := range []struct{ right, text string }{
		{"INSERT", "INSERT INTO " + name + " (" + t.column + ") VALUES ('')"},
		{"UPDATE", "UPDATE " + name + " SET " + t.column + " = '' WHERE " + t.column + " = ''"},
		{"DELETE", "DELETE FROM " + name + " WHERE " + t.column + " = ''"},
	} {
		if _, err := records(ctx, q, "EXPLAIN "+c.text); err != nil {
			if kind, _ := classify(err); kind == sqlstore.Denied { // what else may be wrong says nothing of rights
				return c.right
			}
		}
	}
	return ""
}

func grant(database, table, current string) string {
	return "GRANT SELECT, INSERT, UPDATE, DELETE ON " + database + "." + quote(table) + " TO " + account(current)
}

// advice completes what an administrator has to run.
func advice(ctx context.Context, q sqlstore.Querier, table string, create []string) []string {
	answer, err := one(ctx, q, "SELECT CURRENT_USER() AS account, DATABASE() AS name")
	if err != nil {
		return create
	}
	database := quote(answer["name"])
	all := append([]string{"USE " + database}, create...)
	for _, t := range tables(table) {
		if lacking(ctx, q, t) != "" {
			all = append(all, grant(database, t.name, answer["account"]))
		}
	}
	return all
}

// mayMake implements MayMake of the dialect.
func mayMake(ctx context.Context, q sqlstore.Querier, table string, there bool) (bool, error) {
	answer, err := one(ctx, q, "SELECT DATABASE() AS name")
	if err != nil {
		return false, err
	}
	missing := tables(table)
	if there {
		missing = missing[1:]
	}
	for _, t := range missing {
		if may, err := mayCreate(ctx, q, answer["name"], t.name); err != nil || !may {
			return false, err
		}
		if lacking(ctx, q, t) != "" {
			return false, nil // whose right to make it is no right to use it
		}
	}
	return true, nil
}

// mayCreate looks through the present user's grants, among which are those of the
// roles that are switched on. table "": the database itself is meant.
func mayCreate(ctx context.Context, q sqlstore.Querier, database, table string) (bool, error) {
	grants, err := records(ctx, q, "SHOW GRANTS")
	for _, g := range grants {
		for _, line := range g {
			if createsBy(line, database, table) {
				return true, nil
			}
		}
	}
	return false, err
}

// createsBy reports whether a line of SHOW GRANTS lets a table be made: with all
// rights, or CREATE among them, on everything, on databases of a pattern, or on it.
func createsBy(line, database, table string) bool {
	const name = "([*]|[`\"].*?[`\"])"
	found := regexp.MustCompile("^GRANT (.+?) ON " + name + "[.]" + name + " TO ").FindStringSubmatch(line)
	if found == nil {
		return false
	}
	rights := strings.Split(found[1], ", ")
	if !slices.Contains(rights, "CREATE") && !slices.Contains(rights, "ALL PRIVILEGES") {
		return false
	}
	switch {
	case found[2] == "*":
		return true
	case found[3] == "*":
		return like(database, plain(found[2]))
	}
	return strings.EqualFold(plain(found[2]), database) && strings.EqualFold(plain(found[3]), table)
}

// plain takes the quotes off a name.
func plain(quoted string) string {
	mark := quoted[:1]
	return strings.ReplaceAll(quoted[1:len(quoted)-1], mark+mark, mark)
}

// like compares a name with a pattern of a grant.
func like(name, pattern string) bool {
	var expression strings.Builder
	escaped := false
	for _, r := range pattern {
		switch {
		case !escaped && r == '\\':
			escaped = true
			continue
		case !escaped && r == '%':
			expression.WriteString(".*")
		case !escaped && r == '_':
			expression.WriteString(".")
		default:
			expression.WriteString(regexp.QuoteMeta(string(r)))
		}
		escaped = false
	}
	return regexp.MustCompile("(?is)^" + expression.String() + "$").MatchString(name)
}
