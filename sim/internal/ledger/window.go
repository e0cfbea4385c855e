package ledger

import "time"

// Rate allows N events in each span of Per. A Rate whose N is 0 allows all.
type Rate struct {
	N   int
	Per time.Duration
}

// window counts the events of one Rate. The zero value has seen none.
//
// Zoho's pages do not say whether its ten minutes are a fixed window that the
// first event opens, or slide along with the clock; both are here.
type window struct {
	start time.Time
	n     int
	past  []time.Time // sliding only: the last events, at most Rate.N of them
}

// full reports whether one more event at now would break the rate.
func (w *window) full(now time.Time, r Rate, sliding bool) bool {
	if r.N <= 0 {
		return false
	}
	if sliding {
		return len(w.past) >= r.N && now.Sub(w.past[len(w.past)-r.N]) < r.Per
	}
	return w.n >= r.N && now.Sub(w.start) < r.Per
}

// add counts one event at now. A refused request is never added, so asking
// again does not lengthen the wait.
func (w *window) add(now time.Time, r Rate, sliding bool) {
	if r.N <= 0 {
		return
	}
	if sliding {
		w.past = append(w.past, now)
		if len(w.past) > r.N {
			w.past = append(w.past[:0], w.past[len(w.past)-r.N:]...)
		}
		return
	}
	if w.n == 0 || now.Sub(w.start) >= r.Per {
		w.start, w.n = now, 0
	}
	w.n++
}
