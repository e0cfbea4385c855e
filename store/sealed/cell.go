package sealed

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"zohocrm/oauth"
	"zohocrm/store/sealed/keys"
)

// prefix is how a sealed cell begins, in any store and for as long as this form is
// used: people and grep know it by that.
const prefix = oauth.SealedPrefix

// The columns that are sealed, as in [oauth.Columns].
const (
	columnSecret  = "client_secret"
	columnRefresh = "refresh_token"
	columnAccess  = "access_token"
	columnGrant   = "grant_token"
)

// purpose keeps what is sealed here apart from whatever else the same keys seal.
const purpose = "zcrm sealed 1 "

// errUnreadable is a cell that is not what any key made for this place. Which part
// of it is wrong cannot be told.
var errUnreadable = errors.New("a sealed value was altered, or moved here from another row or column")

// isSealed reports whether a cell says of itself that it is sealed. It is believed:
// one that cannot be opened then is never taken for a plain value.
func isSealed(cell oauth.Secret) bool { return strings.HasPrefix(cell.Reveal(), prefix) }

func encode(sealed []byte) oauth.Secret {
	return oauth.NewSecret(prefix + base64.RawURLEncoding.EncodeToString(sealed))
}

// decode takes a sealed cell apart: its bytes, and the key that it names.
func decode(cell oauth.Secret) ([]byte, keys.ID, error) {
	text, ok := strings.CutPrefix(cell.Reveal(), prefix)
	if !ok {
		return nil, 0, errUnreadable
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || strings.ContainsAny(text, "\r\n") { // which the decoder passes over
		return nil, 0, errUnreadable
	}
	id, ok := keys.IDOf(sealed)
	if !ok {
		return nil, 0, errUnreadable
	}
	return sealed, id, nil
}

// sealToken seals a token, so that it is the same each time.
func sealToken(k *keys.Key, column, token string) (oauth.Secret, error) {
	if token == "" {
		return oauth.Secret{}, nil
	}
	sealed, err := k.Deterministic().EncryptDeterministically([]byte(token), []byte(purpose+column))
	if err != nil {
		return oauth.Secret{}, fmt.Errorf("%s cannot be sealed: %w", column, err)
	}
	return encode(sealed), nil
}

// openToken is the inverse of sealToken. It tells the key, too.
func openToken(ring *keys.Ring, column string, cell oauth.Secret) (string, keys.ID, error) {
	sealed, k, err := keyOf(ring, cell)
	if err != nil {
		return "", 0, err
	}
	text, err := k.Deterministic().DecryptDeterministically(sealed, []byte(purpose+column))
	if err != nil || len(text) == 0 {
		return "", 0, errUnreadable
	}
	return string(text), k.ID(), nil
}

// sealSecret seals the client secret of a row whose other cells are sealed already.
func sealSecret(k *keys.Key, secret string, row oauth.Token) (oauth.Secret, error) {
	sealed, err := k.AEAD().Encrypt([]byte(secret), about(row))
	if err != nil {
		return oauth.Secret{}, fmt.Errorf("%s cannot be sealed: %w", columnSecret, err)
	}
	return encode(sealed), nil
}

// openSecret is the inverse of sealSecret.
func openSecret(ring *keys.Ring, row oauth.Token) (string, keys.ID, error) {
	sealed, k, err := keyOf(ring, row.ClientSecret)
	if err != nil {
		return "", 0, err
	}
	text, err := k.AEAD().Decrypt(sealed, about(row))
	if err != nil {
		return "", 0, errUnreadable
	}
	return string(text), k.ID(), nil
}

// about is what a row's client secret vouches for: whose row it is, and the other
// cells as they are stored.
func about(row oauth.Token) []byte {
	buf := make([]byte, 0, 1024)
	for _, v := range []string{
		purpose + columnSecret, row.UserName, row.ClientID,
		row.RefreshToken.Reveal(), row.AccessToken.Reveal(), row.GrantToken.Reveal(),
	} {
		buf = binary.BigEndian.AppendUint64(buf, uint64(len(v)))
		buf = append(buf, v...)
	}
	return buf
}

// missingKey is a value of a key that the ring does not have.
type missingKey struct{ id keys.ID }

func (e missingKey) Error() string { return fmt.Sprintf("key %d is missing", e.id) }

func keyOf(ring *keys.Ring, cell oauth.Secret) ([]byte, *keys.Key, error) {
	sealed, id, err := decode(cell)
	if err != nil {
		return nil, nil, err
	}
	k, ok := ring.Key(id)
	if !ok {
		return nil, nil, missingKey{id}
	}
	return sealed, k, nil
}
