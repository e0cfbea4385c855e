package check

import (
	"errors"
	"fmt"
	"net/url"
	"time"
	"unicode/utf8"

	"zohocrm/dc"
	"zohocrm/oauth"
)

// rule is a kind of finding that a token shows by itself.
type rule struct {
	Finding // its Text comes before the list of tokens

	sdk     bool // it concerns only who shares the store with an official SDK
	applies func(t oauth.Token) bool
	why     func(t oauth.Token) string // what differs from token to token; nil: nothing
}

const again = "log the user in again: zcrm login"

// rules are all of them, by what a token is good for and then by what the
// official SDKs make of it.
func rules(now time.Time, idle time.Duration, centers dc.Directory) []rule {
	hosts := hosts{centers}
	all := []rule{
		{
			Finding: Finding{Warning, "sealed-token", "the secrets are sealed and no keys were given, so nobody without them can use the tokens",
				"give the keys: --keys or ZCRM_KEYS"},
			applies: oauth.Token.Sealed,
		},
		{
			Finding: Finding{Failure, "untrusted-host", "the API domain or accounts server is not of a known data centre, so no token is sent there",
				"if the host is yours, name it with --accounts-url and --api-url, else " + again},
			applies: hosts.unknown, why: hosts.name,
		},
		{
			Finding: Finding{Failure, "mixed-data-centres", "the API domain and the accounts server are of two data centres, so nothing is sent to either", again},
			applies: hosts.mixed,
		},
		{
			Finding: Finding{Failure, "dead-token", "the access token is over, and without a refresh token and a client ID nothing renews it",
				again + ", or delete it: zcrm token delete --id ID"},
			applies: func(t oauth.Token) bool { return !renewable(t) && !t.Valid(now, 0) && !unexchanged(t) },
		},
		{
			Finding: Finding{Warning, "not-renewable", "without a refresh token and a client ID it ends with its access token", again},
			applies: func(t oauth.Token) bool { return !renewable(t) && t.Valid(now, 0) },
		},
		{
			Finding: Finding{Warning, "grant-not-exchanged", "an authorization code that was never exchanged, and such a code is good for minutes only", again},
			applies: unexchanged,
		},
		{
			Finding: Finding{Warning, "no-client-secret", "no client secret is stored, so whoever renews it has to bring it", "set ZCRM_CLIENT_SECRET where it is used, or " + again},
			applies: func(t oauth.Token) bool { return renewable(t) && t.ClientSecret.IsZero() },
		},
		{
			Finding: Finding{Warning, "no-data-centre", "neither the API domain nor the accounts server is stored, so the data centre is the one of whoever uses it",
				"refresh it with the right --dc and --env: zcrm token refresh --id ID"},
			applies: func(t oauth.Token) bool { return t.APIDomain == "" && t.AccountsURL == "" },
		},
		{
			Finding: Finding{Note, "no-user-name", "no user name, so it is found by its ID only", "log the user in with a name, and delete this one: zcrm login --user NAME"},
			applies: func(t oauth.Token) bool { return t.UserName == "" },
		},
		{
			Finding: Finding{Note, "expired", "the access token is over, or there is none; the next use renews it", ""},
			applies: func(t oauth.Token) bool { return renewable(t) && !t.Valid(now, 0) },
		},
		{
			Finding: Finding{Note, "never-used", "connected more than a day ago and never used", "delete it if nobody needs it: zcrm token delete --id ID --revoke"},
			applies: func(t oauth.Token) bool {
				return !t.CreatedAt.IsZero() && now.Sub(t.CreatedAt) > 24*time.Hour && t.LastUsedAt.IsZero()
			},
		},
		{
			Finding: Finding{Note, "idle", fmt.Sprintf("not used for more than %d days", idle/(24*time.Hour)), "delete it if nobody needs it: zcrm token delete --id ID --revoke"},
			applies: func(t oauth.Token) bool { return !t.LastUsedAt.IsZero() && now.Sub(t.LastUsedAt) > idle },
		},
	}
	return append(all, sdkRules()...)
}

// sdkSize is the official SDKs' size of every column but three, in characters.
const sdkSize = 255

// sdkRules are the tokens that the official SDKs stumble over.
func sdkRules() []rule {
	return []rule{
		{
			Finding: Finding{Warning, "too-long", fmt.Sprintf("a value is longer than %d characters, which the official SDKs' tables do not hold", sdkSize), "shorten it, or keep the official SDKs away from this store"},
			sdk:     true,
			applies: func(t oauth.Token) bool { return long(t) != "" },
			why:     long,
		},
		{
			Finding: Finding{Warning, "odd-value", "a value holds a line break or a NUL, or is not UTF-8, and so fits into no token file", "correct it where it is stored"},
			sdk:     true,
			applies: func(t oauth.Token) bool { return odd(t) != "" },
			why:     odd,
		},
		{
			Finding: Finding{Warning, "word-id", "an ID is no number, so the Python, Java and C# SDKs cannot add a user to this store", "copy it into a fresh store, which numbers anew where the ID does not fit: zcrm store copy"},
			sdk:     true,
			applies: func(t oauth.Token) bool { return oauth.NumberOf(t.ID) == 0 },
		},
		{
			Finding: Finding{Note, "no-api-domain", "no API domain is stored, so an official SDK takes the one that it is set up with", "refresh it: zcrm token refresh --id ID"},
			sdk:     true,
			applies: func(t oauth.Token) bool { return t.APIDomain == "" && t.AccountsURL != "" },
		},
	}
}

// renewable: there is what a refresh cannot do without. A client secret can come
// from elsewhere.
func renewable(t oauth.Token) bool { return !t.RefreshToken.IsZero() && t.ClientID != "" }

// unexchanged: a row that holds an authorization code and nothing made of it.
func unexchanged(t oauth.Token) bool {
	return t.RefreshToken.IsZero() && t.AccessToken.IsZero() && !t.GrantToken.IsZero()
}

// hosts tells where a token may be sent.
type hosts struct{ centers dc.Directory }

func (h hosts) unknown(t oauth.Token) bool { return h.name(t) != "" }

// name is the host that is not known; "" if there is none.
func (h hosts) name(t oauth.Token) string {
	if t.Sealed() {
		return "" // its domain is sealed too
	}
	if _, _, ok := h.centers.ByAPIDomain(t.APIDomain); !ok && t.APIDomain != "" {
		return hostOf(t.APIDomain)
	}
	if _, ok := h.centers.ByAccountsURL(t.AccountsURL); !ok && t.AccountsURL != "" {
		return hostOf(t.AccountsURL)
	}
	return ""
}

// hostOf shows nothing of a text that is no URL: it could be anything.
func hostOf(base string) string {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" {
		return "no URL"
	}
	return quoted(u.Host)
}

func (h hosts) mixed(t oauth.Token) bool {
	byAPI, _, ok := h.centers.ByAPIDomain(t.APIDomain)
	byAccounts, okay := h.centers.ByAccountsURL(t.AccountsURL)
	return ok && okay && byAPI.Location != byAccounts.Location
}

// long is the first column that is too long for the official SDKs.
func long(t oauth.Token) string {
	names := oauth.Columns()
	for i, v := range t.Row().Values() {
		if len(v) > sdkSize && utf8.RuneCountInString(v) > sdkSize {
			return names[i]
		}
	}
	return ""
}

// odd is the first column that no store would take.
func odd(t oauth.Token) string {
	var refused *oauth.ValueError
	if errors.As(t.Row().Check(0), &refused) {
		return refused.Column
	}
	return ""
}
