package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"

	"zohocrm/dc"
)

const (
	opDevice     operation = "device authorization"
	opDeviceWait operation = "device access token"
)

// ErrDeviceExpired: nobody entered the user code in time. Ask for another one.
var ErrDeviceExpired = errors.New("the code for this device has expired")

const (
	// defaultInterval is between two polls if the server names none: Zoho's own
	// (Zoho: devices/polling-request). RFC 8628 would have it 5 s.
	defaultInterval = 30 * time.Second
	// slowDown is added to the interval when the server asks for it (RFC 8628
	// section 3.5).
	slowDown = 5 * time.Second
	// leastInterval keeps an odd answer from making a flood of polls.
	leastInterval = 50 * time.Millisecond
	// deviceLife bounds the life of the codes, and stands in where the server
	// names none.
	deviceLife = time.Hour
)

// DeviceAuthRequest asks for the codes of a login on a device without a browser
// (RFC 8628 section 3.1).
type DeviceAuthRequest struct {
	AccountsURL string   // base URL at the data centre where the client is registered
	ClientID    string   // required; its type must be "Non-browser Applications" at Zoho
	Scopes      []string // as Zoho writes them: ZohoCRM.modules.ALL
}

// DeviceAuth is what the user is shown, and what the device polls with (RFC 8628
// section 3.2).
type DeviceAuth struct {
	AccountsURL             string // where it was asked for, and is polled first
	DeviceCode              Secret
	UserCode                string        // what the user types
	VerificationURI         string        // where; an address of the web
	VerificationURIComplete string        // the same with the code in it; "" if there is none
	Expiry                  time.Time     // by the corrected clock
	Interval                time.Duration // least time between two polls
}

// DeviceConsent is the end of the device flow: the tokens, and the data centre of
// the user who consented, which issued them.
type DeviceConsent struct {
	Issued     Issued
	DataCenter dc.DataCenter
}

// DeviceAuth begins the device flow (RFC 8628 section 3.1; Zoho:
// devices/initiation-request). It asks for offline access and for consent, as
// [Accounts.AuthorizeURL] does. Errors: see [ServerError].
func (a *Accounts) DeviceAuth(ctx context.Context, r DeviceAuthRequest) (DeviceAuth, error) {
	u, err := a.endpoint(r.AccountsURL, "/oauth/v3/device/code")
	if err != nil {
		return DeviceAuth{}, err
	}
	ans, err := a.post(ctx, opDevice, u, url.Values{
		"grant_type": {"device_request"}, "client_id": {r.ClientID}, "scope": {strings.Join(r.Scopes, ",")},
		"access_type": {"offline"}, "prompt": {"consent"},
	}, nil)
	if err != nil {
		return DeviceAuth{}, err
	}
	body, ok := ans.decode()
	switch {
	case !ok:
		return DeviceAuth{}, ans.unusable(opDevice)
	case body.Error != "":
		return DeviceAuth{}, ans.refused(opDevice, body)
	}
	d := ans.deviceAuth()
	d.AccountsURL = r.AccountsURL
	if d.DeviceCode.IsZero() || d.UserCode == "" || !isWebAddress(d.VerificationURI) {
		return DeviceAuth{}, ans.unusable(opDevice)
	}
	if !isWebAddress(d.VerificationURIComplete) {
		d.VerificationURIComplete = ""
	}
	return d, nil
}

// deviceAuth reads the answer. Zoho calls the address verification_url where
// RFC 8628 says verification_uri, and gives times in milliseconds: a life of over
// a day tells.
func (ans answer) deviceAuth() DeviceAuth {
	var body struct {
		UserCode   string      `json:"user_code"`
		DeviceCode string      `json:"device_code"`
		URL        string      `json:"verification_url"`
		URI        string      `json:"verification_uri"`
		Complete   string      `json:"verification_uri_complete"`
		Interval   json.Number `json:"interval"`
		ExpiresIn  json.Number `json:"expires_in"`
	}
	if json.Unmarshal(ans.body, &body) != nil {
		return DeviceAuth{}
	}
	unit := time.Second
	if n, err := body.ExpiresIn.Int64(); err == nil && n > int64(24*time.Hour/time.Second) {
		unit = time.Millisecond
	}
	read := func(n json.Number, missing, least, most time.Duration) time.Duration {
		v, err := n.Int64()
		if err != nil || v <= 0 {
			return missing
		}
		return min(max(time.Duration(min(v, 1<<31))*unit, least), most)
	}
	d := DeviceAuth{
		UserCode: body.UserCode, DeviceCode: NewSecret(body.DeviceCode),
		VerificationURI: body.URL, VerificationURIComplete: body.Complete,
		Interval: read(body.Interval, defaultInterval, leastInterval, deviceLife),
		Expiry:   ans.at.Add(read(body.ExpiresIn, deviceLife, time.Second, deviceLife)),
	}
	if d.VerificationURI == "" {
		d.VerificationURI = body.URI
	}
	return d
}

// isWebAddress admits what a person may be sent to: https, and http on this
// machine. No secret goes there, so the directory is not asked.
func isWebAddress(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return false
	}
	host := u.Hostname()
	return u.Scheme == "https" || u.Scheme == "http" && (host == "localhost" || host == "127.0.0.1" || host == "::1")
}
