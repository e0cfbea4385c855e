package oauth

import (
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"
)

// wrongClock is the difference to the server's Date header from which this
// machine's clock counts as wrong. The header has whole seconds and travels for
// a while; a token's margin is a minute.
const wrongClock = 90 * time.Second

// clock is this machine's clock and what the accounts server said about it.
type clock struct {
	local func() time.Time
	// elapsed is the time since some moment, always the same. Of the system's clock it
	// reads the monotonic half alone, which takes half as long as time.Now.
	elapsed func() time.Duration
	log     *slog.Logger
	offset  atomic.Int64 // nanoseconds to add to local; 0 while the clock is right
}

// newClock takes the caller's clock, or the system's for nil.
func newClock(local func() time.Time, log *slog.Logger) *clock {
	if local == nil {
		start := time.Now()
		return &clock{local: time.Now, elapsed: func() time.Duration { return time.Since(start) }, log: log}
	}
	return &clock{local: local, elapsed: func() time.Duration { return local().Sub(time.Unix(0, 0)) }, log: log}
}

func (c *clock) now() time.Time { return c.correct(c.local()) }

func (c *clock) correct(local time.Time) time.Time {
	return local.Add(time.Duration(c.offset.Load()))
}

// observe compares the clock with a Date header (RFC 9110 section 6.6.1). It is
// asked with every answer, so a clock that is set right is believed again soon.
func (c *clock) observe(date string, sent time.Time, host string) {
	server, err := http.ParseTime(date)
	if err != nil {
		return
	}
	received := c.local()
	offset := server.Sub(sent.Add(received.Sub(sent) / 2)).Round(time.Second)
	if offset.Abs() < wrongClock+received.Sub(sent) {
		c.offset.Store(0)
		return
	}
	before := time.Duration(c.offset.Swap(int64(offset)))
	if (before - offset).Abs() > wrongClock {
		c.log.Warn("the clock of this machine is wrong; set it, or tokens will be refreshed too often or too late",
			slog.Duration("behind", offset), slog.String("server", host))
	}
}
