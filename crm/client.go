package crm

import (
	"crypto/tls"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"zohocrm/dc"
	"zohocrm/oauth"
)

// Client makes CRM calls for one user. It is safe for concurrent use, holds no
// token and starts no goroutine. Make it with [New].
type Client struct {
	Records       *RecordsService
	Related       *RelatedService
	Leads         *LeadsService
	Notes         *NotesService
	Attachments   *AttachmentsService
	Photos        *PhotosService
	Files         *FilesService
	Tags          *TagsService
	Query         *QueryService
	Metadata      *MetadataService
	Users         *UsersService
	Org           *OrgService
	Bulk          *BulkService
	Composite     *CompositeService
	Notifications *NotificationsService

	source    oauth.Source
	http      *http.Client
	files     *http.Client // the same, with the timeout for files
	ownHTTP   bool
	directory dc.Directory
	apiURL    string
	userAgent string
	log       *slog.Logger
	now       func() time.Time
	maxBody   int64
	maxFile   int64
	limiter   *Limiter
	retries   int
	retryWait time.Duration
	credits   creditsSeen
	metadata  *cache

	noSuggestions atomic.Bool // the token may not read metadata
}

// service is what all API areas share: the way back to the client.
type service struct{ client *Client }

// The API areas, fields of [Client]. Their methods are safe for concurrent use.
type (
	// RecordsService reads, searches and writes the records of all modules.
	RecordsService service
	// RelatedService links records with each other.
	RelatedService service
	// LeadsService converts leads.
	LeadsService service
	// NotesService keeps the notes of records.
	NotesService service
	// AttachmentsService keeps the files and links attached to records.
	AttachmentsService service
	// PhotosService keeps the photos of records.
	PhotosService service
	// FilesService keeps the files of file upload and image upload fields.
	FilesService service
	// TagsService keeps the tags of a module and puts them on records.
	TagsService service
	// QueryService answers queries in COQL.
	QueryService service
	// MetadataService describes modules, fields, layouts, related lists and
	// custom views. It remembers what it was told: see Config.MetadataLife.
	MetadataService service
	// UsersService tells about the organisation's users.
	UsersService service
	// OrgService tells about the organisation.
	OrgService service
	// BulkService exports and imports records by the hundred thousand.
	BulkService service
	// CompositeService makes several calls in one.
	CompositeService service
	// NotificationsService has Zoho tell when records change.
	NotificationsService service
)

// New returns a client that calls with the tokens of cfg.Source.
func New(cfg Config) (*Client, error) {
	own := cfg.HTTPClient == nil
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	files := *cfg.HTTPClient
	files.Timeout = cfg.FileTimeout
	c := &Client{
		source: cfg.Source, http: cfg.HTTPClient, files: &files, ownHTTP: own, directory: cfg.Directory, apiURL: cfg.APIURL,
		userAgent: cfg.UserAgent, log: cfg.Logger, now: cfg.Now, maxBody: cfg.MaxBody, maxFile: cfg.MaxFile,
		limiter: cfg.Limiter, retries: cfg.Retries, retryWait: cfg.RetryWait, metadata: newCache(cfg.MetadataLife),
	}
	common := &service{c}
	c.Records = (*RecordsService)(common)
	c.Related = (*RelatedService)(common)
	c.Leads = (*LeadsService)(common)
	c.Notes = (*NotesService)(common)
	c.Attachments = (*AttachmentsService)(common)
	c.Photos = (*PhotosService)(common)
	c.Files = (*FilesService)(common)
	c.Tags = (*TagsService)(common)
	c.Query = (*QueryService)(common)
	c.Metadata = (*MetadataService)(common)
	c.Users = (*UsersService)(common)
	c.Org = (*OrgService)(common)
	c.Bulk = (*BulkService)(common)
	c.Composite = (*CompositeService)(common)
	c.Notifications = (*NotificationsService)(common)
	return c, nil
}

// Credits tells how many API credits the organisation had left when Zoho last
// said so, in any answer to this client (X-API-CREDITS-REMAINING).
func (c *Client) Credits() Credits { return c.credits.get() }

// Close lets go of idle connections, unless they belong to Config.HTTPClient.
// Calls that are under way finish; the client can still be used.
func (c *Client) Close() error {
	if c.ownHTTP {
		c.http.CloseIdleConnections()
	}
	return nil
}

func defaultTLS() *tls.Config { return &tls.Config{MinVersion: tls.VersionTLS12} }
