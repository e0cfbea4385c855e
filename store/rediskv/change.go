package rediskv

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"zohocrm/oauth"
)

const (
	// patience is how long a change is planned anew because others change the
	// same tokens.
	patience = 10 * time.Second
	// Pauses between two tries, before half is added or taken at random.
	shortestPause = 500 * time.Microsecond
	longestPause  = 25 * time.Millisecond
)

// again runs try until it has done its work, and tells it from the second time
// on that others were quicker. Whoever finds a change in his way
// queues up behind the others in this process, and then meets only those of
// other processes.
func (s *Store) again(ctx context.Context, try func(overtaken bool) (done bool, err error)) error {
	done, err := try(false)
	if done || err != nil {
		return err
	}
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	pause := shortestPause
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); pause = min(2*pause, longestPause) {
		if done, err := try(true); done || err != nil {
			return err
		}
		timer := time.NewTimer(pause/2 + rand.N(pause)) // #nosec G404 -- spreads waits; nothing secret depends on it
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
	}
	return fmt.Errorf("%w: other programs kept changing the same tokens for %s; try again", oauth.ErrStoreUnavailable, patience)
}

// carryOut writes what was planned. It reports false if somebody else changed
// what the plans were made of.
func (s *Store) carryOut(ctx context.Context, st *state) (bool, error) {
	if len(st.touched) == 0 {
		return true, nil
	}
	var n numbers
	if st.drawn {
		n.still = st.look.highest
	}
	if st.inserts {
		n.least = strconv.FormatInt(st.highest, 10)
	}
	return s.apply(ctx, st.look, n, st.edit().commands())
}

// numbers are what a change wants of the highest number; empty: nothing.
type numbers struct {
	still string // it must still be so
	least string // it must not be below this afterwards
}

// apply carries out commands if everything that the look found is still so. It
// reports false if not.
func (s *Store) apply(ctx context.Context, l look, n numbers, c commands) (bool, error) {
	args := append(s.lookArgs(l.of), l.stamp, n.still, n.least)
	reply, err := s.write(ctx, s.scripts.change, append(args, c...))
	return reply == int64(1), err
}
