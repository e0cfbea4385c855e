package postgres

import (
	"context"
	"slices"

	"zohocrm/store/internal/sqlstore"
)

// lack is what a user may not do in a table that the store needs.
type lack struct {
	name, rights, user string
	there              bool
}

// lacking gives the rights that the present user has not, of a token table and the
// one beside it: all of them in a table that is not there.
func lacking(ctx context.Context, q sqlstore.Querier, table string) ([]lack, error) {
	answer, err := lines(ctx, q, `SELECT t.name, string_agg(r.name, ', ' ORDER BY r.name), current_user::text, (to_regclass(quote_ident(t.name)) IS NOT NULL)::text
		FROM (VALUES ($1::text), ($2::text)) t(name), (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE')) r(name)
		WHERE has_table_privilege(to_regclass(quote_ident(t.name)), r.name) IS NOT TRUE GROUP BY t.name ORDER BY t.name`, 4, table, table+"_zcrm")
	all := make([]lack, len(answer))
	for i, t := range answer {
		all[i] = lack{t[0], t[1], t[2], t[3] == "true"}
	}
	return all, err
}

func grant(user, table string) string {
	return "GRANT SELECT, INSERT, UPDATE, DELETE ON " + quote(table) + " TO " + quote(user)
}

// mayMake implements MayMake of the dialect. Who makes a table may use it.
func mayMake(ctx context.Context, q sqlstore.Querier, _ string, _ bool) (bool, error) {
	answer, err := lines(ctx, q, "SELECT coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)::text", 1)
	return err == nil && len(answer) == 1 && answer[0][0] == "true", err
}

// advice completes what an administrator has to run for this user, in the schemas
// where that user's statements find tables.
func advice(ctx context.Context, q sqlstore.Querier, table string, create []string) []string {
	path, err := lines(ctx, q, `SELECT coalesce(string_agg(quote_ident(s.name), ', ' ORDER BY s.place), ''), quote_ident(current_user)
		FROM unnest(current_schemas(false)) WITH ORDINALITY s(name, place)`, 2)
	if err != nil || len(path) != 1 {
		return create
	}
	schemas, user := path[0][0], path[0][1]
	var all []string
	if schemas == "" { // that user may look into none of them
		closed, err := lines(ctx, q, `SELECT quote_ident(n.nspname) FROM unnest(string_to_array(current_setting('search_path'), ',')) WITH ORDINALITY s(name, place)
			JOIN pg_namespace n ON n.nspname = trim(both ' "' FROM s.name) ORDER BY s.place LIMIT 1`, 1)
		if err != nil || len(closed) != 1 {
			return create
		}
		schemas = closed[0][0]
		all = append(all, "GRANT USAGE ON SCHEMA "+schemas+" TO "+user)
	}
	all = slices.Concat(all, []string{"SET search_path TO " + schemas}, create)
	lacks, err := lacking(ctx, q, table)
	if err != nil {
		return create
	}
	for _, t := range lacks {
		all = append(all, grant(t.user, t.name))
	}
	return all
}
