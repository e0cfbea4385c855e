package sqlstore

import (
	"context"
	"fmt"
	"strings"

	"zohocrm/oauth"
)

// checkName accepts the names that need no escaping inside any quotes.
func checkName(d Dialect, table string) error {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$"
	if table == "" || len(table) > d.MaxTable || strings.Trim(table, allowed) != "" {
		return fmt.Errorf("table name %q: use 1 to %d letters, digits, \"_\" and \"$\"", table, d.MaxTable)
	}
	return nil
}

// prepareTables makes what is missing and checks what is there.
func (s *Store) prepareTables(ctx context.Context) error {
	tokens, ready, err := s.inspect(ctx)
	if err != nil {
		return err
	}
	if !ready {
		return s.transact(ctx, s.create)
	}
	s.layout, err = newLayout(s.table, tokens)
	return err
}

// inspect describes the token table, and reports whether both tables are there.
func (s *Store) inspect(ctx context.Context) (tokens Shape, ready bool, err error) {
	err = s.again(ctx, func() error {
		var side Shape
		if tokens, side, err = s.shapes(ctx, s.db); err != nil {
			return err
		}
		ready = tokens.Exists && side.Exists
		return nil
	})
	return tokens, ready, err
}

func (s *Store) shapes(ctx context.Context, q Querier) (tokens, side Shape, err error) {
	if tokens, err = s.dialect.Inspect(ctx, q, s.table); err != nil {
		return Shape{}, Shape{}, fromDriver(err)
	}
	if side, err = s.dialect.Inspect(ctx, q, sideTable(s.table)); err != nil {
		return Shape{}, Shape{}, fromDriver(err)
	}
	if side.Exists {
		for _, name := range sideNames() {
			if !side.has(name) {
				return Shape{}, Shape{}, fmt.Errorf("table %s: it has no column %s, so it is not this module's; rename it, or name another token table",
					sideTable(s.table), name)
			}
		}
	}
	return tokens, side, nil
}

func (s Shape) has(name string) bool {
	for _, c := range s.Columns {
		if strings.EqualFold(c.Name, name) {
			return true
		}
	}
	return false
}

// create makes the missing tables. Several programs may be here at once, so the
// one whose turn it is looks again.
func (s *Store) create(t *transaction) error {
	tokens, side, err := s.shapes(t.ctx, t.conn)
	if err != nil {
		return err
	}
	if !tokens.Exists {
		if err := t.createTokens(); err != nil {
			return err
		}
		if tokens, _, err = s.shapes(t.ctx, t.conn); err != nil {
			return err
		}
	}
	// Before anything is put beside a table that is not a token table.
	if s.layout, err = newLayout(s.table, tokens); err != nil {
		return err
	}
	if !side.Exists {
		if err := t.createSide(); err != nil {
			return err
		}
	}
	return newWriter(t).begin()
}

// createTokens makes the token table, with an index for each key. On a table that
// was there no index is made: it is its owner's.
func (t *transaction) createTokens() error {
	if err := t.exec("CREATE TABLE " + t.dialect.Quote(t.table) + " (" + tokenTypes + ")"); err != nil {
		return err
	}
	for _, k := range oauth.Keys()[1:] {
		if err := t.createIndex(t.table, k.Column()); err != nil {
			return err
		}
	}
	return nil
}

func (t *transaction) createSide() error {
	side := sideTable(t.table)
	if err := t.exec("CREATE TABLE " + t.dialect.Quote(side) + " (" + sideTypes + ")" + t.dialect.SideOptions); err != nil {
		return err
	}
	return t.createIndex(side, "check_at")
}

func (t *transaction) createIndex(table, column string) error {
	name := sideTable(t.table) + "_" + column
	return t.exec("CREATE INDEX " + t.dialect.Quote(name) + " ON " + t.dialect.Quote(table) + " (" + column + ")")
}

// warnOfLostUsers logs the trace of a defect of the Java and PHP SDKs, which keep
// overwriting the tenth row when they should insert an eleventh.
func (s *Store) warnOfLostUsers(ctx context.Context) error {
	return s.again(ctx, func() error {
		ids, err := scanIDs(s.db.QueryContext(ctx, s.sql.firstIDs))
		if err != nil {
			return err
		}
		seen := make(map[string]bool, len(ids))
		for _, id := range ids {
			if n := oauth.NumberOf(id); n >= 1 && n <= 10 {
				seen[id] = true
			}
		}
		if len(ids) == 10 && len(seen) == 10 {
			s.logger.WarnContext(ctx, "the table holds exactly the IDs 1 to 10: a Java or PHP SDK that filled it has overwritten the tenth user with every later one",
				"table", s.table)
		}
		return nil
	})
}
