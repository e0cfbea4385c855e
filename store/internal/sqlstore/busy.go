package sqlstore

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	// patience is how long a locked database is waited for.
	patience = 10 * time.Second
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
		timer := time.NewTimer(pause/2 + rand.N(pause))
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
		pause = min(2*pause, longestPause)
		err = op()
	}
	return err
}
