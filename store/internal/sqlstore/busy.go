package sqlstore

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	// patience is how long a locked database is waited for: longer than a slow disk takes
	// to serve some writers that are in front, by chance, one after the other.
	patience = 20 * time.Second
	// Pauses between two tries, before half is added or taken at random.
	shortestPause = time.Millisecond
	longestPause  = 25 * time.Millisecond
)

// again runs op until it ends otherwise than by finding the database locked, at
// the longest for patience. Polling, and not the database's own waiting, lets
// the context be obeyed; and some locks, such as the switch to WAL, are refused
// at once whatever the database's own waiting time is.
func (s *Store) again(ctx context.Context, op func() error) error {
	err := op()
	if !s.is(err, Busy) {
		return err
	}
	deadline, pause := time.Now().Add(patience), shortestPause
	for s.is(err, Busy) && time.Now().Before(deadline) {
		if err := s.pause(ctx, pause); err != nil {
			return err
		}
		pause = min(2*pause, longestPause)
		err = op()
	}
	return err
}

// pause waits about so long, or until ctx ends.
func (s *Store) pause(ctx context.Context, about time.Duration) error {
	timer := time.NewTimer(about/2 + rand.N(about)) // #nosec G404 -- spreads waits; nothing secret depends on it
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
