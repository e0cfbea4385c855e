package sqlstore

import (
	"strconv"
	"time"

	"zohocrm/oauth"
)

const (
	// keepSide is how long at least the side data of a token that has gone are
	// kept, so that a row which an official SDK's stale rewrite brings back is
	// still known.
	keepSide = 30 * 24 * time.Hour
	// sweepSize is how many side rows a sweep looks at. One new row in sweepEvery is
	// followed by a sweep, so that more are looked at than are added, which keeps the
	// table from growing without end.
	sweepSize  = 32
	sweepEvery = 8
)

// keepUntil is when a side row written now is to be looked after.
func (w *writer) keepUntil() int64 { return w.now().Add(keepSide).UnixMilli() }

// sweepFor counts a new side row. Which of them are followed by a sweep is decided
// by their keys, which are as good as random and need no memory: a process may end
// after one.
func (w *writer) sweepFor(key string) {
	if nibble, err := strconv.ParseUint(key[:1], 16, 4); err != nil || nibble%sweepEvery == 0 {
		w.sweeps += sweepSize
	}
}

// sweep looks after the side rows whose time has come, whoever deleted their
// tokens and however: one whose token is there is left for as long again; one
// whose token has gone is noted, left for as long again, and then dropped.
func (w *writer) sweep() error {
	if w.sweeps == 0 {
		return nil
	}
	if err := w.flushSide(); err != nil {
		return err
	}
	due, err := w.due()
	if err != nil {
		return err
	}
	for _, d := range due {
		if err := w.lookAfter(d); err != nil {
			return err
		}
	}
	return nil
}

type dueSide struct{ key, rowID string }

func (w *writer) due() ([]dueSide, error) {
	rows, err := w.query(w.sql.dueSides, w.now().UnixMilli(), w.sweeps)
	if err != nil {
		return nil, fromDriver(err)
	}
	defer rows.Close()
	var due []dueSide
	for rows.Next() {
		var key, rowID cell
		if err := rows.Scan(&key, &rowID); err != nil {
			return nil, fromDriver(err)
		}
		due = append(due, dueSide{string(key), string(rowID)})
	}
	return due, fromDriver(rows.Err())
}

func (w *writer) lookAfter(d dueSide) error {
	if d.rowID == "" {
		w.written[d.key] = beside{}
		return w.exec(w.sql.dropSide, d.key)
	}
	there, err := w.hasSecret(d.rowID, d.key)
	if err != nil {
		return err
	}
	if there {
		return w.exec(w.sql.confirmSide, w.keepUntil(), d.key)
	}
	side, err := w.sideOf(d.key)
	if err != nil {
		return err
	}
	side.rowID = ""
	w.written[d.key] = side
	return w.exec(w.sql.leaveSide, w.keepUntil(), d.key)
}

// hasSecret reports whether the row with this ID is that of the side key. A row
// that cannot be read has no side data to lose.
func (w *writer) hasSecret(rowID, key string) (bool, error) {
	found, err := w.rowsOf(oauth.ByID, rowID)
	if err != nil || len(found) != 1 {
		return false, err
	}
	t, err := found[0].Token()
	return err == nil && w.dialect.sideKey(t) == key, nil
}
