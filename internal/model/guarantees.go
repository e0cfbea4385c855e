package main

import (
	"errors"
	"slices"
	"time"

	"zohocrm/oauth"
)

// The guarantees, as docs/refresh.md words them.
const (
	g1 = "G1 at most one intended request is on its way under a lease that lasts"
	g2 = "G2 of each version of the row, one change of its credential becomes visible"
	g3 = "G3 mints are one, and one for each lease that ended too early, death, lost answer, failed save and SDK"
	g4 = "G4 a newer credential is never replaced by an older one, nor a row that is gone brought back"
	g5 = "G5 no credential that works is declared dead"
	g6 = "G6 every mint is reserved in the budget before it is sent, and Zoho's limit is not reached"
	g7 = "G7 from every state, who asks obtains a token, unless there is none to be had"
)

// guarantees lists them in order.
func guarantees() []string { return []string{g1, g2, g3, g4, g5, g6, g7} }

// check is the guarantee that a state breaks; empty: none.
func (c config) check(w *world, undisturbed func(w *world) outcome) string {
	switch {
	case w.broken != "":
		return w.broken
	case c.inFlight(w) > 1:
		return g1
	case w.excess > 0:
		return g3
	case c.falselyDead(w):
		return g5
	case !c.reserved(w), len(w.zoho.mints) > zohoLimit:
		return g6
	case !c.served(w, undisturbed(w)):
		return g7
	}
	return ""
}

// inFlight counts the requests with the row's refresh token that go on under a
// lease which, by its holder's clock, has not ended.
func (c config) inFlight(w *world) int {
	n := 0
	for _, p := range w.processes {
		if p.at == flight && w.now < p.until && p.key == w.row.refresh {
			n++
		}
	}
	return n
}

// falselyDead: it is noted that a refresh token is dead, and Zoho knows it.
func (c config) falselyDead(w *world) bool {
	for i, s := range w.standings {
		if s.State == oauth.Dead && !w.zoho.dead[i] {
			return true
		}
	}
	return false
}

// reserved: each request that was sent has its place among the mints that count.
func (c config) reserved(w *world) bool {
	for i, sent := range w.sent {
		places := slices.Clone(w.standings[i].Mints)
		for _, granted := range sent {
			if granted+zohoWindow <= w.now {
				continue
			}
			place := slices.IndexFunc(places, func(m time.Time) bool { return since(m) == granted })
			if place < 0 {
				return false
			}
			places = slices.Delete(places, place, place+1)
		}
	}
	return true
}

// outcome is what comes to a caller who is not disturbed.
type outcome struct {
	got  bool
	err  error
	took time.Duration // which passes until leases, pauses and windows end
}

// served: the caller had what there is to be had.
func (c config) served(w *world, o outcome) bool {
	switch {
	case o.got:
		return true
	case !w.row.there:
		return errors.Is(o.err, oauth.ErrNotFound)
	case !errors.Is(o.err, oauth.ErrReauthRequired):
		return false
	case w.standings[w.row.refresh].State == oauth.Ended, w.lost:
		return true
	case !w.zoho.dead[w.row.refresh]:
		return false
	case !c.rotating:
		return true
	}
	// A newer refresh token exists. Somebody must be about to save it.
	if w.sdk.at == sdkSaves || c.budget.death > w.left.death {
		return true
	}
	return slices.ContainsFunc(w.processes, process.carries)
}

// undisturbed is what comes to a caller who begins now, while everybody else stands
// still and nothing goes wrong.
func (c config) undisturbed(w *world) outcome {
	w = w.clone()
	began := w.now
	w.processes = []process{{}}
	const enough = 60 // steps; a caller that needs more goes round in circles
	for range enough {
		p := w.processes[0]
		over := errors.Is(p.err, oauth.ErrReauthRequired) || errors.Is(p.err, oauth.ErrNotFound)
		switch {
		case p.at == done:
			return outcome{got: true, took: w.now - began}
		case p.at == failed && over:
			return outcome{err: p.err, took: w.now - began}
		case p.at == failed || !c.ready(w, p): // it is called again later, or waits
			later, ok := c.pass(w, false)
			if !ok {
				return outcome{err: errStuck}
			}
			w = later
			if p.at == failed {
				c.step(w, 0)
			}
		default:
			c.step(w, 0)
		}
	}
	return outcome{err: errStuck}
}

var errStuck = errors.New("nobody can obtain a token any more")
