package oauth

import (
	"cmp"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"zohocrm/dc"
)

// AccountsConfig sets up [NewAccounts]. The zero value talks to Zoho.
type AccountsConfig struct {
	// HTTPClient carries the requests: proxy, custom CA, timeouts of its
	// transport. nil is a client of its own that follows the proxy environment
	// and wants TLS 1.2. Redirects are never followed, whatever the client says.
	HTTPClient *http.Client
	// Directory lists the hosts that may be sent a secret; the zero value is
	// [dc.Zoho].
	Directory dc.Directory
	// Timeout bounds one request, answer included; 0 is 12 s, after which the
	// outcome counts as unknown.
	Timeout time.Duration
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Logger hears of a wrong clock; nil discards. It never sees a secret.
	Logger *slog.Logger
	// UserAgent is sent along; "" is "zohocrm-go".
	UserAgent string
}

// Accounts speaks to Zoho's accounts servers: the authorize URL, the exchange of
// an authorization code, refresh and revocation (RFC 6749 and RFC 7009 as Zoho
// speaks them). It keeps no token. It is safe for concurrent use.
type Accounts struct {
	http      *http.Client
	directory dc.Directory
	timeout   time.Duration
	clock     *clock
	userAgent string
}

// NewAccounts returns an Accounts; see [AccountsConfig] for the defaults.
func NewAccounts(cfg AccountsConfig) *Accounts {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if len(cfg.Directory.All()) == 0 {
		cfg.Directory = dc.Zoho()
	}
	client := &http.Client{Transport: transport()}
	if cfg.HTTPClient != nil {
		copied := *cfg.HTTPClient
		client = &copied
	}
	// A redirected POST would hand the client secret to whoever is named there.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Accounts{
		http: client, directory: cfg.Directory, timeout: cmp.Or(cfg.Timeout, 12*time.Second),
		clock: newClock(cfg.Now, cfg.Logger), userAgent: cmp.Or(cfg.UserAgent, "zohocrm-go"),
	}
}

// Directory lists the hosts that this Accounts talks to.
func (a *Accounts) Directory() dc.Directory { return a.directory }

// Now is the time by which expiries are judged: this machine's clock, corrected
// by the accounts server's Date header if that showed the clock to be wrong.
func (a *Accounts) Now() time.Time { return a.clock.now() }

// AuthorizeRequest asks for the URL of Zoho's consent page.
type AuthorizeRequest struct {
	AccountsURL string   // base URL at the data centre where the client is registered
	ClientID    string   // required
	RedirectURL string   // exactly as registered
	Scopes      []string // as Zoho writes them: ZohoCRM.modules.ALL
	State       string   // see [NewState]; comes back in the redirect
	Verifier    Secret   // PKCE code verifier (RFC 7636), see [NewVerifier]; empty: no PKCE
}

// AuthorizeURL is the page to send the user's browser to. It asks for offline
// access and for consent every time, since Zoho otherwise returns no refresh
// token (Zoho: web-apps/authorization).
func (a *Accounts) AuthorizeURL(r AuthorizeRequest) (string, error) {
	u, err := a.endpoint(r.AccountsURL, "/oauth/v2/auth")
	if err != nil {
		return "", err
	}
	q := url.Values{
		"client_id":     {r.ClientID},
		"response_type": {"code"},
		"redirect_uri":  {r.RedirectURL},
		"scope":         {strings.Join(r.Scopes, ",")},
		"access_type":   {"offline"},
		"prompt":        {"consent"},
	}
	if r.State != "" {
		q.Set("state", r.State)
	}
	if !r.Verifier.IsZero() {
		q.Set("code_challenge", challenge(r.Verifier))
		q.Set("code_challenge_method", "S256")
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// endpoint joins a base URL and a path, and refuses hosts that are not listed.
func (a *Accounts) endpoint(base, path string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(base, "/") + path)
	if err != nil {
		return nil, dc.ErrUntrusted
	}
	return u, a.directory.Check(u)
}
