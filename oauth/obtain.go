package oauth

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"time"
)

// find is the first look of a source: the stored row if there is one, else a
// login. Only here can what partial brings log somebody in.
func (k *Keeper) find(ctx context.Context, partial Token, w want) (obtained, error) {
	k.askClock(ctx)
	row, err := k.lookup(ctx, partial)
	switch {
	case errors.Is(err, ErrNotFound):
		return k.first(ctx, partial, w)
	case err != nil:
		return obtained{}, err
	case differ(trimBase(partial.APIDomain), trimBase(row.APIDomain)):
		return obtained{}, fmt.Errorf("%w: user %q is stored for %s, not for %s", ErrMismatch, row.UserName, row.APIDomain, partial.APIDomain)
	}
	// A token with an ID was read from the store before: nothing in it is news.
	news := partial.ID == ""
	if news && (!partial.GrantToken.IsZero() && partial.GrantToken != row.GrantToken || row.unexchanged()) {
		o, err := k.login(ctx, Merge(partial, row), w)
		if !errors.Is(err, ErrGrantExpired) || row.unexchanged() {
			return o, err
		}
		k.log.Warn("the authorization code was used before; the stored token is used", "token", row)
	}
	if news && row.RefreshToken.IsZero() && !partial.AccessToken.IsZero() && partial.AccessToken != row.AccessToken {
		return k.keep(ctx, partial, w)
	}
	if err := k.admit(ctx, row); err != nil && !(news && !partial.RefreshToken.IsZero() && partial.RefreshToken != row.RefreshToken) {
		return obtained{}, err
	}
	o, err := k.renew(ctx, withClient(partial, row), w)
	if news && errors.Is(err, ErrReauthRequired) && !partial.RefreshToken.IsZero() && partial.RefreshToken != row.RefreshToken {
		return k.login(ctx, partial, w) // the stored one is dead, and here is another
	}
	return o, err
}

// follow is every later look: the row that the source is bound to or, for a user
// who was deleted and has logged in again, the new one. Nobody is logged in here.
func (k *Keeper) follow(ctx context.Context, key, partial Token, w want) (obtained, error) {
	k.askClock(ctx)
	row, err := k.lookup(ctx, key)
	if gone(err) && partial.ID == "" && key.UserName != "" {
		row, err = k.lookup(ctx, Token{UserName: key.UserName, ClientID: key.ClientID})
	}
	if err == nil {
		err = k.admit(ctx, row)
	}
	if err != nil {
		return obtained{}, err
	}
	return k.renew(ctx, withClient(partial, row), w)
}

// withClient is the row with what the caller knows better: the application's
// secret and redirect URL. The tokens are the row's.
func withClient(partial, row Token) Token {
	return Merge(Token{ClientSecret: partial.ClientSecret, RedirectURL: partial.RedirectURL}, row)
}

// unexchanged: a row that holds an authorization code and nothing made of it.
func (t Token) unexchanged() bool {
	return t.RefreshToken.IsZero() && t.AccessToken.IsZero() && !t.GrantToken.IsZero()
}

// key is by what t's row is found again: its ID, guarded by its owner.
func (t Token) key() Token {
	return Token{ID: t.ID, UserName: t.UserName, ClientID: t.ClientID}
}

// first serves a token that the store does not have: it is connected, or kept as
// it is.
func (k *Keeper) first(ctx context.Context, partial Token, w want) (obtained, error) {
	switch {
	case partial.ID != "":
		return obtained{}, notFound(partial)
	case !partial.GrantToken.IsZero(), !partial.RefreshToken.IsZero():
		return k.login(ctx, partial, w)
	case !partial.AccessToken.IsZero():
		return k.keep(ctx, partial, w)
	}
	return obtained{}, notFound(partial)
}

// keep stores an access token that came alone. It is used until Zoho refuses it.
func (k *Keeper) keep(ctx context.Context, partial Token, w want) (obtained, error) {
	if !k.alive(partial, w.rejected) {
		return obtained{}, spent(partial)
	}
	if partial.APIDomain == "" {
		partial.APIDomain = k.home.APIURL(k.cfg.Environment)
	}
	ctx, cancel := k.step(ctx)
	defer cancel()
	if err := LacksKeys(ctx, k.store); err != nil {
		return obtained{}, fmt.Errorf("the access token could not be kept: %w", err)
	}
	nameless := partial // so that it cannot land in somebody's row
	nameless.UserName = ""
	t, err := k.store.Save(ctx, nameless)
	if err != nil {
		return obtained{}, fmt.Errorf("the access token could not be kept: %w", err)
	}
	if t, err = k.name(ctx, arrival{row: t, login: Login{Token: partial}}); err != nil {
		return obtained{}, err
	}
	return obtained{token: &t, life: lifeOf(t), change: Connected}, nil
}

// login connects a user on the way to a token.
func (k *Keeper) login(ctx context.Context, partial Token, w want) (obtained, error) {
	o, err := k.board(ctx, Login{Token: partial}, false)
	if err != nil || o.minted {
		return o, err
	}
	renewed, err := k.renew(ctx, *o.token, w)
	if renewed.change == "" {
		renewed.change = o.change
	}
	return renewed, err
}

// zohoLife is the life of Zoho's access tokens (Zoho: token-validity).
const zohoLife = time.Hour

// lifeOf guesses, from when the row was last written, the life of an access
// token that another process obtained.
func lifeOf(t Token) time.Duration {
	if t.Expiry.IsZero() {
		return 0
	}
	if t.UpdatedAt.IsZero() || !t.UpdatedAt.Before(t.Expiry) {
		return zohoLife
	}
	return min(t.Expiry.Sub(t.UpdatedAt), maxLife)
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
	if k.suits(now, w) && !(w.ahead && k.due(now)) {
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
		// wish looks once more. Callers with another client secret do not board.
		own := false
		o, err := k.fly(ctx, "refresh\x00"+t.SideKey()+t.ClientSecret.Hash()+w.hand(), func(ctx context.Context) (obtained, error) {
			own = true
			return k.refresh(ctx, t, w)
		})
		switch {
		case errors.Is(err, errMoved):
			t = *o.token
			if now = (obtained{token: &t, life: lifeOf(t)}); k.suits(now, w) {
				return now, nil
			}
		case err != nil && ctx.Err() == nil && k.elsewhere(ctx, &t, w):
			// Another process was quicker, or was given what we were refused.
			return obtained{token: &t, life: lifeOf(t)}, nil
		case err != nil && k.alive(t, w.rejected) && !gone(err) && ctx.Err() == nil:
			k.log.Warn("refresh failed; the present token is used while it lives", "error", err, "token", t)
			return now, nil
		case err != nil || own:
			return o, err
		case o.minted || k.suits(o, w):
			o.change = "" // whose flight it was announces it
			return o, nil
		}
	}
}

// due reports whether it is time to refresh a token in the background. When that
// is differs between users and not between programs.
func (k *Keeper) due(o obtained) bool {
	if k.cfg.Ahead < 0 || o.token.Expiry.IsZero() || o.token.RefreshToken.IsZero() {
		return false
	}
	ahead := margin(k.cfg.Ahead, o.life)
	hash := fnv.New32a()
	hash.Write([]byte(o.token.SideKey()))
	ahead -= ahead / 3 * time.Duration(hash.Sum32()%1000) / 1000
	return o.token.Expiry.Sub(k.time()) < ahead
}

// elsewhere looks whether somebody else refreshed t's row while we failed to, and
// if so puts that into t.
func (k *Keeper) elsewhere(ctx context.Context, t *Token, w want) bool {
	row, err := k.lookup(ctx, t.key())
	if err != nil || row.Version == t.Version {
		return false
	}
	theirs := withClient(*t, row)
	if !k.suits(obtained{token: &theirs, life: lifeOf(theirs)}, w) {
		return false
	}
	*t = theirs
	return true
}
