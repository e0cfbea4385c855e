package transfer

import (
	"context"
	"sync"
	"sync/atomic"
)

// lookups is how many tokens are looked up at the same time: enough to hide the
// time in which a database's answer travels, few enough for a small pool of
// connections.
const lookups = 4

// each calls do for 0 to n-1, some at the same time. After an error it starts
// no more, waits for those that run, and returns it.
func each(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	running, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(lookups, n) {
		wg.Go(func() {
			for running.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := do(running, i); err != nil {
					stop(err)
				}
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	return context.Cause(running)
}
