package sqlstore

import (
	"context"
	"database/sql"
	"time"

	"zohocrm/oauth"
)

// sideOf gives the side row of a key, from memory if the side table has not
// changed since it was read, and the count of changes when it was so. changes is the
// count that was read with the token's row.
func (s *Store) sideOf(ctx context.Context, r reader, changes int64, key string) (b beside, at int64, err error) {
	if key == "" {
		return beside{}, changes, nil // a row without any token has nothing to be keyed by
	}
	b, known := s.cache.side(changes, key)
	if known || s.layout.sideless {
		return b, changes, nil
	}
	b, at, err = s.readSide(ctx, r, key)
	if err == nil {
		s.cache.put(at, key, b)
	}
	return b, at, err
}

// readSide fetches the side row of a key, with the side table's count of changes.
func (s *Store) readSide(ctx context.Context, r reader, key string) (b beside, changes int64, err error) {
	rows, err := r.querySide(ctx, key)
	if err != nil {
		return beside{}, 0, fromDriver(err)
	}
	defer rows.Close()
	var count sql.NullInt64
	side := s.newSideLine()
	for rows.Next() {
		if err := rows.Scan(side.into(&count, &side.key)...); err != nil {
			return beside{}, 0, fromDriver(err)
		}
		if string(side.key) == key { // else the left join found nothing
			b = side.beside()
		}
	}
	return b, count.Int64, fromDriver(rows.Err())
}

// sideLine receives one row of the side table.
type sideLine struct {
	key, rowID, scope, accounts cell
	created, updated, used      sql.NullInt64

	hasDomain bool
	domain    cell
}

func (s *Store) newSideLine() sideLine { return sideLine{hasDomain: s.layout.domainBeside} }

// into are the scan targets for what precedes the side columns, and for these.
func (l *sideLine) into(before ...any) []any {
	targets := append(before, &l.rowID, &l.scope, &l.accounts, &l.created, &l.updated, &l.used)
	if l.hasDomain {
		targets = append(targets, &l.domain)
	}
	return targets
}

func (l *sideLine) beside() beside {
	return beside{
		exists: true, rowID: string(l.rowID), scope: string(l.scope), accountsURL: string(l.accounts),
		createdAt: fromMilli(l.created), updatedAt: fromMilli(l.updated), usedAt: fromMilli(l.used),
		domain: string(l.domain),
	}
}

// besideOf is the side row for t as it is saved.
func (l layout) besideOf(t oauth.Token) beside {
	b := beside{
		exists: true, rowID: t.ID, scope: t.Scope, accountsURL: t.AccountsURL,
		createdAt: t.CreatedAt, updatedAt: t.UpdatedAt, usedAt: t.LastUsedAt,
	}
	if l.domainBeside {
		b.domain = t.APIDomain
	}
	return b
}

// sideKey is under which key the side table has the side data of a token; "": it has
// none, for want of a secret.
func (d Dialect) sideKey(t oauth.Token) string {
	key := t.SideKey()
	if d.SideDigits > 0 {
		return key[:min(d.SideDigits, len(key))]
	}
	return key
}

// secretsOf is what a row's side key is made of, even if the row is damaged.
func secretsOf(row oauth.Row) oauth.Token {
	return oauth.Token{
		RefreshToken: oauth.NewSecret(row.RefreshToken), GrantToken: oauth.NewSecret(row.GrantToken), AccessToken: oauth.NewSecret(row.AccessToken),
	}
}

// sideArguments are the columns of b in the order of the statements.
func (l layout) sideArguments(b beside) []any {
	text := func(v string) any {
		if v == "" {
			return nil
		}
		return v
	}
	args := make([]any, 0, 10) // with what follows
	args = append(args, text(b.rowID), text(b.scope), text(b.accountsURL), toMilli(b.createdAt), toMilli(b.updatedAt), toMilli(b.usedAt))
	if l.domainBeside {
		args = append(args, text(b.domain))
	}
	return args
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
