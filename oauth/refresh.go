package oauth

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Pauses after a refresh that failed, so that callers do not turn into a storm.
// Zoho gives ten access tokens in ten minutes and says nothing about waiting.
const (
	pauseUnreachable = 2 * time.Second  // nothing left this machine
	pauseUnknown     = 15 * time.Second // a token may have been made
	pauseHopeless    = 30 * time.Second // only a person can mend it
)

// saveAttempts bounds how often a save is repeated on a row that others keep
// changing.
const saveAttempts = 8

// refresh reads the row once more, since others may have refreshed while this
// one waited, asks Zoho once, and saves.
func (k *Keeper) refresh(ctx context.Context, t Token, w want) (obtained, error) {
	row, err := k.store.Find(ctx, t.key())
	if err != nil {
		return obtained{}, err
	}
	if row.Version != t.Version {
		secret := t.ClientSecret
		t = row
		setSecret(&t.ClientSecret, secret)
		if o := (obtained{token: &t, life: lifeOf(row)}); k.suits(o, w) {
			return o, nil
		}
	}
	if t.RefreshToken.IsZero() {
		return obtained{}, spent(t)
	}
	if err := k.cooling.get(t.SideKey(), k.now()); err != nil {
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
	k.cooling.clear(t.SideKey())
	t = k.settle(t, issued)
	t.LastUsedAt = k.accounts.Now()
	saved, err := k.commit(ctx, t)
	var unsaved *UnsavedError
	switch {
	case errors.As(err, &unsaved):
		// Zoho has issued it and it works: serve it, and save it when the store
		// is back. See bound.look and Keeper.Close.
		return obtained{token: &unsaved.Token, life: issued.Life, minted: true, unsaved: err}, nil
	case err != nil:
		return obtained{}, err
	}
	return obtained{token: &saved, life: issued.Life, minted: true}, k.changed(ctx, Refreshed, saved)
}

// key is by what t's row is found again: its ID, guarded by its owner.
func (t Token) key() Token {
	return Token{ID: t.ID, UserName: t.UserName, ClientID: t.ClientID}
}

// cool remembers a failed refresh for as long as repeating it is pointless.
func (k *Keeper) cool(t Token, err error) {
	now := k.now()
	pause := pauseUnknown
	var throttled *ThrottledError
	switch {
	case errors.As(err, &throttled):
		pause = throttled.RetryAt.Sub(k.accounts.Now())
	case errors.Is(err, ErrUnreachable):
		pause = pauseUnreachable
	case errors.Is(err, ErrReauthRequired), errors.Is(err, ErrClientConfig):
		pause = pauseHopeless
	}
	k.cooling.set(t.SideKey(), err, now.Add(pause), now)
}

// commit saves a refreshed token on the version it was made from. When the row
// changed meanwhile, a newer credential of somebody else is adopted, and only
// other changes are saved over.
func (k *Keeper) commit(ctx context.Context, t Token) (Token, error) {
	for range saveAttempts {
		saved, err := k.store.Save(ctx, t)
		if err == nil {
			return saved, nil
		}
		if !errors.Is(err, ErrConflict) && !gone(err) {
			return Token{}, k.unsaved(t, err)
		}
		row, err := k.store.Find(ctx, t.key())
		switch {
		case gone(err):
			return Token{}, fmt.Errorf("%w: user %q was deleted while its token was refreshed", ErrNotFound, t.UserName)
		case err != nil:
			return Token{}, k.unsaved(t, err)
		case row.RefreshToken != t.RefreshToken, row.AccessToken != t.AccessToken && row.Expiry.After(t.Expiry):
			return row, nil
		}
		t.Version = row.Version
	}
	return Token{}, k.unsaved(t, fmt.Errorf("%w, again and again", ErrConflict))
}

// unsaved keeps the new token usable: it travels in the error.
func (k *Keeper) unsaved(t Token, err error) error {
	k.log.Error("a new token could not be saved", "error", err, "token", t)
	return &UnsavedError{Token: t, Err: err}
}

// used notes in the store that the token is in use, at most once an hour and off
// the caller's path.
func (k *Keeper) used(t Token) {
	now := k.accounts.Now()
	if t.ID == "" || now.Sub(t.LastUsedAt) < lastUsedStep || !k.begin() {
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
