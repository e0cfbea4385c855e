package main

import (
	"slices"
	"time"

	"zohocrm/oauth"
)

// row is what the store holds of the user. Rows are equal when their Versions
// are: every token has a number of its own.
type row struct {
	there   bool
	refresh int // number of the refresh token
	access  int // number of the access token; 0 is the one that is over
}

// serves: its access token is what a caller can use.
func (r row) serves() bool { return r.there && r.access != 0 }

// world is one state: everything that a step can depend on, and what the
// guarantees need to know of the past.
type world struct {
	now       time.Duration
	row       row
	standings []oauth.Standing // by number of the refresh token
	zoho      zoho
	processes []process
	sdk       sdk
	revoker   revoker
	left      budget
	last      int // number of the newest request; a token has its request's number

	sent   [][]time.Duration // by refresh token: when the mints of requests that were sent were reserved
	excess int               // mints beyond the one that is needed and those that faults excuse
	lost   bool              // a fault, and not the protocol, lost a rotated refresh token
	broken string            // the guarantee that a step broke; ends the search here
}

// budget is what may still go wrong: how many are killed, leases end too early,
// requests and Saves fail, SDKs refresh, users log in and withdraw consent, and
// revocations do not reach Zoho.
type budget struct {
	crashes, expiries, failures, saves int
	sdk, login, death, away            int
}

// zoho is the accounts server.
type zoho struct {
	dead    []bool // by refresh token
	orphans []int  // refresh tokens of requests that nobody waits for any more
	mints   []time.Duration
}

func (w *world) clone() *world {
	c := *w
	c.standings = slices.Clone(w.standings) // Standing's methods change no slice in place
	c.processes = slices.Clone(w.processes)
	c.zoho.dead = slices.Clone(w.zoho.dead)
	c.zoho.orphans = slices.Clone(w.zoho.orphans)
	c.zoho.mints = slices.Clone(w.zoho.mints)
	c.sent = slices.Clone(w.sent)
	return &c
}

// at is a moment of the model as package oauth counts time.
func at(d time.Duration) time.Time { return time.Unix(1_000_000, 0).Add(d) }

// since is the inverse of at.
func since(t time.Time) time.Duration { return t.Sub(at(0)) }

// newRefresh is the number of a refresh token that Zoho has just made.
func (w *world) newRefresh() int {
	w.zoho.dead = append(w.zoho.dead, false)
	w.standings = append(w.standings, oauth.Standing{})
	w.sent = append(w.sent, nil)
	return len(w.zoho.dead) - 1
}

// breaks notes a guarantee that does not hold.
func (w *world) breaks(guarantee string) {
	if w.broken == "" {
		w.broken = guarantee
	}
}

// mint is Zoho making an access token. It answers the refresh token from then on.
func (w *world) mint(refresh int, c config) int {
	w.excess++
	if c.spent > 0 {
		w.zoho.mints = append(w.zoho.mints, w.now)
	}
	if !c.rotating {
		return refresh
	}
	w.zoho.dead[refresh] = true
	return w.newRefresh()
}

// refuses is how Zoho refuses a request; nil: it makes a token.
func (w *world) refuses(refresh int) error {
	w.zoho.mints = slices.DeleteFunc(w.zoho.mints, func(at time.Duration) bool { return w.now >= at+zohoWindow })
	switch {
	case w.zoho.dead[refresh]:
		return oauth.ErrReauthRequired
	case len(w.zoho.mints) >= zohoLimit:
		return &oauth.ThrottledError{RetryAt: at(w.now + zohoWindow)}
	}
	return nil
}

// Zoho's limit of access tokens from one refresh token (Zoho: token-limits).
const (
	zohoLimit  = 10
	zohoWindow = 10 * time.Minute
)

// write puts a row into the store. base is the row that its writer has read.
func (w *world) write(r, base row) {
	switch {
	case base != w.row:
		w.breaks(g2)
	case r.access < w.row.access:
		w.breaks(g4)
	}
	w.row = r
}
