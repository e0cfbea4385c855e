package oauth

import (
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"

	"golang.org/x/oauth2"

	"zohocrm/dc"
)

// ErrBadState: a redirect whose state is not the one that was sent, or in which a
// parameter stands twice: a stale page, or a forgery. Keep waiting for the right
// one.
var ErrBadState = errors.New("the redirect does not belong to this login")

// ErrConsentRefused: the user pressed Reject, or Zoho did not show the page.
var ErrConsentRefused = errors.New("consent was not given")

// NewState is an unguessable value for [AuthorizeRequest].State (RFC 6749
// section 10.12).
func NewState() string { return rand.Text() }

// NewVerifier is a PKCE code verifier (RFC 7636 section 4.1).
func NewVerifier() Secret { return NewSecret(oauth2.GenerateVerifier()) }

func challenge(verifier Secret) string {
	return oauth2.S256ChallengeFromVerifier(verifier.Reveal())
}

// Callback is what the browser brought back from Zoho.
type Callback struct {
	GrantToken Secret
	DataCenter dc.DataCenter // the user's, which may differ from the client's
}

// ParseCallback reads the redirect's query. The state must be the one that was
// sent, and nothing that is read may stand twice (RFC 6749 section 3.1). The
// redirect passes through the browser, so its accounts-server is
// believed only if the directory lists it and it belongs to the location; home
// is the data centre where the login began.
func ParseCallback(q url.Values, state string, home dc.DataCenter, directory dc.Directory) (Callback, error) {
	if state == "" || subtle.ConstantTimeCompare([]byte(q.Get("state")), []byte(state)) != 1 {
		return Callback{}, fmt.Errorf("%w: its state is another", ErrBadState)
	}
	for _, name := range []string{"state", "code", "error", "location", "accounts-server"} {
		if len(q[name]) > 1 {
			return Callback{}, fmt.Errorf("%w: its %s stands twice", ErrBadState, name)
		}
	}
	if code := q.Get("error"); code != "" {
		return Callback{}, fmt.Errorf("%w (%s): log in again and accept", ErrConsentRefused, printable(code))
	}
	if q.Get("code") == "" {
		return Callback{}, fmt.Errorf("%w: the redirect holds no code", ErrConsentRefused)
	}
	user, err := userCenter(q.Get("location"), q.Get("accounts-server"), home, directory)
	if err != nil {
		return Callback{}, err
	}
	return Callback{GrantToken: NewSecret(q.Get("code")), DataCenter: user}, nil
}

func userCenter(location, server string, home dc.DataCenter, directory dc.Directory) (dc.DataCenter, error) {
	if server != "" {
		byServer, ok := directory.ByAccountsURL(server)
		if !ok {
			return dc.DataCenter{}, fmt.Errorf("%w: the redirect names an accounts server that Zoho does not list; nothing was sent to it", dc.ErrUntrusted)
		}
		if byLocation, ok := directory.ByLocation(location); ok && byServer.Location != "custom" && byLocation != byServer {
			return dc.DataCenter{}, fmt.Errorf("%w: the redirect's accounts server is not that of its location", dc.ErrUntrusted)
		}
		return byServer, nil
	}
	// A stand-in for Zoho answers for every location.
	if location == "" || home.Location == "custom" {
		return home, nil
	}
	byLocation, ok := directory.ByLocation(location)
	if !ok {
		return dc.DataCenter{}, fmt.Errorf("%w: the redirect names a location that is not listed; give its accounts and API URLs", dc.ErrUntrusted)
	}
	return byLocation, nil
}
