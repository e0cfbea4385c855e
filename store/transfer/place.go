package transfer

import (
	"context"
	"errors"
	"fmt"

	"zohocrm/oauth"
)

// place is where a token of the source belongs in the target.
type place struct {
	row   oauth.Token // the target's row of the token
	found bool        // there is one

	taken bool   // another token has the ID
	like  string // the ID of another token with the same grant or access token
}

// find looks for t in the target. IDs alone mean nothing from one store to
// another: both have counted from 1.
func (c *copier) find(ctx context.Context, t oauth.Token) (place, error) {
	if t.UserName != "" {
		p, err := c.findKeys(ctx, t)
		if err != nil || p.found {
			return p, err
		}
		at, err := byID(ctx, c.there, t.ID)
		return p.unless(at.found || at.taken), err
	}
	// The same row of an earlier copy comes first: beside a user's row with the
	// same refresh token, the secrets would fit both.
	at, err := byID(ctx, c.there, t.ID)
	if err != nil || at.found && sameSecret(at.row, t) {
		return at, err
	}
	p, err := c.findKeys(ctx, t)
	return p.unless(at.found || at.taken), err
}

// unless is p for an ID that is taken or not.
func (p place) unless(taken bool) place {
	p.taken = taken
	return p
}

// findKeys looks for t by its user and its secrets: for a row of the user, or one
// without a name of the same login.
func (c *copier) findKeys(ctx context.Context, t oauth.Token) (place, error) {
	row, err := c.there.Find(ctx, byAll(t))
	switch {
	case errors.Is(err, oauth.ErrNotFound):
		return place{}, nil
	case err == nil && t.UserName != "" && row.UserName == t.UserName:
		return place{row: row, found: true}, nil
	case err != nil && !errors.Is(err, oauth.ErrAmbiguous):
		return place{}, err
	}
	// Some secret fits. The refresh token says most, so it comes first.
	byRefresh, byOthers := byAll(t), byAll(t)
	byRefresh.GrantToken, byRefresh.AccessToken = oauth.Secret{}, oauth.Secret{}
	byOthers.RefreshToken = oauth.Secret{}
	for _, partial := range []oauth.Token{byRefresh, byOthers} {
		if keyless(partial) {
			continue
		}
		row, err := c.there.Find(ctx, partial)
		switch {
		case errors.Is(err, oauth.ErrNotFound):
		case err != nil || sameSecret(row, t):
			return place{row: row, found: true}, err
		default:
			return place{like: row.ID}, nil
		}
	}
	return place{}, nil
}

// byAll is t's user and its secrets.
func byAll(t oauth.Token) oauth.Token {
	return oauth.Token{
		UserName: t.UserName, ClientID: t.ClientID,
		GrantToken: t.GrantToken, RefreshToken: t.RefreshToken, AccessToken: t.AccessToken,
	}
}

// byID looks for whatever row has this ID. An empty one is nobody's; one that
// several rows share is taken.
func byID(ctx context.Context, in source, id string) (place, error) {
	if id == "" {
		return place{}, nil
	}
	row, err := in.Get(ctx, id)
	switch {
	case err == nil:
		return place{row: row, found: true}, nil
	case errors.Is(err, oauth.ErrNotFound):
		return place{}, nil
	case errors.Is(err, oauth.ErrAmbiguous):
		return place{taken: true}, nil
	}
	return place{}, err
}

// sameSecret reports whether a row of the target is of the same login as t: it
// has the same refresh token, or where one of them has none, the same grant or
// access token. That says too little to give a user's row a refresh token.
func sameSecret(row, t oauth.Token) bool {
	switch {
	case row.ClientID != "" && t.ClientID != "" && row.ClientID != t.ClientID:
		return false
	case !row.RefreshToken.IsZero() && !t.RefreshToken.IsZero():
		return row.RefreshToken == t.RefreshToken
	case row.UserName != "" && !t.RefreshToken.IsZero():
		return false
	}
	return !t.GrantToken.IsZero() && row.GrantToken == t.GrantToken ||
		!t.AccessToken.IsZero() && row.AccessToken == t.AccessToken
}

// insertable says why a token that the target does not have cannot be added.
// Without its ID it would be laid over the one that is like it.
func (p place) insertable() error {
	if p.taken && p.like != "" {
		return fmt.Errorf("%w: the target's id %q has the same grant or access token, and another refresh token; one of them must be deleted",
			oauth.ErrAmbiguous, p.like)
	}
	return nil
}
