package oauth

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"
)

// Token is one user's connection to Zoho: OAuthToken of the official SDKs.
//
// The first ten fields are the columns of the SDKs' files and tables. The next
// five are side data, which stores keep beside those columns, never inside
// them. A Token is a plain value: copy it freely. It prints without secrets and
// refuses to be marshalled; [Token.Row] gives the plain columns.
type Token struct {
	ID           string    // the row's identifier, opaque; set by the store
	UserName     string    // whose token: user_signature of the SDKs, "email:zgid" unless named otherwise
	ClientID     string    // the application's client ID
	ClientSecret Secret    // the application's client secret
	RedirectURL  string    // as registered in Zoho's API console; empty for a self client
	GrantToken   Secret    // the one-shot authorization code; kept after its exchange
	RefreshToken Secret    // does not expire, until it is revoked or pushed out by the 20th newer one
	AccessToken  Secret    // good until Expiry
	Expiry       time.Time // when AccessToken dies, to the millisecond; zero: not known, used until Zoho refuses it
	APIDomain    string    // base URL of the API hosts that accept AccessToken

	Scope       string    // granted scopes, separated by commas; empty: not known
	AccountsURL string    // base URL of the accounts server that issued the refresh token; empty: by APIDomain
	CreatedAt   time.Time // when this refresh token was first saved
	UpdatedAt   time.Time // when a column was last changed by this module
	LastUsedAt  time.Time // when it was last handed out, to the hour

	// Version identifies the ten columns as they were read. A Save or Delete
	// that carries it happens only if they are still the same. Set by stores.
	Version string
}

// Valid reports whether the access token is there and lives at least
// minLife longer than now. An unknown expiry counts as alive.
func (t Token) Valid(now time.Time, minLife time.Duration) bool {
	return !t.AccessToken.IsZero() && (t.Expiry.IsZero() || t.Expiry.Sub(now) >= minLife)
}

// String names the token without its secrets.
func (t Token) String() string {
	var b strings.Builder
	b.WriteString("token{")
	sep := ""
	for _, f := range []struct{ name, value string }{
		{"id", t.ID}, {"user", t.UserName}, {"client", t.ClientID}, {"domain", t.APIDomain},
		{"refresh", t.RefreshToken.Fingerprint()}, {"access", t.AccessToken.Fingerprint()},
	} {
		if f.value != "" {
			fmt.Fprintf(&b, "%s%s:%q", sep, f.name, f.value)
			sep = " "
		}
	}
	if !t.Expiry.IsZero() {
		b.WriteString(sep + "expiry:" + t.Expiry.UTC().Format(time.RFC3339))
	}
	b.WriteString("}")
	return b.String()
}

// GoString is String: %#v shows no secret either.
func (t Token) GoString() string { return t.String() }

// Format is String under every verb and flag.
func (t Token) Format(f fmt.State, _ rune) { io.WriteString(f, t.String()) }

// LogValue groups what String shows.
func (t Token) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("id", t.ID), slog.String("user", t.UserName), slog.String("client", t.ClientID),
		slog.String("domain", t.APIDomain), slog.String("refresh", t.RefreshToken.Fingerprint()),
		slog.String("access", t.AccessToken.Fingerprint()), slog.Time("expiry", t.Expiry))
}

// MarshalJSON fails: a redacted token would be stored as the token. Use [Token.Row].
func (t Token) MarshalJSON() ([]byte, error) { return nil, errMarshal }

// MarshalText fails: see [Token.MarshalJSON].
func (t Token) MarshalText() ([]byte, error) { return nil, errMarshal }

// UnmarshalJSON fails: use [Row.Token].
func (t *Token) UnmarshalJSON([]byte) error { return errMarshal }

// UnmarshalText fails: use [Row.Token].
func (t *Token) UnmarshalText([]byte) error { return errMarshal }
