package oauth

import (
	"context"
	"sync"
	"time"
)

const (
	// clockAgain is how often the store's clock is asked for.
	clockAgain = 10 * time.Minute
	// clockJump is the difference from which a clock counts as moved.
	clockJump = 2 * time.Second
)

// storeClock is how far the store's clock is from this machine's. All programs
// that share a store judge expiries by its clock, so that machines whose clocks
// differ agree.
type storeClock struct {
	mu      sync.RWMutex
	asked   bool
	has     bool // the store has a clock of its own
	offset  time.Duration
	local   time.Time     // when it was asked
	elapsed time.Duration // the same by the monotonic clock
}

// time is the clock by which expiries are judged: the store's if it has one, else
// this machine's as Zoho has corrected it.
func (k *Keeper) time() time.Time {
	k.clock.mu.RLock()
	has, offset := k.clock.has, k.clock.offset
	k.clock.mu.RUnlock()
	if has {
		return k.local().Add(offset)
	}
	return k.accounts.Now()
}

func (k *Keeper) clockOffset() time.Duration {
	if k.cfg.ClockOffset == nil {
		return 0
	}
	return k.cfg.ClockOffset()
}

// askClock compares the store's clock with this machine's, now and then, and when
// this machine's was moved. A store that does not answer changes nothing.
func (k *Keeper) askClock(ctx context.Context) {
	c := &k.clock
	local, elapsed := k.local(), k.elapsed()
	c.mu.RLock()
	moved := local.Sub(c.local) - (elapsed - c.elapsed)
	due := !c.asked || elapsed-c.elapsed > clockAgain || moved.Abs() > clockJump
	c.mu.RUnlock()
	if !due {
		return
	}
	now, err := k.leases.Now(ctx)
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	offset := now.Add(k.clockOffset()).Sub(local.Add((k.elapsed() - elapsed) / 2))
	if c.has && moved.Abs() <= clockJump && (offset-c.offset).Abs() > clockJump {
		k.log.Warn("the store's clock was moved, or another server answers; tokens may be refreshed too early or too late", "by", offset-c.offset)
	}
	c.asked, c.has, c.local, c.elapsed = true, !now.IsZero(), local, elapsed
	if c.has {
		c.offset = offset
	}
}
