package sqlstore

import (
	"context"
	"database/sql"
	"time"

	"zohocrm/oauth"
)

// sideOf gives the side row of a key, from memory if the side table has not
// changed since it was read. changes is the count of changes that was read with
// the token's row.
func (s *Store) sideOf(ctx context.Context, r reader, changes int64, key string) (beside, error) {
	if key == "" {
		return beside{}, nil // a row without any token has nothing to be keyed by
	}
	b, known := s.cache.side(changes, key)
	if known {
		return b, nil
	}
	rows, err := r.querySide(ctx, key)
	if err != nil {
		return beside{}, fromDriver(err)
	}
	defer rows.Close()
	var count sql.NullInt64
	var side sideLine
	for rows.Next() {
		if err := rows.Scan(side.into(&count, &side.key)...); err != nil {
			return beside{}, fromDriver(err)
		}
		if string(side.key) == key { // else the left join found nothing
			b = side.beside()
		}
	}
	if err := rows.Err(); err != nil {
		return beside{}, fromDriver(err)
	}
	s.cache.put(count.Int64, key, b)
	return b, nil
}

// sideLine receives one row of the side table.
type sideLine struct {
	key, rowID, scope, accounts cell
	created, updated, used      sql.NullInt64
}

// into are the scan targets for what precedes the side columns, and for these.
func (l *sideLine) into(before ...any) []any {
	return append(before, &l.rowID, &l.scope, &l.accounts, &l.created, &l.updated, &l.used)
}

func (l *sideLine) beside() beside {
	return beside{
		exists: true, rowID: string(l.rowID), scope: string(l.scope), accountsURL: string(l.accounts),
		createdAt: fromMilli(l.created), updatedAt: fromMilli(l.updated), usedAt: fromMilli(l.used),
	}
}

// besideOf is the side row for t as it is saved.
func besideOf(t oauth.Token) beside {
	return beside{
		exists: true, rowID: t.ID, scope: t.Scope, accountsURL: t.AccountsURL,
		createdAt: t.CreatedAt, updatedAt: t.UpdatedAt, usedAt: t.LastUsedAt,
	}
}

// sideArguments are the columns of b in the order of the statements.
func sideArguments(b beside) []any {
	text := func(v string) any {
		if v == "" {
			return nil
		}
		return v
	}
	return []any{text(b.rowID), text(b.scope), text(b.accountsURL), toMilli(b.createdAt), toMilli(b.updatedAt), toMilli(b.usedAt)}
}

func fromMilli(ms sql.NullInt64) time.Time {
	if !ms.Valid {
		return time.Time{}
	}
	return time.UnixMilli(ms.Int64).UTC()
}

func toMilli(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

// wholeMilli is t with its side times as the store keeps them.
func wholeMilli(t oauth.Token) oauth.Token {
	for _, at := range []*time.Time{&t.CreatedAt, &t.UpdatedAt, &t.LastUsedAt} {
		if !at.IsZero() {
			*at = time.UnixMilli(at.UnixMilli()).UTC()
		}
	}
	return t
}
