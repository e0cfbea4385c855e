package oauth

import (
	"context"
	"errors"
	"fmt"
)

// Revoke ends the connection of the user that partial means. It is marked as
// revoked first, which ends its use in all programs that share the store, at the
// latest when they look at it again ([KeeperConfig].Recheck); then Zoho is told,
// at the data centre that issued it; then the row is deleted. If Zoho cannot be
// told, the row stays, marked: the next Keeper that meets it tells Zoho, or Revoke
// can be called again. A token that Zoho does not know any more counts as revoked.
func (k *Keeper) Revoke(ctx context.Context, partial Token) error {
	k.askClock(ctx)
	row, err := k.lookup(ctx, partial)
	if err != nil {
		return err
	}
	if _, err := k.issuer(withClient(partial, row)); err != nil {
		return err // nobody may be told, so it cannot be revoked
	}
	k.forget(row)
	// Marked as not told yet: whoever comes after a crash tells Zoho.
	if err := k.withdraw(ctx, row, ErrOutcomeUnknown); err != nil {
		k.log.Warn("the revocation could not be noted before Zoho is told", "error", err, "token", row)
	}
	return k.tell(ctx, withClient(partial, row))
}

// withdraw marks row's credential as revoked. err is why Zoho could not be told
// yet, if it could not.
func (k *Keeper) withdraw(ctx context.Context, row Token, err error) error {
	return k.leases.Settle(ctx, Lease{Key: row.SideKey(), Offset: k.clockOffset()}, Outcome{Kind: Withdrawn, Err: err})
}

// tell tells Zoho that row is revoked, and deletes it.
func (k *Keeper) tell(ctx context.Context, row Token) error {
	began := k.elapsed()
	err := k.revokeAtZoho(ctx, row)
	k.observe(ctx, EventRevoke, row, k.elapsed()-began, err)
	// What has happened is noted even if the caller leaves now.
	ctx, cancel := k.step(context.WithoutCancel(ctx))
	defer cancel()
	noted := k.withdraw(ctx, row, err)
	if err != nil {
		return errors.Join(fmt.Errorf("user %q is marked as revoked and stays in the store until Zoho is told; repeat it later: %w", row.UserName, err), noted)
	}
	if err := k.remove(ctx, row); err != nil {
		return fmt.Errorf("user %q is revoked at Zoho, and its row could not be deleted: %w", row.UserName, err)
	}
	k.forget(row)
	k.count(row, Left)
	return k.announce(ctx, Revoked, row)
}

func (k *Keeper) revokeAtZoho(ctx context.Context, row Token) (err error) {
	if row.RefreshToken.IsZero() && row.AccessToken.IsZero() {
		return nil // a code that was never exchanged
	}
	if row.AccountsURL, err = k.issuer(row); err != nil {
		return err
	}
	return k.accounts.Revoke(ctx, row)
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
