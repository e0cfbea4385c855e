package storetest

import (
	"crypto/rand"
	"errors"
	"time"

	"zohocrm/oauth"
)

// leaseLength is how long the kit's leases last: longer than any check takes, so
// that none ends by itself. Where time has to pass, Claim.Offset moves the clock.
const leaseLength = time.Hour

// What Zoho and package oauth allow.
const (
	mintWindow   = 10 * time.Minute
	byItself     = 9  // mints in that time without a person
	withAPerson  = 10 // and with one
	betweenForce = time.Minute
)

// blink is more than a check takes between two calls, and far less than any time
// that the rules know.
const blink = 30 * time.Second

func leaseChecks() []check {
	return []check{
		{name: "LeaseGranted", run: coordinated(leaseGranted)},
		{name: "LeaseHeld", run: coordinated(leaseHeld)},
		{name: "LeaseTakenOver", run: coordinated(leaseTakenOver)},
		{name: "LeaseReleased", run: coordinated(leaseReleased)},
		{name: "LeaseBudget", run: coordinated(leaseBudget)},
		{name: "LeaseThrottled", run: coordinated(leaseThrottled)},
		{name: "LeaseForced", run: coordinated(leaseForced)},
		{name: "LeaseDead", run: coordinated(leaseDead)},
		{name: "LeaseFailing", run: coordinated(leaseFailing)},
		{name: "LeaseWrongSecret", run: coordinated(leaseWrongSecret)},
		{name: "LeaseWithdrawn", run: coordinated(leaseWithdrawn)},
		{name: "LeaseLogins", run: coordinated(leaseLogins)},
		{name: "LeaseManyKeys", run: coordinated(leaseManyKeys)},
		{name: "LeaseLeavesTokens", run: coordinated(leaseLeavesTokens)},
		{name: "LeaseContext", run: coordinated(leaseContext)},
		{name: "LeaseConcurrent", run: coordinated(leaseConcurrent)},
		{name: "LeaseConcurrentBudget", run: coordinated(leaseConcurrentBudget)},
		{name: "LeaseAcrossHandles", run: coordinated(leaseAcrossHandles), needs: needsReopen},
		{name: "LeaseReopened", run: coordinated(leaseReopened), needs: needsProcesses},
		{name: "LeaseProcesses", run: coordinated(leaseProcesses), needs: needsProcesses},
		{name: "LeaseProcessKilled", run: coordinated(leaseProcessKilled), needs: needsProcesses},
	}
}

// coordinated skips a check where the store has no [oauth.Coordinator].
func coordinated(run func(l leases)) func(f *fixture) {
	return func(f *fixture) {
		f.Helper()
		c, ok := oauth.CoordinatorOf(f.raw)
		if !ok {
			f.Skip("storetest: not checked, the store is no oauth.Coordinator: each process makes its own refreshes")
		}
		run(leases{f, c, keyOf("alice")})
	}
}

// leases is a fixture whose store coordinates, and the credential that its
// checks are about.
type leases struct {
	*fixture
	c   oauth.Coordinator
	key string
}

// keyOf is the key of a credential: what Token.SideKey gives.
func keyOf(name string) string { return secret("lease." + name).Hash() }

// of is the same for another credential.
func (l leases) of(name string) leases { l.key = keyOf(name); return l }

// over is the same through another handle.
func (l leases) over(f *fixture) leases {
	l.Helper()
	c, ok := oauth.CoordinatorOf(f.raw)
	if !ok {
		l.Fatal("the store is an oauth.Coordinator, and a second handle onto it is not")
	}
	return leases{f, c, l.key}
}

// filledClaim is c with what it leaves open.
func (l leases) filledClaim(c oauth.Claim) oauth.Claim {
	if c.Key == "" {
		c.Key = l.key
	}
	if c.Owner == "" {
		c.Owner = rand.Text()
	}
	if c.For == 0 {
		c.For = leaseLength
	}
	return c
}

// granted wants the claim to be granted, and what it says to be what stands.
func (l leases) granted(c oauth.Claim) oauth.Lease {
	l.Helper()
	c = l.filledClaim(c)
	lease, err := l.c.Acquire(l.ctx, c)
	if err != nil {
		l.Fatalf("Acquire(%+v): %v", c, err)
	}
	s := l.stands(c.Key)
	if lease.Key != c.Key || lease.Owner != c.Owner || lease.Offset != c.Offset || lease.Until.Sub(lease.Now) != c.For {
		l.Errorf("Acquire(%+v) = %+v", c, lease)
	}
	if s.Owner != c.Owner || s.Epoch != lease.Epoch || lease.Epoch < 1 || !s.Until.Equal(lease.Until) {
		l.Errorf("after Acquire gave %+v, there stands %s", lease, s.Text())
	}
	if n := len(s.Mints); n == 0 || !s.Mints[n-1].Equal(lease.Now) {
		l.Errorf("Acquire gave %+v and reserved no mint: %s", lease, s.Text())
	}
	return lease
}

// refused wants the claim to fail in this way and to change nothing.
func (l leases) refused(c oauth.Claim, want error) error {
	l.Helper()
	c = l.filledClaim(c)
	before := l.stands(c.Key)
	lease, err := l.c.Acquire(l.ctx, c)
	l.fails(err, want, "Acquire(%+v) = %+v", c, lease)
	l.unchanged(before, c.Key, "a claim that was refused")
	return err
}

// throttled wants the claim to be refused until then.
func (l leases) throttled(c oauth.Claim, until time.Time) {
	l.Helper()
	err := l.refused(c, oauth.ErrThrottled)
	var throttled *oauth.ThrottledError
	if !errors.As(err, &throttled) {
		l.Errorf("a claim beyond the budget: %T %v; want *oauth.ThrottledError", err, err)
	} else if !throttled.RetryAt.Equal(until) {
		l.Errorf("a claim beyond the budget is to be repeated at %v, want %v", throttled.RetryAt, until)
	}
}

// settled wants Settle to work and gives what stands then.
func (l leases) settled(lease oauth.Lease, o oauth.Outcome) oauth.Standing {
	l.Helper()
	if err := l.c.Settle(l.ctx, lease, o); err != nil {
		l.Fatalf("Settle(%+v, %+v): %v", lease, o, err)
	}
	return l.stands(lease.Key)
}

// failedWith is an Outcome.
func failedWith(err error) oauth.Outcome { return oauth.Outcome{Kind: oauth.Failed, Err: err} }

// stands is what is kept of a key; the zero value if nothing is.
func (l leases) stands(key string) oauth.Standing {
	l.Helper()
	found, err := l.c.Standings(l.ctx, key)
	if err != nil {
		l.Fatalf("Standings: %v", err)
	}
	return found[key]
}

// unchanged wants the standing of a key to be as before.
func (l leases) unchanged(before oauth.Standing, key, what string) {
	l.Helper()
	if now := l.stands(key); plain(now) != plain(before) {
		l.Errorf("%s changed %s to %s", what, plain(before), plain(now))
	}
}

// plain is a standing's text, whatever time zone its times came in.
func plain(s oauth.Standing) string {
	mints := make([]time.Time, len(s.Mints))
	for i, at := range s.Mints {
		mints[i] = at.UTC()
	}
	s.Mints = mints
	for _, at := range []*time.Time{&s.Until, &s.Barred, &s.Forced, &s.Since, &s.Next} {
		*at = at.UTC()
	}
	return s.Text()
}

// about reports whether at is d after the lease was granted, or a blink later: by
// the store's clock, which has run on since.
func about(at time.Time, lease oauth.Lease, d time.Duration) bool {
	late := at.Sub(lease.Now.Add(d))
	return late >= 0 && late < blink
}
