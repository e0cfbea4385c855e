package transfer

import "context"

// verifying is a batch that is read back while the next one is saved.
type verifying struct {
	moves []move
	done  chan struct{}
	err   error // to be read after done
}

// mayBeLater reports whether the next batch may be saved before this one was read
// back. It may not where that needs to know what became of this one: whether it ends
// the copy, or which IDs the target gave instead of the source's. A store that finds
// many at once is taken to keep IDs, until one was seen not to.
func (c *copier) mayBeLater() bool { return !c.look && !c.cfg.StopOnError && c.there.can() }

// verifyLater begins to read back a batch. The goroutine ends before Copy does:
// [copier.verified] waits for it.
func (c *copier) verifyLater(ctx context.Context, moves []move, saved []*move) {
	v := &verifying{moves: moves, done: make(chan struct{})}
	c.verifying = v
	go func() {
		defer close(v.done)
		v.err = c.verify(ctx, saved)
	}()
}

// verified waits until the batch that is being read back was, if there is one, and
// counts it.
func (c *copier) verified(ctx context.Context) error {
	v := c.verifying
	if v == nil {
		return nil
	}
	c.verifying = nil
	<-v.done
	if v.err != nil {
		return v.err
	}
	c.count(ctx, v.moves)
	c.tell(false)
	return nil
}
