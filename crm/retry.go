package crm

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// longestWait is how long a read waits before it is repeated, at most: who is
// throttled for longer is told so at once.
const longestWait = 30 * time.Second

// read is Do for calls that change nothing: see [Client.repeated].
func (c *Client) read(ctx context.Context, r Request, out any) (resp *Response, err error) {
	err = c.repeated(ctx, r.Path, func() error {
		resp, err = c.call(ctx, r, out)
		return err
	})
	return resp, err
}

// repeated makes a call that changes nothing, again when Zoho failed, when no
// answer came, and when too many calls ran at once, up to Config.Retries times
// with a growing wait. Spent credits are not waited for.
//
// Writes never come here. Zoho has no idempotency key, so a write that was not
// answered may have been done, and repeating it would do it twice.
func (c *Client) repeated(ctx context.Context, path string, call func() error) error {
	for try := 0; ; try++ {
		err := call()
		wait, again := c.again(err, try)
		if !again {
			if err != nil && try > 0 {
				err = fmt.Errorf("%w (tried %d times)", err, try+1)
			}
			return err
		}
		c.log.DebugContext(ctx, "crm read is repeated", "path", path, "wait", wait)
		if slept := sleep(ctx, wait); slept != nil {
			return fmt.Errorf("%w: while waiting to repeat: %w", slept, err)
		}
	}
}

// again says whether a read that ended with err is worth another try, and when.
func (c *Client) again(err error, try int) (time.Duration, bool) {
	if err == nil || try >= c.retries {
		return 0, false
	}
	if !errors.Is(err, ErrUnavailable) && !errors.Is(err, ErrConcurrency) && !errors.Is(err, ErrRate) {
		return 0, false
	}
	wait := min(c.retryWait<<min(try, 20), longestWait)
	// Between half and the whole of it, so that those who failed together do
	// not come back together.
	wait = wait/2 + rand.N(wait/2+1) // #nosec G404 -- spreads waits; nothing secret depends on it
	if e := (*Error)(nil); errors.As(err, &e) {
		wait = max(wait, e.Wait)
	}
	return wait, wait <= longestWait
}

// sleep waits, or answers the context's error.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
