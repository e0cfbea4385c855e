package oauth

import "time"

// lastUsedStep is how far LastUsedAt must move before it is worth a write.
const lastUsedStep = time.Hour

// Merge lays over's fields on base and returns the result. It is what the Keeper
// does with a caller's partial token and the stored row, and what Save does with
// a token and the row it updates.
//
// A filled field of over wins, an empty one keeps base's. AccessToken and Expiry
// are one value: a new AccessToken brings its Expiry, be it empty, and an Expiry
// that comes without an AccessToken says nothing. They belong to the
// RefreshToken: a new RefreshToken without an AccessToken clears both. A new
// RefreshToken is a new login, so base's side data do not carry over to it. ID
// and Version are base's where base has them.
func Merge(over, base Token) Token {
	out := base
	set(&out.UserName, over.UserName)
	set(&out.ClientID, over.ClientID)
	set(&out.RedirectURL, over.RedirectURL)
	set(&out.APIDomain, over.APIDomain)
	setSecret(&out.ClientSecret, over.ClientSecret)
	setSecret(&out.GrantToken, over.GrantToken)
	if !over.RefreshToken.IsZero() && over.RefreshToken != base.RefreshToken {
		out.RefreshToken = over.RefreshToken
		out.AccessToken, out.Expiry = Secret{}, time.Time{}
	}
	switch {
	case over.AccessToken.IsZero():
	case over.AccessToken != out.AccessToken:
		out.AccessToken, out.Expiry = over.AccessToken, over.Expiry
	case !over.Expiry.IsZero():
		out.Expiry = over.Expiry
	}
	if out.ID == "" {
		out.ID, out.Version = over.ID, over.Version
	}
	return mergeSide(out, over, base)
}

func mergeSide(out, over, base Token) Token {
	if out.sideSecret() != base.sideSecret() {
		out.Scope, out.AccountsURL = "", ""
		out.CreatedAt, out.UpdatedAt, out.LastUsedAt = time.Time{}, time.Time{}, time.Time{}
	}
	set(&out.Scope, over.Scope)
	set(&out.AccountsURL, over.AccountsURL)
	if out.CreatedAt.IsZero() {
		out.CreatedAt = over.CreatedAt
	}
	if out.UpdatedAt.IsZero() {
		out.UpdatedAt = over.UpdatedAt
	}
	if over.LastUsedAt.Sub(out.LastUsedAt) >= lastUsedStep {
		out.LastUsedAt = over.LastUsedAt
	}
	return out
}

func set(field *string, value string) {
	if value != "" {
		*field = value
	}
}

func setSecret(field *Secret, value Secret) {
	if !value.IsZero() {
		*field = value
	}
}

// SideKey is the key of the token's side data: the SHA-256, in hex, of its
// refresh token, else of its grant token, else of its access token. It is empty
// for a token that has none of them.
func (t Token) SideKey() string { return t.sideSecret().Hash() }

// sideSecret is what SideKey is made of, which costs a hash.
func (t Token) sideSecret() Secret {
	switch {
	case !t.RefreshToken.IsZero():
		return t.RefreshToken
	case !t.GrantToken.IsZero():
		return t.GrantToken
	}
	return t.AccessToken
}

// WithSide returns t with the five side fields of side.
func (t Token) WithSide(side Token) Token {
	t.Scope, t.AccountsURL = side.Scope, side.AccountsURL
	t.CreatedAt, t.UpdatedAt, t.LastUsedAt = side.CreatedAt, side.UpdatedAt, side.LastUsedAt
	return t
}

// SameSide reports whether the side fields of both are equal.
func (t Token) SameSide(o Token) bool {
	return t.Scope == o.Scope && t.AccountsURL == o.AccountsURL && t.CreatedAt.Equal(o.CreatedAt) &&
		t.UpdatedAt.Equal(o.UpdatedAt) && t.LastUsedAt.Equal(o.LastUsedAt)
}
