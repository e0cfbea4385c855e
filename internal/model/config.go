package main

import (
	"errors"

	"zohocrm/oauth"
)

// config is one search: who takes part, what may go wrong, and by which rules.
type config struct {
	name      string
	processes int
	budget    budget
	rotating  bool // the server gives a new refresh token with each access token, and the old one dies
	revoke    bool // the user is revoked by a program
	refused   bool // the access token is not over: Zoho refuses it
	spent     int  // mints of the last minutes, before this begins
	rules     rules
}

// fence says what a successful Save is bound to.
type fence int

const (
	byVersion fence = iota // what package oauth does
	byEpoch                // only who has the lease may save
	byBoth
	unfenced
)

// rules are the protocol. Its zero value is what package oauth does; every other
// value is wrong, and the search has to find out.
type rules struct {
	success     fence
	anyFailure  bool // a failure counts, whoever has the lease by now
	noReread    bool // the row is not read again under the lease
	notReserved bool // the mint is not counted before it is sent
	notHeld     bool // a lease is given to everybody who asks
	saveOver    bool // who comes too late with its token saves it all the same
	deadIfMute  bool // no answer counts as a refusal for good
}

// begin is the world before anybody has done anything: one user, whose access
// token is over.
func (c config) begin() *world {
	w := &world{row: row{there: true}, left: c.budget, excess: -1}
	w.newRefresh()
	if c.revoke {
		w.revoker.at = revokeRead
	}
	for range c.spent {
		w.standings[0].Mints = append(w.standings[0].Mints, at(0))
		w.zoho.mints = append(w.zoho.mints, 0)
	}
	w.processes = make([]process, c.processes)
	return w
}

// settle is [oauth.Standing.Settle] by the rules of this search.
func (c config) settle(w *world, p process, o oauth.Outcome) {
	s := w.standings[p.key]
	l := p.lease()
	if o.Kind == oauth.Failed && c.rules.anyFailure {
		l.Epoch, l.Owner = s.Epoch, s.Owner
	}
	if c.rules.deadIfMute && errors.Is(o.Err, oauth.ErrOutcomeUnknown) {
		o.Err = oauth.ErrReauthRequired
	}
	w.standings[p.key] = s.Settle(l, o, at(w.now))
}

// acquire is [oauth.Standing.Acquire] by the rules of this search.
func (c config) acquire(w *world, t row) (oauth.Lease, error) {
	s := w.standings[t.refresh]
	if c.rules.notHeld {
		s.Owner = ""
	}
	s, lease, err := s.Acquire(oauth.Claim{Owner: owner(s.Epoch + 1), Forced: c.refused && t.access == 0}, at(w.now))
	if err == nil && c.rules.notReserved {
		s.Mints = s.Mints[:len(s.Mints)-1]
	}
	w.standings[t.refresh] = s
	return lease, err
}
