package oauth

import (
	"context"
	"errors"
	"fmt"
)

// attempts bounds how often something is repeated on a row that others keep
// changing.
const attempts = 8

// errMoved: the row holds another refresh token now, whose refresh is another
// flight.
var errMoved = errors.New("the user logged in meanwhile")

// refresh reads the row once more, since others may have refreshed while this
// one waited, asks Zoho once, and saves.
func (k *Keeper) refresh(ctx context.Context, t Token, w want) (obtained, error) {
	ctx, cancel := k.step(ctx)
	defer cancel()
	for range attempts {
		if o, ok, err := k.pending(ctx, t, w); ok || err != nil {
			return o, err
		}
		row, err := k.store.Find(ctx, t.key())
		if err != nil {
			return obtained{}, err
		}
		if row.Version != t.Version {
			moved := row.RefreshToken != t.RefreshToken
			t = withClient(t, row)
			if moved {
				return obtained{token: &t}, errMoved
			}
			if o := (obtained{token: &t, life: lifeOf(row)}); k.suits(o, w) {
				return o, nil
			}
		}
		if t.RefreshToken.IsZero() {
			return obtained{}, spent(t)
		}
		if err := k.cooled(t); err != nil {
			return obtained{}, err
		}
		if t.AccountsURL, err = k.issuer(t); err != nil {
			return obtained{}, err
		}
		issued, err := k.accounts.Refresh(ctx, t)
		if err != nil {
			k.cool(t, err)
			return obtained{}, err
		}
		k.cooling.clear(t)
		fresh := k.settle(t, issued)
		fresh.LastUsedAt = k.accounts.Now()
		saved, err := k.commit(ctx, fresh)
		var failed *UnsavedError
		switch {
		case errors.As(err, &failed):
			// Zoho has issued it and it works: serve it, and save it later.
			k.log.Error("a new token could not be saved yet; it is used from memory", "error", failed.Err, "token", fresh)
			return obtained{token: &fresh, life: issued.Life, minted: true}, nil
		case err != nil:
			return obtained{}, err
		case saved.AccessToken == fresh.AccessToken:
			return obtained{token: &saved, life: issued.Life, minted: true, change: Refreshed}, nil
		}
		// Somebody else's newer credential stands in the row. It may not be what
		// is wanted: it may even be the refused one.
		moved := saved.RefreshToken != t.RefreshToken
		t = withClient(t, saved)
		if moved {
			return obtained{token: &t}, errMoved
		}
		if o := (obtained{token: &t, life: lifeOf(saved)}); k.suits(o, w) {
			return o, nil
		}
	}
	return obtained{}, fmt.Errorf("%w, again and again", ErrConflict)
}

// pending deals with a token that Zoho issued and the store did not take: it is
// saved, or served as it is, before Zoho is asked for another one.
func (k *Keeper) pending(ctx context.Context, t Token, w want) (obtained, bool, error) {
	u, ok := k.unsaved.get(t.SideKey())
	if !ok || !k.suits(obtained{token: &u, life: lifeOf(u)}, w) {
		return obtained{}, false, nil
	}
	saved, err := k.commit(ctx, u)
	switch {
	case err == nil && saved.AccessToken == u.AccessToken:
		return obtained{token: &saved, life: lifeOf(saved), minted: true, change: Refreshed}, true, nil
	case err == nil:
		return obtained{}, false, nil // somebody else's stands there; look again
	case gone(err):
		return obtained{}, false, err
	}
	return obtained{token: &u, life: lifeOf(u), minted: true}, true, nil
}

// commit saves what Zoho issued for t's row, on the version it was made from, and
// nothing else of the row. If the row changed meanwhile, a newer credential of
// somebody else is answered instead, and only other changes are saved over. A
// store that does not take it makes an [*UnsavedError], and the Keeper goes on
// trying.
func (k *Keeper) commit(ctx context.Context, t Token) (Token, error) {
	issued := Token{
		ID: t.ID, Version: t.Version, RefreshToken: t.RefreshToken, AccessToken: t.AccessToken, Expiry: t.Expiry,
		APIDomain: t.APIDomain, Scope: t.Scope, AccountsURL: t.AccountsURL, LastUsedAt: t.LastUsedAt, ClientSecret: t.ClientSecret,
	}
	if t.ID == "" {
		issued = t // a login: there is no row yet
	}
	for range attempts {
		saved, err := k.store.Save(ctx, issued)
		if err == nil {
			k.unsaved.drop(t.SideKey())
			return saved, nil
		}
		if t.ID == "" || !errors.Is(err, ErrConflict) && !gone(err) {
			return Token{}, k.fail(t, err)
		}
		row, err := k.store.Get(ctx, t.ID)
		switch {
		case gone(err), err == nil && (differ(row.UserName, t.UserName) && row.RefreshToken != t.RefreshToken || differ(row.ClientID, t.ClientID)):
			k.unsaved.drop(t.SideKey())
			return Token{}, fmt.Errorf("%w: user %q was deleted while its token was refreshed", ErrNotFound, t.UserName)
		case err != nil:
			return Token{}, k.fail(t, err)
		case row.RefreshToken != t.RefreshToken, row.AccessToken != t.AccessToken && row.Expiry.After(t.Expiry):
			k.unsaved.drop(t.SideKey())
			return row, nil
		}
		issued.Version, issued.ClientSecret = row.Version, Secret{} // theirs may be newer
	}
	return Token{}, k.fail(t, fmt.Errorf("%w, again and again", ErrConflict))
}

// fail keeps a token that Zoho issued and the store did not take.
func (k *Keeper) fail(t Token, err error) error {
	k.unsaved.keep(t)
	return &UnsavedError{Token: t, Err: err}
}

// used notes in the store that the token is in use, at most once an hour and off
// the caller's path.
func (k *Keeper) used(t Token) {
	now := k.accounts.Now()
	if t.ID == "" || now.Sub(t.LastUsedAt) < lastUsedStep || !k.cooling.once("used\x00"+t.ID, k.now(), lastUsedStep) || !k.begin() {
		return
	}
	go func() {
		defer k.work.Done()
		// Not ended by Close: short programs would otherwise never note it.
		ctx, cancel := context.WithTimeout(context.Background(), nameTimeout)
		defer cancel()
		_, err := k.store.Save(ctx, Token{ID: t.ID, Version: t.Version, LastUsedAt: now})
		if err != nil && !errors.Is(err, ErrConflict) && !gone(err) {
			k.log.Warn("the time of last use could not be noted", "error", err)
		}
	}()
}
