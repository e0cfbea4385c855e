package sqlstore

import "zohocrm/oauth"

// sweepSize is how many side rows one sweep looks at. A sweep comes with every
// new side row, so more than one keeps the table from growing without end.
const sweepSize = 4

// leaveSide notes that the token with this side key has gone from this row. If
// the side row is another row's by now, it stays that one's.
func (w *writer) leaveSide(key, rowID string) error {
	if key == "" {
		return nil
	}
	old, err := w.sideOf(key)
	if err != nil || !old.exists || old.rowID != rowID {
		return err
	}
	old.rowID = ""
	w.written[key] = old
	return w.exec(w.sql.leaveSide, w.keepUntil(), key, rowID)
}

// sweep looks after the side rows whose time has come. That of a token which has
// gone is dropped. That of a token which should be there is confirmed, or, if
// somebody else removed the token, kept for as long again.
func (w *writer) sweep() error {
	due, err := w.due()
	if err != nil {
		return err
	}
	for _, d := range due {
		if _, fresh := w.written[d.key]; fresh {
			continue
		}
		if err := w.lookAfter(d); err != nil {
			return err
		}
	}
	return nil
}

type dueSide struct{ key, rowID string }

func (w *writer) due() ([]dueSide, error) {
	rows, err := w.conn.QueryContext(w.ctx, w.sql.dueSides, w.now().UnixMilli(), sweepSize)
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
	return w.leaveSide(d.key, d.rowID)
}

// hasSecret reports whether the row with this ID is that of the side key. A row
// that cannot be read has no side data to lose.
func (w *writer) hasSecret(rowID, key string) (bool, error) {
	found, _, err := w.rows(w.ctx, w.transaction, oauth.ByID, rowID)
	if err != nil || len(found) != 1 {
		return false, err
	}
	t, err := found[0].Token()
	return err == nil && t.SideKey() == key, nil
}
