package rediskv

import (
	"context"

	"zohocrm/oauth"
)

// Save implements [oauth.Store].
func (s *Store) Save(ctx context.Context, t oauth.Token) (oauth.Token, error) {
	if err := s.Check(t); err != nil {
		return oauth.Token{}, err
	}
	var saved oauth.Token
	err := s.again(ctx, func(bool) (done bool, err error) {
		saved, done, err = s.trySave(ctx, t)
		return done, err
	})
	if err != nil {
		return oauth.Token{}, s.failed(ctx, "save", err)
	}
	return saved, nil
}

// Check says of a token, without asking the server, what Save would refuse of its
// values. Package transfer asks for it in a dry run.
func (s *Store) Check(t oauth.Token) error { return t.Row().Check(MaxChars) }

// trySave reports false if somebody else changed what the plan was made of.
func (s *Store) trySave(ctx context.Context, t oauth.Token) (oauth.Token, bool, error) {
	look, err := s.snapshot(ctx, []oauth.Token{t})
	if err != nil {
		return oauth.Token{}, false, err
	}
	st := newState(s, look)
	row, err := st.save(0)
	if err != nil {
		return oauth.Token{}, false, err
	}
	done, err := s.carryOut(ctx, st)
	return row, done, err
}
