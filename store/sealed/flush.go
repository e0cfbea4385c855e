package sealed

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"zohocrm/oauth"
)

// flush saves rows. One that is refused is read again; the others go on without
// waiting for it.
func (w *sweep) flush(pending []oauth.Token) error {
	defer w.tell()
	for refused := 0; len(pending) > 0; refused++ {
		if refused == refusals { // too many of them are being changed by others
			return w.flushEach(pending)
		}
		err := w.saveAll(pending)
		if err == nil {
			w.report.Changed += len(pending)
			return nil
		}
		var at *oauth.BatchError
		if !errors.As(err, &at) || at.Index >= len(pending) || !ofOneRow(at.Err) {
			return err
		}
		t := pending[at.Index]
		pending = slices.Delete(pending, at.Index, at.Index+1)
		if _, batch := w.s.inner.(oauth.Batch); !batch { // those before it are saved
			w.report.Changed += at.Index
			pending = slices.Delete(pending, 0, at.Index)
		}
		again, needed, err := w.reread(t, at.Err)
		if err != nil {
			return err
		}
		if needed {
			pending = append(pending, again)
		}
	}
	return nil
}

// manySaver is a store that saves any number of tokens in one transaction, for a
// fraction of the price of several.
type manySaver interface {
	SaveMany(ctx context.Context, tokens []oauth.Token) error
}

// manyRows is how many rows it is given at once: while it saves them, other writers
// wait, for about a second.
const manyRows = 10_000

func (w *sweep) saveAll(rows []oauth.Token) error {
	if many, ok := w.s.inner.(manySaver); ok {
		return many.SaveMany(w.ctx, slices.Collect(byID(rows)))
	}
	return oauth.SaveAll(w.ctx, w.s.inner, byID(rows))
}

// byID leaves the names out, which the rows have: a store need not look for them.
func byID(rows []oauth.Token) iter.Seq[oauth.Token] {
	return func(yield func(oauth.Token) bool) {
		for _, t := range rows {
			t.UserName = ""
			if !yield(t) {
				return
			}
		}
	}
}

func (w *sweep) flushEach(pending []oauth.Token) error {
	for _, t := range pending {
		if err := w.saveOne(t); err != nil {
			return err
		}
	}
	return nil
}

func (w *sweep) saveOne(t oauth.Token) error {
	for range tries {
		_, err := w.s.inner.Save(w.ctx, t)
		if err == nil {
			w.report.Changed++
			return nil
		}
		if !ofOneRow(err) {
			return err
		}
		again, needed, err := w.reread(t, err)
		if err != nil || !needed {
			return err
		}
		t = again
	}
	w.fail(fmt.Errorf("%s: %w: others never stop changing it", place(t.ID, t.UserName), oauth.ErrConflict))
	return nil
}

// ofOneRow reports whether an error says something of a row, and not of the store.
func ofOneRow(err error) bool {
	for _, is := range []error{
		oauth.ErrConflict, oauth.ErrMismatch, oauth.ErrAmbiguous, oauth.ErrNotFound, oauth.ErrInvalidValue, oauth.ErrIncompleteKey,
	} {
		if errors.Is(err, is) {
			return true
		}
	}
	return false
}

// reread gives what a row that was refused is to become now, if anything. It
// counts the row otherwise.
func (w *sweep) reread(t oauth.Token, refusal error) (again oauth.Token, needed bool, err error) {
	refused := fmt.Errorf("%s: %w", place(t.ID, t.UserName), refusal)
	if errors.Is(refusal, oauth.ErrInvalidValue) || errors.Is(refusal, oauth.ErrIncompleteKey) {
		w.fail(refused)
		return oauth.Token{}, false, nil
	}
	stored, err := w.s.inner.Find(w.ctx, oauth.Token{ID: t.ID, Version: t.Version})
	switch {
	case errors.Is(err, oauth.ErrNotFound):
		w.report.Gone++
		return oauth.Token{}, false, nil
	case errors.Is(err, oauth.ErrAmbiguous), err == nil && stored.Version == t.Version:
		w.fail(refused) // though nobody changed it
		return oauth.Token{}, false, nil
	case err != nil:
		return oauth.Token{}, false, err
	}
	var p part
	p.add(w.want(w.s.cfg.Keys.Ring(), stored))
	w.count(p)
	if len(p.pending) == 0 {
		return oauth.Token{}, false, nil
	}
	return p.pending[0], true, nil
}
