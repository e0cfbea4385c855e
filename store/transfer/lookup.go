package transfer

import (
	"context"
	"errors"

	"zohocrm/oauth"
)

// manyFinder is a store that finds many tokens at a fraction of the price: its
// FindMany does what Find does for each, and gives a token or an error at the
// index of each. It is not looked for through Unwrap, since a wrapper may change
// what is found.
type manyFinder interface {
	FindMany(ctx context.Context, partials []oauth.Token) ([]oauth.Token, []error)
}

// lookup is Find of a store, with the answers of a batch fetched at once where the
// store can. Nothing else of it may run together with ahead and forget.
type lookup struct {
	store source
	known map[question]answer
}

// question is a partial token as this package makes them.
type question struct {
	id, user, client       string
	grant, refresh, access oauth.Secret
}

type answer struct {
	row *oauth.Token
	err error
}

func asked(t oauth.Token) question {
	return question{t.ID, t.UserName, t.ClientID, t.GrantToken, t.RefreshToken, t.AccessToken}
}

func (q question) partial() oauth.Token {
	return oauth.Token{
		ID: q.id, UserName: q.user, ClientID: q.client,
		GrantToken: q.grant, RefreshToken: q.refresh, AccessToken: q.access,
	}
}

// can reports whether there is any use in asking ahead.
func (l *lookup) can() bool {
	_, ok := l.store.(manyFinder)
	return ok
}

// ahead fetches the answers to what is going to be asked, in place of those it has.
func (l *lookup) ahead(ctx context.Context, all []question) {
	l.known = make(map[question]answer, len(all))
	many, ok := l.store.(manyFinder)
	if !ok || len(all) == 0 {
		return
	}
	partials := make([]oauth.Token, len(all))
	for i, q := range all {
		partials[i] = q.partial()
	}
	rows, errs := many.FindMany(ctx, partials)
	for i, q := range all {
		l.known[q] = answer{&rows[i], errs[i]}
	}
}

// forget drops the answers, which a write has made old.
func (l *lookup) forget() { l.known = nil }

// Find is Find of the store, as it was when the answers were fetched. An error that
// says more than that the token is not there is asked for again.
func (l *lookup) Find(ctx context.Context, partial oauth.Token) (oauth.Token, error) {
	known, is := l.known[asked(partial)]
	switch {
	case !is || partial.Version != "":
	case known.err == nil:
		return *known.row, ctx.Err()
	case errors.Is(known.err, oauth.ErrNotFound):
		return oauth.Token{}, errors.Join(ctx.Err(), known.err)
	}
	return l.store.Find(ctx, partial)
}

// Get is Get of the store, likewise.
func (l *lookup) Get(ctx context.Context, id string) (oauth.Token, error) {
	if _, is := l.known[question{id: id}]; is {
		return l.Find(ctx, oauth.Token{ID: id})
	}
	return l.store.Get(ctx, id)
}
