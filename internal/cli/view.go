package cli

import (
	"strconv"
	"time"

	"zohocrm/oauth"
)

// tokenView is a token as --json prints it: the SDKs' columns, the expiry as
// people write it, and fingerprints in place of the secrets.
type tokenView struct {
	ID           string `json:"id"`
	UserName     string `json:"user_name"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret_fingerprint"`
	RefreshToken string `json:"refresh_token_fingerprint"`
	AccessToken  string `json:"access_token_fingerprint"`
	GrantToken   string `json:"grant_token_fingerprint"`
	ExpiryTime   string `json:"expiry_time"`
	ExpiresAt    string `json:"expires_at"`
	RedirectURL  string `json:"redirect_url"`
	APIDomain    string `json:"api_domain"`
}

func viewOf(t oauth.Token) tokenView {
	row := t.Row()
	return tokenView{
		ID: row.ID, UserName: row.UserName, ClientID: row.ClientID,
		ClientSecret: t.ClientSecret.Fingerprint(), RefreshToken: t.RefreshToken.Fingerprint(),
		AccessToken: t.AccessToken.Fingerprint(), GrantToken: t.GrantToken.Fingerprint(),
		ExpiryTime: row.ExpiryTime, ExpiresAt: rfc3339(t.Expiry), RedirectURL: row.RedirectURL, APIDomain: row.APIDomain,
	}
}

func viewsOf(all []oauth.Token) []tokenView {
	views := make([]tokenView, len(all)) // never nil: an empty list is [], not null
	for i, t := range all {
		views[i] = viewOf(t)
	}
	return views
}

func rfc3339(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// printToken writes what happened to a token: a line for people, or its JSON.
func (a *app) printToken(t oauth.Token, line string) error {
	if a.set.json {
		return a.printJSON(viewOf(t))
	}
	return a.printLine(line)
}

// nameOf names a token in a sentence.
func nameOf(t oauth.Token) string {
	if t.UserName == "" {
		return "id " + t.ID + " (without a user name)"
	}
	return t.UserName
}

// left says how long a token lives at a time now.
func left(expiry, now time.Time) string {
	d := expiry.Sub(now).Round(time.Second)
	switch {
	case expiry.IsZero():
		return "not known"
	case d <= 0:
		return "over since " + spell(-d)
	}
	return spell(d) + " left"
}

// spell writes a duration in its two greatest units: 59m3s, 2h5m, 3d4h.
func spell(d time.Duration) string {
	text, units := "", 0
	for _, u := range []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		n := d / u.size
		d -= n * u.size
		if n > 0 {
			text += strconv.FormatInt(int64(n), 10) + u.name
		}
		if text != "" {
			units++
		}
		if units == 2 {
			break
		}
	}
	if text == "" {
		return "0s"
	}
	return text
}
