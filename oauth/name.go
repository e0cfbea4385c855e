package oauth

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// nameTimeout bounds asking Zoho who signed in. The token is safe by then, so
// nobody should wait long for its name.
const nameTimeout = 5 * time.Second

// name finds out who signed in and saves the token under that name, or under the
// one that the login gave. Not knowing is no failure, unless the name is taken:
// then nobody's token is overwritten without proof.
func (k *Keeper) name(ctx context.Context, a arrival) (Token, error) {
	name, identity := a.login.Token.UserName, ""
	if a.row.UserName != "" {
		return a.row, nil
	}
	if name == "" {
		if identity = k.identify(ctx, a.row); identity == "" {
			return a.row, nil
		}
		name = identity
	}
	owner, err := k.store.Find(ctx, Token{UserName: name, ClientID: a.row.ClientID})
	if errors.Is(err, ErrNotFound) {
		return k.saveName(ctx, a.row, name)
	}
	if err != nil {
		return Token{}, a.nameless(err)
	}
	if identity == "" {
		identity = k.identify(ctx, a.row)
	}
	other, err := k.compare(ctx, owner, a.row, identity)
	switch {
	case err != nil && a.login.Replace:
		// The old row goes as a whole, ID included: who holds that ID must not
		// find another person behind it.
		if err := k.store.Delete(ctx, owner.ID, owner.Version); err != nil && !errors.Is(err, ErrNotFound) {
			return Token{}, a.nameless(err)
		}
	case other:
		k.undo(ctx, a)
		return Token{}, err
	case err != nil:
		return Token{}, a.nameless(err)
	}
	k.forget(owner)
	return k.saveName(ctx, a.row, name)
}

// nameless says where the token is that could not be given its name.
func (a arrival) nameless(err error) error {
	return fmt.Errorf("the token is saved without a user name, as id %q: %w", a.row.ID, err)
}

func (k *Keeper) saveName(ctx context.Context, row Token, name string) (Token, error) {
	named, err := k.store.Save(ctx, Token{ID: row.ID, Version: row.Version, UserName: name})
	if err != nil {
		return Token{}, arrival{row: row}.nameless(err)
	}
	return named, nil
}

// identify asks who a token belongs to; "" if nobody can tell.
func (k *Keeper) identify(ctx context.Context, t Token) string {
	if k.cfg.NameUser == nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, nameTimeout)
	defer cancel()
	name, err := k.cfg.NameUser(ctx, t)
	if err != nil {
		k.log.Warn("the signed-in user could not be asked for; the scopes ZohoCRM.users.READ and ZohoCRM.org.READ allow it", "error", err)
		return ""
	}
	return name
}

// compare refuses a login that would put one person's token in another's row, or
// move the row to another data centre. other reports that the persons are known
// to differ. Without [KeeperConfig].NameUser the names that callers give are
// believed.
func (k *Keeper) compare(ctx context.Context, owner, arrived Token, identity string) (other bool, err error) {
	if differ(trimBase(owner.APIDomain), trimBase(arrived.APIDomain)) {
		return false, fmt.Errorf("%w: user %q is stored for %s and signed in for %s; log in with replace to move it",
			ErrMismatch, owner.UserName, owner.APIDomain, arrived.APIDomain)
	}
	if k.cfg.NameUser == nil {
		if arrived.RefreshToken.IsZero() {
			return false, fmt.Errorf("%w: an access token alone does not take the place of user %q", ErrMismatch, owner.UserName)
		}
		return false, nil
	}
	stored, dead := k.ownerOf(ctx, owner)
	switch {
	case dead:
		k.log.Warn("the stored token is dead, so its owner could not be compared; the new login takes its place", "token", owner)
		return false, nil
	case stored == "" || identity == "":
		return false, fmt.Errorf("%w: it could not be found out whether user %q is who signed in; log in with replace if so", ErrMismatch, owner.UserName)
	case stored == identity:
		return false, nil
	}
	return true, fmt.Errorf("%w: user %q is %s, and %s signed in; the login was undone: use another name, or log in with replace",
		ErrMismatch, owner.UserName, stored, identity)
}

// ownerOf finds out whose a stored token is. Names as the SDKs make them say so;
// for any other the token is used to ask. dead: Zoho does not accept it any more.
func (k *Keeper) ownerOf(ctx context.Context, owner Token) (identity string, dead bool) {
	if isIdentity(owner.UserName) {
		return owner.UserName, false
	}
	o, err := k.renew(ctx, owner, want{life: time.Second})
	if err != nil {
		return "", errors.Is(err, ErrReauthRequired)
	}
	return k.identify(ctx, *o.token), false
}

// isIdentity recognises the names that the official SDKs give: email:zgid.
func isIdentity(name string) bool {
	email, zgid, ok := strings.Cut(name, ":")
	return ok && strings.Contains(email, "@") && zgid != "" && strings.Trim(zgid, "0123456789") == ""
}

// undo takes a refused login back: what it put into the store goes, and what
// Zoho issued in it is revoked. A refresh token that came from elsewhere may be
// in use there and is left alone.
func (k *Keeper) undo(ctx context.Context, a arrival) {
	if !a.issued {
		return
	}
	if err := k.store.Delete(ctx, a.row.ID, a.row.Version); err != nil {
		k.log.Warn("the row of a refused login could not be deleted", "error", err, "id", a.row.ID)
	}
	if err := k.accounts.Revoke(ctx, a.row); err != nil {
		k.log.Warn("the token of a refused login could not be revoked", "error", err, "token", a.row)
	}
}
