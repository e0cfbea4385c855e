package main

import (
	"slices"
	"strconv"
	"time"

	"zohocrm/oauth"
)

// encoder writes a state so that states with the same future have the same text:
// times count from now, numbers only by their order, processes are interchangeable,
// and what no step looks at any more is left out.
type encoder struct {
	c       config
	w       *world
	tokens  []int // access tokens that are still known, in order
	refresh []int // refresh tokens that are
	out     []byte
}

// encode gives the text of a state.
func (c config) encode(w *world) string {
	e := encoder{c: c, w: w}
	e.collect()
	e.world()
	var all []string
	for _, p := range w.processes {
		at := len(e.out)
		e.process(p)
		all = append(all, string(e.out[at:]))
		e.out = e.out[:at]
	}
	slices.Sort(all)
	for _, p := range all {
		e.out = append(e.out, p...)
	}
	return string(e.out)
}

// encodeShared is the text of what a caller who is alone can meet.
func (c config) encodeShared(w *world) string {
	shared := *w
	shared.processes, shared.left, shared.excess = nil, budget{}, 0
	shared.sdk, shared.revoker, shared.sent = sdk{}, revoker{}, make([][]time.Duration, len(w.sent))
	shared.zoho.orphans, shared.lost, shared.broken = nil, false, ""
	return c.encode(&shared)
}

func (e *encoder) collect() {
	row := func(r row) {
		if r.there {
			e.tokens, e.refresh = append(e.tokens, r.access), append(e.refresh, r.refresh)
		}
	}
	row(e.w.row)
	for _, p := range e.w.processes {
		if p.at == look || p.at == failed || p.rests() {
			continue
		}
		row(p.t)
		e.refresh = append(e.refresh, p.key)
		if p.carries() || p.at == flight {
			e.tokens, e.refresh = append(e.tokens, p.sent), append(e.refresh, p.refresh)
		}
	}
	if e.w.sdk.at != sdkRests {
		row(e.w.sdk.t)
		e.tokens, e.refresh = append(e.tokens, e.w.sdk.sent), append(e.refresh, e.w.sdk.refresh)
	}
	if e.w.revoker.at > revokeRead {
		row(e.w.revoker.t)
	}
	e.refresh = append(e.refresh, e.w.zoho.orphans...)
	for _, list := range []*[]int{&e.tokens, &e.refresh} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
}

func (e *encoder) number(n int) {
	e.out = strconv.AppendInt(e.out, int64(n), 10)
	e.out = append(e.out, ' ')
}

func (e *encoder) numbers(all ...int) {
	for _, n := range all {
		e.number(n)
	}
}

func (e *encoder) mark(kind byte) { e.out = append(e.out, kind) }

// rank is a number's place among those that are known.
func (e *encoder) rank(known []int, n int) {
	i, ok := slices.BinarySearch(known, n)
	if !ok {
		i = -1
	}
	e.number(i)
}

func (e *encoder) row(r row) {
	if !r.there {
		e.mark('-')
		return
	}
	e.rank(e.refresh, r.refresh)
	e.rank(e.tokens, r.access)
	e.flag(r.access == 0)
}

func (e *encoder) flag(set bool) {
	if set {
		e.mark('!')
	}
}

// rest is how long a moment is still ahead.
func (e *encoder) rest(at time.Duration) { e.number(int((max(at, e.w.now) - e.w.now) / time.Second)) }

func (e *encoder) world() {
	w := e.w
	e.row(w.row)
	e.mark('z')
	for _, r := range e.refresh {
		e.standing(w.standings[r], w.sent[r])
		e.flag(w.zoho.dead[r])
	}
	e.mark('o')
	orphans := slices.Clone(w.zoho.orphans)
	slices.Sort(orphans)
	for _, r := range orphans {
		e.rank(e.refresh, r)
	}
	for _, m := range w.zoho.mints {
		if m+zohoWindow > w.now {
			e.rest(m + zohoWindow)
		}
	}
	e.mark('b')
	b := w.left
	e.numbers(b.crashes, b.expiries, b.failures, b.saves, b.sdk, b.login, b.death, b.away, w.excess)
	e.flag(w.lost)
	e.mark('s')
	if s := w.sdk; s.at != sdkRests {
		e.number(int(s.at))
		e.row(s.t)
		e.rank(e.tokens, s.sent)
		e.rank(e.refresh, s.refresh)
	}
	e.mark('r')
	if r := w.revoker; r.at != revokeRests {
		e.number(int(r.at))
		if r.at > revokeRead {
			e.row(r.t)
		}
	}
}

func (e *encoder) standing(s oauth.Standing, sent []time.Duration) {
	e.mark('k')
	e.flag(s.Owner != "")
	if s.Owner != "" {
		e.rest(since(s.Until))
	}
	for _, t := range []time.Time{s.Barred, s.Next} {
		e.rest(since(t))
	}
	if e.c.refused {
		e.rest(since(s.Forced.Add(forcedStep)))
	}
	e.out = append(append(e.out, s.State...), s.Class...)
	e.number(s.Failures)
	// Of each moment at which mints were reserved: how many count, and how many of
	// them were sent. When that was matters only where the budget can run out.
	var moments []time.Duration
	for _, m := range s.Mints {
		moments = append(moments, since(m))
	}
	moments = append(moments, sent...)
	slices.Sort(moments)
	for _, m := range slices.Compact(moments) {
		if m+zohoWindow <= e.w.now {
			continue
		}
		if e.c.spent > 0 {
			e.rest(m + zohoWindow)
		}
		reserved, used := 0, 0
		for _, other := range s.Mints {
			if since(other) == m {
				reserved++
			}
		}
		for _, other := range sent {
			if other == m {
				used++
			}
		}
		e.numbers(reserved, used)
	}
}

func (e *encoder) process(p process) {
	e.mark('p')
	e.number(int(p.at))
	if p.at == look || p.at == failed || p.rests() {
		return
	}
	e.row(p.t)
	if p.at == admit || p.at == claim || p.at == instead {
		return
	}
	e.rank(e.refresh, p.key)
	if p.at == wait {
		e.rest(p.until)
		return
	}
	s := e.w.standings[p.key]
	if p.epoch != 0 {
		e.number(int(s.Epoch - p.epoch))
	}
	e.flag(p.epoch == 0)
	switch p.at {
	case reread, release, send, flight:
		e.rest(p.until)
		e.age(p)
		e.flag(since(s.Forced) == p.granted)
		e.number(int(p.then))
	case failing, record:
		e.out = append(e.out, oauth.ClassOf(p.err)...)
	case finish:
		e.number(int(p.then))
	}
	if p.carries() || p.at == flight {
		e.rank(e.tokens, p.sent)
		e.rank(e.refresh, p.refresh)
	}
}

// age tells apart the moments at which leases were granted.
func (e *encoder) age(p process) { e.number(int((e.w.now - p.granted) / time.Second)) }
