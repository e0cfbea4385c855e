package storetest

import (
	"errors"
	"runtime"
	"sync"
	"time"

	"zohocrm/oauth"
)

// claimants is how many goroutines ask for one lease at once.
const claimants = 8

// claims runs do in many goroutines at once, over all handles there can be.
func (l leases) claims(do func(l leases, i int)) {
	l.Helper()
	var handles []leases
	for _, f := range l.again() {
		handles = append(handles, l.over(f))
	}
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range claimants {
		wg.Go(func() {
			<-start
			do(handles[i%len(handles)], i)
		})
	}
	close(start)
	wg.Wait()
	// A lease may go with a Store that nobody uses any more, and so before the others
	// have asked for it.
	runtime.KeepAlive(handles)
}

// tally counts what became of claims.
type tally struct {
	mu     sync.Mutex
	leases []oauth.Lease
	errs   []error
}

// granted is how many leases were given so far.
func (n *tally) granted() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.leases)
}

func (n *tally) add(lease oauth.Lease, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err != nil {
		n.errs = append(n.errs, err)
		return
	}
	n.leases = append(n.leases, lease)
}

// leaseConcurrent: of many who ask at once exactly one gets the lease, and the
// others are told that it is held; a new credential's first lease included.
func leaseConcurrent(l leases) {
	for round := range 4 {
		var n tally
		l.claims(func(l leases, _ int) {
			n.add(l.c.Acquire(l.ctx, l.filledClaim(oauth.Claim{Forced: round%2 == 1})))
		})
		if len(n.leases) != 1 {
			l.Fatalf("round %d: of %d claims at once %d were granted, want one: %v", round, claimants, len(n.leases), errors.Join(n.errs...))
		}
		for _, err := range n.errs {
			if !errors.Is(err, oauth.ErrHeld) {
				l.Errorf("round %d: a claim while others ask: %v; want %q", round, err, oauth.ErrHeld)
			}
		}
		l.settled(n.leases[0], oauth.Outcome{Kind: oauth.Released})
	}
}

// leaseConcurrentBudget: many who mint as much as they can get no more than the
// budget, and no less.
func leaseConcurrentBudget(l leases) {
	var n tally
	l.claims(func(l leases, _ int) {
		for n.granted() <= byItself { // more are too many, and may have no end
			lease, err := l.c.Acquire(l.ctx, l.filledClaim(oauth.Claim{}))
			var held *oauth.HeldError
			if errors.As(err, &held) {
				pause(held)
				continue
			}
			if err == nil {
				err = l.c.Settle(l.ctx, lease, oauth.Outcome{Kind: oauth.Minted})
				if err == nil {
					n.add(lease, nil)
					continue
				}
			}
			n.add(lease, err)
			return
		}
	})
	if len(n.leases) != byItself {
		l.Errorf("%d mints were granted, want %d", len(n.leases), byItself)
	}
	epochs := map[int64]bool{}
	for _, lease := range n.leases {
		if epochs[lease.Epoch] {
			l.Errorf("epoch %d was given twice", lease.Epoch)
		}
		epochs[lease.Epoch] = true
	}
	for _, err := range n.errs {
		if !errors.Is(err, oauth.ErrThrottled) {
			l.Errorf("a claim while others ask: %v; want %q", err, oauth.ErrThrottled)
		}
	}
}

// pause waits as long as a program does that wants a lease that is held.
func pause(held *oauth.HeldError) {
	every := held.Poll
	if every == 0 {
		every = 10 * time.Millisecond
	}
	time.Sleep(every)
}

// leaseAcrossHandles: two programs see each other's leases and what came of them.
func leaseAcrossHandles(l leases) {
	other := l.over(l.reopened())
	lease := l.granted(oauth.Claim{})
	other.unchanged(l.stands(l.key), l.key, "a second handle")
	other.refused(oauth.Claim{}, oauth.ErrHeld)
	other.settled(oauth.Lease{Key: l.key}, oauth.Outcome{Kind: oauth.Withdrawn})
	l.settled(lease, oauth.Outcome{Kind: oauth.Minted})
	l.refused(oauth.Claim{}, oauth.ErrReauthRequired)
	other, l = other.of("bob"), l.of("bob")
	theirs := other.granted(oauth.Claim{})
	l.refused(oauth.Claim{}, oauth.ErrHeld)
	other.settled(theirs, oauth.Outcome{Kind: oauth.Minted})
	for range byItself - 1 {
		l.mints(1, oauth.Claim{})
		l, other = other, l
	}
	l.throttled(oauth.Claim{}, theirs.Now.Add(mintWindow))
	other.throttled(oauth.Claim{}, theirs.Now.Add(mintWindow))
}
