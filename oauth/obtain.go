package oauth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"zohocrm/dc"
)

// find is the one way to a token: the stored row if it serves, else one refresh
// or exchange.
func (k *Keeper) find(ctx context.Context, partial Token, w want) (obtained, error) {
	row, err := k.store.Find(ctx, partial)
	switch {
	case errors.Is(err, ErrNotFound):
		return k.first(ctx, partial, w)
	case err != nil:
		return obtained{}, err
	case differ(trimBase(partial.APIDomain), trimBase(row.APIDomain)):
		return obtained{}, fmt.Errorf("%w: user %q is stored for %s, not for %s", ErrMismatch, row.UserName, row.APIDomain, partial.APIDomain)
	case !partial.GrantToken.IsZero() && partial.GrantToken != row.GrantToken,
		!partial.RefreshToken.IsZero() && partial.RefreshToken != row.RefreshToken:
		// A program started with a new code or refresh token: another login.
		return k.login(ctx, partial, w)
	}
	t := Merge(partial, row)
	if row.AccessToken != t.AccessToken && (partial.AccessToken == w.rejected || !k.alive(t, w.rejected)) {
		// The caller's own access token is spent; the stored one may not be.
		t.AccessToken, t.Expiry = row.AccessToken, row.Expiry
	}
	return k.renew(ctx, t, w)
}

// first serves a token that the store does not have: it is connected, or kept as
// it is.
func (k *Keeper) first(ctx context.Context, partial Token, w want) (obtained, error) {
	switch {
	case !partial.GrantToken.IsZero(), !partial.RefreshToken.IsZero():
		return k.login(ctx, partial, w)
	case partial.AccessToken.IsZero(), partial.ID != "":
		return obtained{}, notFound(partial)
	case partial.AccessToken == w.rejected:
		return obtained{}, spent(partial)
	}
	if partial.APIDomain == "" {
		partial.APIDomain = k.home.APIURL(k.cfg.Environment)
	}
	t, err := k.store.Save(ctx, partial)
	if err != nil {
		return obtained{}, k.unsaved(partial, err)
	}
	if t, err = k.name(ctx, t, Login{Token: partial}); err != nil {
		return obtained{}, err
	}
	return obtained{token: &t, life: lifeOf(t)}, k.changed(ctx, Connected, t)
}

// login connects a user on the way to a token.
func (k *Keeper) login(ctx context.Context, partial Token, w want) (obtained, error) {
	t, err := k.Connect(ctx, Login{Token: partial})
	if err != nil {
		return obtained{}, err
	}
	return k.renew(ctx, t, w)
}

// lifeOf guesses, from when the row was last written, the life of an access
// token that another process obtained. 0: not known.
func lifeOf(t Token) time.Duration {
	if t.Expiry.IsZero() || t.UpdatedAt.IsZero() {
		return 0
	}
	return max(0, min(t.Expiry.Sub(t.UpdatedAt), maxLife))
}

// spent says that an access token without a refresh token is at its end.
func spent(t Token) error {
	return fmt.Errorf("%w: there is no refresh token for user %q; log in again", ErrReauthRequired, t.UserName)
}

// renew answers t if it serves, else refreshes it, once for everybody in this
// process who wants this refresh token renewed. While t still lives, a failed
// refresh is no failure.
func (k *Keeper) renew(ctx context.Context, t Token, w want) (obtained, error) {
	now := obtained{token: &t, life: lifeOf(t)}
	if k.suits(now, w) {
		k.used(t)
		return now, nil
	}
	if t.RefreshToken.IsZero() {
		if k.alive(t, w.rejected) {
			return now, nil
		}
		return obtained{}, spent(t)
	}
	for {
		// All wishes share the flight: two refreshes for two wishes would be one
		// too many. Who boarded one that found a token good enough for another
		// wish looks once more.
		var own bool
		o, err := k.fly(ctx, "refresh\x00"+t.SideKey(), func(ctx context.Context) (obtained, error) {
			own = true
			return k.refresh(ctx, t, w)
		})
		switch {
		case err == nil && (own || o.minted || k.suits(o, w)):
			return o, nil
		case err == nil:
			continue
		case k.alive(t, w.rejected) && !gone(err) && ctx.Err() == nil:
			k.log.Warn("refresh failed; the present token is used while it lives", "error", err, "token", t)
			return now, nil
		}
		return obtained{}, err
	}
}

// issuer is the accounts server that t belongs to. It must be listed.
func (k *Keeper) issuer(t Token) (string, error) {
	directory := k.accounts.Directory()
	if t.AccountsURL != "" {
		d, ok := directory.ByAccountsURL(t.AccountsURL)
		if !ok {
			return "", fmt.Errorf("%w: the accounts server of user %q is not listed; name its accounts and API URLs if it is yours", dc.ErrUntrusted, t.UserName)
		}
		return d.AccountsURL, nil
	}
	if t.APIDomain == "" {
		return k.home.AccountsURL, nil
	}
	d, _, ok := directory.ByAPIDomain(t.APIDomain)
	if !ok {
		return "", fmt.Errorf("%w: the API domain of user %q is not listed; name its accounts and API URLs if it is yours", dc.ErrUntrusted, t.UserName)
	}
	return d.AccountsURL, nil
}

// settle puts an answer of the accounts server onto t. The answer's api_domain
// counts only if it is an API host of the data centre that was asked.
func (k *Keeper) settle(t Token, i Issued) Token {
	directory := k.accounts.Directory()
	asked, _ := directory.ByAccountsURL(t.AccountsURL)
	said, env, ok := directory.ByAPIDomain(i.APIDomain)
	switch {
	case ok && said.Location == asked.Location:
		i.APIDomain = said.APIURL(env)
	case i.APIDomain != "":
		k.log.Warn("the accounts server named an API host that is not one of its data centre; it is not used",
			slog.String("accounts", t.AccountsURL))
		i.APIDomain = ""
	}
	out := i.onto(t)
	if out.APIDomain == "" {
		out.APIDomain = asked.APIURL(k.cfg.Environment)
	}
	return out
}
