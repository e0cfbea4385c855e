package sealed

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"zohocrm/oauth"
)

// leastStep is how many rows are saved in one step at the least, as long as it works at
// all: so few that hardly anybody changes one of them meanwhile.
const leastStep = 32

// flush saves rows. One that is refused is read again; the others go on without
// waiting for it, in smaller steps for a while, since each refusal undoes its step.
func (w *sweep) flush(pending []oauth.Token) error {
	for refused := 0; len(pending) > 0; {
		n := min(w.step, len(pending))
		if refused == refusals { // too many of them are being changed by others
			if err := w.flushEach(pending[:n]); err != nil {
				return err
			}
			refused, pending = 0, pending[n:]
			continue
		}
		again, ok, err := w.flushStep(pending[:n])
		if err != nil {
			return err
		}
		if pending = append(again, pending[n:]...); ok {
			refused, w.step = 0, min(2*w.step, w.cfg.BatchSize)
		} else {
			refused, w.step = refused+1, max(w.step/4, min(leastStep, w.step))
		}
	}
	return nil
}

// flushStep saves rows in one step. If one of them is refused, it gives back the
// others, and that one as it is to become now, if anything.
func (w *sweep) flushStep(rows []oauth.Token) (again []oauth.Token, ok bool, err error) {
	defer w.tell()
	err = w.saveAll(rows)
	if err == nil {
		w.report.Changed += len(rows)
		return nil, true, nil
	}
	var at *oauth.BatchError
	if !errors.As(err, &at) || at.Index >= len(rows) || !ofOneRow(at.Err) {
		return nil, false, err
	}
	t := rows[at.Index]
	again = slices.Concat(rows[:at.Index], rows[at.Index+1:])
	if _, batch := w.s.inner.(oauth.Batch); !batch { // those before it are saved
		w.report.Changed += at.Index
		again = again[at.Index:]
	}
	row, needed, err := w.reread(t, at.Err)
	if err == nil && needed {
		again = append(again, row)
	}
	return again, false, err
}

// manySaver is a store that saves any number of tokens in one transaction, for a
// fraction of the price of several. Other writers wait for its end.
type manySaver interface {
	SaveMany(ctx context.Context, tokens []oauth.Token) error
}

// manyRows is how many rows it is given at once, as long as nobody changes one of them
// meanwhile: half a second of work or so. Others get their turn in between.
const manyRows = 5_000

func (w *sweep) saveAll(rows []oauth.Token) error {
	many, ok := w.s.inner.(manySaver)
	if !ok {
		return oauth.SaveAll(w.ctx, w.s.inner, byID(rows))
	}
	if err := w.giveWay(); err != nil {
		return err
	}
	return many.SaveMany(w.ctx, slices.Collect(byID(rows)))
}

const (
	// wayEvery is how long others wait at the longest, but for the step under way.
	wayEvery = time.Second
	// wayTime is longer than a writer that found the store locked waits before it tries
	// again, so that it comes in between.
	wayTime = 50 * time.Millisecond
)

func (w *sweep) giveWay() error {
	if time.Since(w.gaveWay) < wayEvery {
		return w.ctx.Err()
	}
	defer func() { w.gaveWay = time.Now() }()
	select {
	case <-w.ctx.Done():
		return w.ctx.Err()
	case <-time.After(wayTime):
		return nil
	}
}

// scrubber is a store that can take out of its files what is no row any more.
type scrubber interface {
	Scrub(ctx context.Context) error
}

// scrub takes out the plain secrets, also those that were left by a run which was
// interrupted.
func (w *sweep) scrub() error {
	s, ok := w.s.inner.(scrubber)
	if !ok || w.cfg.Mode != Seal || w.ctx.Err() != nil {
		return w.ctx.Err()
	}
	if err := s.Scrub(w.ctx); err != nil {
		return fmt.Errorf("the rows are sealed, but the files still hold what was there before: %w", err)
	}
	return nil
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
