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
	row, err := k.lookup(ctx, partial)
	if err != nil {
		return err
	}
	k.forget(row)
	t := withClient(partial, row)
	if !t.RefreshToken.IsZero() || !t.AccessToken.IsZero() {
		if t.AccountsURL, err = k.issuer(t); err != nil {
			return err
		}
		if err := k.accounts.Revoke(ctx, t); err != nil {
			return fmt.Errorf("user %q stays in the store: %w", row.UserName, err)
		}
	}
	// Zoho has done it, so the row goes even if the caller leaves now.
	ctx, cancel := k.step(context.WithoutCancel(ctx))
	defer cancel()
	if err := k.remove(ctx, row); err != nil {
		return fmt.Errorf("user %q is revoked at Zoho, and its row could not be deleted: %w", row.UserName, err)
	}
	k.forget(row)
	return k.announce(ctx, Revoked, row)
}

// remove deletes a revoked row. A refresh that was in flight may have changed it
// meanwhile; a new login is left alone.
func (k *Keeper) remove(ctx context.Context, row Token) error {
	for version := row.Version; ; {
		err := k.store.Delete(ctx, row.ID, version)
		if err == nil || errors.Is(err, ErrNotFound) {
			return nil
		}
		if !errors.Is(err, ErrConflict) || ctx.Err() != nil {
			return err
		}
		now, err := k.store.Get(ctx, row.ID)
		switch {
		case errors.Is(err, ErrNotFound):
			return nil
		case err != nil:
			return err
		case now.SideKey() != row.SideKey():
			return fmt.Errorf("%w: the user has logged in again", ErrConflict)
		}
		version = now.Version
	}
}
