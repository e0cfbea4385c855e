package storetest

import (
	"context"
	"errors"
	"iter"
	"slices"
	"testing"

	"zohocrm/oauth"
)

// otherBatch is a list with another SaveAll.
type otherBatch struct {
	listStore
	saveAll func(ctx context.Context, s listStore, tokens iter.Seq[oauth.Token]) error
}

func (b *otherBatch) SaveAll(ctx context.Context, tokens iter.Seq[oauth.Token]) error {
	return b.saveAll(ctx, b.listStore, tokens)
}

func (b *otherBatch) Unwrap() oauth.Store { return b.listStore }

// batches is a store whose SaveAll does something else.
func batches(name string, saveAll func(ctx context.Context, s listStore, tokens iter.Seq[oauth.Token]) error, fails ...string) fault {
	return fault{name, fails, func(*testing.T) Backend {
		b := backend(sound())
		open, reopen := b.Open, b.Reopen
		b.Open = func(t testing.TB) oauth.Store { return &otherBatch{base(open(t)), saveAll} }
		b.Reopen = func(t testing.TB, s oauth.Store) oauth.Store { return &otherBatch{base(reopen(t, s)), saveAll} }
		return b
	}}
}

func faultsOfBatch() []fault {
	gap := pairs()
	return []fault{
		batches("saves one by one and calls it a batch", func(ctx context.Context, s listStore, tokens iter.Seq[oauth.Token]) error {
			i := 0
			for t := range tokens {
				if _, err := s.Save(ctx, t); err != nil {
					return &oauth.BatchError{Index: i, Err: err}
				}
				i++
			}
			return nil
		}, "BatchRefused", "BatchOfMany"),
		batches("does not say which is refused", func(ctx context.Context, s listStore, tokens iter.Seq[oauth.Token]) error {
			err := s.SaveAll(ctx, tokens)
			var which *oauth.BatchError
			if errors.As(err, &which) {
				return which.Err
			}
			return err
		}, "BatchRefused", "BatchOfMany"),
		batches("counts within the thousand", func(ctx context.Context, s listStore, tokens iter.Seq[oauth.Token]) error {
			err := s.SaveAll(ctx, tokens)
			var which *oauth.BatchError
			if errors.As(err, &which) {
				which.Index %= oauth.BatchSize
			}
			return err
		}, "BatchOfMany"),
		batches("saves all thousands or none", func(ctx context.Context, s listStore, tokens iter.Seq[oauth.Token]) error {
			before := slices.Clone(s.rows)
			err := s.SaveAll(ctx, tokens)
			if err != nil {
				s.rows = before
			}
			return err
		}, "BatchOfMany"),
		batches("saves each user once", func(ctx context.Context, s listStore, tokens iter.Seq[oauth.Token]) error {
			seen := map[string]bool{}
			return s.SaveAll(ctx, func(yield func(oauth.Token) bool) {
				for t := range tokens {
					if !seen[t.UserName] && !yield(t) {
						return
					}
					seen[t.UserName] = true
				}
			})
		}, "BatchSaves"),
		batches("saves though the context has ended", func(ctx context.Context, s listStore, tokens iter.Seq[oauth.Token]) error {
			return s.SaveAll(context.WithoutCancel(ctx), tokens)
		}, "BatchContext"),
		batches("writes back what it had read", func(ctx context.Context, s listStore, tokens iter.Seq[oauth.Token]) error {
			s.mu.Lock()
			work := listStore{&list{rows: slices.Clone(s.rows), lastID: s.lastID}, s.rules}
			s.mu.Unlock()
			err := work.SaveAll(ctx, tokens)
			gap()
			s.mu.Lock()
			defer s.mu.Unlock()
			s.rows, s.lastID = work.rows, work.lastID
			return err
		}, "BatchConcurrent"),
	}
}
