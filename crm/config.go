package crm

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"

	"zohocrm/dc"
	"zohocrm/oauth"
)

// Config says for whom and how calls are made. Only Source is required.
type Config struct {
	// Source hands out the user's tokens. Required.
	Source oauth.Source
	// HTTPClient carries the calls, with its own Timeout and Transport; it is
	// copied, and the copy follows no redirect. nil: a client of its own that gives a call 60 seconds from dial
	// to the end of the body, a dial 10 seconds, and speaks TLS 1.2 or newer.
	HTTPClient *http.Client
	// Directory lists the hosts that may be sent a token. Zero: [dc.Zoho].
	Directory dc.Directory
	// APIURL is the base URL for tokens that have no APIDomain
	// ("https://www.zohoapis.eu"). "": a call with such a token is an error.
	APIURL string
	// UserAgent names the program to Zoho. "": "zohocrm".
	UserAgent string
	// Logger gets one debug line for each request: method, path, status and
	// duration, never query, header or body. nil: nothing is logged.
	Logger *slog.Logger
	// Now is the clock for the logged durations. nil: time.Now.
	Now func() time.Time
	// MaxBody bounds the answers that are read, in bytes after decompression.
	// 0: 64 MiB.
	MaxBody int64
	// MaxFile bounds the files that the methods for attachments, photos, files
	// and bulk results bring, in bytes. 0: 4 GiB.
	MaxFile int64
	// FileTimeout bounds the way of one file up or down, where HTTPClient's
	// Timeout bounds all other calls. 0: 30 minutes.
	FileTimeout time.Duration
	// Limiter bounds the calls at once; the clients of all users of one
	// organisation share it. nil: one of its own for the Standard edition, ten
	// calls at once.
	Limiter *Limiter
	// Retries is how often the methods that only read are repeated when Zoho
	// fails, does not answer, or runs too many calls at once. Writes and Do are
	// never repeated. 0: twice. Negative: never.
	Retries int
	// RetryWait is the wait before the first repeat, half of it at random,
	// doubled for each further one. 0: 250 milliseconds.
	RetryWait time.Duration
	// MetadataLife is how long [MetadataService] answers from memory before it
	// asks whether something changed. 0: one hour. Negative: it always asks.
	MetadataLife time.Duration
}

// withDefaults fills the fields that were left out and checks the others.
func (cfg Config) withDefaults() (Config, error) {
	if cfg.Source == nil {
		return cfg, errors.New("crm: Config.Source is required: give a Keeper's Source or oauth.StaticSource")
	}
	if len(cfg.Directory.All()) == 0 {
		cfg.Directory = dc.Zoho()
	}
	if cfg.APIURL != "" {
		u, err := url.Parse(cfg.APIURL)
		if err != nil {
			return cfg, errors.New("crm: Config.APIURL is not a URL such as https://www.zohoapis.com")
		}
		if err := cfg.Directory.Check(u); err != nil {
			return cfg, fmt.Errorf("crm: Config.APIURL: %w: add the host to Config.Directory", err)
		}
	}
	if cfg.UserAgent == "" {
		cfg.UserAgent = "zohocrm"
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.MaxBody <= 0 {
		cfg.MaxBody = 64 << 20
	}
	if cfg.MaxFile <= 0 {
		cfg.MaxFile = 4 << 30
	}
	if cfg.FileTimeout <= 0 {
		cfg.FileTimeout = 30 * time.Minute
	}
	if cfg.Limiter == nil {
		cfg.Limiter = NewLimiter(LimiterConfig{})
	}
	if cfg.Retries == 0 {
		cfg.Retries = 2
	}
	if cfg.RetryWait <= 0 {
		cfg.RetryWait = 250 * time.Millisecond
	}
	if cfg.MetadataLife == 0 {
		cfg.MetadataLife = time.Hour
	}
	if cfg.HTTPClient == nil {
		cfg.HTTPClient = defaultHTTPClient()
	} else {
		copied := *cfg.HTTPClient
		cfg.HTTPClient = &copied
	}
	// net/http carries Authorization to other ports, to subdomains and from
	// https to http of the same host. The CRM API redirects nowhere, so no
	// redirect is followed at all.
	cfg.HTTPClient.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return cfg, nil
}

// defaultHTTPClient has a pool of connections of its own, large enough for the
// 25 calls at once that Zoho's largest edition allows (Zoho: api-limits page).
func defaultHTTPClient() *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Client{
		Timeout: 60 * time.Second,
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         dialer.DialContext,
			TLSClientConfig:     defaultTLS(),
			TLSHandshakeTimeout: 10 * time.Second,
			ForceAttemptHTTP2:   true,
			MaxIdleConns:        100,
			MaxIdleConnsPerHost: 25,
			IdleConnTimeout:     90 * time.Second,
		},
	}
}
