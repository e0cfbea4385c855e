package sim

import (
	"sync"
	"time"
)

// slot is the grain of the rolling day in which credits are counted.
const slot = 10 * time.Minute

// slotsInDay is one more than a day has, so that the oldest slot counts until
// it has passed completely.
const slotsInDay = int64(24*time.Hour/slot) + 1

// quota counts what an organisation uses of its API limits (Zoho: api-limits page).
type quota struct {
	credits     int // in 24 hours; 0: no limit
	concurrency int // calls at once, per client; 0: no limit
	heavy       int // heavy calls at once, per client; 0: no limit

	mu      sync.Mutex
	spent   map[int64]int  // by slot
	calls   map[string]int // running now, by client
	heavies map[string]int // running now, by client
}

func newQuota(l Limits, edition string, users int) *quota {
	e := l.Editions[edition]
	return &quota{
		credits: e.credits(users), concurrency: e.Concurrency, heavy: l.HeavyConcurrency,
		spent: make(map[int64]int), calls: make(map[string]int), heavies: make(map[string]int),
	}
}

// enter starts a call and pays for it. It refuses the call when it is one too
// many at once, or when the credits are spent. leave must be called at its end.
// left and limit tell the credits after it.
func (q *quota) enter(now time.Time, client string, cost int, heavy bool) (leave func(), left int, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	used := q.used(now)
	switch {
	case q.concurrency > 0 && q.calls[client] >= q.concurrency,
		heavy && q.heavy > 0 && q.heavies[client] >= q.heavy,
		q.credits > 0 && used+cost > q.credits:
		return func() {}, q.credits - used, false
	}
	q.spent[now.UnixNano()/int64(slot)] += cost
	q.calls[client]++
	if heavy {
		q.heavies[client]++
	}
	return func() { q.leave(client, heavy) }, q.credits - used - cost, true
}

func (q *quota) leave(client string, heavy bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.calls[client]--
	if heavy {
		q.heavies[client]--
	}
}

// used is what was spent in the last 24 hours. It forgets what is older.
func (q *quota) used(now time.Time) int {
	total, current := 0, now.UnixNano()/int64(slot)
	for at, n := range q.spent {
		if at <= current-slotsInDay {
			delete(q.spent, at)
			continue
		}
		total += n
	}
	return total
}

// show reports whether the remaining credits are worth a header: Zoho sends it
// once half of them are used.
func (q *quota) show(left int, always bool) bool {
	return q.credits > 0 && (always || left*2 <= q.credits)
}
