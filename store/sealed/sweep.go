package sealed

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"zohocrm/oauth"
	"zohocrm/store/sealed/keys"
)

// sweep is one run of SealAll. One goroutine reads and seals, the other one, which
// called, saves the batch before.
type sweep struct {
	s      *Store
	ctx    context.Context
	cfg    SealAllConfig
	report Report
	errs   []error // of the first rows that failed
	step   int     // how many rows are saved at once now

	gaveWay time.Time // when other writers last had their turn
}

// part is a batch of rows: those that are to be saved, each with its ID and Version,
// and what is known of the others.
type part struct {
	pending []oauth.Token
	were    []oauth.Token // as they are stored; as long as they are here, their secrets are not made anew by the store that compares them
	fates   [lastFate + 1]int
	errs    []error
	rows    int
}

// fate is what becomes of a row.
type fate int

const (
	toChange fate = iota
	isRight
	isLeft
	hasFailed
	lastFate = hasFailed
)

// named is how many rows that failed are named in the error.
const named = 10

func (p *part) add(t oauth.Token, f fate, err error) {
	switch p.fates[f]++; {
	case f == toChange:
		p.pending = append(p.pending, t)
	case f == hasFailed && len(p.errs) < named:
		p.errs = append(p.errs, err)
	}
}

// count adds what needs no saving to the report.
func (w *sweep) count(p part) {
	w.report.Rows += p.rows
	w.report.Right += p.fates[isRight]
	w.report.Left += p.fates[isLeft]
	w.report.Failed += p.fates[hasFailed]
	w.errs = append(w.errs, p.errs[:min(len(p.errs), named-len(w.errs))]...)
}

func (w *sweep) fail(err error) {
	var p part
	p.add(oauth.Token{}, hasFailed, err)
	w.count(p)
}

func (w *sweep) failures() error {
	if len(w.errs) == 0 {
		return nil
	}
	return &rowsError{w.report.Failed, w.errs}
}

// rowsError says that rows failed, and names the first, in one line.
type rowsError struct {
	n    int
	errs []error
}

func (e *rowsError) Error() string {
	text := fmt.Sprintf("%d rows are as they were: ", e.n)
	if e.n == 1 {
		text = "1 row is as it was: "
	}
	for i, err := range e.errs {
		if i > 0 {
			text += "; "
		}
		text += err.Error()
	}
	return text
}

// Unwrap gives the errors of the first rows.
func (e *rowsError) Unwrap() []error { return e.errs }

func (w *sweep) tell() {
	if w.cfg.Progress != nil {
		w.cfg.Progress(w.report)
	}
}

// run saves what read hands over.
func (w *sweep) run() error {
	ctx, cancel := context.WithCancel(w.ctx)
	defer cancel()
	parts := make(chan part)
	var readErr error
	go func() {
		defer close(parts)
		readErr = w.read(ctx, parts)
	}()
	var err error
	for p := range parts { // to its end, so that the other goroutine ends too
		if err != nil {
			continue
		}
		w.count(p)
		if err = w.flush(p.pending); err != nil {
			cancel()
		}
		runtime.KeepAlive(p.were)
	}
	if err == nil {
		err = readErr
	}
	return err
}

// read reads all rows, and hands over what they are to become.
func (w *sweep) read(ctx context.Context, parts chan<- part) error {
	ring := w.s.cfg.Keys.Look()
	var p part
	hand := func() error {
		select {
		case parts <- p:
			p, ring = part{}, w.s.cfg.Keys.Look()
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for stored, err := range w.s.inner.List(ctx) {
		if err != nil {
			return err
		}
		p.rows++
		want, f, err := w.want(ring, stored)
		if p.add(want, f, err); f == toChange {
			p.were = append(p.were, stored)
		}
		if len(p.pending) < w.cfg.BatchSize && p.rows < 10*w.cfg.BatchSize {
			continue
		}
		if err := hand(); err != nil {
			return err
		}
	}
	return hand()
}

// want is what a row is to become.
func (w *sweep) want(ring *keys.Ring, stored oauth.Token) (oauth.Token, fate, error) {
	r, err := w.s.read(ring, stored)
	if err != nil {
		return stored, hasFailed, err
	}
	k := ring.Primary()
	domain := stored.APIDomain
	if r.sealed {
		domain = withoutMark(domain)
	}
	switch {
	case w.cfg.Mode == Unseal && r.sealed && (r.texts.client == "" || domain == ""):
		return stored, isLeft, nil
	case w.cfg.Mode == Unseal && r.sealed:
		plain := r.texts.in(stored)
		plain.APIDomain = domain
		return plain, toChange, nil
	case w.cfg.Mode == Reseal && !r.sealed && !w.s.plainAllowed(ring):
		return stored, hasFailed, ofRow(stored, ErrPlain)
	case w.cfg.Mode == Unseal, w.cfg.Mode == Reseal && !r.sealed, r.key == k.ID():
		return stored, isRight, nil
	}
	if err = r.texts.fit(w.s.cfg.MaxSecret); err == nil {
		plain := stored
		plain.APIDomain = domain
		var sealed oauth.Token
		if sealed, err = sealTexts(k, plain, r.texts); err == nil {
			return sealed, toChange, nil
		}
	}
	return stored, hasFailed, fmt.Errorf("%s: %w", place(stored.ID, stored.UserName), err)
}
