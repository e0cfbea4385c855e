package main

import (
	"slices"
	"time"

	"zohocrm/oauth"
)

// move is one step of the world: what is done, and the world after it.
type move struct {
	what string
	who  int // the process; -1: nobody in particular
	to   *world
}

// nobody is who moves where no process does.
const nobody = -1

// moves are all steps that can come next.
func (c config) moves(w *world) []move {
	var all []move
	add := func(what string, who int, do func(w *world)) {
		next := w.clone()
		do(next)
		all = append(all, move{what, who, next})
	}
	for i, p := range w.processes {
		if c.ready(w, p) {
			add(p.at.String(), i, func(w *world) { c.step(w, i) })
		}
		c.faults(w, i, add)
	}
	c.requests(w, add)
	c.others(w, add)
	if next, ok := c.pass(w, true); ok {
		all = append(all, move{"time passes", nobody, next})
	}
	return all
}

// requests are the fates of what nobody waits for any more.
func (c config) requests(w *world, add func(string, int, func(w *world))) {
	for i := range w.zoho.orphans {
		add("Zoho carries out a request that nobody waits for", nobody, func(w *world) {
			refresh := w.zoho.orphans[i]
			w.zoho.orphans = slices.Delete(w.zoho.orphans, i, i+1)
			if w.refuses(refresh) == nil {
				w.excess--
				w.lost = w.lost || c.rotating
				w.mint(refresh, c)
			}
		})
		add("a request that nobody waits for is lost", nobody, func(w *world) {
			w.zoho.orphans = slices.Delete(w.zoho.orphans, i, i+1)
		})
	}
}

// others are the steps of everybody but the Keepers.
func (c config) others(w *world, add func(string, int, func(w *world))) {
	if w.sdk.at != sdkRests || w.left.sdk > 0 && w.row.there {
		add("an SDK "+w.sdk.at.String(), nobody, c.sdkStep)
	}
	if w.revoker.at != revokeRests {
		add("a program that revokes "+w.revoker.at.String(), nobody, c.revokeStep)
		if w.left.crashes > 0 {
			add("the program that revokes is killed", nobody, func(w *world) {
				w.left.crashes--
				w.revoker = revoker{}
			})
		}
	}
	if w.revoker.at == revokeTell && w.left.away > 0 {
		add("the program that revokes cannot reach Zoho", nobody, func(w *world) {
			w.left.away--
			w.revoker.at = revokeNotTold
		})
	}
	if w.left.login > 0 && w.row.there {
		add("the user logs in again", nobody, func(w *world) {
			w.left.login--
			w.last++
			w.row = row{there: true, refresh: w.newRefresh(), access: w.last}
		})
	}
	if w.left.death > 0 {
		add("the user withdraws consent at Zoho", nobody, func(w *world) {
			w.left.death--
			for i := range w.zoho.dead {
				w.zoho.dead[i] = true
			}
		})
	}
}

// faults are what can go wrong with a process where it is.
func (c config) faults(w *world, i int, add func(string, int, func(w *world))) {
	p := w.processes[i]
	fails := func(what string, err error, sent bool) {
		add(what, i, func(w *world) {
			w.left.failures--
			p := &w.processes[i]
			p.err, p.at = err, failing
			if sent {
				w.zoho.orphans = append(w.zoho.orphans, p.t.refresh)
			}
		})
	}
	if w.left.failures > 0 {
		switch p.at {
		case send:
			fails("cannot reach Zoho", oauth.ErrUnreachable, false)
		case flight:
			fails("gets no answer", oauth.ErrOutcomeUnknown, true)
			fails("is throttled by Zoho", &oauth.ThrottledError{RetryAt: at(w.now + zohoWindow)}, false)
		}
	}
	if p.at == save && w.left.saves > 0 {
		add("finds the store away", i, func(w *world) {
			w.left.saves--
			w.processes[i].at = pending
			if p.epoch != 0 {
				w.excess-- // its lease ends by itself, and then somebody may mint
				w.processes[i].epoch = 0
			}
		})
	}
	// A process that has nothing in hand might as well have stopped for ever.
	if w.left.crashes > 0 && (p.holds() || p.carries()) {
		add("is killed", i, func(w *world) {
			w.left.crashes--
			switch {
			case p.at == flight:
				w.zoho.orphans = append(w.zoho.orphans, p.t.refresh)
			case p.carries():
				w.lost = w.lost || c.rotating
				if p.epoch != 0 { // else it was excused when the store was away
					w.excess--
				}
			}
			w.processes[i] = process{at: dead}
		})
	}
}

// forcedStep is the least time between mints for refused access tokens.
const forcedStep = time.Minute

// pass lets time pass until something changes by itself: a lease ends, a pause, a
// window. That a lease ends while its holder is at work is a fault, of which there
// may be none left.
func (c config) pass(w *world, faulty bool) (*world, bool) {
	next := time.Duration(-1)
	soon := func(t time.Time) {
		if d := since(t); d > w.now && (next < 0 || d < next) {
			next = d
		}
	}
	for _, s := range w.standings {
		if s.Owner != "" {
			soon(s.Until)
		}
		soon(s.Barred)
		soon(s.Next)
		if c.refused && !s.Forced.IsZero() {
			soon(s.Forced.Add(forcedStep))
		}
		if c.spent > 0 {
			for _, m := range s.Mints {
				soon(m.Add(zohoWindow))
			}
		}
	}
	if next < 0 {
		return nil, false
	}
	early := 0
	for _, p := range w.processes {
		s := w.standings[p.key]
		if p.holds() && s.Epoch == p.epoch && s.Owner == owner(p.epoch) && since(s.Until) <= next {
			early++
		}
	}
	if faulty && early > w.left.expiries {
		return nil, false
	}
	w = w.clone()
	w.now = next
	if faulty {
		w.left.expiries -= early
		w.excess -= early
	}
	return w, true
}
