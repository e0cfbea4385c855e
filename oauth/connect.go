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

// Login is what [Keeper.Connect] needs.
type Login struct {
	// Token brings a GrantToken to exchange, or a RefreshToken to take over, with
	// ClientID, ClientSecret and RedirectURL. UserName, if given, is the name it
	// is kept under. AccountsURL is the user's data centre; "" is by APIDomain,
	// else the Keeper's.
	Token Token
	// Verifier is the PKCE code verifier of the authorize request; empty without.
	Verifier Secret
	// Replace allows the login to take the place of another person's token, or of
	// one for another data centre or environment, kept under the same name.
	Replace bool
}

// Connect logs a user in: it proves that the store can be written, exchanges the
// code, saves at once, then asks who signed in and saves the name. A code is
// exchanged once, however many callers bring it. If Zoho answered and the store
// then failed, the error is an [*UnsavedError] that carries the token.
func (k *Keeper) Connect(ctx context.Context, login Login) (Token, error) {
	t := login.Token
	if t.GrantToken.IsZero() && t.RefreshToken.IsZero() {
		return Token{}, fmt.Errorf("%w: a login needs an authorization code or a refresh token", ErrIncompleteKey)
	}
	key := fmt.Sprintf("connect\x00%s\x00%s\x00%s\x00%v", t.GrantToken.Hash(), t.RefreshToken.Hash(), t.UserName, login.Replace)
	o, err := k.fly(ctx, key, func(ctx context.Context) (obtained, error) {
		t, err := k.connect(ctx, login)
		return obtained{token: &t}, err
	})
	if err != nil {
		return Token{}, err
	}
	return *o.token, nil
}

func (k *Keeper) connect(ctx context.Context, login Login) (Token, error) {
	if probe, ok := ProberOf(k.store); ok {
		if err := probe.Probe(ctx); err != nil {
			return Token{}, fmt.Errorf("nothing was sent to Zoho: %w", err)
		}
	}
	t := login.Token
	var err error
	if t.AccountsURL, err = k.issuer(t); err != nil {
		return Token{}, err
	}
	issued, err := k.trade(ctx, t, login.Verifier)
	if err != nil {
		return Token{}, err
	}
	t = k.settle(t, issued)
	if t.RefreshToken.IsZero() {
		k.log.Warn("Zoho gave no refresh token, so this login ends with its access token; ask with access_type=offline and prompt=consent")
	}
	nameless := t
	nameless.ID, nameless.UserName, nameless.Version = "", "", ""
	saved, err := k.store.Save(ctx, nameless)
	if err != nil {
		return Token{}, k.unsaved(t, err)
	}
	if saved, err = k.name(ctx, saved, login); err != nil {
		return Token{}, err
	}
	k.cooling.clear(saved.SideKey())
	return saved, k.changed(ctx, Connected, saved)
}

// trade gets an access token for a grant token, or for a bare refresh token.
func (k *Keeper) trade(ctx context.Context, t Token, verifier Secret) (Issued, error) {
	if !t.GrantToken.IsZero() {
		return k.accounts.Exchange(ctx, t, verifier)
	}
	return k.accounts.Refresh(ctx, t)
}

// name finds out who signed in and saves the token under that name, or under the
// one that the login gave. Not knowing is no failure: the token is safe.
func (k *Keeper) name(ctx context.Context, saved Token, login Login) (Token, error) {
	name, identity := login.Token.UserName, ""
	if name != "" && name == saved.UserName {
		return saved, nil
	}
	if name == "" {
		identity = k.identify(ctx, saved)
		name = identity
	}
	if name == "" || name == saved.UserName {
		return saved, nil
	}
	if saved.UserName != "" {
		return Token{}, fmt.Errorf("%w: this token is kept as user %q already", ErrMismatch, saved.UserName)
	}
	owner, err := k.store.Find(ctx, Token{UserName: name, ClientID: saved.ClientID})
	if errors.Is(err, ErrNotFound) {
		return k.nameRow(ctx, Token{ID: saved.ID, Version: saved.Version, UserName: name})
	}
	if err != nil {
		return Token{}, fmt.Errorf("the token is saved without a user name, as id %q: %w", saved.ID, err)
	}
	if login.Replace {
		return k.replace(ctx, owner, saved, name)
	}
	if identity == "" {
		identity = k.identify(ctx, saved)
	}
	if err := k.sameOwner(ctx, owner, saved, identity); err != nil {
		k.discard(ctx, saved)
		return Token{}, err
	}
	return k.nameRow(ctx, Token{ID: saved.ID, Version: saved.Version, UserName: name})
}

func (k *Keeper) nameRow(ctx context.Context, named Token) (Token, error) {
	out, err := k.store.Save(ctx, named)
	if err != nil {
		return Token{}, fmt.Errorf("the token is saved without a user name, as id %q: %w", named.ID, err)
	}
	return out, nil
}

// replace puts a login in the place of owner's row, whatever that was for, and
// removes the nameless row it came in.
func (k *Keeper) replace(ctx context.Context, owner, saved Token, name string) (Token, error) {
	named := saved
	named.ID, named.Version, named.UserName = owner.ID, owner.Version, name
	out, err := k.nameRow(ctx, named)
	if err != nil {
		return Token{}, err
	}
	if err := k.store.Delete(ctx, saved.ID, saved.Version); err != nil && !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrConflict) {
		k.log.Warn("the nameless row of a login could not be removed", "error", err, "id", saved.ID)
	}
	return out, nil
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

// sameOwner refuses a login that would put one person's token under another's
// name. Names as the SDKs make them say whose they are; for any other name the
// stored token is used to ask.
func (k *Keeper) sameOwner(ctx context.Context, owner, saved Token, identity string) error {
	if differ(trimBase(owner.APIDomain), trimBase(saved.APIDomain)) {
		return fmt.Errorf("%w: user %q is stored for %s and signed in for %s; log in with replace to move it",
			ErrMismatch, owner.UserName, owner.APIDomain, saved.APIDomain)
	}
	if identity == "" {
		return nil
	}
	stored := owner.UserName
	if !isIdentity(stored) {
		o, err := k.renew(ctx, owner, want{life: time.Second})
		if err != nil {
			k.log.Warn("the stored token is spent, so its owner could not be compared", "error", err, "token", owner)
			return nil
		}
		stored = k.identify(ctx, *o.token)
	}
	if stored == "" || stored == identity {
		return nil
	}
	return fmt.Errorf("%w: user %q is %s, and %s signed in; the login was undone: use another name, or log in with replace",
		ErrMismatch, owner.UserName, stored, identity)
}

// isIdentity recognises the names that the official SDKs give: email:zgid.
func isIdentity(name string) bool {
	email, zgid, ok := strings.Cut(name, ":")
	return ok && strings.Contains(email, "@") && zgid != "" && strings.Trim(zgid, "0123456789") == ""
}

// discard undoes a login: the row goes, and Zoho is told.
func (k *Keeper) discard(ctx context.Context, t Token) {
	if err := k.store.Delete(ctx, t.ID, t.Version); err != nil {
		k.log.Warn("the row of a refused login could not be deleted", "error", err, "id", t.ID)
	}
	if err := k.accounts.Revoke(ctx, t); err != nil {
		k.log.Warn("the token of a refused login could not be revoked", "error", err, "token", t)
	}
}
