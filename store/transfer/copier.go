package transfer

import (
	"cmp"
	"context"
	"iter"
	"log/slog"
	"slices"
	"time"

	"zohocrm/oauth"
)

// copier is one run of Copy.
type copier struct {
	cfg   Config
	from  *lookup // the source
	there *lookup // the target as it was before a batch, or after it
	to    oauth.Store
	batch oauth.Batch // nil: the target saves one by one

	// look says that each token is looked for in the target before it is saved.
	// That is not needed as long as the target holds nothing but what this run
	// has put there, each token under its own ID.
	look bool

	// sealed is what is wrong with laying a plain token beside the target's rows, which
	// are sealed with keys that are not here; nil: nothing.
	sealed error

	verifying *verifying // the batch before this one, which is still read back; nil: none is

	report Report
	told   time.Time // when Progress was last called
}

func newCopier(from source, to oauth.Store, cfg Config) *copier {
	batch := batchOf(to)
	if cfg.BatchSize <= 0 && batch == nil {
		cfg.BatchSize = 100
	}
	if cfg.BatchSize <= 0 || cfg.BatchSize > oauth.BatchSize {
		cfg.BatchSize = oauth.BatchSize
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Progress == nil {
		cfg.Progress = func(Progress) {}
	}
	return &copier{cfg: cfg, from: &lookup{store: from}, there: &lookup{store: to}, to: to, batch: batch}
}

// batchOf finds the target's way to save many at once.
func batchOf(s oauth.Store) oauth.Batch {
	for s != nil {
		if b, ok := s.(oauth.Batch); ok {
			return b
		}
		u, ok := s.(interface{ Unwrap() oauth.Store })
		if !ok {
			break
		}
		s = u.Unwrap()
	}
	return nil
}

// run copies what the source lists. Its errors are those that stop a copy.
//
// Tokens without a user name come last, in a second pass if there are any. Such
// a token may be in the target as the row of a user, to whom the source gives
// another login: only when all users have theirs is it known what is missing.
func (c *copier) run(ctx context.Context, list lister) error {
	if err := c.begin(ctx); err != nil {
		return ofTarget(err)
	}
	nameless := false
	damage, err := c.pass(ctx, list, func(t oauth.Token) bool {
		nameless = nameless || t.UserName == ""
		return t.UserName != ""
	})
	if err == nil && nameless && !c.stopped() {
		damage, err = c.pass(ctx, list, func(t oauth.Token) bool { return t.UserName == "" })
	}
	if err == nil && damage != nil {
		err = ofSource(damage)
	}
	return err
}

// lister is List of the source.
type lister func(context.Context) iter.Seq2[oauth.Token, error]

// pass copies the tokens of the source that are wanted: all of them, or those
// before damage in the source. While a batch is written, the next one is read.
func (c *copier) pass(ctx context.Context, list lister, wanted func(oauth.Token) bool) (damage, err error) {
	reading, stop := context.WithCancel(ctx)
	defer stop()
	r := c.startReading(reading, list, wanted)
	for moves := range r.batches {
		if err := c.copyBatch(ctx, moves); err != nil || c.stopped() {
			stop()
			r.wait()
			return nil, cmp.Or(err, c.verified(ctx))
		}
	}
	if err := cmp.Or(c.verified(ctx), ctx.Err()); err != nil {
		return nil, err
	}
	return r.damage, r.err
}

// begin makes sure that the target can be written, and looks whether it is empty.
func (c *copier) begin(ctx context.Context) error {
	if p, ok := oauth.ProberOf(c.to); ok && !c.cfg.DryRun {
		if err := p.Probe(ctx); err != nil {
			return err
		}
	}
	c.sealed = oauth.LacksKeys(ctx, c.to)
	for _, err := range c.to.List(ctx) {
		c.look = true
		return err
	}
	return nil
}

// plain reports whether one of the moves would write a plain token.
func plain(moves []move) bool {
	return slices.ContainsFunc(moves, func(m move) bool { return m.writes() && !m.token.Sealed() })
}

// copyBatch plans, saves and counts, each for the whole batch.
func (c *copier) copyBatch(ctx context.Context, moves []move) error {
	if c.look {
		if err := c.verified(ctx); err != nil {
			return err
		}
		if c.there.can() {
			c.there.ahead(ctx, inTarget(moves))
		}
	}
	err := each(ctx, len(moves), func(ctx context.Context, i int) error {
		if moves[i].fate != insert {
			return nil
		}
		if err := c.aim(ctx, &moves[i], c.look); err != nil || !c.cfg.DryRun {
			return err
		}
		return c.foresee(&moves[i])
	})
	if c.look {
		c.there.forget()
	}
	if err != nil {
		return err
	}
	if c.sealed != nil && plain(moves) {
		return ofTarget(c.sealed)
	}
	if !c.cfg.DryRun {
		if later, err := c.save(ctx, moves); err != nil || later {
			return err
		}
	}
	c.count(ctx, moves)
	c.tell(false)
	return nil
}

// inTarget is what aim asks first of each token.
func inTarget(moves []move) []question {
	var all []question
	for i := range moves {
		t := &moves[i].token
		if t.UserName != "" {
			all = append(all, asked(byAll(*t)))
		}
		if t.ID != "" {
			all = append(all, question{id: t.ID})
		}
	}
	return all
}

// stopped reports whether a refusal has ended the copy.
func (c *copier) stopped() bool { return c.cfg.StopOnError && len(c.report.Refused) > 0 }
