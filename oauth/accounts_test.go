package oauth_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"zohocrm/dc"
	"zohocrm/oauth"
	"zohocrm/sim"
	"zohocrm/sim/simtest"
)

// server answers every request with one status, type and body.
func server(t *testing.T, status int, contentType, body string) (*oauth.Accounts, oauth.Token) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(s.Close)
	return accountsFor(t, s.URL)
}

func accountsFor(t *testing.T, base string) (*oauth.Accounts, oauth.Token) {
	t.Helper()
	home, err := dc.Custom(base, "")
	if err != nil {
		t.Fatal(err)
	}
	return oauth.NewAccounts(oauth.AccountsConfig{Directory: dc.Zoho().With(home), Timeout: 2 * time.Second}), oauth.Token{
		ClientID: "c", ClientSecret: oauth.NewSecret("PLANTED-secret"), RefreshToken: oauth.NewSecret("PLANTED-refresh"),
		GrantToken: oauth.NewSecret("PLANTED-grant"), AccountsURL: base,
	}
}

// Defects: D22.
func TestAnswersAreJudgedByTheirBody(t *testing.T) {
	const denied = `{"error_description":"You have made too many requests continuously. Please try again after some time.","error":"Access Denied","status":"failure"}`
	for _, c := range []struct {
		status            int
		body              string
		exchange, refresh error
	}{
		{200, `{"error":"invalid_code"}`, oauth.ErrGrantExpired, oauth.ErrReauthRequired},
		{400, `{"error":"invalid_code"}`, oauth.ErrGrantExpired, oauth.ErrReauthRequired},
		{200, `{"error":"invalid_client"}`, oauth.ErrClientConfig, oauth.ErrClientConfig},
		{200, `{"error":"invalid_client_secret"}`, oauth.ErrClientConfig, oauth.ErrClientConfig},
		{200, `{"error":"invalid_redirect_uri"}`, oauth.ErrClientConfig, oauth.ErrClientConfig},
		{200, denied, oauth.ErrThrottled, oauth.ErrThrottled},
		{400, denied, oauth.ErrThrottled, oauth.ErrThrottled},
		{429, ``, oauth.ErrThrottled, oauth.ErrThrottled},
		{200, `{"error":"something_new"}`, oauth.ErrRefused, oauth.ErrRefused},
		{200, `{"error":"PLANTED <script> very long thing that is not a code at all"}`, oauth.ErrRefused, oauth.ErrRefused},
		{500, `{"error":"something_new"}`, oauth.ErrOutcomeUnknown, oauth.ErrOutcomeUnknown},
		{200, `{}`, oauth.ErrOutcomeUnknown, oauth.ErrOutcomeUnknown},
		{200, `null`, oauth.ErrOutcomeUnknown, oauth.ErrOutcomeUnknown},
		{200, `<html>PLANTED</html>`, oauth.ErrOutcomeUnknown, oauth.ErrOutcomeUnknown},
		{200, ``, oauth.ErrOutcomeUnknown, oauth.ErrOutcomeUnknown},
		{502, `<html>`, oauth.ErrOutcomeUnknown, oauth.ErrOutcomeUnknown},
		{200, `{"access_token":"` + strings.Repeat("x", 100<<10) + `"}`, oauth.ErrOutcomeUnknown, oauth.ErrOutcomeUnknown},
	} {
		a, token := server(t, c.status, "application/json", c.body)
		_, err := a.Exchange(t.Context(), token, oauth.Secret{})
		_, err2 := a.Refresh(t.Context(), token)
		if !errors.Is(err, c.exchange) || !errors.Is(err2, c.refresh) {
			t.Errorf("%d %.40s: exchange %v, refresh %v", c.status, c.body, err, err2)
		}
		var rich *oauth.ServerError
		if !errors.As(err, &rich) || rich.Status != c.status {
			t.Errorf("%d %.40s: not a ServerError with the status: %v", c.status, c.body, err)
		}
		if strings.Contains(err.Error()+err2.Error(), "PLANTED") {
			t.Errorf("an error shows what the server or the caller sent: %v / %v", err, err2)
		}
	}
}

func TestBothExpiryShapes(t *testing.T) {
	for body, want := range map[string]time.Duration{
		`{"access_token":"a","expires_in":3600}`:                          time.Hour,
		`{"access_token":"a","expires_in":"3600"}`:                        time.Hour,
		`{"access_token":"a","expires_in_sec":3600,"expires_in":3600000}`: time.Hour,
		`{"access_token":"a","expires_in":3600000}`:                       time.Hour,
		`{"access_token":"a","expires_in":0}`:                             0,
		`{"access_token":"a","expires_in":-5}`:                            0,
		`{"access_token":"a"}`:                                            0,
		`{"access_token":"a","expires_in":99999999999999999999}`:          0,
	} {
		a, token := server(t, 200, "application/json", body)
		before := a.Now()
		got, err := a.Refresh(t.Context(), token)
		if err != nil || got.Life != want {
			t.Errorf("%s: life %s, %v; want %s", body, got.Life, err, want)
		}
		if want > 0 && (got.Expiry.Before(before.Add(want).Add(-time.Second)) || got.Expiry.After(a.Now().Add(want))) {
			t.Errorf("%s: expiry %s", body, got.Expiry)
		}
		if want == 0 && !got.Expiry.IsZero() {
			t.Errorf("%s: expiry %s, want none", body, got.Expiry)
		}
	}
}

// Defects: D6.
func TestRevokeAnswers(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		want   error
	}{
		{200, `{"status":"success"}`, nil},
		{400, `{"status":"failure"}`, nil},
		{400, `{"error":"invalid_code"}`, nil},
		{400, `{"error":"Access Denied","status":"failure"}`, oauth.ErrThrottled},
		{200, `{"error":"invalid_client"}`, oauth.ErrClientConfig},
		{500, `{}`, oauth.ErrOutcomeUnknown},
		{200, `<html>`, oauth.ErrOutcomeUnknown},
		{400, `<html>`, oauth.ErrOutcomeUnknown},
	} {
		a, token := server(t, c.status, "application/json", c.body)
		if err := a.Revoke(t.Context(), token); !errors.Is(err, c.want) {
			t.Errorf("%d %s: %v, want %v", c.status, c.body, err, c.want)
		}
	}
	// A server that knows the newer path only.
	var used string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/oauth/v2/revoke/token" {
			http.NotFound(w, r)
			return
		}
		id, secret, _ := r.BasicAuth()
		used = id + " " + secret + " " + r.FormValue("token_type") + " " + r.FormValue("token")
		fmt.Fprint(w, `{"status":"success"}`)
	}))
	defer s.Close()
	a, token := accountsFor(t, s.URL)
	if err := a.Revoke(t.Context(), token); err != nil || used != "c PLANTED-secret refresh_token PLANTED-refresh" {
		t.Errorf("newer path: %v, %q", err, used)
	}
}

// TestARedirectIsNamed: waiting does not help who has mistyped an address, or sits behind
// a network's sign-in page.
func TestARedirectIsNamed(t *testing.T) {
	a, token := server(t, http.StatusTemporaryRedirect, "text/html", "")
	_, err := a.Refresh(t.Context(), token)
	if !errors.Is(err, oauth.ErrOutcomeUnknown) || !strings.Contains(err.Error(), "answers with a redirect, which is not followed") || strings.Contains(err.Error(), "try again") {
		t.Error(err)
	}
}

func TestWhatNeverLeftIsUnreachable(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	base := s.URL
	s.Close()
	a, token := accountsFor(t, base)
	_, err := a.Refresh(t.Context(), token)
	if !errors.Is(err, oauth.ErrUnreachable) || strings.Contains(err.Error(), "PLANTED") {
		t.Errorf("a closed port: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := a.Refresh(ctx, token); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled context: %v", err)
	}
}

// Defects: D22.
func TestAHangingServerEndsAtTheTimeout(t *testing.T) {
	s := simtest.New(t, sim.Config{})
	s.Inject(sim.Fault{Kind: sim.FaultHang, Match: "token"})
	home, _ := dc.Custom(s.URL, "")
	a := oauth.NewAccounts(oauth.AccountsConfig{Directory: dc.Zoho().With(home), Timeout: 50 * time.Millisecond})
	_, err := a.Refresh(t.Context(), oauth.Token{AccountsURL: s.URL, RefreshToken: oauth.NewSecret("r")})
	if !errors.Is(err, oauth.ErrOutcomeUnknown) || !strings.Contains(err.Error(), "no answer within 50ms") {
		t.Errorf("a hanging server: %v", err)
	}
}

func TestAuthorizeURLAndPKCE(t *testing.T) {
	r := newRig(t)
	accounts := oauth.NewAccounts(oauth.AccountsConfig{Directory: dc.Zoho().With(r.home), Now: r.sim.Now})
	verifier := oauth.NewVerifier()
	for _, c := range []struct {
		verifier oauth.Secret
		want     error
	}{{oauth.NewVerifier(), oauth.ErrGrantExpired}, {oauth.Secret{}, oauth.ErrGrantExpired}, {verifier, nil}} {
		login := consent(t, r, accounts, verifier)
		got, err := r.keeper.Connect(r.ctx, oauth.Login{Token: login, Verifier: c.verifier})
		if !errors.Is(err, c.want) || (err == nil && (got.RefreshToken.IsZero() || !strings.Contains(got.Scope, "ZohoCRM.users.READ"))) {
			t.Errorf("Connect: %v, %v; want %v", got, err, c.want)
		}
	}
	if _, err := accounts.AuthorizeURL(oauth.AuthorizeRequest{AccountsURL: "https://evil.example"}); !errors.Is(err, dc.ErrUntrusted) {
		t.Errorf("an unknown host: %v", err)
	}
}

// consent walks alice's browser through the simulator's consent page.
func consent(t *testing.T, r *rig, accounts *oauth.Accounts, verifier oauth.Secret) oauth.Token {
	t.Helper()
	state := oauth.NewState()
	page, err := accounts.AuthorizeURL(oauth.AuthorizeRequest{
		AccountsURL: r.sim.URL, ClientID: clientID, RedirectURL: redirect,
		Scopes: []string{"ZohoCRM.modules.ALL", "ZohoCRM.users.READ"}, State: state, Verifier: verifier,
	})
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Get(page + "&auto=alice")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	back, err := resp.Location()
	if err != nil {
		t.Fatalf("status %d: %v", resp.StatusCode, err)
	}
	cb, err := oauth.ParseCallback(back.Query(), state, r.home, accounts.Directory())
	if err != nil || cb.DataCenter != r.home {
		t.Fatalf("callback: %+v, %v", cb.DataCenter, err)
	}
	return oauth.Token{
		ClientID: clientID, ClientSecret: oauth.NewSecret("sim"), RedirectURL: redirect,
		GrantToken: cb.GrantToken, AccountsURL: cb.DataCenter.AccountsURL,
	}
}

func TestParseCallback(t *testing.T) {
	zoho := dc.Zoho()
	us, _ := zoho.ByLocation("us")
	for query, want := range map[string]error{
		"code=1000.a&state=s":             nil,
		"code=1000.a&state=s&":            nil,
		"code=1000.a&state=s&location=eu": nil,
		"code=1000.a&state=s&location=eu&accounts-server=https%3A%2F%2Faccounts.zoho.eu": nil,
		"code=1000.a&state=s&location=us&accounts-server=https%3A%2F%2Faccounts.zoho.eu": dc.ErrUntrusted,
		"code=1000.a&state=s&location=eu&accounts-server=https%3A%2F%2Fevil.example":     dc.ErrUntrusted,
		"code=1000.a&state=s&location=eu&accounts-server=http%3A%2F%2Faccounts.zoho.eu":  dc.ErrUntrusted,
		"code=1000.a&state=s&location=mars":                                              dc.ErrUntrusted,
		"code=1000.a&state=x":                                                            oauth.ErrBadState,
		"code=1000.a":                                                                    oauth.ErrBadState,
		"error=access_denied&state=s":                                                    oauth.ErrConsentRefused,
		"state=s":                                                                        oauth.ErrConsentRefused,
		// Nothing may stand twice, not even the same: who reads the other one?
		"code=1000.a&state=s&state=x":                                    oauth.ErrBadState,
		"code=1000.a&state=s&state=s":                                    oauth.ErrBadState,
		"code=1000.a&state=s&code=1000.b":                                oauth.ErrBadState,
		"code=1000.a&state=s&code=":                                      oauth.ErrBadState,
		"error=access_denied&state=s&error=x":                            oauth.ErrBadState,
		"code=1000.a&state=s&location=eu&location=us":                    oauth.ErrBadState,
		"code=1000.a&state=s&accounts-server=&accounts-server=https://x": oauth.ErrBadState,
		"code=1000.a&state=s&other=1&other=2":                            nil, // not read
	} {
		q, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		cb, err := oauth.ParseCallback(q, "s", us, zoho)
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", query, err, want)
		}
		if err == nil && (cb.GrantToken.Reveal() != "1000.a" || cb.DataCenter.Location != q.Get("location") && q.Has("location")) {
			t.Errorf("%s: %+v", query, cb)
		}
	}
}

func TestAWrongClockIsNoticedAndCorrected(t *testing.T) {
	for _, off := range []time.Duration{time.Hour, -time.Hour} {
		var r *rig
		r = newRig(t, func(_ *sim.Config, a *oauth.AccountsConfig, _ *oauth.KeeperConfig) {
			a.Now = func() time.Time { return r.sim.Now().Add(off) } // the simulator's Date is right
		})
		token := r.connect("alice", "alice")
		if !r.log.contains("clock of this machine is wrong") {
			t.Errorf("%s: no warning", off)
		}
		if d := token.Expiry.Sub(r.sim.Now()); d < 59*time.Minute || d > 61*time.Minute {
			t.Errorf("%s: the stored expiry is %s away in truth", off, d)
		}
		for range 3 {
			if _, err := r.keeper.Token(r.ctx, oauth.Token{UserName: "alice"}); err != nil {
				t.Fatal(err)
			}
		}
		r.wantMints(1, 0)
	}
}
