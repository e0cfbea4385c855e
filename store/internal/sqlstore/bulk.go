package sqlstore

import (
	"context"
	"database/sql"
	"iter"
	"math/bits"
	"slices"
	"strings"
	"sync/atomic"

	"zohocrm/oauth"
)

// listSize is how many values one query looks up at the most, and how many rows
// one INSERT adds.
const listSize = 128

// bulk reads many rows at a time, in a transaction or on the pool.
type bulk struct {
	*Store
	ask    func(text string, args ...any) (*sql.Rows, error)
	locked bool // rows of the token table are read as in a write
}

// onPool reads outside of transactions.
func (s *Store) onPool(ctx context.Context) bulk {
	return bulk{Store: s, ask: func(text string, args ...any) (*sql.Rows, error) { return s.ask(ctx, text, args...) }}
}

// ask reads on the pool. Between transactions of a batch each, a text comes again and
// again: then it stays prepared.
func (s *Store) ask(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	if !s.dialect.NoPrepare {
		if kept := s.kept.statement(text, keptReads); kept != nil {
			return kept.QueryContext(ctx, args...)
		}
	}
	return s.db.QueryContext(ctx, text, args...)
}

// rowsBy looks up the rows whose key is exactly one of the values, each of which is
// given once.
func (b bulk) rowsBy(k oauth.Key, values []string) (found []oauth.Row, err error) {
	args, asked := make([]any, 0, len(values)), make(map[string]bool, len(values))
	for _, v := range values {
		if arg, possible := b.argument(k, v); possible {
			args, asked[v] = append(args, arg), true
		}
	}
	among := b.sql.among[k]
	if b.locked {
		among = b.sql.amongLocked[k]
	}
	for list := range lists(args) {
		rows, err := b.ask(among.text(len(list)), list...)
		if err != nil {
			return nil, fromDriver(err)
		}
		if found, err = b.readRows(rows, found); err != nil {
			return nil, err
		}
	}
	// A database may take other texts for equal.
	return slices.DeleteFunc(found, func(row oauth.Row) bool { return !asked[keyOf(row, k)] }), nil
}

// readRows reads rows to their end and puts them behind others.
func (b bulk) readRows(rows *sql.Rows, found []oauth.Row) ([]oauth.Row, error) {
	defer rows.Close()
	var line line
	into := line.into()
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, fromDriver(err)
		}
		found = append(found, b.layout.read(line.row()))
	}
	return found, fromDriver(rows.Err())
}

// sidesBy looks up side rows. Those that do not exist are answered too.
func (b bulk) sidesBy(keys []string) (map[string]beside, error) {
	sides := make(map[string]beside, len(keys))
	args := make([]any, 0, len(keys))
	for _, key := range keys {
		if _, seen := sides[key]; !seen && key != "" {
			args = append(args, key)
		}
		sides[key] = beside{}
	}
	if b.layout.sideless {
		return sides, nil
	}
	for list := range lists(args) {
		rows, err := b.ask(b.sql.sidesAmong.text(len(list)), list...)
		if err != nil {
			return nil, fromDriver(err)
		}
		if err := b.readSides(rows, sides); err != nil {
			return nil, err
		}
	}
	return sides, nil
}

func (b bulk) readSides(rows *sql.Rows, sides map[string]beside) error {
	defer rows.Close()
	side := b.newSideLine()
	into := side.into(&side.key)
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return fromDriver(err)
		}
		sides[string(side.key)] = side.beside()
	}
	return fromDriver(rows.Err())
}

// argument is a key's value as an argument. It answers false for one that no row
// can have.
func (s *Store) argument(k oauth.Key, value string) (any, bool) {
	switch {
	case s.dialect.Holds != nil && !s.dialect.Holds(value):
		return nil, false
	case k == oauth.ByID:
		return s.layout.id(value)
	}
	return value, true
}

// sized are the texts of a statement that takes n values or rows, for each n that
// [lists] and [parts] give.
type sized struct {
	make  func(n int) string
	texts [8]atomic.Pointer[string] // by the power of two
}

func (s *sized) text(n int) string {
	at := &s.texts[bits.TrailingZeros(uint(n))]
	if made := at.Load(); made != nil {
		return *made
	}
	text := s.make(n)
	at.Store(&text)
	return text
}

// in is a query that ends with a list of n values, each of them written so.
func (d Dialect) in(before, each, after string) *sized {
	return &sized{make: func(n int) string {
		return d.number(before + " IN (" + strings.Repeat(each+", ", n-1) + each + ")" + after)
	}}
}

// adding is an INSERT of n rows.
func (d Dialect) adding(before string, columns int, after string) *sized {
	row := "(" + strings.Repeat("?, ", columns-1) + "?)"
	return &sized{make: func(n int) string {
		return before + " VALUES " + d.number(strings.Repeat(row+", ", n-1)+row) + after
	}}
}

// lists cuts arguments into lists whose lengths are powers of two, so that few
// texts of statements are made of them. The last is filled up with its last value.
func lists(args []any) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		for list := range slices.Chunk(args, listSize) {
			for len(list)&(len(list)-1) != 0 {
				list = append(slices.Clip(list), list[len(list)-1])
			}
			if !yield(list) {
				return
			}
		}
	}
}

// parts cuts n rows into parts whose sizes are powers of two.
func parts(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for n > 0 {
			size := min(listSize, 1<<(bits.Len(uint(n))-1))
			if !yield(size) {
				return
			}
			n -= size
		}
	}
}
