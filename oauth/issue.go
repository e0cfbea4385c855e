package oauth

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Issued is what the accounts server answers to an exchange or a refresh.
type Issued struct {
	AccessToken  Secret
	RefreshToken Secret        // empty after a refresh, and after a consent that gave none
	Expiry       time.Time     // counted from when the request was sent
	Life         time.Duration // expires_in; 0 if not told
	APIDomain    string        // empty if not told
	Scope        string        // separated by commas; empty if not told
}

// onto lays the answer over the token it was asked for.
func (i Issued) onto(t Token) Token {
	t.AccessToken, t.Expiry = i.AccessToken, i.Expiry
	setSecret(&t.RefreshToken, i.RefreshToken)
	set(&t.APIDomain, i.APIDomain)
	set(&t.Scope, i.Scope)
	return t
}

// Exchange trades t's GrantToken for tokens at t.AccountsURL. It is sent once:
// an authorization code is good for one use. verifier is that of the authorize
// request, empty without PKCE. Errors: see [ServerError].
func (a *Accounts) Exchange(ctx context.Context, t Token, verifier Secret) (Issued, error) {
	form := credentials(t)
	form.Set("grant_type", "authorization_code")
	form.Set("code", t.GrantToken.Reveal())
	if t.RedirectURL != "" { // a self client has none
		form.Set("redirect_uri", t.RedirectURL)
	}
	if !verifier.IsZero() {
		form.Set("code_verifier", verifier.Reveal())
	}
	return a.issue(ctx, opExchange, t, form)
}

// Refresh asks for a new access token with t's RefreshToken at t.AccountsURL. It
// is sent once, since each answer counts against Zoho's ten per ten minutes
// (Zoho: token-limits). Errors: see [ServerError].
func (a *Accounts) Refresh(ctx context.Context, t Token) (Issued, error) {
	form := credentials(t)
	form.Set("grant_type", "refresh_token")
	form.Set("refresh_token", t.RefreshToken.Reveal())
	return a.issue(ctx, opRefresh, t, form)
}

// credentials go into the body, never into the URL, which ends up in logs.
func credentials(t Token) url.Values {
	return url.Values{"client_id": {t.ClientID}, "client_secret": {t.ClientSecret.Reveal()}}
}

func (a *Accounts) issue(ctx context.Context, op operation, t Token, form url.Values) (Issued, error) {
	u, err := a.endpoint(t.AccountsURL, "/oauth/v2/token")
	if err != nil {
		return Issued{}, err
	}
	sent := a.clock.local()
	ans, err := a.post(ctx, op, u, form, nil)
	if err != nil {
		return Issued{}, err
	}
	return ans.issued(op, a.clock.correct(sent))
}

// answer is an answer of the token or revoke endpoint, already bounded.
type answer struct {
	host   string
	status int
	body   []byte
	at     time.Time // when it came, by the corrected clock
}

// tokenBody is the JSON of the token endpoint. Zoho sends errors with status
// 200, so the body decides and not the status.
type tokenBody struct {
	AccessToken, RefreshToken, APIDomain, Scope string
	ExpiresIn, ExpiresInSec                     string // as written, with or without quotes
	Error, Description, Status                  string
}

// decode reads the fields one by one: an odd scope or expiry must not cost a
// token that was issued.
func (ans answer) decode() (tokenBody, bool) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(ans.body, &fields); err != nil {
		return tokenBody{}, false
	}
	text := func(name string) string {
		var s string
		if json.Unmarshal(fields[name], &s) != nil {
			return ""
		}
		return s
	}
	digits := func(name string) string { return strings.Trim(string(fields[name]), `"`) }
	return tokenBody{
		AccessToken: text("access_token"), RefreshToken: text("refresh_token"), APIDomain: text("api_domain"), Scope: text("scope"),
		ExpiresIn: digits("expires_in"), ExpiresInSec: digits("expires_in_sec"),
		Error: text("error"), Description: text("error_description"), Status: text("status"),
	}, fields != nil
}

func (ans answer) issued(op operation, sent time.Time) (Issued, error) {
	body, ok := ans.decode()
	if !ok {
		return Issued{}, ans.unusable(op)
	}
	if body.Error != "" {
		return Issued{}, ans.refused(op, body)
	}
	if body.AccessToken == "" {
		return Issued{}, ans.unusable(op)
	}
	out := Issued{
		AccessToken: NewSecret(body.AccessToken), RefreshToken: NewSecret(body.RefreshToken),
		Life: life(body), APIDomain: strings.TrimRight(body.APIDomain, "/"),
		Scope: strings.Join(strings.FieldsFunc(body.Scope, func(r rune) bool { return r == ' ' || r == ',' }), ","),
	}
	if out.Life > 0 {
		out.Expiry = sent.Add(out.Life).UTC().Truncate(time.Millisecond)
	}
	return out, nil
}

// maxLife is above every life that Zoho gives, and below what an hour in
// milliseconds looks like when it is read as seconds.
const maxLife = 30 * 24 * time.Hour

// life reads both shapes: expires_in in seconds, and the old one in which
// expires_in is in milliseconds beside expires_in_sec. A number of seconds that
// makes no sense is taken as milliseconds.
func life(b tokenBody) time.Duration {
	if d := number(b.ExpiresInSec, time.Second); d > 0 {
		return min(d, maxLife)
	}
	d := number(b.ExpiresIn, time.Second)
	if d > maxLife {
		d /= 1000
	}
	return min(d, maxLife)
}

func number(text string, unit time.Duration) time.Duration {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(v >= 1) || v > float64(maxLife/time.Second)*1000 {
		return 0
	}
	return time.Duration(v) * unit
}
