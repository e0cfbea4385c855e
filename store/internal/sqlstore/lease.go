package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"zohocrm/oauth"
)

var _ oauth.Coordinator = (*Store)(nil)

const (
	// leasePrefix begins the side keys under which standings are kept. What follows
	// is as much of the credential's key as the column holds: 232 bits.
	leasePrefix = "lease "
	leaseDigits = 58
	// pollEvery is how often a waiting program looks at a lease: two indexed queries.
	pollEvery = 40 * time.Millisecond
	// keysAtOnce bounds the IN list of a query.
	keysAtOnce = 100
)

func leaseKey(key string) string { return leasePrefix + key[:min(leaseDigits, len(key))] }

// leaseStatements are the texts for standings, which live in the side table, in
// rows of their own.
type leaseStatements struct{ lock, insert, update, some string }

func newLeaseStatements(d Dialect, table string) leaseStatements {
	clock := "NULL"
	if d.Clock != "" {
		clock = "(" + d.Clock + ")"
	}
	r := strings.NewReplacer("SIDE", d.Quote(sideTable(table)), "CLOCK", clock)
	sql := func(text string) string { return d.number(r.Replace(text)) }
	return leaseStatements{
		lock:   sql("SELECT s.standing, CLOCK FROM SIDE s WHERE s.side_key = ?") + d.ForUpdate,
		insert: sql("INSERT INTO SIDE (standing, check_at, side_key) VALUES (?, ?, ?)"),
		update: sql("UPDATE SIDE SET standing = ?, check_at = ? WHERE side_key = ?"),
		some:   r.Replace("SELECT s.side_key, s.standing FROM SIDE s WHERE s.side_key IN "),
	}
}

// Now implements [oauth.Coordinator]: the server's clock.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	if s.dialect.Clock == "" {
		return time.Time{}, nil
	}
	var now time.Time
	err := s.again(ctx, func() (err error) {
		now, err = s.serverTime(ctx, s.db)
		return err
	})
	return now, s.failed(ctx, "clock", err)
}

func (s *Store) serverTime(ctx context.Context, q Querier) (now time.Time, err error) {
	rows, err := q.QueryContext(ctx, s.dialect.Clock)
	if err != nil {
		return time.Time{}, fromDriver(err)
	}
	defer rows.Close()
	for rows.Next() {
		var milli int64
		if err := rows.Scan(&milli); err != nil {
			return time.Time{}, fromDriver(err)
		}
		now = time.UnixMilli(milli).UTC()
	}
	return now, fromDriver(rows.Err())
}

// Acquire implements [oauth.Coordinator]. It costs four round trips: begin, read
// with a lock on the one row, write, commit.
func (s *Store) Acquire(ctx context.Context, c oauth.Claim) (lease oauth.Lease, err error) {
	var refused error
	err = s.standing(ctx, "lease", c.Key, c.Offset, func(was oauth.Standing, now time.Time) (is oauth.Standing, write bool) {
		is, lease, refused = was.Acquire(c, now)
		return is, refused == nil
	})
	if err != nil {
		return oauth.Lease{}, err
	}
	var held *oauth.HeldError
	if errors.As(refused, &held) {
		held.Poll = pollEvery
	}
	return lease, refused
}

// Settle implements [oauth.Coordinator].
func (s *Store) Settle(ctx context.Context, l oauth.Lease, o oauth.Outcome) error {
	return s.standing(ctx, "settle", l.Key, l.Offset, func(was oauth.Standing, now time.Time) (oauth.Standing, bool) {
		return was.Settle(l, o, now), true
	})
}

// standing changes what stands of a key, in a transaction that locks its row and
// nothing else.
func (s *Store) standing(ctx context.Context, what, key string, offset time.Duration, change func(oauth.Standing, time.Time) (oauth.Standing, bool)) error {
	err := s.transact(ctx, func(t *transaction) error {
		text, found, now, err := t.lockStanding(leaseKey(key))
		if err != nil {
			return err
		}
		is, write := change(oauth.ParseStanding(text), now.Add(offset))
		if !write || is.Text() == text {
			return nil
		}
		until := t.now().Add(keepSide).UnixMilli()
		if found {
			return t.exec(t.leases.update, is.Text(), until, leaseKey(key))
		}
		return t.exec(t.leases.insert, is.Text(), until, leaseKey(key))
	})
	return s.failed(ctx, what, err)
}

// lockStanding reads a standing and the time, and keeps others from changing it
// until the transaction ends.
func (t *transaction) lockStanding(key string) (text string, found bool, now time.Time, err error) {
	rows, err := t.query(t.leases.lock, key)
	if err != nil {
		return "", false, time.Time{}, fromDriver(err)
	}
	defer rows.Close()
	for rows.Next() {
		var standing cell
		var milli sql.NullInt64
		if err := rows.Scan(&standing, &milli); err != nil {
			return "", false, time.Time{}, fromDriver(err)
		}
		text, found, now = string(standing), true, time.UnixMilli(milli.Int64).UTC()
	}
	if err := rows.Err(); err != nil {
		return "", false, time.Time{}, fromDriver(err)
	}
	if t.dialect.Clock == "" {
		now = time.UnixMilli(t.Store.now().UnixMilli()).UTC()
	} else if !found {
		rows.Close()
		now, err = t.serverTime(t.ctx, t.on())
	}
	return text, found, now, err
}

// Standings implements [oauth.Coordinator].
func (s *Store) Standings(ctx context.Context, keys ...string) (map[string]oauth.Standing, error) {
	found := make(map[string]oauth.Standing, len(keys))
	if s.layout.sideless {
		return found, nil
	}
	for len(keys) > 0 {
		some := keys[:min(keysAtOnce, len(keys))]
		keys = keys[len(some):]
		if err := s.again(ctx, func() error { return s.readStandings(ctx, some, found) }); err != nil {
			return nil, s.failed(ctx, "read", err)
		}
	}
	return found, nil
}

func (s *Store) readStandings(ctx context.Context, keys []string, found map[string]oauth.Standing) error {
	byLease := make(map[string]string, len(keys))
	args := make([]any, 0, len(keys))
	for _, key := range keys {
		if key != "" {
			byLease[leaseKey(key)] = key
			args = append(args, leaseKey(key))
		}
	}
	if len(args) == 0 {
		return nil
	}
	rows, err := s.queryStandings(ctx, args)
	if err != nil {
		return fromDriver(err)
	}
	defer rows.Close()
	for rows.Next() {
		var key, standing cell
		if err := rows.Scan(&key, &standing); err != nil {
			return fromDriver(err)
		}
		if key, ok := byLease[string(key)]; ok {
			found[key] = oauth.ParseStanding(string(standing))
		}
	}
	return fromDriver(rows.Err())
}

// queryStandings uses a prepared statement for a single key, as the Keeper asks.
func (s *Store) queryStandings(ctx context.Context, args []any) (*sql.Rows, error) {
	text := s.dialect.number(s.leases.some + "(?" + strings.Repeat(", ?", len(args)-1) + ")")
	if len(args) > 1 || s.dialect.NoPrepare {
		return s.db.QueryContext(ctx, text, args...)
	}
	s.oneStanding.mu.Lock()
	if s.oneStanding.stmt == nil {
		stmt, err := s.db.PrepareContext(ctx, text)
		if err != nil {
			s.oneStanding.mu.Unlock()
			return nil, err
		}
		s.oneStanding.stmt = stmt
	}
	stmt := s.oneStanding.stmt
	s.oneStanding.mu.Unlock()
	return stmt.QueryContext(ctx, args...)
}
