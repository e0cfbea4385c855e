package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"zohocrm/oauth"
)

// driverError marks an error that came from the driver. It never leaves this
// package: [Store.failed] puts the dialect's words in its place.
type driverError struct{ err error }

func (e *driverError) Error() string { return e.err.Error() }
func (e *driverError) Unwrap() error { return e.err }

func fromDriver(err error) error {
	if err == nil {
		return nil
	}
	return &driverError{err}
}

// is reports whether err came from the driver and means this failure.
func (s *Store) is(err error, f Failure) bool {
	if err == nil {
		return false
	}
	var d *driverError
	if !errors.As(err, &d) {
		return false
	}
	kind, _ := s.dialect.Classify(d.err)
	return kind == f
}

// failed turns an error into what a caller gets. Errors of the contract and of
// the context pass; a driver's error is replaced by its meaning, so that nothing
// a driver quotes can carry a secret.
func (s *Store) failed(ctx context.Context, what string, err error) error {
	if err == nil {
		return nil
	}
	var d *driverError
	ours := !errors.As(err, &d)
	if stop := ctx.Err(); stop != nil && (!ours || errors.Is(err, stop)) {
		return fmt.Errorf("%s %s: %w", s.dialect.Product, what, stop)
	}
	if ours {
		return err
	}
	for _, stopped := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(d.err, stopped) {
			return fmt.Errorf("%w: %s %s: the database did not answer in time", oauth.ErrStoreUnavailable, s.dialect.Product, what)
		}
	}
	kind, text := s.dialect.Classify(d.err)
	at := fmt.Sprintf("%s %s, table %s", s.dialect.Product, what, s.table)
	switch kind {
	case Busy:
		return fmt.Errorf("%w: %s: another program kept the database locked for %s; try again, or end that program (%s)",
			oauth.ErrStoreUnavailable, at, patience.Round(time.Second), text)
	case ReadOnly:
		return fmt.Errorf("%w: %s: the database can only be read; give this user the right to write it (%s)",
			oauth.ErrStoreUnavailable, at, text)
	case Corrupt:
		return &oauth.CorruptError{Place: at, Reason: text + "; restore it from a backup"}
	case Duplicate, Constraint:
		return fmt.Errorf("%w: %s: a rule of the table forbids this row: %s", oauth.ErrInvalidValue, at, text)
	}
	return fmt.Errorf("%w: %s: %s", oauth.ErrStoreUnavailable, at, text)
}
