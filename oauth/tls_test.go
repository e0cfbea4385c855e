package oauth_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"zohocrm/dc"
	"zohocrm/oauth"
)

// encrypted is an accounts server with a certificate for 127.0.0.1 and example.com,
// and the client that trusts it. It counts the requests that reach it.
func encrypted(t *testing.T, settings *tls.Config) (*httptest.Server, *http.Client, *atomic.Int32) {
	t.Helper()
	var requests atomic.Int32
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		_, _ = io.WriteString(w, `{"access_token":"PLANTED-access","expires_in":3600}`)
	}))
	s.TLS = settings
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // of the handshakes that fail on purpose
	s.StartTLS()
	t.Cleanup(s.Close)
	trusted := x509.NewCertPool()
	trusted.AddCert(s.Certificate())
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}}
	t.Cleanup(transport.CloseIdleConnections)
	return s, &http.Client{Transport: transport}, &requests
}

// refreshAt asks for a token there.
func refreshAt(t *testing.T, base string, client *http.Client) error {
	t.Helper()
	home, err := dc.Custom(base, "")
	if err != nil {
		t.Fatal(err)
	}
	a := oauth.NewAccounts(oauth.AccountsConfig{HTTPClient: client, Directory: dc.Zoho().With(home), Timeout: 5 * time.Second})
	_, err = a.Refresh(t.Context(), oauth.Token{
		ClientID: "c", ClientSecret: oauth.NewSecret("PLANTED-secret"), RefreshToken: oauth.NewSecret("PLANTED-refresh"), AccountsURL: base,
	})
	if err != nil && strings.Contains(err.Error(), "PLANTED") {
		t.Errorf("the error shows a secret: %v", err)
	}
	return err
}

// A server is sent a secret only if its certificate is for the host that was asked,
// from an authority that is trusted.
//
// Defects: D19.
func TestCertificateIsVerified(t *testing.T) {
	s, trusting, requests := encrypted(t, nil)
	if err := refreshAt(t, s.URL, trusting); err != nil || requests.Load() != 1 {
		t.Fatalf("the right host: %v, %d requests", err, requests.Load())
	}
	requests.Store(0)
	for what, c := range map[string]struct {
		host   string
		client *http.Client
		want   string
	}{
		"another host":        {"localhost", trusting, "not localhost"},
		"another address":     {"[::1]", trusting, ""},
		"an unknown issuer":   {"127.0.0.1", nil, "certificate"},
		"the standard client": {"127.0.0.1", &http.Client{}, "certificate"},
	} {
		err := refreshAt(t, strings.Replace(s.URL, "127.0.0.1", c.host, 1), c.client)
		if !errors.Is(err, oauth.ErrUnreachable) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if n := requests.Load(); n != 0 {
		t.Errorf("%d requests reached a server that was not verified", n)
	}
}

// The client that is used where the caller gives none does not speak TLS 1.1.
func TestTLS12AtLeast(t *testing.T) {
	s, _, requests := encrypted(t, &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})
	err := refreshAt(t, s.URL, nil)
	if !errors.Is(err, oauth.ErrUnreachable) || !strings.Contains(err.Error(), "protocol version") || requests.Load() != 0 {
		t.Errorf("%v, %d requests", err, requests.Load())
	}
}
