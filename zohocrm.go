// Package zohocrm is the Zoho CRM SDK for Go: it connects a Zoho user once,
// keeps the OAuth tokens in a store of your choice, renews them by itself, and
// makes CRM calls with them.
//
// [New] is what the Initializer is in Zoho's own SDKs, as one struct:
// environment, user, token, store, logger and HTTP client go in; [Client].CRM
// makes calls and [Client].Tokens looks after tokens. There is no global state:
// [Client.As] gives a client for another user, where the official SDKs switch
// the user of the whole program. A program that serves many users begins with
// [NewWithoutUser], and [Client.Connect] makes a client of each login.
//
// The parts stand alone too: package oauth is the life of a token, the packages
// below store keep tokens, package crm makes calls, package dc knows Zoho's data
// centres, and package sim stands in for Zoho where there is no network.
package zohocrm

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"zohocrm/crm"
	"zohocrm/dc"
	"zohocrm/oauth"
)

// Config sets up [New] and [NewWithoutUser]. Token is required; every other zero
// value is what the official SDKs do by default.
type Config struct {
	// Token says whose calls are made, in one of four ways: a GrantToken or a
	// RefreshToken with ClientID and ClientSecret connects the user, once; an
	// AccessToken alone is used until Zoho refuses it; ID or UserName means a
	// token that the store has. NewWithoutUser takes of it only the application:
	// ClientID, ClientSecret and RedirectURL.
	Token oauth.Token
	// Store keeps the tokens; nil is the CSV file "sdk_tokens.txt" in the working
	// folder, which the official SDKs read and write too.
	Store oauth.Store
	// DataCenter is where a new user is connected; the zero value is the United
	// States. A stored token has its own. See package dc; [dc.Custom] makes an
	// entry for a gateway or a simulator.
	DataCenter dc.DataCenter
	// Environment is production, sandbox or developer.
	Environment dc.Environment
	// HTTPClient carries all requests, to Zoho's accounts servers and to the
	// API: this is the place for a proxy, a custom CA or other timeouts. nil is
	// a client with the timeouts that package crm and package oauth describe.
	HTTPClient *http.Client
	// NameUser answers under which name a newly connected user is kept. nil asks
	// Zoho and gives "email:zgid", as the official SDKs do (find_user); it needs
	// the scopes ZohoCRM.users.READ and ZohoCRM.org.READ.
	NameUser func(ctx context.Context, t oauth.Token) (string, error)
	// OnChange hears of every saved change of a token. See [oauth.KeeperConfig].
	OnChange func(ctx context.Context, c oauth.Change) error
	// Limiter answers which limiter a user's calls go through: the same one for
	// all users of an organisation, since Zoho counts by organisation and
	// application. Without this function, or where it answers nil, it is one of
	// the Standard edition: for each organisation where users are named
	// "email:zgid", else for each user.
	Limiter func(user oauth.Token) *crm.Limiter
	// Logger hears what happens, never a secret; nil discards.
	Logger *slog.Logger
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Client makes CRM calls for one user. It is safe for concurrent use.
type Client struct {
	// CRM makes the calls.
	CRM *crm.Client
	// Tokens keeps the tokens of all users of this store.
	Tokens *oauth.Keeper
	// Accounts speaks to Zoho's accounts servers: for the address of the consent
	// page, and for the list of hosts that the way back is checked against.
	Accounts *oauth.Accounts
	// User is the token that the user was found or connected by, as it was when
	// this Client was made.
	User oauth.Token

	shared *shared
}

// New connects or finds the user, and returns a client for it. ctx bounds only
// this. A user who must consent again is [oauth.ErrReauthRequired]; an unknown
// one [oauth.ErrNotFound].
func New(ctx context.Context, cfg Config) (*Client, error) {
	s, err := newShared(cfg)
	if err != nil {
		return nil, err
	}
	c, err := s.client(ctx, cfg.Token)
	if err != nil {
		return nil, errors.Join(err, s.keeper.Close())
	}
	return c, nil
}

// As returns a client for another user of the same store: switch_user of the
// official SDKs, without its global. partial means the user as Config.Token
// does; the application is that of Config.Token unless partial names one. The
// receiver keeps its own user; both share tokens, store, connections and, within
// an organisation, the limit of calls at once.
func (c *Client) As(ctx context.Context, partial oauth.Token) (*Client, error) {
	return c.shared.client(ctx, c.shared.withApplication(partial))
}

// Close stops the background work of this client and of those made by As and
// Connect, and waits for it. It does not close the store.
func (c *Client) Close() error {
	err := c.shared.keeper.Close()
	if c.shared.ownHTTP {
		c.shared.crm.HTTPClient.CloseIdleConnections()
	}
	return err
}

// httpClient is one client for accounts servers and API, so that all users of a
// program share connections. Requests for tokens have a shorter limit of their
// own.
func httpClient() *http.Client {
	return &http.Client{
		Timeout: 60 * time.Second,
		Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
			TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:   10 * time.Second,
			ResponseHeaderTimeout: 60 * time.Second,
			IdleConnTimeout:       90 * time.Second,
			MaxIdleConns:          100,
			MaxIdleConnsPerHost:   25, // Zoho's greatest concurrency (Zoho: api-limits)
			ForceAttemptHTTP2:     true,
		},
	}
}
