package sqlstore

import "zohocrm/oauth"

// askedKeys are the keys by which a token is looked for that has no ID, in the order
// in which [oauth.Resolve] asks.
func askedKeys() []oauth.Key {
	return []oauth.Key{oauth.ByUserName, oauth.ByGrantToken, oauth.ByRefreshToken, oauth.ByAccessToken}
}

// asksAhead reports whether the token that is saved alone may be a new user's, now
// that rows are asked for by a key: one with an ID or a Version has a row.
func (w *writer) asksAhead(k oauth.Key) bool {
	return w.alone != nil && (k > oauth.ByUserName || k == oauth.ByUserName && w.alone.ID == "" && w.alone.Version == "")
}

// askAhead finds out by one query which of the keys of the token that is saved no row
// has. As a rule that is all of them: its user is new. What a row has is looked up
// afterwards as usual, and locked.
func (w *writer) askAhead() error {
	t := *w.alone
	w.alone = nil
	given := 0
	var args [4]any // nil: NULL, which nothing equals
	for i, k := range askedKeys() {
		v := k.Of(t)
		if _, known := w.memo.rows[k][v]; v != "" && !known {
			args[i] = v
			given++
		}
	}
	if given < 2 {
		return nil
	}
	rows, err := w.query(w.sql.anyOf, args[:]...)
	if err != nil {
		return fromDriver(err)
	}
	defer rows.Close()
	for rows.Next() {
		var there [len(args)]int
		if err := rows.Scan(&there[0], &there[1], &there[2], &there[3]); err != nil {
			return fromDriver(err)
		}
		for i, k := range askedKeys() {
			if args[i] != nil && there[i] == 0 {
				w.memo.learn(k, k.Of(t), nil)
			}
		}
	}
	return fromDriver(rows.Err())
}
