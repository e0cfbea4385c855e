package sealed

import (
	"context"
	"errors"
	"iter"

	"zohocrm/oauth"
)

// SaveAll implements [oauth.Batch]. Up to a thousand tokens are saved in one step
// if the inner store is a Batch. If it is none, or if in one batch rows pass a token
// on to one another or a row gets its old one back, they are saved one by one, after it was seen that none
// will be refused; an inner store that fails halfway has then saved those before.
func (s *Store) SaveAll(ctx context.Context, tokens iter.Seq[oauth.Token]) error {
	var some []oauth.Token
	done := 0
	for t := range tokens {
		if some = append(some, t); len(some) < oauth.BatchSize {
			continue
		}
		if err := s.saveSome(ctx, some, done); err != nil {
			return err
		}
		done += len(some)
		some = some[:0]
	}
	return s.saveSome(ctx, some, done)
}

// saveSome saves tokens of which the first is the one with the number done.
func (s *Store) saveSome(ctx context.Context, tokens []oauth.Token, done int) error {
	if len(tokens) == 0 || ctx.Err() != nil {
		return ctx.Err()
	}
	b, ok := s.inner.(oauth.Batch)
	if !ok {
		return s.saveEach(ctx, tokens, done)
	}
	refused := 0
	return s.again(ctx, func() error {
		d, err := s.draft(ctx, tokens, done)
		if err != nil {
			return err
		}
		if d.returns() {
			return s.saveEach(ctx, tokens, done)
		}
		sealed, index, err := d.sealed()
		if err != nil {
			return err
		}
		err = b.SaveAll(ctx, func(yield func(oauth.Token) bool) {
			for _, t := range sealed {
				if !yield(t) {
					return
				}
			}
		})
		var at *oauth.BatchError
		if errors.As(err, &at) && at.Index < len(index) {
			err = &oauth.BatchError{Index: done + index[at.Index], Err: at.Err}
		}
		// Each row is saved once, as it will be in the end, and so a new row can have
		// what another one has until later in the batch.
		if err = lost(err); errors.Is(err, oauth.ErrMismatch) || errors.Is(err, oauth.ErrAmbiguous) {
			if refused++; refused > 1 {
				return s.saveEach(ctx, tokens, done)
			}
		}
		return err
	})
}

// saveEach is for an inner store that saves one at a time.
func (s *Store) saveEach(ctx context.Context, tokens []oauth.Token, done int) error {
	if _, err := s.draft(ctx, tokens, done); err != nil {
		return err
	}
	for i, t := range tokens {
		if _, err := s.Save(ctx, t); err != nil {
			return &oauth.BatchError{Index: done + i, Err: err}
		}
	}
	return nil
}

// draft plans all tokens, in order, each seeing what those before it will have
// changed.
func (s *Store) draft(ctx context.Context, tokens []oauth.Token, done int) (*draft, error) {
	d := newDraft(s.plan(ctx, ""), done)
	for i, t := range tokens {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := d.add(t, i); err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			return nil, &oauth.BatchError{Index: done + i, Err: err}
		}
	}
	return d, nil
}
