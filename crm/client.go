package crm

import (
	"crypto/tls"
	"log/slog"
	"net/http"
	"time"

	"zohocrm/dc"
	"zohocrm/oauth"
)

// Client makes CRM calls for one user. It is safe for concurrent use, holds no
// token and starts no goroutine. Make it with [New].
type Client struct {
	Records *RecordsService
	Users   *UsersService
	Org     *OrgService

	source    oauth.Source
	http      *http.Client
	ownHTTP   bool
	directory dc.Directory
	apiURL    string
	userAgent string
	log       *slog.Logger
	now       func() time.Time
	maxBody   int64
}

// service is what all API areas share: the way back to the client.
type service struct{ client *Client }

// The API areas, fields of [Client]. Their methods are safe for concurrent use.
type (
	// RecordsService reads and writes the records of all modules.
	RecordsService service
	// UsersService tells about the organisation's users.
	UsersService service
	// OrgService tells about the organisation.
	OrgService service
)

// New returns a client that calls with the tokens of cfg.Source.
func New(cfg Config) (*Client, error) {
	own := cfg.HTTPClient == nil
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	c := &Client{
		source: cfg.Source, http: cfg.HTTPClient, ownHTTP: own, directory: cfg.Directory, apiURL: cfg.APIURL,
		userAgent: cfg.UserAgent, log: cfg.Logger, now: cfg.Now, maxBody: cfg.MaxBody,
	}
	common := service{c}
	c.Records = (*RecordsService)(&common)
	c.Users = (*UsersService)(&common)
	c.Org = (*OrgService)(&common)
	return c, nil
}

// Close lets go of idle connections, unless they belong to Config.HTTPClient.
// Calls that are under way finish; the client can still be used.
func (c *Client) Close() error {
	if c.ownHTTP {
		c.http.CloseIdleConnections()
	}
	return nil
}

func defaultTLS() *tls.Config { return &tls.Config{MinVersion: tls.VersionTLS12} }
