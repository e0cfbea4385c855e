package main

import (
	"errors"
	"strconv"
	"time"

	"zohocrm/oauth"
)

// point is where a process is in the Keeper's code. From each but the last four it
// takes one step: one use of the store or of Zoho, which nothing interrupts.
type point uint8

// String says what the step does, for a trace.
func (p point) String() string {
	return [...]string{
		"reads the row", "sees whether it is revoked", "asks for the lease", "has waited", "reads the row again",
		"gives the lease back", "sends its request", "is answered by Zoho", "fails, and reads the row",
		"records its failure", "gives the lease back", "saves its token", "reads what stands in its place",
		"records its success", "looks whether somebody else has refreshed", "tries to save once more", "is called again",
	}[p]
}

const (
	look    point = iota // the row is about to be read
	admit                // is it revoked?
	claim                // the lease is about to be asked for
	wait                 // somebody else has it
	reread               // the row is about to be read under the lease
	release              // the lease is about to be given back, since nothing is needed
	send                 // the request is about to be sent
	flight               // it is on its way; Zoho has not dealt with it yet
	failing              // it failed; the row is about to be looked at
	record               // the failure is about to be recorded
	dismiss              // it is not, since the row has changed: the lease is about to be given back
	save                 // the token is about to be saved
	get                  // it was not, since the row has changed; the row is about to be read
	finish               // the success is about to be recorded
	instead              // it failed; has somebody else refreshed?
	pending              // the store does not take the token; it is used from memory
	failed               // the caller has an error, and may call again
	done                 // the caller has a token
	dead                 // killed
)

// process is one Keeper with one caller who wants a token.
type process struct {
	at      point
	t       row           // the row as it was last read
	key     int           // of the lease: the refresh token's number
	epoch   int64         // of the lease; 0: never had one
	granted time.Duration // when it was granted
	until   time.Duration // when it, or the one that is waited for, ends
	sent    int           // the number of the request, and of the token that it brings
	refresh int           // the refresh token that came with it
	err     error         // why there is no token
	then    point         // after release
}

// holds: the process is busy under a lease, which may have been lost.
func (p process) holds() bool { return p.at >= reread && p.at <= finish && p.epoch != 0 }

// carries: the process alone knows a token that Zoho has issued.
func (p process) carries() bool { return p.at == save || p.at == get || p.at == pending }

// rests: nothing will come of the process any more.
func (p process) rests() bool { return p.at == done || p.at == dead }

func owner(epoch int64) string { return "holder of lease " + strconv.FormatInt(epoch, 10) }

func (p process) lease() oauth.Lease {
	return oauth.Lease{Owner: owner(p.epoch), Epoch: p.epoch, Now: at(p.granted), Until: at(p.until)}
}

// ready: the process has something to do.
func (c config) ready(w *world, p process) bool {
	return !p.rests() && (p.at != wait || w.standings[p.key].Owner == "" || w.now >= p.until || w.row != p.t)
}

// step is what a process that is ready does next, if all goes well.
func (c config) step(w *world, i int) {
	p := &w.processes[i]
	switch p.at {
	case look:
		c.look(w, p)
	case admit:
		switch {
		case w.standings[p.t.refresh].State == oauth.Ended:
			p.fail(oauth.ErrReauthRequired)
		case p.t.serves():
			p.at = done
		default:
			p.at = claim
		}
	case claim:
		c.claim(w, p)
	case wait:
		p.at = look
	case reread:
		c.reread(w, p)
	case release:
		c.settle(w, *p, oauth.Outcome{Kind: oauth.Released})
		p.at = p.then
	case send:
		w.last++
		p.sent, p.at = w.last, flight
		w.sent[p.t.refresh] = append(w.sent[p.t.refresh][:len(w.sent[p.t.refresh]):len(w.sent[p.t.refresh])], p.granted)
	case flight:
		if err := w.refuses(p.t.refresh); err != nil {
			p.err, p.at = err, failing
			break
		}
		p.refresh, p.at = w.mint(p.t.refresh, c), save
	case failing, record, dismiss, instead:
		c.failure(w, p)
	case save, get, finish, pending:
		c.success(w, p)
	case failed:
		*p = process{}
	}
}

func (p *process) fail(err error) { p.err, p.at = err, failed }

func (c config) look(w *world, p *process) {
	if !w.row.there {
		p.fail(oauth.ErrNotFound)
		return
	}
	p.t, p.at = w.row, admit
}

func (c config) claim(w *world, p *process) {
	lease, err := c.acquire(w, p.t)
	p.key = p.t.refresh
	var held *oauth.HeldError
	switch {
	case err == nil:
		p.epoch, p.granted, p.until = lease.Epoch, since(lease.Now), since(lease.Until)
		p.at = reread
		if c.rules.noReread {
			p.at = send
		}
	case errors.As(err, &held):
		p.until, p.at = w.now+held.Rest, wait
	default:
		p.err, p.at = err, instead
	}
}

func (c config) reread(w *world, p *process) {
	before := p.t
	p.t = w.row
	switch {
	case !w.row.there:
		p.err, p.then, p.at = oauth.ErrNotFound, failed, release
	case w.row.refresh != before.refresh:
		p.then, p.at = look, release
	case w.row.serves():
		p.then, p.at = done, release
	default:
		p.at = send
	}
}

func (c config) failure(w *world, p *process) {
	switch p.at {
	case failing:
		p.at = record
		if w.row != p.t { // by another program: what we were told says nothing of the row
			p.at = dismiss
		}
	case record:
		c.settle(w, *p, oauth.Outcome{Kind: oauth.Failed, Err: p.err})
		p.at = instead
	case dismiss:
		c.settle(w, *p, oauth.Outcome{Kind: oauth.Minted})
		p.at = instead
	case instead:
		if w.row.serves() && w.row != p.t {
			p.at = done
			return
		}
		p.fail(p.err)
	}
}

func (c config) success(w *world, p *process) {
	switch p.at {
	case pending: // its caller has the token; a later call tries to save it
		p.at = save
	case save:
		c.save(w, p)
	case get:
		switch {
		case !w.row.there:
			p.err, p.then, p.at = oauth.ErrNotFound, failed, finish
		case w.row.refresh != p.t.refresh:
			p.then, p.at = look, finish
		case w.row.access > p.sent && !c.rules.saveOver:
			p.then, p.at = done, finish
		default: // something else of the row has changed
			p.t, p.at = w.row, save
		}
	case finish:
		if p.epoch != 0 {
			c.settle(w, *p, oauth.Outcome{Kind: oauth.Minted})
		}
		p.at = p.then
	}
}

// save puts the token that was issued into the row, if the rules allow it.
func (c config) save(w *world, p *process) {
	s := w.standings[p.key]
	leased := s.Epoch == p.epoch && s.Owner == owner(p.epoch)
	allowed := true
	switch c.rules.success {
	case byVersion:
		allowed = w.row == p.t
	case byEpoch:
		allowed = leased
	case byBoth:
		allowed = leased && w.row == p.t
	}
	switch {
	case allowed:
		w.write(row{there: true, refresh: p.refresh, access: p.sent}, p.t)
		p.then, p.at = done, finish
	case c.rules.success == byVersion:
		p.at = get
	default: // who has lost the lease lets its token go
		p.then, p.at = look, finish
	}
}
