package sqlstore

import (
	"zohocrm/oauth"
)

const (
	// From here to greatestID, text order and number order of IDs agree up to nine
	// digits.
	orderedFrom = "900000001"
	greatestID  = "9999999999"
	// The numbers of ten digits that the official SDKs can read.
	longLowest, longGreatest = "1000000000", "2147483646"
)

// holdsID reports whether a row can be inserted under this ID, of which none was
// found. After a collision the database is asked: to it another ID may be equal.
func (w *writer) holdsID(id string) (bool, error) {
	if !w.layout.holdsID(id) || !w.retried {
		return w.layout.holdsID(id), nil
	}
	arg, _ := w.layout.id(id)
	ids, err := scanIDs(w.query(w.sql.sameID, arg))
	return len(ids) == 0, err
}

// highest are the highest IDs in a transaction.
type highest struct {
	number int64
	text   string // in text order
}

// newID gives an ID that no row has or had.
func (w *writer) newID() (string, error) {
	if w.highest == nil {
		number, text, err := w.highestIDs()
		if err != nil {
			return "", err
		}
		w.highest = &highest{number, text}
	}
	return oauth.NextID(max(w.highest.number, w.meta.highestID), !w.layout.integerID, w.highest.text)
}

// highestIDs gives the greatest ID of the table as a number, and the greatest
// one made of digits in text order.
func (w *writer) highestIDs() (highest int64, textMax string, err error) {
	if w.layout.integerID {
		id, err := w.firstNumber(int64(0), oauth.NumberOf(longGreatest))
		return oauth.NumberOf(id), "", err
	}
	for some := 2; ; some *= 32 {
		ids, err := scanIDs(w.query(w.sql.highIDs, orderedFrom, greatestID, some, longLowest, longGreatest))
		if err != nil {
			return 0, "", err
		}
		// Where numbering has reached nine digits, only numbers of ten digits can be
		// greater than what textMax stands for.
		if highest, textMax = greatest(ids); textMax >= orderedFrom {
			return highest, textMax, nil
		}
		if len(ids) < some {
			break
		}
	}
	// Before that, all IDs are looked through; the first new ID past 9 ends this.
	ids, err := scanIDs(w.query(w.sql.everyID))
	highest, textMax = greatest(ids)
	return highest, textMax, err
}

// greatest gives the greatest of those IDs that are numbers to the official SDKs, as
// a number and in text order.
func greatest(ids []string) (number int64, text string) {
	for _, id := range ids {
		if n := oauth.NumberOf(id); n > 0 {
			number, text = max(number, n), max(text, id)
		}
	}
	return number, text
}

// firstNumber is the greatest ID between two bounds that is a number to the
// official SDKs; "" if there is none. As a rule it is the first of all, so few are
// asked for, and more only when none of them is one.
func (w *writer) firstNumber(from, to any) (string, error) {
	for some := 2; ; some *= 32 {
		ids, err := scanIDs(w.query(w.sql.numbers, from, to, some))
		if err != nil {
			return "", err
		}
		for _, id := range ids {
			if oauth.NumberOf(id) > 0 {
				return id, nil
			}
		}
		if len(ids) < some {
			return "", nil
		}
	}
}
