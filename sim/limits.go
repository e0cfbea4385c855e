package sim

import (
	"net/http"
	"time"

	"zohocrm/sim/internal/ledger"
)

// Rate allows N events in each span of Per. N 0: no limit.
type Rate struct {
	N   int
	Per time.Duration
}

// Limits are the limits that the simulator applies, and the points on which
// Zoho's pages disagree. A number of 0 means no limit, so the zero value limits
// nothing; [ZohoLimits] is what Zoho documents.
type Limits struct {
	// GrantLife is the life of a grant code. Zoho's pages say 60 s, 2 min and
	// 3 min; a self client may choose up to 10 min. 0: for ever.
	GrantLife time.Duration
	// GrantCodes limits the codes made for one client; more are refused with
	// access_denied. Only forum posts speak of it, so ZohoLimits leaves it off.
	GrantCodes Rate
	// Mints limits the access tokens made from one refresh token.
	Mints Rate
	// NewRefreshTokens limit the refresh tokens made for one user of one
	// client. All of them apply.
	NewRefreshTokens []Rate
	// SlidingWindow makes rates look back from now. False: the first event
	// opens a fixed window, and all is forgotten when it ends.
	SlidingWindow bool
	// LiveAccessTokens is how many access tokens of one refresh token live at
	// once; the oldest dies. Zoho's pages say 10, 15 and 30.
	LiveAccessTokens int
	// LiveRefreshTokens is how many refresh tokens one user of one client has;
	// the oldest made dies, with its access tokens.
	LiveRefreshTokens int

	// ThrottleStatus is the HTTP status of the "Access Denied" body. 0: 400,
	// as seen in logs; a forum post says 200.
	ThrottleStatus int
	// ErrorStatus is the HTTP status of the other errors of the token
	// endpoint. 0: 200, as Zoho does; 400 is what RFC 6749 wants.
	ErrorStatus int
	// LegacyExpiry answers expires_in in milliseconds and adds expires_in_sec,
	// as older servers do.
	LegacyExpiry bool
	// RevokeAnywhere lets a token be revoked at any data centre. False: only
	// at the one that issued it. Zoho's pages disagree.
	RevokeAnywhere bool

	// Editions are the API limits by the organisation's edition. An edition
	// that is not in it has none.
	Editions map[string]EditionLimits
	// HeavyConcurrency is how many heavy calls (queries, sorted lists, lists of
	// a view, conversions, writes of more than ten records) one client runs at
	// once in one organisation.
	HeavyConcurrency int
	// AttachmentSize, PhotoSize, FilesSize (all files of one upload) and
	// ArchiveSize (the ZIP of a bulk write) are the largest uploads, in bytes.
	// With 0, and above it, 512 MiB for all files of an organisation count.
	AttachmentSize, PhotoSize, FilesSize, ArchiveSize int64
	// BulkReadRows is how many records one bulk read job gives; BulkWriteRows
	// how many rows one file of a bulk write has. With 0 a million rows count.
	BulkReadRows, BulkWriteRows int
	// Downloads limits the results of bulk jobs that an organisation downloads.
	Downloads Rate
	// ChannelLife is the longest life of a notification channel; a channel that
	// asks for none, or for more, gets DefaultChannelLife. 0: no limit, and an
	// hour if it asks for none.
	ChannelLife, DefaultChannelLife time.Duration
	// DevicePoll is how far apart the polls of one device must be.
	DevicePoll time.Duration
	// DeviceLife is how long the codes of the device flow live. 0: an hour.
	DeviceLife time.Duration
	// DeviceSeconds answers interval and expires_in of the device flow in
	// seconds. False: in milliseconds, as observed.
	DeviceSeconds bool
	// CreditsHeaderAlways sends X-API-CREDITS-REMAINING with every answer.
	// False: once half of the credits are used.
	CreditsHeaderAlways bool
}

// EditionLimits are the API limits of one edition.
type EditionLimits struct {
	Credits        int // API credits in 24 hours, for the organisation
	CreditsPerUser int // and as many more for each of its users
	MaxCredits     int // but no more than this; 0: no maximum
	Concurrency    int // calls that one client runs at once in the organisation
}

// ZohoLimits returns the limits that Zoho documents (Zoho: token-limits,
// token-validity and api-limits pages).
func ZohoLimits() Limits {
	return Limits{
		GrantLife:         2 * time.Minute,
		Mints:             Rate{N: 10, Per: 10 * time.Minute},
		NewRefreshTokens:  []Rate{{N: 5, Per: time.Minute}, {N: 10, Per: 10 * time.Minute}},
		LiveAccessTokens:  15,
		LiveRefreshTokens: 20,
		Editions: map[string]EditionLimits{
			"Free":         {Credits: 5_000, MaxCredits: 5_000, Concurrency: 5},
			"Standard":     {Credits: 50_000, CreditsPerUser: 250, MaxCredits: 100_000, Concurrency: 10},
			"Professional": {Credits: 50_000, CreditsPerUser: 500, MaxCredits: 3_000_000, Concurrency: 15},
			"Enterprise":   {Credits: 50_000, CreditsPerUser: 1_000, MaxCredits: 5_000_000, Concurrency: 20},
			"Ultimate":     {Credits: 50_000, CreditsPerUser: 2_000, Concurrency: 25},
		},
		HeavyConcurrency:   10,
		AttachmentSize:     100 << 20,
		PhotoSize:          10 << 20,
		FilesSize:          20 << 20,
		ArchiveSize:        25 << 20,
		BulkReadRows:       200_000,
		BulkWriteRows:      25_000,
		Downloads:          Rate{N: 10, Per: time.Minute},
		ChannelLife:        7 * 24 * time.Hour,
		DefaultChannelLife: time.Hour,
		DevicePoll:         30 * time.Second,
		DeviceLife:         5 * time.Minute,
	}
}

// NoLimits returns limits that refuse nothing: codes do not age, nothing is
// throttled, no token dies before its time. Access tokens still expire.
func NoLimits() Limits { return Limits{} }

func (l Limits) throttleStatus() int {
	if l.ThrottleStatus == 0 {
		return http.StatusBadRequest
	}
	return l.ThrottleStatus
}

func (l Limits) errorStatus() int {
	if l.ErrorStatus == 0 {
		return http.StatusOK
	}
	return l.ErrorStatus
}

func (l Limits) rules(tokenLife time.Duration) ledger.Rules {
	rules := ledger.Rules{
		TokenLife:     tokenLife,
		CodeLife:      l.GrantLife,
		Codes:         ledger.Rate(l.GrantCodes),
		Mints:         ledger.Rate(l.Mints),
		LiveAccess:    l.LiveAccessTokens,
		LiveRefresh:   l.LiveRefreshTokens,
		Sliding:       l.SlidingWindow,
		RevokeFromAny: l.RevokeAnywhere,
	}
	for _, r := range l.NewRefreshTokens {
		rules.NewRefresh = append(rules.NewRefresh, ledger.Rate(r))
	}
	return rules
}

// credits is what an organisation may spend in 24 hours; 0: no limit.
func (e EditionLimits) credits(users int) int {
	total := e.Credits + e.CreditsPerUser*users
	if e.MaxCredits > 0 {
		total = min(total, e.MaxCredits)
	}
	return total
}
