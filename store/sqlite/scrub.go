package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"zohocrm/oauth"
	"zohocrm/store/internal/sqlstore"
)

const (
	// scrubPatience is how long readers of old pages of the log are waited for.
	scrubPatience = 10 * time.Second
	scrubPause    = 50 * time.Millisecond
)

// errRead: a program that reads keeps the log from being emptied.
var errRead = errors.New("another program reads the database all the time; end it, and run this again")

// Scrub takes everything out of the database's files that is no row any more: after
// plain secrets were sealed they would stand there on. The file is written anew, which
// takes as much room again for a while, and the write-ahead log is emptied. Readers may
// go on; writers wait. It wraps [oauth.ErrStoreUnavailable] if a reader never ends.
func (s *Store) Scrub(ctx context.Context) error {
	if err := sqlstore.Maintain(ctx, s.engine, "scrub", vacuum); err != nil {
		return err
	}
	for began := time.Now(); ; {
		var busy, log, done int
		truncate := func(ctx context.Context, conn *sql.Conn) error {
			return conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &log, &done)
		}
		switch err := sqlstore.Maintain(ctx, s.engine, "scrub", truncate); {
		case err != nil:
			return err
		case busy == 0:
			return nil
		case time.Since(began) > scrubPatience:
			return fmt.Errorf("%w: SQLite scrub: %w", oauth.ErrStoreUnavailable, errRead)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(scrubPause):
		}
	}
}

// vacuum writes the file anew. The copy is made in a temporary file, since in memory it
// would take as much as the whole database; it holds what is a row still, and nothing
// else. Somebody's own temporary tables would be lost with the change of that setting.
func vacuum(ctx context.Context, conn *sql.Conn) error {
	const ours = "SELECT t.temp_store = 2 AND NOT EXISTS (SELECT 1 FROM sqlite_temp_master) FROM pragma_temp_store t"
	var inMemory bool
	if err := conn.QueryRowContext(ctx, ours).Scan(&inMemory); err != nil {
		return err
	}
	if inMemory {
		if _, err := conn.ExecContext(ctx, "PRAGMA temp_store = FILE"); err != nil {
			return err
		}
		defer func() { _, _ = conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA temp_store = MEMORY") }()
	}
	_, err := conn.ExecContext(ctx, "VACUUM")
	return err
}
