package ledger

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"time"
)

// maxCodes bounds the codes that wait for their exchange. Only a caller that
// makes codes without end and never uses them comes near it.
const maxCodes = 100_000

// Code says what a grant code is made for.
type Code struct {
	Owner
	Scope string
	// RedirectURL must be repeated at the exchange. Empty: the code of a self
	// client, made by hand in the API console, which has none.
	RedirectURL string
	Challenge   string // PKCE challenge; empty: none
	S256        bool   // the challenge is a SHA-256; false: plain
	Offline     bool   // the user agreed to a refresh token
	// Forced is prompt=consent. Without it Zoho gives a refresh token only to a
	// user of a client who holds none yet.
	Forced bool
	Life   time.Duration // 0: Rules.CodeLife
}

type code struct {
	Code
	expiry time.Time // zero: never
}

// Exchange is a request to turn a code into tokens.
type Exchange struct {
	Code        string
	Client      string
	Location    string
	RedirectURL string
	Verifier    string // PKCE; empty: none
}

// IssueCode makes a grant code. It fails with ErrThrottled when the client has
// made too many.
func (l *Ledger) IssueCode(now time.Time, c Code) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	rate := l.codeRates[c.Client]
	if rate == nil {
		rate = new(window)
		l.codeRates[c.Client] = rate
	}
	if rate.full(now, l.rules.Codes, l.rules.Sliding) {
		return "", ErrThrottled
	}
	l.dropCodes(now)
	rate.add(now, l.rules.Codes, l.rules.Sliding)
	life := c.Life
	if life <= 0 {
		life = l.rules.CodeLife
	}
	kept := &code{Code: c}
	if life > 0 {
		kept.expiry = now.Add(life)
	}
	text := newToken()
	l.codes[text] = kept
	return text, nil
}

// dropCodes makes room: expired codes go first, then any.
func (l *Ledger) dropCodes(now time.Time) {
	if len(l.codes) < maxCodes {
		return
	}
	for text, c := range l.codes {
		if c.expired(now) {
			delete(l.codes, text)
		}
	}
	for text := range l.codes {
		if len(l.codes) < maxCodes {
			return
		}
		delete(l.codes, text)
	}
}

func (c *code) expired(now time.Time) bool {
	return !c.expiry.IsZero() && !now.Before(c.expiry)
}

// Exchange turns a code into an access token and, for an offline code, a
// refresh token. Only a success uses the code up: a request that names the
// wrong redirect URL or comes too soon may be sent again while the code lives.
func (l *Ledger) Exchange(now time.Time, x Exchange) (Issued, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.codes[x.Code]
	switch {
	case c == nil:
		return Issued{}, ErrInvalidCode
	case c.expired(now):
		delete(l.codes, x.Code)
		return Issued{}, ErrInvalidCode
	case c.Client != x.Client, c.Location != x.Location:
		return Issued{}, ErrInvalidCode
	case c.RedirectURL != "" && c.RedirectURL != x.RedirectURL:
		return Issued{}, ErrRedirect
	case !c.verified(x.Verifier):
		return Issued{}, ErrInvalidCode
	}
	h := l.holder(c.Owner)
	var parent *refresh
	if c.Offline && (c.Forced || len(h.tokens) == 0) {
		for i, r := range l.rules.NewRefresh {
			if h.windows[i].full(now, r, l.rules.Sliding) {
				return Issued{}, ErrThrottled
			}
		}
		for i, r := range l.rules.NewRefresh {
			h.windows[i].add(now, r, l.rules.Sliding)
		}
		parent = l.newRefresh(h, c)
	}
	delete(l.codes, x.Code)
	issued := l.newAccess(now, c.Owner, c.Scope, parent)
	if parent != nil {
		issued.RefreshToken = parent.token
	}
	return issued, nil
}

// verified checks the PKCE verifier (RFC 7636). A verifier for a code that was
// made without a challenge is ignored.
func (c *code) verified(verifier string) bool {
	if c.Challenge == "" {
		return true
	}
	got := verifier
	if c.S256 {
		sum := sha256.Sum256([]byte(verifier))
		got = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	return subtle.ConstantTimeCompare([]byte(got), []byte(c.Challenge)) == 1
}
