package oauth

import (
	"context"
	"errors"
	"fmt"
)

// Revoke ends the connection of the user that partial means: its token is
// forgotten here, Zoho is told at the data centre that issued it, and the row is
// deleted. If Zoho cannot be told, the row stays, so that Revoke can be called
// again. A token that Zoho does not know any more counts as revoked.
func (k *Keeper) Revoke(ctx context.Context, partial Token) error {
	row, err := k.store.Find(ctx, partial)
	if err != nil {
		return err
	}
	k.forget(row)
	t := Merge(Token{ClientSecret: partial.ClientSecret}, row)
	if t.AccountsURL, err = k.issuer(t); err != nil {
		return err
	}
	if t.RefreshToken.IsZero() && t.AccessToken.IsZero() {
		return k.remove(ctx, row)
	}
	if err := k.accounts.Revoke(ctx, t); err != nil {
		return fmt.Errorf("user %q stays in the store: %w", row.UserName, err)
	}
	return k.remove(ctx, row)
}

// remove deletes a revoked row. A refresh that was in flight may have changed it
// meanwhile; a new login is left alone.
func (k *Keeper) remove(ctx context.Context, row Token) error {
	for range saveAttempts {
		err := k.store.Delete(ctx, row.ID, row.Version)
		if err == nil || errors.Is(err, ErrNotFound) {
			k.forget(row)
			return k.changed(ctx, Revoked, row)
		}
		if !errors.Is(err, ErrConflict) {
			return err
		}
		now, err := k.store.Find(ctx, row.key())
		switch {
		case gone(err):
			return k.changed(ctx, Revoked, row)
		case err != nil:
			return err
		case now.RefreshToken != row.RefreshToken:
			return fmt.Errorf("%w: user %q has logged in again meanwhile", ErrConflict, row.UserName)
		}
		row = now
	}
	return fmt.Errorf("%w: user %q, again and again", ErrConflict, row.UserName)
}

// forget drops the credential from memory, whoever asked for it.
func (k *Keeper) forget(row Token) {
	k.cache.each(func(b *bound) {
		if h := b.held.Load(); h != nil && h.token.SideKey() == row.SideKey() {
			b.held.CompareAndSwap(h, nil)
		}
	})
}
