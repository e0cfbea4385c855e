package oauth

import (
	"context"
	"fmt"
	"strings"
)

// SealedPrefix begins what package zohocrm/store/sealed makes of a secret. Nothing that
// Zoho issues begins so.
const SealedPrefix = "sealed1."

// Sealed reports whether a secret of the token is encrypted: the store was read without
// the keys. Such a token is of no use, and its secrets must be sent to nobody.
func (t Token) Sealed() bool {
	for _, s := range []Secret{t.RefreshToken, t.AccessToken, t.GrantToken, t.ClientSecret} {
		if strings.HasPrefix(s.Reveal(), SealedPrefix) {
			return true
		}
	}
	return false
}

// opened is a store whose encrypted rows are damage to who has no keys. Each look is
// checked, and not the first alone, since another program may seal the store at any
// time.
type opened struct{ Store }

// Unwrap lets the store's other abilities be found.
func (o opened) Unwrap() Store { return o.Store }

func (o opened) Find(ctx context.Context, partial Token) (Token, error) {
	return checkOpened(o.Store.Find(ctx, partial))
}

func (o opened) Get(ctx context.Context, id string) (Token, error) {
	return checkOpened(o.Store.Get(ctx, id))
}

func (o opened) Save(ctx context.Context, t Token) (Token, error) {
	return checkOpened(o.Store.Save(ctx, t))
}

func checkOpened(row Token, err error) (Token, error) {
	if err == nil && row.Sealed() {
		place := fmt.Sprintf("row %q of user %q", row.ID, row.UserName)
		return Token{}, &CorruptError{Place: place, Reason: "it is sealed, and no keys were given"}
	}
	return row, err
}
