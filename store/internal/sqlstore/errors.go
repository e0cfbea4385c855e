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
		return fmt.Errorf("%s %s: %w%s", s.dialect.Product, what, stop, s.exhausted())
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
	case Denied:
		rights := "SELECT, INSERT, UPDATE and DELETE"
		if s.readOnly {
			rights = "SELECT"
		}
		return fmt.Errorf("%w: %s: the database's user lacks a right; grant it %s on %s and %s (%s)",
			oauth.ErrStoreUnavailable, at, rights, s.table, sideTable(s.table), text)
	case Unfit:
		return &oauth.ValueError{Column: sdkName(text), Reason: "the column does not hold it"}
	case Duplicate, Constraint:
		return fmt.Errorf("%w: %s: a rule of the table forbids this row: %s", oauth.ErrInvalidValue, at, text)
	}
	return fmt.Errorf("%w: %s: %s%s", oauth.ErrStoreUnavailable, at, text, s.untouched(what))
}

// exhausted says so when every connection that the pool may open is in use.
func (s *Store) exhausted() string {
	if s.db == nil {
		return ""
	}
	if pool := s.db.Stats(); pool.MaxOpenConnections > 0 && pool.InUse >= pool.MaxOpenConnections {
		return fmt.Sprintf(" (all %d connections of the pool are in use: allow more, or give them back sooner)", pool.MaxOpenConnections)
	}
	return ""
}

// untouched says of a write that failed before its COMMIT that it left nothing.
func (s *Store) untouched(what string) string {
	switch what {
	case "save", "delete", "delete all":
		if !s.dialect.OneWriter {
			return "; nothing was changed"
		}
	}
	return ""
}

// sdkName is the official SDKs' present name of a column.
func sdkName(column string) string {
	if column == oldName {
		return oauth.ByUserName.Column()
	}
	return column
}
