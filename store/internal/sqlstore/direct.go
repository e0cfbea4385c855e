package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
)

// directTries is how many connections are tried that turn out closed, before the pool
// has its own way with them.
const directTries = 2

// errIndirect: a driver that stands before the real one takes no such questions.
var errIndirect = errors.New("the driver takes no question that was not prepared")

// direct is eachRow of the pool by the driver's own means. It is for drivers that watch
// the context themselves from the question to the end of the answer ([Dialect.Direct]):
// database/sql starts a goroutine for that, each time, which costs a tenth of a Find.
func (s *Store) direct(ctx context.Context, text string, value any, into *line, changes *sql.NullInt64, keep func()) error {
	answered := false
	take := func(values []driver.Value) error {
		answered = true
		if err := into.scan(values, changes); err != nil {
			return err
		}
		keep()
		return nil
	}
	for range directTries {
		err := s.directOnce(ctx, text, value, take)
		if errors.Is(err, errIndirect) {
			break
		}
		if answered || !errors.Is(err, driver.ErrBadConn) { // which says that nothing was asked yet
			return err
		}
	}
	return into.each(changes, keep)(s.db.QueryContext(ctx, text, value))
}

func (s *Store) directOnce(ctx context.Context, text string, value any, take func([]driver.Value) error) error {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(c any) error {
		asked, can := c.(driver.QueryerContext)
		if !can {
			return errIndirect
		}
		rows, err := asked.QueryContext(ctx, text, []driver.NamedValue{{Ordinal: 1, Value: value}})
		if errors.Is(err, driver.ErrSkip) {
			return errIndirect
		}
		if err != nil {
			return err
		}
		defer rows.Close()
		var values [foundColumns]driver.Value
		for {
			switch err := rows.Next(values[:]); {
			case errors.Is(err, io.EOF):
				return nil
			case err != nil:
				return err
			}
			if err := take(values[:]); err != nil {
				return err
			}
		}
	})
}
