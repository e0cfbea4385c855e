package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"os"

	"zohocrm/store/internal/sqlstore"
)

const (
	// usualCheckpoint is SQLite's own number of pages in the write-ahead log after
	// which a commit also copies them into the database.
	usualCheckpoint = 1000
	// usualCache is the page cache of [DSN], as SQLite counts kilobytes. Twice as much
	// is in use, since modernc.org/sqlite takes blocks of 8 kB for pages of 4.
	usualCache = -8000
	// manyCache is for batches of manyRows and more, which change most pages of the
	// indexes. Those that find no place are written before the end, and again.
	manyCache = -64000
	manyRows  = 5000
	// bulkLog is the size of the log, in bytes, after which that is done here.
	bulkLog = 64 << 20
)

// bulk gives a connection more room for a batch, and keeps the copying of the log
// out of the commits of batches. Each of them changes more pages than the usual
// number, most of them again and again, so that copying them less often saves half
// of the writing; and a commit must not take as long as that. Somebody's own setting
// stands.
func bulk(ctx context.Context, on sqlstore.Executor, n int) (after func(context.Context, *sql.Conn), err error) {
	nothing := func(context.Context, *sql.Conn) {}
	cache, err := ask[int](ctx, on, "PRAGMA cache_size")
	if err != nil {
		return nothing, err
	}
	pages, err := ask[int](ctx, on, "PRAGMA wal_autocheckpoint")
	if err != nil {
		return nothing, err
	}
	file, err := ask[string](ctx, on, "SELECT file FROM pragma_database_list WHERE name = 'main'")
	if err != nil {
		return nothing, err
	}
	if n >= manyRows && cache == usualCache {
		if _, err := on.ExecContext(ctx, fmt.Sprint("PRAGMA cache_size = ", manyCache)); err != nil {
			return nothing, err
		}
	}
	if pages != usualCheckpoint || file == "" {
		return nothing, nil
	}
	set := func(ctx context.Context, on sqlstore.Executor, pages int) error {
		_, err := on.ExecContext(ctx, fmt.Sprint("PRAGMA wal_autocheckpoint = ", pages))
		return err
	}
	after = func(ctx context.Context, conn *sql.Conn) {
		_ = set(context.WithoutCancel(ctx), conn, usualCheckpoint) // else the log grows on
		if log, err := os.Stat(file + "-wal"); err == nil && log.Size() >= bulkLog {
			// If it fails, or is busy, the next one does it: what is committed is safe.
			_, _ = conn.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
		}
	}
	return after, set(ctx, on, 0)
}

// ask gives the one value that a query answers.
func ask[T any](ctx context.Context, q sqlstore.Querier, text string) (value T, err error) {
	rows, err := q.QueryContext(ctx, text)
	if err != nil {
		return value, err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&value); err != nil {
			return value, err
		}
	}
	return value, rows.Err()
}
