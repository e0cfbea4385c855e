package transfer

import (
	"fmt"
	"strings"
	"time"

	"zohocrm/oauth"
)

// difference is the name of a column, or of a field of the side data, in which
// got is not what is wanted; empty: there is none. IDs are not compared, nor is
// UpdatedAt, which is the store's own. Side data that are not wanted may be
// there: the target may know more of a refresh token.
func difference(want, got oauth.Token) string {
	w, g := want.Row().Values(), got.Row().Values()
	for i := 1; i < len(w); i++ {
		if w[i] != g[i] {
			return oauth.Columns()[i]
		}
	}
	switch {
	case want.Scope != "" && want.Scope != got.Scope:
		return "scope"
	case want.AccountsURL != "" && want.AccountsURL != got.AccountsURL:
		return "accounts_url"
	case !want.CreatedAt.IsZero() && !milli(want.CreatedAt).Equal(milli(got.CreatedAt)):
		return "created_at"
	case !want.LastUsedAt.IsZero() && milli(got.LastUsedAt).Before(milli(want.LastUsedAt)):
		return "last_used_at" // a later one is no loss: the token was used meanwhile
	}
	return ""
}

func milli(t time.Time) time.Time { return t.Truncate(time.Millisecond) }

// clash says why t must not be laid over the target's row of the same token:
// another data centre or environment, or, unless overwriting is wanted, a secret
// that would go and is not known to be older.
func clash(t, row oauth.Token, overwrite bool) error {
	if a, b := base(t.APIDomain), base(row.APIDomain); a != "" && b != "" && a != b {
		return fmt.Errorf("%w: the target has id %q for %s, the source for %s; delete the target's if it is not wanted",
			oauth.ErrMismatch, row.ID, row.APIDomain, t.APIDomain)
	}
	// A token without a name and a user's row that have but a grant or access
	// token in common: then the row is the one that got further.
	weak := t.UserName == "" && row.UserName != "" && t.RefreshToken != row.RefreshToken
	if overwrite && !weak {
		return nil
	}
	after := oauth.Merge(t, row)
	column := ""
	switch {
	case laterLogin(t, row):
	case goes(row.RefreshToken, after.RefreshToken):
		column = "refresh token"
	case laterAccess(t, row) && !weak:
	case goes(row.AccessToken, after.AccessToken):
		column = "access token"
	case goes(row.ClientSecret, after.ClientSecret):
		column = "client secret"
	case goes(row.GrantToken, after.GrantToken):
		column = "grant token"
	}
	if column == "" {
		return nil
	}
	return &NewerError{ID: row.ID, Column: column, Kept: weak}
}

func base(url string) string { return strings.ToLower(strings.TrimRight(url, "/")) }

func goes(before, after oauth.Secret) bool { return !before.IsZero() && before != after }

// laterLogin reports whether t is another login than row, and known to be a
// later one: CreatedAt is when a refresh token was first saved.
func laterLogin(t, row oauth.Token) bool {
	return !t.RefreshToken.IsZero() && t.RefreshToken != row.RefreshToken &&
		!row.CreatedAt.IsZero() && t.CreatedAt.After(row.CreatedAt)
}

// laterAccess reports whether t's access token is known to be the later one.
func laterAccess(t, row oauth.Token) bool {
	return !t.AccessToken.IsZero() && !row.Expiry.IsZero() && t.Expiry.After(row.Expiry)
}
