package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"zohocrm/oauth"
)

// NameError says of a table's or a database's name that it cannot be one.
type NameError string

func (e NameError) Error() string { return string(e) }

// checkName accepts the names that need no escaping inside any quotes.
func checkName(d Dialect, table string) error {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$"
	if table == "" || len(table) > d.MaxTable || strings.Trim(table, allowed) != "" {
		return NameError(fmt.Sprintf("table name %q: use 1 to %d letters, digits, \"_\" and \"$\"", table, d.MaxTable))
	}
	return nil
}

// prepareTables makes what is missing and checks what is there.
func (s *Store) prepareTables(ctx context.Context) error {
	if s.readOnly {
		return s.again(ctx, func() error { return s.takeTables(ctx) })
	}
	var tokens, side Shape
	var ready bool
	err := s.again(ctx, func() (err error) {
		if tokens, side, err = s.shapes(ctx, s.db); err != nil {
			return err
		}
		ready, err = s.adopt(tokens, side)
		return err
	})
	if err == nil && !ready {
		err = s.transact(ctx, s.create)
	}
	if s.is(err, Denied) {
		return s.advise(ctx, err, tokens, side)
	}
	return err
}

// shapes looks at both tables. One that this user may not see is an error, and the
// zero Shape; a Store that only reads does without the side table.
func (s *Store) shapes(ctx context.Context, q Querier) (tokens, side Shape, err error) {
	if tokens, err = s.dialect.Inspect(ctx, q, s.table); err != nil {
		return Shape{}, Shape{}, fromDriver(err)
	}
	side, err = s.dialect.Inspect(ctx, q, sideTable(s.table))
	if s.readOnly && s.is(fromDriver(err), Denied) {
		return tokens, Shape{}, nil
	}
	return tokens, side, fromDriver(err)
}

// adopt takes the tables' shapes as those of the Store, and reports whether
// nothing is missing. Nothing is put beside a table that is not a token table.
func (s *Store) adopt(tokens, side Shape) (ready bool, err error) {
	if tokens.Exists {
		if s.layout, err = newLayout(s.dialect, s.table, tokens); err != nil {
			return false, err
		}
		s.sql = newStatements(s.dialect, s.table, s.layout)
	}
	s.used = tokens.Exists && (side.Exists || s.layout.readOnly)
	if s.layout.readOnly {
		return true, nil
	}
	if side.Exists {
		for _, name := range sideNames(s.layout) {
			if _, has := side.column(name); !has {
				return false, fmt.Errorf("table %s: it has no column %s, so it is not this module's; rename it, or name another token table",
					sideTable(s.table), name)
			}
		}
	}
	return tokens.Exists && side.Exists, nil
}

// create makes the missing tables. Several programs may be here at once, so the
// one whose turn it is looks again.
func (s *Store) create(t *transaction) error {
	tokens, side, err := s.shapes(t.ctx, t.on())
	if err != nil {
		return err
	}
	if !tokens.Exists {
		if err := t.define(s.dialect.createTokens(s.table)); err != nil {
			return err
		}
		if tokens, _, err = s.shapes(t.ctx, t.on()); err != nil {
			return err
		}
	}
	ready, err := s.adopt(tokens, side)
	if err != nil || ready {
		return err
	}
	if !side.Exists {
		if err := t.define(s.dialect.createSide(s.table, s.layout)); err != nil {
			return err
		}
	}
	return newWriter(t).begin()
}

// define runs statements that make tables and indexes.
func (t *transaction) define(statements []string) error {
	t.wrote = true
	for _, text := range statements {
		if _, err := t.on().ExecContext(t.ctx, text); err != nil {
			return fromDriver(err)
		}
	}
	return nil
}

// advise is the error of a user who may not make the tables or may not see them:
// it says which statements somebody else has to run. tokens and side are the tables
// as far as this user sees them.
func (s *Store) advise(ctx context.Context, err error, tokens, side Shape) error {
	if ready, unfit := s.adopt(tokens, side); ready || unfit != nil {
		return unfit // it takes no side table, or is no token table
	}
	var d *driverError
	errors.As(err, &d)
	_, why := s.dialect.Classify(d.err)
	return fmt.Errorf("%w: %s open, table %s: the tables cannot be made here (%s); let somebody who may run: %s",
		oauth.ErrStoreUnavailable, s.dialect.Product, s.table, why, s.toRun(ctx, tokens, side))
}

// toRun are the statements that make what is missing, and let the present user use
// it. They do nothing to a table that is there after all, but grant what is lacking.
func (s *Store) toRun(ctx context.Context, tokens, side Shape) string {
	var create []string
	if !tokens.Exists {
		create = s.dialect.createTokens(s.table)
	}
	if !side.Exists {
		create = append(create, s.dialect.createSide(s.table, s.layout)...)
	}
	unless := strings.NewReplacer("CREATE TABLE ", "CREATE TABLE IF NOT EXISTS ", "CREATE INDEX ", "CREATE INDEX IF NOT EXISTS ")
	for i, text := range create {
		create[i] = unless.Replace(text)
	}
	if s.dialect.Advice != nil {
		create = s.dialect.Advice(ctx, s.db, s.table, create)
	}
	return strings.Join(create, "; ") + ";"
}

// lostUsers describes a table that shows the trace of a defect.
const lostUsers = "the table holds exactly the IDs 1 to 10: a Java or PHP SDK that filled it has overwritten the tenth user with every later one"

// warnOfLostUsers logs the trace of a defect of the Java and PHP SDKs.
func (s *Store) warnOfLostUsers(ctx context.Context) error {
	lost, err := s.hasLostUsers(ctx)
	if lost {
		s.logger.WarnContext(ctx, lostUsers, "table", s.table)
	}
	return err
}

// hasLostUsers looks for the trace of a defect of the Java and PHP SDKs, which keep
// overwriting the tenth row when they should insert an eleventh.
func (s *Store) hasLostUsers(ctx context.Context) (bool, error) {
	var ids []string
	err := s.again(ctx, func() (err error) {
		ids, err = scanIDs(s.db.QueryContext(ctx, s.sql.firstIDs))
		return err
	})
	seen := make(map[string]bool, len(ids))
	for _, id := range ids {
		if n := oauth.NumberOf(id); n >= 1 && n <= 10 {
			seen[id] = true
		}
	}
	return err == nil && len(ids) == 10 && len(seen) == 10, err
}
