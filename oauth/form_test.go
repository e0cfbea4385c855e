package oauth_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"zohocrm/dc"
	"zohocrm/oauth"
)

// Whatever stands in a value arrives as it is, as a value, in the body; nothing of
// it is in the address.
//
// Defects: D22.
func TestFormsAreEscaped(t *testing.T) {
	const odd = "a&client_id=other=%41+ü ?#\"'"
	var got url.Values
	var address string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		address = r.URL.String()
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		got = r.PostForm
		_, _ = io.WriteString(w, `{"access_token":"x","refresh_token":"y","expires_in":3600}`)
	}))
	defer s.Close()
	a, _ := accountsFor(t, s.URL)
	token := oauth.Token{
		ClientID: odd + "1", ClientSecret: oauth.NewSecret(odd + "2"), RefreshToken: oauth.NewSecret(odd + "3"),
		GrantToken: oauth.NewSecret(odd + "4"), RedirectURL: odd + "5", AccountsURL: s.URL,
	}
	check := func(what string, err error, want url.Values) {
		t.Helper()
		if err != nil || got.Encode() != want.Encode() {
			t.Errorf("%s: sent %v, want %v; %v", what, got, want, err)
		}
		if strings.Contains(address, "?") {
			t.Errorf("%s: the address is %s", what, address)
		}
	}
	_, err := a.Refresh(t.Context(), token)
	check("refresh", err, url.Values{"grant_type": {"refresh_token"}, "client_id": {odd + "1"}, "client_secret": {odd + "2"}, "refresh_token": {odd + "3"}})
	_, err = a.Exchange(t.Context(), token, oauth.NewSecret(odd+"6"))
	check("exchange", err, url.Values{
		"grant_type": {"authorization_code"}, "client_id": {odd + "1"}, "client_secret": {odd + "2"}, "code": {odd + "4"},
		"redirect_uri": {odd + "5"}, "code_verifier": {odd + "6"},
	})
}

// Requests for tokens go through the proxy of the caller's client.
//
// Defects: D22.
func TestTokenRequestsUseTheProxy(t *testing.T) {
	asked := make(chan string, 1)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Method + " " + r.Host
		http.Error(w, "no", http.StatusBadGateway)
	}))
	defer proxy.Close()
	through, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{Proxy: http.ProxyURL(through)}
	defer transport.CloseIdleConnections()
	a := oauth.NewAccounts(oauth.AccountsConfig{HTTPClient: &http.Client{Transport: transport}, Directory: dc.Zoho()})
	_, err = a.Refresh(t.Context(), oauth.Token{AccountsURL: "https://accounts.zoho.eu", RefreshToken: oauth.NewSecret("PLANTED")})
	if !errors.Is(err, oauth.ErrUnreachable) || strings.Contains(err.Error(), "PLANTED") {
		t.Errorf("a proxy that refuses: %v", err)
	}
	select {
	case got := <-asked:
		if got != "CONNECT accounts.zoho.eu:443" {
			t.Errorf("the proxy was asked for %s", got)
		}
	default:
		t.Error("the proxy was not asked")
	}
}

// The bound is on the whole answer: a server that begins one and never ends it
// holds nobody longer.
//
// Defects: D22.
func TestAnEndlessAnswerEndsAtTheTimeout(t *testing.T) {
	for what, begin := range map[string]string{
		"nothing": "", "half a header": "HTTP/1.1 200 OK\r\nContent-Type: appl", "half a body": "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"access_token\":",
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		served := make(chan struct{})
		go func() {
			defer close(served)
			conn, err := l.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			_, _ = conn.Read(make([]byte, 1)) // the request is on its way
			_, _ = io.WriteString(conn, begin)
			_, _ = io.Copy(io.Discard, conn) // until the client leaves
		}()
		base := "http://" + l.Addr().String()
		home, err := dc.Custom(base, "")
		if err != nil {
			t.Fatal(err)
		}
		a := oauth.NewAccounts(oauth.AccountsConfig{Directory: dc.Zoho().With(home), Timeout: 50 * time.Millisecond})
		_, err = a.Refresh(t.Context(), oauth.Token{AccountsURL: base, RefreshToken: oauth.NewSecret("PLANTED")})
		if !errors.Is(err, oauth.ErrOutcomeUnknown) || !strings.Contains(err.Error(), "no answer within 50ms") {
			t.Errorf("%s: %v", what, err)
		}
		l.Close()
		<-served
	}
}
