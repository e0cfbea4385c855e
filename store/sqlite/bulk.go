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
	// indexes, as long as they last. Pages that find no place are written before the end,
	// and again.
	manyCache = -32000
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
	var undo []string // else the memory is kept, and the log grows on
	after = func(ctx context.Context, conn *sql.Conn) {
		for _, text := range undo {
			_, _ = conn.ExecContext(context.WithoutCancel(ctx), text)
		}
	}
	change := func(setting string, usual, now int) error {
		undo = append(undo, fmt.Sprint("PRAGMA ", setting, " = ", usual))
		_, err := on.ExecContext(ctx, fmt.Sprint("PRAGMA ", setting, " = ", now))
		return err
	}
	cache, err := ask[int](ctx, on, "PRAGMA cache_size")
	if err != nil {
		return after, err
	}
	if n >= manyRows && cache == usualCache {
		if err := change("cache_size", usualCache, manyCache); err != nil {
			return after, err
		}
	}
	pages, err := ask[int](ctx, on, "PRAGMA wal_autocheckpoint")
	if err != nil {
		return after, err
	}
	file, err := ask[string](ctx, on, "SELECT file FROM pragma_database_list WHERE name = 'main'")
	if err != nil || pages != usualCheckpoint || file == "" {
		return after, err
	}
	settings := after
	after = func(ctx context.Context, conn *sql.Conn) {
		settings(ctx, conn)
		if log, err := os.Stat(file + "-wal"); err == nil && log.Size() >= bulkLog {
			// If it fails, or is busy, the next one does it: what is committed is safe.
			_, _ = conn.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
		}
	}
	return after, change("wal_autocheckpoint", usualCheckpoint, 0)
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
