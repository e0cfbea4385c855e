package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"zohocrm/crm"
	"zohocrm/dc"
	"zohocrm/oauth"
)

// userAgent names the program to Zoho.
const userAgent = "zcrm"

// wire is what it takes to talk to Zoho.
type wire struct {
	http      *http.Client
	accounts  *oauth.Accounts
	directory dc.Directory // hosts that may be sent a token
	apiURL    string       // for tokens without an API domain
	timeout   time.Duration
	log       *slog.Logger
}

// newWire makes the one HTTP client that everything of a command goes through.
func (a *app) newWire() (wire, error) {
	pool, err := certificates(a.set.caFile)
	if err != nil {
		return wire{}, err
	}
	w := wire{
		http: newHTTPClient(a.set.timeout, pool), directory: a.set.directory,
		apiURL: a.set.home.APIURL(a.set.environment), timeout: a.set.timeout, log: a.logger(),
	}
	w.open(a.now)
	return w, nil
}

// open prepares the accounts server's side, with the clock by which tokens age.
func (w *wire) open(now func() time.Time) {
	w.accounts = oauth.NewAccounts(oauth.AccountsConfig{
		HTTPClient: w.http, Directory: w.directory, Timeout: w.timeout, Now: now, Logger: w.log, UserAgent: userAgent,
	})
}

// crm is a client of the CRM API for one user.
func (w wire) crm(source oauth.Source) (*crm.Client, error) {
	return crm.New(crm.Config{
		Source: source, HTTPClient: w.http, Directory: w.directory, APIURL: w.apiURL, UserAgent: userAgent, Logger: w.log,
	})
}

// nameUser names a user as the official SDKs do: email:zgid.
func (w wire) nameUser(ctx context.Context, t oauth.Token) (string, error) {
	client, err := w.crm(oauth.StaticSource(t))
	if err != nil {
		return "", err
	}
	return crm.UserName(ctx, client)
}

// newHTTPClient follows the proxy environment (HTTPS_PROXY, NO_PROXY). An answer
// must begin within timeout; a whole one may take five times as long, for the
// CRM's larger ones.
func newHTTPClient(timeout time.Duration, trusted *x509.CertPool) *http.Client {
	dialer := &net.Dialer{Timeout: min(10*time.Second, timeout), KeepAlive: 30 * time.Second}
	return &http.Client{
		Timeout: 5 * timeout,
		Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           dialer.DialContext,
			TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: trusted},
			TLSHandshakeTimeout:   min(10*time.Second, timeout),
			ResponseHeaderTimeout: timeout,
			IdleConnTimeout:       30 * time.Second,
			MaxIdleConnsPerHost:   16,
			ForceAttemptHTTP2:     true,
		},
	}
}

// certificates are the system's and those of file; nil means the system's alone.
func certificates(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file) // #nosec G304 -- --ca-file: the user's own file
	if err != nil {
		return nil, usagef("--ca-file: %v", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(text) {
		return nil, usagef("--ca-file: there is no PEM certificate in it")
	}
	return pool, nil
}
