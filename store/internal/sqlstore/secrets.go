package sqlstore

import "zohocrm/oauth"

// secretKeys are the keys by which a token is looked for that has no ID and whose
// user has no row, in the order in which [oauth.Resolve] asks.
func secretKeys() []oauth.Key {
	return []oauth.Key{oauth.ByGrantToken, oauth.ByRefreshToken, oauth.ByAccessToken}
}

// lookAtSecrets finds out by one query which of the secrets of the token that is
// saved no row has. As a rule that is all of them: its user is new. What a row has
// is looked up afterwards as usual, and locked.
func (w *writer) lookAtSecrets() error {
	t := *w.alone
	w.alone = nil
	given := 0
	var args [3]any // nil: NULL, which nothing equals
	for i, k := range secretKeys() {
		if v := k.Of(t); v != "" {
			args[i] = v
			given++
		}
	}
	if given < 2 {
		return nil
	}
	rows, err := w.query(w.sql.anySecret, args[:]...)
	if err != nil {
		return fromDriver(err)
	}
	defer rows.Close()
	for rows.Next() {
		var there [3]int
		if err := rows.Scan(&there[0], &there[1], &there[2]); err != nil {
			return fromDriver(err)
		}
		for i, k := range secretKeys() {
			if args[i] != nil && there[i] == 0 {
				w.memo.learn(k, k.Of(t), nil)
			}
		}
	}
	return fromDriver(rows.Err())
}
