package oauth

import (
	"context"
	"errors"
	"fmt"
)

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
// then failed, the error is an [*UnsavedError] that carries the token. A login
// for a name that another person has is [ErrMismatch], and is undone.
func (k *Keeper) Connect(ctx context.Context, login Login) (Token, error) {
	t := login.Token
	if t.GrantToken.IsZero() && t.RefreshToken.IsZero() {
		return Token{}, fmt.Errorf("%w: a login needs an authorization code or a refresh token", ErrIncompleteKey)
	}
	// A flight of its own: the change is announced even if the caller leaves.
	o, err := k.fly(ctx, "login\x00"+t.credential(), func(ctx context.Context) (obtained, error) {
		o, err := k.board(ctx, login, true)
		if err == nil && o.change != "" {
			err = k.announce(ctx, o.change, *o.token)
		}
		return o, err
	})
	if err != nil {
		return Token{}, err
	}
	return *o.token, nil
}

// credential is the hash of what t logs in with.
func (t Token) credential() string {
	if !t.GrantToken.IsZero() {
		return t.GrantToken.Hash()
	}
	return t.RefreshToken.Hash()
}

// board joins or begins the one login with this credential. byHand: a person asks
// for it, who may have mended what failed before.
func (k *Keeper) board(ctx context.Context, login Login, byHand bool) (obtained, error) {
	own := false
	o, err := k.fly(ctx, "connect\x00"+login.Token.credential(), func(ctx context.Context) (obtained, error) {
		own = true
		ctx, cancel := context.WithTimeout(ctx, k.cfg.Timeout+k.cfg.Lease)
		defer cancel()
		return k.connect(ctx, login, byHand)
	})
	if err == nil && !own {
		o.change = ""
	}
	return o, err
}

// arrival is a token that a login has just put into the store.
type arrival struct {
	row    Token
	login  Login
	issued bool // Zoho issued its refresh token in this login, so it may be undone
}

// connect exchanges a code, or takes over a refresh token, once for all programs
// that bring it.
func (k *Keeper) connect(ctx context.Context, login Login, byHand bool) (obtained, error) {
	t := login.Token
	t.ID, t.Version = "", ""
	if err := t.Row().Check(0); err != nil { // before a code is spent on it
		return obtained{}, err
	}
	if !t.GrantToken.IsZero() {
		t.RefreshToken, t.AccessToken = Secret{}, Secret{} // of an earlier login
	}
	k.askClock(ctx)
	// A code that was used before is no proof of who brings it. It is one for those
	// who were there when it was exchanged, and for a program that asks for the token
	// of the code it is configured with.
	joined := !byHand
	for {
		if row, ok, err := k.arrived(ctx, t, joined); err != nil {
			return obtained{}, err
		} else if ok {
			return k.welcome(ctx, row, login)
		}
		lease, err := k.claim(ctx, t, false, byHand)
		var held *HeldError
		switch {
		case errors.As(err, &held):
			joined = true
			seen := func() (bool, error) { _, ok, err := k.arrived(ctx, t, true); return ok, err }
			if err := k.await(ctx, t, held, seen); err != nil {
				return obtained{}, err
			}
			continue
		case err != nil:
			return obtained{}, err
		}
		if row, ok, err := k.arrived(ctx, t, joined); ok || err != nil {
			k.conclude(ctx, lease, Outcome{Kind: Released})
			if err != nil {
				return obtained{}, err
			}
			return k.welcome(ctx, row, login)
		}
		return k.exchange(ctx, lease, t, login)
	}
}

// welcome names a row that a login found already there.
func (k *Keeper) welcome(ctx context.Context, row Token, login Login) (obtained, error) {
	row, err := k.name(ctx, arrival{row: row, login: login})
	return obtained{token: &row, life: lifeOf(row), change: Connected}, err
}

// exchange asks Zoho for t's first tokens, saves them at once, and then their
// name.
func (k *Keeper) exchange(ctx context.Context, lease Lease, t Token, login Login) (obtained, error) {
	release := func(err error) (obtained, error) {
		k.conclude(ctx, lease, Outcome{Kind: Released})
		return obtained{}, err
	}
	err := MayKeep(ctx, k.store)
	if err != nil {
		return release(fmt.Errorf("nothing was sent to Zoho: %w", err))
	}
	if t.AccountsURL, err = k.issuer(t); err != nil {
		return release(err)
	}
	byCode := !t.GrantToken.IsZero()
	k.observe(ctx, EventSend, t, 0, nil)
	began := k.elapsed()
	var issued Issued
	if byCode {
		issued, err = k.accounts.Exchange(ctx, t, login.Verifier)
	} else {
		issued, err = k.accounts.Refresh(ctx, t)
	}
	if err != nil {
		k.observe(ctx, EventFail, t, k.elapsed()-began, err)
		k.conclude(ctx, lease, Outcome{Kind: Failed, Err: err, Client: t.ClientSecret.Fingerprint()})
		return obtained{}, err
	}
	k.observe(ctx, EventMint, t, k.elapsed()-began, nil)
	t = k.settle(t, issued)
	t.UserName = ""
	if t.RefreshToken.IsZero() {
		k.log.Warn("Zoho gave no refresh token, so this login ends with its access token; ask with access_type=offline and prompt=consent")
	}
	row, err := k.commit(ctx, t)
	if err != nil {
		return obtained{}, err
	}
	outcome := Outcome{Kind: Minted}
	if byCode {
		outcome.Kind = Spent
	}
	k.concludeLater(ctx, lease, outcome)
	row, err = k.name(ctx, arrival{row: row, login: login, issued: byCode})
	if byCode && !row.RefreshToken.IsZero() {
		k.count(row, Joined)
	}
	if err == nil {
		k.observe(ctx, EventLogin, row, k.elapsed()-began, nil)
	}
	return obtained{token: &row, life: issued.Life, minted: true, change: Connected}, err
}

// arrived finds the row that this credential has already: a login whose naming
// failed, one whose token the store did not take at first, or a refresh token
// that is stored. None of them costs another request for a token.
func (k *Keeper) arrived(ctx context.Context, t Token, joined bool) (Token, bool, error) {
	if u, ok := k.unsaved.byCode(t.GrantToken); ok {
		row, err := k.commit(ctx, u)
		return row, err == nil, err
	}
	key := Token{RefreshToken: t.RefreshToken, ClientID: t.ClientID}
	if !t.GrantToken.IsZero() {
		key = Token{GrantToken: t.GrantToken, ClientID: t.ClientID}
	}
	row, err := k.store.Find(ctx, key)
	switch {
	case errors.Is(err, ErrNotFound):
		return Token{}, false, nil
	case err != nil:
		return Token{}, false, err
	case differ(row.UserName, t.UserName):
		return Token{}, false, fmt.Errorf("%w: this token is kept as user %q already", ErrMismatch, row.UserName)
	case !t.GrantToken.IsZero() && (row.UserName != "" && !joined || row.RefreshToken.IsZero()):
		return Token{}, false, nil
	}
	return row, true, nil
}
