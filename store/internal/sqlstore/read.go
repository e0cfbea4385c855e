package sqlstore

import (
	"context"
	"database/sql"
	"errors"

	"zohocrm/oauth"
)

// reader runs the two statements that answer a key. The pool has them prepared,
// where the dialect allows it; a transaction uses its own connection.
type reader interface {
	// eachRow scans the rows that have a key, and the count of changes, and calls keep
	// for each. No rows are open when it returns, so the connection can be asked again.
	eachRow(ctx context.Context, k oauth.Key, value any, into *line, changes *sql.NullInt64, keep func()) error
	querySide(ctx context.Context, key string) (*sql.Rows, error)
	// domain is the api_domain that is kept in the side table. changes is its count
	// of changes when the row was read.
	domain(ctx context.Context, changes int64, key string) (string, error)
}

type pool struct{ *Store }

func (p pool) eachRow(ctx context.Context, k oauth.Key, value any, into *line, changes *sql.NullInt64, keep func()) error {
	switch {
	case p.dialect.Direct:
		return p.direct(ctx, p.sql.find[k], value, into, changes, keep)
	case p.find[k] == nil:
		return into.each(changes, keep)(p.db.QueryContext(ctx, p.sql.find[k], value))
	}
	return into.each(changes, keep)(p.find[k].QueryContext(ctx, value))
}

func (p pool) querySide(ctx context.Context, key string) (*sql.Rows, error) {
	if p.side == nil {
		return p.db.QueryContext(ctx, p.sql.side, key)
	}
	return p.side.QueryContext(ctx, key)
}

func (p pool) domain(ctx context.Context, changes int64, key string) (string, error) {
	b, _, err := p.sideOf(ctx, p, changes, key)
	return b.domain, err
}

func (t *transaction) eachRow(_ context.Context, k oauth.Key, value any, into *line, changes *sql.NullInt64, keep func()) error {
	return into.each(changes, keep)(t.query(t.sql.findLocked[k], value))
}

func (t *transaction) querySide(_ context.Context, key string) (*sql.Rows, error) {
	return t.query(t.sql.side, key)
}

// domain does not ask the cache, which knows nothing of what this transaction wrote.
func (t *transaction) domain(ctx context.Context, _ int64, key string) (string, error) {
	b, _, err := t.readSide(ctx, t, key)
	return b.domain, err
}

// momentTries is how often rows and side data are read that are not of one moment,
// since others save in between, before they are taken as they are.
const momentTries = 10

// errMoved: the side table has changed since the rows were read.
var errMoved = errors.New("the side table has changed")

// rowsOf is [oauth.Rows] on the pool. No rows are open when it asks for side data,
// so it needs one connection at a time. What it gives was there at one moment, unless
// others save between the two readings momentTries times.
func (s *Store) rowsOf(ctx context.Context) oauth.Rows {
	return func(k oauth.Key, value string) (found []oauth.Token, err error) {
		if s.tableless {
			return nil, ctx.Err()
		}
		for try := 1; ; try++ {
			found, err = s.tokensBy(ctx, k, value, try < momentTries)
			if !errors.Is(err, errMoved) {
				return found, err
			}
		}
	}
}

// tokensBy reads rows, and then the side data that are not remembered. If those are of
// another moment, the error is errMoved, if that matters.
func (s *Store) tokensBy(ctx context.Context, k oauth.Key, value string, matters bool) ([]oauth.Token, error) {
	var found []oauth.Row
	var changes int64
	err := s.again(ctx, func() (err error) {
		found, changes, err = s.rows(ctx, pool{s}, k, value)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.tokens(found, changes, func(key string) (side beside, err error) {
		err = s.again(ctx, func() error {
			var at int64
			if side, at, err = s.sideOf(ctx, pool{s}, changes, key); err == nil && at != changes && matters {
				err = errMoved
			}
			return err
		})
		return side, err
	})
}

// tokens makes rows tokens with side data. changes is the side table's count of
// changes when the rows were read; with 0, all side data are asked for by sideOf.
func (s *Store) tokens(found []oauth.Row, changes int64, sideOf func(key string) (beside, error)) ([]oauth.Token, error) {
	tokens := make([]oauth.Token, len(found))
	for i := range found {
		t, key, complete := s.cache.look(&found[i], changes)
		if key == "" {
			row := compact(found[i])
			var err error
			if t, err = s.token(row); err != nil {
				return nil, err
			}
			key = s.cache.keep(row, t, s.dialect.sideKey(t))
		}
		if !complete {
			side, err := sideOf(key)
			if err != nil {
				return nil, err
			}
			t = t.WithSide(side.data())
		}
		tokens[i] = t
	}
	return tokens, nil
}

// token is row as a token without side data.
func (s *Store) token(row oauth.Row) (oauth.Token, error) {
	if row.ID == "" {
		return oauth.Token{}, &oauth.CorruptError{Place: "table " + s.table, Reason: "a row has no id; give it one"}
	}
	return row.Token()
}

// rows fetches the rows whose key is exactly value, and the side table's count of
// changes at that moment; 0: not known.
func (s *Store) rows(ctx context.Context, r reader, k oauth.Key, value string) (found []oauth.Row, changes int64, err error) {
	if s.dialect.Holds != nil && !s.dialect.Holds(value) {
		return nil, 0, ctx.Err()
	}
	var arg any = value
	if k == oauth.ByID {
		id, possible := s.layout.id(value)
		if !possible {
			return nil, 0, ctx.Err()
		}
		arg = id
	}
	var line line
	var count sql.NullInt64
	keep := func() {
		if row := s.layout.read(line.row()); keyOf(row, k) == value {
			found = append(found, row)
		}
	}
	if err := r.eachRow(ctx, k, arg, &line, &count, keep); err != nil {
		return nil, 0, fromDriver(err)
	}
	if !s.layout.domainBeside {
		return found, count.Int64, nil
	}
	for i, row := range found {
		if key := s.dialect.sideKey(secretsOf(row)); key != "" {
			if found[i].APIDomain, err = r.domain(ctx, count.Int64, key); err != nil {
				return nil, 0, err
			}
		}
	}
	return found, count.Int64, nil
}

func keyOf(row oauth.Row, k oauth.Key) string {
	switch k {
	case oauth.ByID:
		return row.ID
	case oauth.ByUserName:
		return row.UserName
	case oauth.ByGrantToken:
		return row.GrantToken
	case oauth.ByRefreshToken:
		return row.RefreshToken
	}
	return row.AccessToken
}

// scanIDs reads a result of one column.
func scanIDs(rows *sql.Rows, err error) ([]string, error) {
	if err != nil {
		return nil, fromDriver(err)
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id cell
		if err := rows.Scan(&id); err != nil {
			return nil, fromDriver(err)
		}
		ids = append(ids, string(id))
	}
	return ids, fromDriver(rows.Err())
}
