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

// refresh asks Zoho once for all programs that want t's refresh token renewed,
// and saves. It reads the row first, since others may have refreshed while this
// one waited; takes the lease; reads once more, since they may have while it
// asked for that; and waits for whoever has the lease.
func (k *Keeper) refresh(ctx context.Context, t Token, w want) (obtained, error) {
	ctx, cancel := context.WithTimeout(ctx, k.cfg.Timeout+k.cfg.Lease)
	defer cancel()
	for range attempts {
		if o, ok, err := k.pending(ctx, t, w); ok || err != nil {
			return o, err
		}
		if o, done, err := k.reread(ctx, &t, w); done || err != nil {
			return o, err
		}
		if t.RefreshToken.IsZero() {
			return obtained{}, spent(t)
		}
		var err error
		if t.AccountsURL, err = k.issuer(t); err != nil {
			return obtained{}, err
		}
		began := k.elapsed()
		lease, err := k.claim(ctx, t, w.forces(t, k.time()), w.byHand)
		var held *HeldError
		if errors.As(err, &held) {
			if err := k.await(ctx, t, held, func() (bool, error) { return k.changed(ctx, t) }); err != nil {
				return obtained{}, err
			}
			continue
		}
		if err != nil {
			return obtained{}, err
		}
		if o, done, err := k.reread(ctx, &t, w); done || err != nil {
			k.conclude(ctx, lease, Outcome{Kind: Released})
			return o, err
		}
		sending, cancel := k.within(ctx, lease, began)
		saved, o, err := k.mint(sending, ctx, lease, t)
		cancel()
		if err != nil || o.token != nil {
			return o, err
		}
		// Somebody else's newer credential stands in the row. It may not be what
		// is wanted: it may even be the refused one.
		moved := saved.RefreshToken != t.RefreshToken
		t = withClient(t, saved)
		if moved {
			return obtained{token: &t}, errMoved
		}
		if o := (obtained{token: &t, life: lifeOf(saved)}); k.suits(o, w) {
			k.observe(ctx, EventAdopt, t, 0, nil)
			return o, nil
		}
	}
	return obtained{}, fmt.Errorf("%w, again and again", ErrConflict)
}

// changed reports whether t's row is not any more as t has it.
func (k *Keeper) changed(ctx context.Context, t Token) (bool, error) {
	row, err := k.store.Find(ctx, t.key())
	return err == nil && row.Version != t.Version, err
}

// reread brings t up to date with its row. done: it serves the want, or has
// another refresh token.
func (k *Keeper) reread(ctx context.Context, t *Token, w want) (o obtained, done bool, err error) {
	row, err := k.store.Find(ctx, t.key())
	if err != nil || row.Version == t.Version {
		return obtained{}, false, err
	}
	moved := row.RefreshToken != t.RefreshToken
	now := withClient(*t, row)
	*t = now
	if moved {
		return obtained{token: &now}, true, errMoved
	}
	o = obtained{token: &now, life: lifeOf(row)}
	if !k.suits(o, w) {
		return obtained{}, false, nil
	}
	k.observe(ctx, EventAdopt, now, 0, nil)
	return o, true, nil
}

// mint asks Zoho under a lease and saves what it answers. sending bounds the
// request, ctx the rest. It answers what serves the caller, or else the row in
// which somebody put a newer credential meanwhile.
func (k *Keeper) mint(sending, ctx context.Context, lease Lease, t Token) (Token, obtained, error) {
	k.observe(ctx, EventSend, t, 0, nil)
	began := k.elapsed()
	issued, err := k.accounts.Refresh(sending, t)
	if err != nil {
		k.observe(ctx, EventFail, t, k.elapsed()-began, err)
		outcome := Outcome{Kind: Failed, Err: err, Client: t.ClientSecret.Fingerprint()}
		if moved, lost := k.changed(ctx, t); moved || gone(lost) {
			outcome = Outcome{Kind: Minted} // by another program: what we were told says nothing of the row
		}
		k.conclude(ctx, lease, outcome)
		return Token{}, obtained{}, err
	}
	k.observe(ctx, EventMint, t, k.elapsed()-began, nil)
	fresh := k.settle(t, issued)
	fresh.LastUsedAt = k.time()
	saved, err := k.commit(ctx, fresh)
	var failed *UnsavedError
	if errors.As(err, &failed) {
		// Zoho has issued it and it works: serve it, and save it later. The lease is
		// left to end by itself, so that others do not ask Zoho meanwhile.
		k.log.Error("a new token could not be saved yet; it is used from memory", "error", failed.Err, "token", fresh)
		return Token{}, obtained{token: &fresh, life: issued.Life, minted: true}, nil
	}
	k.concludeLater(ctx, lease, Outcome{Kind: Minted})
	if err == nil && saved.AccessToken == fresh.AccessToken {
		return saved, obtained{token: &saved, life: issued.Life, minted: true, change: Refreshed}, nil
	}
	return saved, obtained{}, err
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
	k.observe(ctx, EventSave, t, 0, nil)
	began := k.elapsed()
	for range attempts {
		saved, err := k.store.Save(ctx, issued)
		if err == nil {
			k.unsaved.drop(t.SideKey())
			k.observe(ctx, EventSaved, t, k.elapsed()-began, nil)
			return saved, nil
		}
		if t.ID == "" || !errors.Is(err, ErrConflict) && !gone(err) {
			return Token{}, k.fail(ctx, t, err)
		}
		row, err := k.store.Get(ctx, t.ID)
		switch {
		case gone(err), err == nil && (differ(row.UserName, t.UserName) && row.RefreshToken != t.RefreshToken || differ(row.ClientID, t.ClientID)):
			k.unsaved.drop(t.SideKey())
			return Token{}, fmt.Errorf("%w: user %q was deleted while its token was refreshed", ErrNotFound, t.UserName)
		case err != nil:
			return Token{}, k.fail(ctx, t, err)
		case row.RefreshToken != t.RefreshToken, row.AccessToken != t.AccessToken && row.Expiry.After(t.Expiry):
			k.unsaved.drop(t.SideKey())
			return row, nil
		}
		issued.Version, issued.ClientSecret = row.Version, Secret{} // theirs may be newer
	}
	return Token{}, k.fail(ctx, t, fmt.Errorf("%w, again and again", ErrConflict))
}

// fail keeps a token that Zoho issued and the store did not take.
func (k *Keeper) fail(ctx context.Context, t Token, err error) error {
	k.unsaved.keep(t)
	k.observe(ctx, EventSaved, t, 0, err)
	return &UnsavedError{Token: t, Err: err}
}

// used notes in the store that the token is in use, at most once an hour and off
// the caller's path.
func (k *Keeper) used(t Token) {
	now := k.time()
	if t.ID == "" || now.Sub(t.LastUsedAt) < lastUsedStep || !k.noted.once("used\x00"+t.ID, k.local(), lastUsedStep) || !k.begin() {
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
