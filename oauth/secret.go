package oauth

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"unique"
)

// errMarshal stops encoders that would store a fingerprint in place of a token,
// or a token in place of a fingerprint.
var errMarshal = errors.New("oauth: tokens and secrets are not marshalled directly: use token.Row() to write and row.Token() to read")

// Secret holds a text that must not be seen: client secret, grant, refresh or
// access token. It prints as a fingerprint under every verb, also from inside
// other values, and refuses to be marshalled. Two secrets are == exactly when
// their texts are equal. The zero value is the empty secret.
//
// The text is kept behind a pointer, so that printing a struct that holds a
// Secret in an unexported field (where fmt calls no methods) shows an address.
type Secret struct {
	text unique.Handle[string]
}

// NewSecret wraps text. NewSecret("") is the zero Secret.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{unique.Make(text)}
}

// Reveal gives the text. Each call is a place where a secret can leak: search
// for it in review.
func (s Secret) Reveal() string {
	if s.IsZero() {
		return ""
	}
	return s.text.Value()
}

// IsZero reports whether the secret is empty.
func (s Secret) IsZero() bool { return s == Secret{} }

// Fingerprint identifies the secret without telling it: "sha256:" and the first
// 12 hex digits of its SHA-256. The empty secret has the fingerprint "".
func (s Secret) Fingerprint() string {
	if s.IsZero() {
		return ""
	}
	return "sha256:" + s.Hash()[:12]
}

// Hash is the SHA-256 of the text in hex, the key under which side data of a
// token is kept. The empty secret has the hash "".
func (s Secret) Hash() string {
	if s.IsZero() {
		return ""
	}
	var text [maxSecret]byte // most fit: it stays on the stack
	return hexOf(sha256.Sum256(append(text[:0], s.text.Value()...)), sha256.Size)
}

// maxSecret is the size of the official SDKs' columns.
const maxSecret = 255

// hexOf is the first n bytes of a hash in hex, made with one allocation.
func hexOf(sum [sha256.Size]byte, n int) string {
	var text [2 * sha256.Size]byte
	return string(text[:hex.Encode(text[:], sum[:n])])
}

// String gives the fingerprint.
func (s Secret) String() string { return s.Fingerprint() }

// GoString gives the fingerprint.
func (s Secret) GoString() string { return "oauth.Secret(" + s.Fingerprint() + ")" }

// Format gives the fingerprint under every verb and flag.
func (s Secret) Format(f fmt.State, verb rune) {
	if verb == 'v' && f.Flag('#') {
		io.WriteString(f, s.GoString())
		return
	}
	io.WriteString(f, s.Fingerprint())
}

// LogValue gives the fingerprint.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.Fingerprint()) }

// MarshalText fails: see [Token.Row].
func (s Secret) MarshalText() ([]byte, error) { return nil, errMarshal }

// MarshalJSON fails: see [Token.Row].
func (s Secret) MarshalJSON() ([]byte, error) { return nil, errMarshal }

// UnmarshalText fails: see [Row.Token].
func (s *Secret) UnmarshalText([]byte) error { return errMarshal }

// UnmarshalJSON fails: see [Row.Token].
func (s *Secret) UnmarshalJSON([]byte) error { return errMarshal }
