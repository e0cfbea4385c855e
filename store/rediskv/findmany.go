package rediskv

import (
	"context"
	"slices"

	"zohocrm/oauth"
)

// FindMany does what Find does for each of the tokens, a thousand in a round trip.
// The row of partials[i], or why there is none, is at the index i.
func (s *Store) FindMany(ctx context.Context, partials []oauth.Token) ([]oauth.Token, []error) {
	rows, errs := make([]oauth.Token, len(partials)), make([]error, len(partials))
	at := 0
	for some := range slices.Chunk(partials, oauth.BatchSize) {
		s.findSome(ctx, some, rows[at:], errs[at:])
		at += len(some)
	}
	return rows, errs
}

func (s *Store) findSome(ctx context.Context, partials, rows []oauth.Token, errs []error) {
	l := look{of: partials}
	reply, err := s.read(ctx, s.scripts.find, s.lookArgs(partials))
	if err == nil {
		err = l.take(reply)
	}
	st := newState(s, l)
	for i, partial := range partials {
		if errs[i] = err; err == nil {
			rows[i], errs[i] = oauth.Resolve(partial, st.rows(i))
		}
		errs[i] = s.failed(ctx, "find", errs[i])
	}
}
