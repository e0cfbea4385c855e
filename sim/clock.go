package sim

import (
	"sync/atomic"
	"time"
)

// clock is the base clock plus an offset that tests move.
type clock struct {
	base   func() time.Time
	offset atomic.Int64 // nanoseconds
}

func (c *clock) now() time.Time { return c.base().Add(c.ahead()) }

func (c *clock) ahead() time.Duration { return time.Duration(c.offset.Load()) }

func (c *clock) advance(d time.Duration) { c.offset.Add(int64(d)) }

// Now returns the simulator's time: the base clock plus all that [Server.Advance] added.
func (s *Server) Now() time.Time { return s.clock.now() }

// Advance moves the simulator's clock by d, at once, and wakes nobody who waits
// in a request. A negative d moves it back. Every age, window and Date header
// follows it, and bulk jobs that are due are done; delays ordered by [Fault] run
// in real time.
func (s *Server) Advance(d time.Duration) {
	s.clock.advance(d)
	for _, o := range s.orgs {
		s.finishJobs(o, s.Now())
	}
}
