package sealed

import (
	"context"
	"fmt"
	"time"

	"zohocrm/oauth"
)

// Mode says what [SealAll] makes of every row.
type Mode int

// The modes. Each passes over rows that are right already, so a run that was
// interrupted is finished by running again.
const (
	// Seal makes every row one that the primary key sealed.
	Seal Mode = iota
	// Reseal does so with rows that are sealed, after keys.Rotate, and leaves plain
	// ones alone.
	Reseal
	// Unseal makes every row plain. A row whose client secret or API domain is empty
	// stays sealed, since no Save empties a column: it is counted as Left. A program
	// that saves meanwhile seals what it saves.
	Unseal
)

// SealAllConfig says how all rows are sealed. The zero value works.
type SealAllConfig struct {
	Mode Mode
	// BatchSize is how many rows are saved in one step; 0, and more than it, is as
	// many as the store likes best: [oauth.BatchSize], or five times that in SQLite,
	// where each step writes most pages of the indexes.
	BatchSize int
	// Progress is told how far it is, after each batch and at the end, on the
	// goroutine that called. Nil: nobody is told.
	Progress func(Report)
}

// Report is what [SealAll] did. Rows is the sum of the others.
type Report struct {
	Rows    int // rows that were read
	Changed int // rows that were sealed, sealed anew or unsealed
	Right   int // rows that were as they are to be
	Gone    int // rows that were deleted meanwhile
	Left    int // rows that Unseal leaves sealed
	Failed  int // rows that cannot be read, or that the store refuses
}

// SealAll seals, seals anew or unseals every row of a store, in batches, while
// others read and write. Rows are saved by their Version, and read again if somebody
// was quicker. Memory does not grow with the number of rows.
//
// Where the store can (SQLite), what it kept of the plain rows is then taken out of its
// files, however many rows there were. A server keeps such things too, in its tables'
// pages, its logs and backups, out of reach from here.
//
// Rows that fail do not stop the others: the error names the first ten. Any other
// error stopped it.
func SealAll(ctx context.Context, s *Store, cfg SealAllConfig) (Report, error) {
	best := oauth.BatchSize
	if _, many := s.inner.(manySaver); many {
		best = manyRows
	}
	if cfg.BatchSize <= 0 || cfg.BatchSize > best {
		cfg.BatchSize = best
	}
	w := &sweep{s: s, ctx: ctx, cfg: cfg, step: cfg.BatchSize, gaveWay: time.Now()}
	err := w.run()
	if scrubbed := w.scrub(); err == nil {
		err = scrubbed
	}
	if err == nil {
		err = w.failures()
	}
	if err != nil {
		err = fmt.Errorf("sealed: %w", err)
	}
	w.tell()
	return w.report, err
}
