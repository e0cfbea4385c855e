package crm

import (
	"context"
	"fmt"
	"time"
)

// WaitOptions says how a bulk job is waited for. Each look costs a credit.
type WaitOptions struct {
	// First is the wait before the first look; each further one is half as
	// long again. 0: two seconds.
	First time.Duration
	// Most is the longest wait between looks. 0: one minute.
	Most time.Duration
	// Progress is told the state after each look, in the goroutine that waits. nil: nobody is.
	Progress func(id, state string)
}

// wait looks until a job is done.
func (o *WaitOptions) wait(ctx context.Context, kind, id string, look func() (state string, done bool, err error)) error {
	opts := WaitOptions{}
	if o != nil {
		opts = *o
	}
	if opts.First <= 0 {
		opts.First = 2 * time.Second
	}
	if opts.Most <= 0 {
		opts.Most = time.Minute
	}
	for wait := opts.First; ; wait += wait / 2 {
		wait = min(wait, opts.Most)
		if err := sleep(ctx, wait); err != nil {
			return fmt.Errorf("bulk %s job %s: %w: it goes on, and can be waited for again", kind, id, err)
		}
		state, done, err := look()
		if err != nil {
			return fmt.Errorf("bulk %s job %s: %w", kind, id, err)
		}
		if opts.Progress != nil {
			opts.Progress(id, state)
		}
		if done {
			return nil
		}
	}
}
