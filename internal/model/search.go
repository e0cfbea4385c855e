package main

import (
	"fmt"
	"time"
)

// result is what a search has found.
type result struct {
	config      config
	states      int
	transitions int
	longest     time.Duration // that a caller waits for leases, pauses and windows to end
	broken      string        // the guarantee that does not hold; empty: all hold
	trace       []string      // the shortest way to where it does not
}

// visit is how a state was reached first.
type visit struct {
	from int32
	what string
	who  int
}

// search goes through every state that can be reached, the nearest first, and
// stops at the first that breaks a guarantee, or at the limit of states; 0: none.
func (c config) search(limit int) (result, error) { return c.searchBy(limit, c.encode) }

// searchBy is search with another text by which states are told apart.
func (c config) searchBy(limit int, encode func(w *world) string) (result, error) {
	r := result{config: c}
	known := map[string]struct{}{}
	alone := map[string]outcome{}
	undisturbed := func(w *world) outcome {
		key := c.encodeShared(w)
		o, ok := alone[key]
		if !ok {
			o = c.undisturbed(w)
			alone[key] = o
			r.longest = max(r.longest, o.took)
		}
		return o
	}
	var visits []visit
	type state struct {
		w  *world
		id int32
	}
	var level, next []state
	add := func(w *world, v visit) bool {
		key := encode(w)
		if _, seen := known[key]; seen && w.broken == "" {
			return true
		}
		known[key] = struct{}{}
		visits = append(visits, v)
		next = append(next, state{w, int32(len(visits) - 1)})
		r.states++
		if r.broken = c.check(w, undisturbed); r.broken != "" {
			r.trace = trace(visits)
			return false
		}
		return true
	}
	if !add(c.begin(), visit{from: -1}) {
		return r, nil
	}
	for len(next) > 0 {
		level, next = next, level[:0]
		for _, s := range level {
			if s.w.resting() {
				continue
			}
			for _, m := range c.moves(s.w) {
				r.transitions++
				if !add(m.to, visit{s.id, m.what, m.who}) {
					return r, nil
				}
			}
			if limit > 0 && r.states > limit {
				return r, fmt.Errorf("%s: more than %d states", c.name, limit)
			}
		}
	}
	return r, nil
}

// resting: every caller has what it wants or is gone.
func (w *world) resting() bool {
	for _, p := range w.processes {
		if !p.rests() {
			return false
		}
	}
	return w.revoker.at == revokeRests
}

// trace is the way to the state that was reached last.
func trace(visits []visit) []string {
	var back []string
	for i := int32(len(visits) - 1); i > 0; i = visits[i].from {
		what := visits[i].what
		if visits[i].who >= 0 {
			what = fmt.Sprintf("process %d %s", visits[i].who+1, what)
		}
		back = append(back, what)
	}
	out := make([]string, 0, len(back))
	for i := len(back) - 1; i >= 0; i-- {
		out = append(out, back[i])
	}
	return out
}
