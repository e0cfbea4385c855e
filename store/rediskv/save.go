package rediskv

import (
	"context"

	"zohocrm/oauth"
)

// Save implements [oauth.Store].
func (s *Store) Save(ctx context.Context, t oauth.Token) (oauth.Token, error) {
	if err := t.Row().Check(MaxChars); err != nil {
		return oauth.Token{}, err
	}
	var saved oauth.Token
	err := s.again(ctx, func() (done bool, err error) {
		saved, done, err = s.trySave(ctx, t)
		return done, err
	})
	if err != nil {
		return oauth.Token{}, s.failed(ctx, "save", err)
	}
	return saved, nil
}

// trySave reports false if somebody else changed what the plan was made of.
func (s *Store) trySave(ctx context.Context, t oauth.Token) (oauth.Token, bool, error) {
	look, err := s.snapshot(ctx, t)
	if err != nil {
		return oauth.Token{}, false, err
	}
	plan, err := oauth.PlanSave(t, s.now(), s.rows(look))
	if err != nil {
		return oauth.Token{}, false, err
	}
	highest, err := s.highestNumber(look)
	if err != nil {
		return oauth.Token{}, false, err
	}
	row := plan.Row
	if row.ID == "" {
		if row.ID, err = oauth.NextID(highest, false, ""); err != nil {
			return oauth.Token{}, false, err
		}
	}
	if row, err = asStored(row); err != nil {
		return oauth.Token{}, false, err
	}
	if !plan.ColumnsChange() && row.SameSide(plan.Old) {
		return row, true, nil // nothing to write
	}
	var c commands
	s.put(&c, row, plan.Old, highest)
	if plan.Remove.Version != "" {
		s.remove(&c, plan.Remove)
	}
	done, err := s.apply(ctx, look, plan.Insert(), c)
	return row, done, err
}

// asStored is the row as it will be read again, with its Version.
func asStored(row oauth.Token) (oauth.Token, error) {
	stored, err := decode(encode(row))
	if err != nil || !stored.Expiry.Equal(row.Expiry) {
		return oauth.Token{}, &oauth.ValueError{Column: "expiry_time", Reason: "it is not a time between 1970 and 9999"}
	}
	return stored, nil
}
