package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"os"
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
func bulk(ctx context.Context, conn *sql.Conn, n int) (after func(context.Context), err error) {
	nothing := func(context.Context) {}
	var cache, pages int
	var file string
	if err := conn.QueryRowContext(ctx, "PRAGMA cache_size").Scan(&cache); err != nil {
		return nothing, err
	}
	if n >= manyRows && cache == usualCache {
		if _, err := conn.ExecContext(ctx, fmt.Sprint("PRAGMA cache_size = ", manyCache)); err != nil {
			return nothing, err
		}
	}
	if err := conn.QueryRowContext(ctx, "PRAGMA wal_autocheckpoint").Scan(&pages); err != nil || pages != usualCheckpoint {
		return nothing, err
	}
	if err := conn.QueryRowContext(ctx, "SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&file); err != nil || file == "" {
		return nothing, err
	}
	set := func(ctx context.Context, pages int) error {
		_, err := conn.ExecContext(ctx, fmt.Sprint("PRAGMA wal_autocheckpoint = ", pages))
		return err
	}
	after = func(ctx context.Context) {
		_ = set(context.WithoutCancel(ctx), usualCheckpoint) // else the log grows on
		if log, err := os.Stat(file + "-wal"); err == nil && log.Size() >= bulkLog {
			// If it fails, or is busy, the next one does it: what is committed is safe.
			_, _ = conn.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
		}
	}
	return after, set(ctx, 0)
}
