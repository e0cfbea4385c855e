package oauth

import (
	"context"
	"fmt"
)

// ConnectIssued logs in a user whose tokens were issued already, as by
// [Accounts.DeviceAccessToken]. It is [Keeper.Connect] without the exchange: the
// tokens are saved at once, then named, and a login that is refused is undone at
// Zoho too. login.Token gives the client, the user's AccountsURL and, if wanted, a
// UserName. If the store fails, the error is an [*UnsavedError] that carries the
// token.
func (k *Keeper) ConnectIssued(ctx context.Context, login Login, issued Issued) (Token, error) {
	t := login.Token
	if issued.AccessToken.IsZero() {
		return Token{}, fmt.Errorf("%w: no token was issued", ErrIncompleteKey)
	}
	if t.AccountsURL == "" {
		return Token{}, fmt.Errorf("%w: who issued the token is not said: give its AccountsURL", ErrIncompleteKey)
	}
	accounts, err := k.issuer(Token{AccountsURL: t.AccountsURL})
	if err != nil {
		return Token{}, err
	}
	t = Token{ClientID: t.ClientID, ClientSecret: t.ClientSecret, RedirectURL: t.RedirectURL, AccountsURL: accounts}
	// In a flight, as Connect: a caller who leaves does not stop the saving.
	o, err := k.fly(ctx, "issued\x00"+issued.AccessToken.Hash(), func(ctx context.Context) (obtained, error) {
		return k.land(ctx, k.settle(t, issued), login)
	})
	if err != nil {
		return Token{}, err
	}
	return *o.token, nil
}

// land saves an issued token and finds its name.
func (k *Keeper) land(ctx context.Context, t Token, login Login) (obtained, error) {
	k.askClock(ctx)
	began := k.elapsed()
	k.observe(ctx, EventMint, t, 0, nil)
	if t.RefreshToken.IsZero() {
		k.log.Warn("Zoho gave no refresh token, so this login ends with its access token; ask with access_type=offline and prompt=consent")
	}
	if err := LacksKeys(ctx, k.store); err != nil {
		return obtained{}, &UnsavedError{Token: t, Err: err} // and not tried again at the end, as what failed by chance
	}
	row, err := k.commit(ctx, t)
	if err != nil {
		return obtained{}, err
	}
	if row, err = k.name(ctx, arrival{row: row, login: login, issued: true}); err != nil {
		return obtained{}, err
	}
	if !row.RefreshToken.IsZero() {
		k.count(row, Joined)
	}
	k.observe(ctx, EventLogin, row, k.elapsed()-began, nil)
	return obtained{token: &row}, k.announce(ctx, Connected, row)
}
