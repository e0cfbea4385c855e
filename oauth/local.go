package oauth

import (
	"context"
	"sync"
	"time"
)

// LocalCoordinator coordinates within one process. A [Keeper] uses one of its
// own where its store is no [Coordinator]; a store that lives in memory can offer
// one. The zero value works; it is safe for concurrent use.
type LocalCoordinator struct {
	// Clock is the clock; nil is time.Now. It must not change after the first use.
	Clock func() time.Time

	mu        sync.Mutex
	standings map[string]Standing
}

var _ Coordinator = (*LocalCoordinator)(nil)

// maxStandings bounds the memory: beyond it, those are dropped of which nothing
// matters any more, and if that is none, all that are not in use and not a state
// that lasts.
const maxStandings = 10_000

// Now implements [Coordinator]: there is no clock but this machine's.
func (c *LocalCoordinator) Now(context.Context) (time.Time, error) { return time.Time{}, nil }

func (c *LocalCoordinator) now(offset time.Duration) time.Time {
	clock := c.Clock
	if clock == nil {
		clock = time.Now
	}
	return time.UnixMilli(clock().Add(offset).UnixMilli()).UTC()
}

// Acquire implements [Coordinator].
func (c *LocalCoordinator) Acquire(ctx context.Context, claim Claim) (Lease, error) {
	if err := ctx.Err(); err != nil {
		return Lease{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s, lease, err := c.standings[claim.Key].Acquire(claim, c.now(claim.Offset))
	if err == nil {
		c.put(claim.Key, s, lease.Now)
	}
	return lease, err
}

// Settle implements [Coordinator].
func (c *LocalCoordinator) Settle(ctx context.Context, l Lease, o Outcome) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now(l.Offset)
	c.put(l.Key, c.standings[l.Key].Settle(l, o, now), now)
	return nil
}

// Standings implements [Coordinator].
func (c *LocalCoordinator) Standings(ctx context.Context, keys ...string) (map[string]Standing, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	found := make(map[string]Standing, len(keys))
	for _, key := range keys {
		if s, ok := c.standings[key]; ok {
			found[key] = s
		}
	}
	return found, nil
}

func (c *LocalCoordinator) put(key string, s Standing, now time.Time) {
	if len(c.standings) >= maxStandings {
		for key, s := range c.standings {
			if s.Idle(now) {
				delete(c.standings, key)
			}
		}
	}
	if len(c.standings) >= maxStandings {
		for key, s := range c.standings {
			if s.Owner == "" && s.State == Usable {
				delete(c.standings, key)
			}
		}
	}
	if c.standings == nil {
		c.standings = make(map[string]Standing)
	}
	c.standings[key] = s
}
