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

// Opened is nil unless the token is sealed; then it is [ErrSealed], as an
// [ErrCorrupt] that names the row.
func (t Token) Opened() error {
	if !t.Sealed() {
		return nil
	}
	return &CorruptError{Place: fmt.Sprintf("row %q of user %q", t.ID, t.UserName), Reason: ErrSealed.Error(), Err: ErrSealed}
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
	if err == nil {
		if err = row.Opened(); err != nil {
			return Token{}, err
		}
	}
	return row, err
}

// looked is how many rows [LacksKeys] looks at, at the most.
const looked = 100

// MayKeep proves that a new token can be kept in a store, before a code is spent on it:
// that the store can be written, where it is a [Prober], and that it does not lack
// keys ([LacksKeys]).
func MayKeep(ctx context.Context, s Store) error {
	if probe, ok := ProberOf(s); ok {
		if err := probe.Probe(ctx); err != nil {
			return err
		}
	}
	return LacksKeys(ctx, s)
}

// LacksKeys is [ErrSealed] for a store that is sealed and was opened without keys: what
// is saved there would lie in plain text among sealed rows. The first hundred rows are
// looked at. A store that cannot list, or has a row that cannot be read, is not
// known to be one.
func LacksKeys(ctx context.Context, s Store) error {
	n := 0
	for row, err := range s.List(ctx) {
		if err != nil {
			return ctx.Err()
		}
		if err := row.Opened(); err != nil {
			return err
		}
		if n++; n == looked {
			break
		}
	}
	return nil
}
