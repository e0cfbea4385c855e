package csvfile

import (
	"errors"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"zohocrm/oauth"
)

// guard is the lock of a credential that is being refreshed, while it is ours. It
// goes with the process, and with a Store that nobody uses any more.
type guard struct {
	lease oauth.Lease
	lock  *flock.Flock
}

// free gives the lock back. It may be called of no guard.
func (g *guard) free() {
	if g != nil {
		g.lock.Unlock()
	}
}

// seize takes the lock of a credential. Its answer is nil if somebody has it.
func (f *leaseFolder) seize(name string) (*guard, error) {
	lock := lockOf(f.file(name+lockEnd), os.O_CREATE)
	ok, err := lock.TryLock()
	switch {
	case err != nil:
		return nil, unavailable("lock "+lock.Path(), err)
	case !ok:
		return nil, nil
	}
	if err := isFile(lock); err != nil {
		lock.Unlock()
		return nil, err
	}
	share(lock.Path(), f.like)
	return &guard{lock: lock}, nil
}

// deserted reports that nobody has the lock of a credential.
func (f *leaseFolder) deserted(name string) bool {
	lock := lockOf(f.file(name+lockEnd), 0)
	ok, err := lock.TryLock()
	if ok {
		lock.Unlock()
	}
	return ok || errors.Is(err, fs.ErrNotExist)
}

// leases is what a Store has to do with leases.
type leases struct {
	turn chan struct{} // holds a value while a goroutine has the lock of the folder

	mu   sync.Mutex
	held map[string]*guard // of the leases that were granted and are not settled, by key
}

func newLeases() leases {
	return leases{turn: make(chan struct{}, 1), held: make(map[string]*guard)}
}

// keep holds the lock until the lease is settled. g is nil if the lease has none.
func (h *leases) keep(l oauth.Lease, g *guard) {
	if g == nil {
		return
	}
	g.lease = l
	h.mu.Lock()
	defer h.mu.Unlock()
	h.held[l.Key] = g
}

// take gives the lock of a lease, once. It is nil if the lease has none, or none
// any more.
func (h *leases) take(l oauth.Lease) *guard {
	h.mu.Lock()
	defer h.mu.Unlock()
	g := h.held[l.Key]
	if g == nil || g.lease.Epoch != l.Epoch || g.lease.Owner != l.Owner {
		return nil
	}
	delete(h.held, l.Key)
	return g
}

// expire frees the locks of leases that have ended and were not settled: a
// Keeper leaves a lease to itself when it could not save what Zoho issued. What
// is settled of them later still counts if nobody took them over.
func (h *leases) expire(now func(offset time.Duration) time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for key, g := range h.held {
		if !now(g.lease.Offset).Before(g.lease.Until) {
			g.free()
			delete(h.held, key)
		}
	}
}
