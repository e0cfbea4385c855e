package sqlite

import (
	"context"
	"fmt"
	"os"

	"zohocrm/store/check"
	"zohocrm/store/internal/sqlstore"
)

// findings implements Findings of the dialect: what is noteworthy of the file and of
// how it was opened.
func findings(ctx context.Context, q sqlstore.Querier, _ string, _ sqlstore.Shape) ([]check.Finding, error) {
	file, synchronous, err := database(ctx, q)
	if err != nil || file == "" {
		return nil, err
	}
	var all []check.Finding
	if synchronous < full {
		all = append(all, check.Finding{
			Severity: check.Warning, Code: "synchronous",
			Text:   "the database is opened with a synchronous setting below FULL: a loss of power can lose the newest tokens",
			Remedy: "open it with sqlite.DSN",
		})
	}
	info, err := os.Stat(file)
	if err != nil {
		return all, fmt.Errorf("its file: %w", err)
	}
	if othersCanRead(info) {
		all = append(all, check.Finding{
			Severity: check.Warning, Code: "file-mode",
			Text:   fmt.Sprintf("other users can read the tokens: the mode of %s is %#o", file, info.Mode().Perm()),
			Remedy: "chmod 600 " + file,
		})
	}
	return all, nil
}

// database gives the path of the main database's file, "" for one in memory, and the
// connection's synchronous setting.
func database(ctx context.Context, q sqlstore.Querier) (file string, synchronous int, err error) {
	rows, err := q.QueryContext(ctx, "SELECT d.file, s.synchronous FROM pragma_database_list d, pragma_synchronous s WHERE d.name = 'main'")
	if err != nil {
		return "", 0, err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&file, &synchronous); err != nil {
			return "", 0, err
		}
	}
	return file, synchronous, rows.Err()
}

// indexed gives the columns that come first in an index of the whole table. That the
// first is a column's tail is told by the index's name: its text stands in a schema
// that may be any of those attached.
func indexed(ctx context.Context, q sqlstore.Querier, table string) ([]string, error) {
	const text = `
SELECT x.name FROM pragma_index_list(?1) i, pragma_index_info(i.name) x
WHERE NOT i.partial AND x.seqno = 0 AND x.name IS NOT NULL
UNION ALL
SELECT c.name FROM pragma_index_list(?1) i, pragma_index_info(i.name) x, pragma_table_info(?1) c
WHERE NOT i.partial AND x.seqno = 0 AND x.name IS NULL AND i.name = ?1 || '_zcrm_' || c.name COLLATE NOCASE`
	rows, err := q.QueryContext(ctx, text, table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var first []string
	for rows.Next() {
		var column string
		if err := rows.Scan(&column); err != nil {
			return nil, err
		}
		first = append(first, column)
	}
	return first, rows.Err()
}
