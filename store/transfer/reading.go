package transfer

import (
	"context"

	"zohocrm/oauth"
)

// reading is a goroutine that reads the source, one batch ahead of the writing of
// the target. pass starts it and waits for its end.
type reading struct {
	batches chan []move // closed at its end
	// To be read after that: what ended it, unless it was told to stop.
	damage error // in the source, behind the last batch
	err    error
}

// startReading reads until the end of the source, until ctx ends or an error.
func (c *copier) startReading(ctx context.Context, list lister, wanted func(oauth.Token) bool) *reading {
	r := &reading{batches: make(chan []move)}
	go func() {
		defer close(r.batches)
		r.damage, r.err = c.readAll(ctx, list, wanted, r.batches)
	}()
	return r
}

// wait drops what is left to read.
func (r *reading) wait() {
	for range r.batches {
	}
}

func (c *copier) readAll(ctx context.Context, list lister, wanted func(oauth.Token) bool, batches chan<- []move) (damage, err error) {
	batch := make([]move, 0, c.cfg.BatchSize)
	hand := func() error {
		if len(batch) == 0 {
			return nil
		}
		if err := c.readBatch(ctx, batch); err != nil {
			return err
		}
		select {
		case batches <- batch:
		case <-ctx.Done():
			return ctx.Err()
		}
		batch = make([]move, 0, c.cfg.BatchSize)
		return nil
	}
	for t, err := range list(ctx) {
		if err != nil {
			damage = err
			break
		}
		if wanted(t) {
			batch = append(batch, move{token: t})
		}
		if len(batch) == c.cfg.BatchSize {
			if err := hand(); err != nil {
				return nil, err
			}
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return damage, hand()
}

// readBatch takes each row as the source means it.
func (c *copier) readBatch(ctx context.Context, batch []move) error {
	if c.from.can() {
		var all []question
		for i := range batch {
			for _, partial := range keys(batch[i].token) {
				all = append(all, asked(partial))
			}
		}
		c.from.ahead(ctx, all)
	}
	return each(ctx, len(batch), func(ctx context.Context, i int) error { return c.read(ctx, &batch[i]) })
}
