package sqlstore

import "zohocrm/oauth"

// Check says of a token, without asking the database, what Save would refuse of its
// values: a length or, as far as it is known, a character that its column does not
// hold, with an error that wraps [oauth.ErrInvalidValue]. The ID is not looked at: in
// place of one that the table does not hold Save gives another. What only the
// database knows, a trigger of the table say, is not foreseen. Package transfer asks
// for it in a dry run.
func (s *Store) Check(t oauth.Token) error {
	if err := s.layout.refuse(s.table); err != nil {
		return err
	}
	l := s.layout
	if s.tableless { // then Save makes the table
		for i := range l.columns {
			l.columns[i].Size = textSize
		}
		l.columns[expiryColumn].Size = expirySize
	}
	row := t.Row()
	row.ID = ""
	if err := l.check(row); err != nil || s.dialect.Fits == nil {
		return err
	}
	for i, v := range row.Values() {
		if !s.dialect.Fits(l.columns[i], v) {
			return &oauth.ValueError{Column: oauth.Columns()[i], Reason: "the column does not hold it"}
		}
	}
	return nil
}
