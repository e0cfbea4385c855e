// Package ledger keeps the books of the simulated accounts server: which grant
// codes, refresh tokens and access tokens exist, whom they speak for, and which
// of Zoho's limits they have used up. It knows nothing of HTTP and never looks
// at a clock: every call is given the time, so that whoever owns the clock can
// move it.
package ledger

import (
	"errors"
	"sync"
	"time"
)

// The ways a request fails. The caller turns them into Zoho's answers.
var (
	// ErrInvalidCode covers all that Zoho answers with invalid_code: a grant
	// code or refresh token that is unknown, used, expired, revoked, evicted,
	// of another client or of another data centre.
	ErrInvalidCode = errors.New("ledger: no such code or refresh token")
	// ErrRedirect says that the redirect URL is not the one the code was made for.
	ErrRedirect = errors.New("ledger: redirect URL differs from the code's")
	// ErrThrottled says that a rate limit refuses the request for now.
	ErrThrottled = errors.New("ledger: too many requests")
	// ErrUnknownToken says that an access token is not, or no longer, valid.
	ErrUnknownToken = errors.New("ledger: no such token")
)

// Rules are the limits the ledger applies. Zero numbers mean no limit.
type Rules struct {
	TokenLife     time.Duration // life of an access token; must be positive
	CodeLife      time.Duration // life of a code that does not say its own; 0: for ever
	Codes         Rate          // codes made, per client
	Mints         Rate          // access tokens made from one refresh token
	NewRefresh    []Rate        // refresh tokens made, per user and client
	LiveAccess    int           // access tokens alive per refresh token; the oldest dies
	LiveRefresh   int           // refresh tokens alive per user and client; the oldest made dies
	Sliding       bool          // rates look back from now instead of using fixed windows
	RevokeFromAny bool          // a token may be revoked at any data centre
}

// Owner says whom a token speaks for: a user, through a client, at the data
// centre where the user's data lives.
type Owner struct {
	User     string
	Client   string
	Location string
}

// Issued is what a successful token request gives.
type Issued struct {
	Owner
	Scope        string
	AccessToken  string
	RefreshToken string // empty when none was made
	Life         time.Duration
}

// Access is a valid access token as an API sees it.
type Access struct {
	Owner
	Scope  string
	Expiry time.Time
}

// Ledger holds all codes and tokens. It is safe for concurrent use.
type Ledger struct {
	rules Rules

	mu        sync.Mutex
	codes     map[string]*code
	refresh   map[string]*refresh
	access    map[string]*access
	holders   map[holderKey]*holder
	codeRates map[string]*window // by client
	mints     mintLog
	sweepAt   int // size of access at which expired tokens are swept out
	evicted   Evictions
}

// Evictions counts tokens that a limit killed before their time.
type Evictions struct {
	Refresh int64
	Access  int64
}

type holderKey struct{ user, client string }

// holder is one user of one client: the unit that Zoho's refresh token limits count.
type holder struct {
	tokens  []*refresh // alive, oldest made first
	windows []window   // one for each rate of Rules.NewRefresh
}

type refresh struct {
	Owner
	token  string
	scope  string
	mints  window
	access []*access // alive, oldest first
}

type access struct {
	Owner
	token   string
	scope   string
	expiry  time.Time
	refresh *refresh // nil for a token that came without a refresh token
}

// New returns an empty ledger.
func New(rules Rules) *Ledger {
	return &Ledger{
		rules:     rules,
		codes:     make(map[string]*code),
		refresh:   make(map[string]*refresh),
		access:    make(map[string]*access),
		holders:   make(map[holderKey]*holder),
		codeRates: make(map[string]*window),
		mints:     newMintLog(),
		sweepAt:   minSweep,
	}
}

func (l *Ledger) holder(o Owner) *holder {
	key := holderKey{o.User, o.Client}
	h := l.holders[key]
	if h == nil {
		h = &holder{windows: make([]window, len(l.rules.NewRefresh))}
		l.holders[key] = h
	}
	return h
}
