package sqlstore

import (
	"zohocrm/oauth"
)

const (
	lowestID   = "0"          // bounds of IDs made of digits, as texts
	greatestID = "9999999999" // ten digits
	// From here on, text order and number order of IDs agree up to nine digits.
	orderedFrom = "900000001"
	// The numbers of ten digits that the official SDKs can read.
	longLowest, longGreatest = "1000000000", "2147483646"
)

// newID gives an ID that no row has or had.
func (w *writer) newID() (string, error) {
	highest, textMax, err := w.highestIDs()
	if err != nil {
		return "", err
	}
	return oauth.NextID(max(highest, w.meta.highestID), !w.layout.integerID, textMax)
}

// highestIDs gives the greatest ID of the table as a number, and the greatest
// one made of digits in text order.
func (w *writer) highestIDs() (highest int64, textMax string, err error) {
	if w.layout.integerID {
		id, err := w.firstNumber(int64(0), oauth.NumberOf(longGreatest))
		return oauth.NumberOf(id), "", err
	}
	if textMax, err = w.firstNumber(lowestID, greatestID); err != nil {
		return 0, "", err
	}
	// Where numbering has reached nine digits, only numbers of ten digits can be
	// greater than what textMax stands for, and an index finds them. Before that,
	// all IDs are looked through; the first new ID past 9 ends this.
	text, args := w.sql.everyID, []any(nil)
	if textMax >= orderedFrom {
		text, args = w.sql.numbers, []any{longLowest, longGreatest}
	}
	ids, err := scanIDs(w.query(text, args...))
	highest = oauth.NumberOf(textMax)
	for _, id := range ids {
		highest = max(highest, oauth.NumberOf(id))
	}
	return highest, textMax, err
}

// firstNumber is the greatest ID between two bounds that is a number to the
// official SDKs; "" if there is none.
func (w *writer) firstNumber(from, to any) (string, error) {
	rows, err := w.query(w.sql.numbers, from, to)
	if err != nil {
		return "", fromDriver(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id cell
		if err := rows.Scan(&id); err != nil {
			return "", fromDriver(err)
		}
		if oauth.NumberOf(string(id)) > 0 {
			return string(id), nil
		}
	}
	return "", fromDriver(rows.Err())
}
