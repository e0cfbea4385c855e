package storetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"zohocrm/oauth"
)

// leaseGranted: a credential of which nothing is known has no standing, and its
// first claim is granted, by the store's own clock where it has one.
func leaseGranted(l leases) {
	if all, err := l.c.Standings(l.ctx, l.key, keyOf("bob")); err != nil || len(all) != 0 {
		l.Errorf("Standings in an empty store = %v, %v; want none", all, err)
	}
	if all, err := l.c.Standings(l.ctx); err != nil || len(all) != 0 {
		l.Errorf("Standings of no key = %v, %v; want none", all, err)
	}
	before, err1 := l.c.Now(l.ctx)
	lease := l.granted(oauth.Claim{Client: "sha256:000000000000"})
	after, err2 := l.c.Now(l.ctx)
	if err := errors.Join(err1, err2); err != nil {
		l.Errorf("Now: %v", err)
	}
	if before.IsZero() != after.IsZero() {
		l.Errorf("Now is %v and then %v: a store has a clock or has none", before, after)
	}
	const grain = time.Millisecond
	if !before.IsZero() && (lease.Now.Before(before.Add(-grain)) || lease.Now.After(after.Add(grain))) {
		l.Errorf("a lease was granted at %v, between Now %v and Now %v", lease.Now, before, after)
	}
	// A length that is not given, and a clock that is moved.
	c := l.filledClaim(oauth.Claim{Key: keyOf("bob"), Offset: 24 * time.Hour})
	c.For = 0
	moved, err := l.c.Acquire(l.ctx, c)
	if err != nil {
		l.Fatalf("Acquire: %v", err)
	}
	if got := moved.Until.Sub(moved.Now); got != oauth.DefaultLease {
		l.Errorf("a lease without a length lasts %v, want %v", got, oauth.DefaultLease)
	}
	if !about(moved.Now, lease, 24*time.Hour) || moved.Offset != 24*time.Hour {
		l.Errorf("a day later by Claim.Offset, after %v, it is %v, with offset %v", lease.Now, moved.Now, moved.Offset)
	}
}

// leaseHeld: while somebody has the lease nobody else gets it, themselves
// included, whatever the budget says.
func leaseHeld(l leases) {
	lease := l.granted(oauth.Claim{})
	for _, c := range []oauth.Claim{
		{}, {Owner: lease.Owner}, {ByHand: true}, {Forced: true}, {For: time.Millisecond}, {Client: "sha256:000000000000"},
		{Offset: leaseLength - blink}, {Offset: -24 * time.Hour},
	} {
		err := l.refused(c, oauth.ErrHeld)
		var held *oauth.HeldError
		if !errors.As(err, &held) {
			l.Errorf("Acquire of a lease that is held: %T %v; want *oauth.HeldError", err, err)
			continue
		}
		if rest := held.Rest + c.Offset; rest > leaseLength || rest < leaseLength-blink {
			l.Errorf("a lease of %v that was just given, %v later, rests %v", leaseLength, c.Offset, held.Rest)
		}
		if held.Poll < 0 || held.Poll > time.Second {
			l.Errorf("HeldError.Poll is %v", held.Poll)
		}
	}
}

// leaseTakenOver: a lease that has ended passes to who asks, and what its former
// holder says then is not heard.
func leaseTakenOver(l leases) {
	first := l.granted(oauth.Claim{})
	later := oauth.Claim{Offset: leaseLength}
	second := l.granted(later)
	if second.Epoch != first.Epoch+1 {
		l.Errorf("the lease after epoch %d has epoch %d", first.Epoch, second.Epoch)
	}
	for _, o := range []oauth.Outcome{
		{Kind: oauth.Released}, {Kind: oauth.Minted}, failedWith(oauth.ErrReauthRequired), failedWith(&oauth.ThrottledError{}),
	} {
		before := l.stands(l.key)
		l.settled(first, o)
		l.unchanged(before, l.key, fmt.Sprintf("what the former holder of a lease says (%+v)", o))
	}
	if n := len(l.stands(l.key).Mints); n != 1 {
		l.Errorf("%d mints count an hour after another one, want 1", n)
	}
	l.refused(later, oauth.ErrHeld)
	// The holder of today is heard, once.
	l.settled(second, oauth.Outcome{Kind: oauth.Minted})
	before := l.stands(l.key)
	l.settled(second, failedWith(oauth.ErrReauthRequired))
	l.unchanged(before, l.key, "what the holder says after its lease was given back")
	// Of a credential of which nothing stands, nothing is recorded either.
	l.settled(oauth.Lease{Key: keyOf("bob"), Owner: "nobody", Epoch: 3}, failedWith(oauth.ErrReauthRequired))
	if s := l.stands(keyOf("bob")); s.State != oauth.Usable || s.Owner != "" {
		l.Errorf("a lease that was never given was settled: %s", s.Text())
	}
}

// leaseReleased: a lease under which nothing was sent costs nothing.
func leaseReleased(l leases) {
	minted := l.granted(oauth.Claim{})
	l.settled(minted, oauth.Outcome{Kind: oauth.Minted})
	for range 2 * withAPerson {
		lease := l.granted(oauth.Claim{Forced: true})
		s := l.settled(lease, oauth.Outcome{Kind: oauth.Released})
		if s.Owner != "" || !s.Until.IsZero() || !s.Forced.IsZero() || len(s.Mints) != 1 || !s.Mints[0].Equal(minted.Now) {
			l.Fatalf("a released lease leaves %s", s.Text())
		}
	}
}

// mints uses so many of the budget.
func (l leases) mints(n int, c oauth.Claim) (first oauth.Lease) {
	l.Helper()
	for i := range n {
		lease := l.granted(c)
		if i == 0 {
			first = lease
		}
		if s := l.settled(lease, oauth.Outcome{Kind: oauth.Minted}); s.Owner != "" || s.State != oauth.Usable {
			l.Errorf("after a mint there stands %s", s.Text())
		}
	}
	return first
}

// leaseBudget: nine mints in ten minutes, and a tenth for a person.
func leaseBudget(l leases) {
	first := l.mints(byItself, oauth.Claim{})
	free := first.Now.Add(mintWindow)
	l.throttled(oauth.Claim{}, free)
	l.throttled(oauth.Claim{Offset: mintWindow - blink}, free)
	l.mints(withAPerson-byItself, oauth.Claim{ByHand: true})
	l.throttled(oauth.Claim{ByHand: true}, free)
	l.throttled(oauth.Claim{Forced: true}, free)
	// The window slides: what is ten minutes old does not count, what is younger
	// does.
	l.of("bob").mints(byItself, oauth.Claim{}) // another credential has its own
	later := oauth.Claim{Offset: mintWindow - 2*time.Minute}
	l = l.of("carol")
	l.mints(4, oauth.Claim{})
	next := l.mints(byItself-4, later)
	later.Offset = mintWindow
	l.mints(4, later)
	l.throttled(later, next.Now.Add(mintWindow))
}

// leaseManyKeys: credentials do not disturb each other, and all can be asked for
// at once.
func leaseManyKeys(l leases) {
	const leased, asked = 40, 1200
	var keys []string
	want := map[string]oauth.Lease{}
	for i := range asked {
		key := keyOf(fmt.Sprint("many", i))
		keys = append(keys, key)
		if i < leased {
			want[key] = l.granted(oauth.Claim{Key: key})
		}
	}
	all, err := l.c.Standings(l.ctx, keys...)
	if err != nil {
		l.Fatalf("Standings of %d keys: %v", len(keys), err)
	}
	if len(all) != leased {
		l.Errorf("Standings of %d keys found %d, want the %d that are there", len(keys), len(all), leased)
	}
	for key, lease := range want {
		if s := all[key]; s.Owner != lease.Owner || !s.Until.Equal(lease.Until) || len(s.Mints) != 1 {
			l.Errorf("of the lease %+v there stands %s", lease, s.Text())
		}
	}
	twice, err := l.c.Standings(l.ctx, keys[0], keys[asked-1], keys[0])
	if err != nil || len(twice) != 1 {
		l.Errorf("Standings of one key, given twice, and of one that is not there = %v, %v", twice, err)
	}
}

// leaseLeavesTokens: what is kept of credentials is no token, and tokens that
// come and go do not touch it.
func leaseLeavesTokens(l leases) {
	row := l.save(withSide("alice"))
	bob := l.save(filled("bob"))
	l.key = row.SideKey()
	lease := l.granted(oauth.Claim{})
	l.settled(lease, oauth.Outcome{Kind: oauth.Minted})
	l.granted(oauth.Claim{Key: bob.SideKey()})
	l.settled(oauth.Lease{Key: oauth.LoginsKey("alice", client)}, oauth.Outcome{Kind: oauth.Joined})
	for _, f := range l.again() {
		f.holds(row, bob)
		f.side(f.get(row.ID), row, "Get after leases")
		if got := f.get(row.ID); !got.UpdatedAt.Equal(row.UpdatedAt) {
			f.Errorf("a lease moved UpdatedAt from %v to %v", row.UpdatedAt, got.UpdatedAt)
		}
	}
	row = l.save(oauth.Token{ID: row.ID, Version: row.Version, AccessToken: secret("new"), Expiry: noon()})
	dead := l.settled(l.granted(oauth.Claim{}), failedWith(oauth.ErrReauthRequired))
	if err := l.s.Delete(l.ctx, row.ID, row.Version); err != nil {
		l.Fatal(err)
	}
	l.unchanged(dead, l.key, "Delete")
	l.save(withSide("alice"))
	l.unchanged(dead, l.key, "Save")
	if err := l.s.DeleteAll(l.ctx); err != nil {
		l.Fatal(err)
	}
	l.unchanged(dead, l.key, "DeleteAll")
	l.holds()
	for _, f := range l.again() {
		l.over(f).refused(oauth.Claim{}, oauth.ErrReauthRequired)
	}
}

// leaseContext: what is called with a context that has ended is done as a whole,
// or not at all and then says so.
func leaseContext(l leases) {
	ended, cancel := context.WithCancel(l.ctx)
	cancel()
	c := l.filledClaim(oauth.Claim{})
	lease, err := l.c.Acquire(ended, c)
	s := l.stands(l.key)
	switch {
	case err == nil && s.Owner != c.Owner:
		l.Errorf("Acquire with an ended context gave %+v, and there stands %s", lease, s.Text())
	case err != nil && !errors.Is(err, context.Canceled):
		l.Errorf("Acquire with an ended context: %v; want %q", err, context.Canceled)
	case err != nil && s.Owner != "":
		l.Errorf("Acquire with an ended context failed with %v, and there stands %s", err, s.Text())
	case err != nil:
		lease = l.granted(oauth.Claim{})
	}
	before := l.stands(l.key)
	err = l.c.Settle(ended, lease, failedWith(oauth.ErrReauthRequired))
	switch s := l.stands(l.key); {
	case err == nil && s.State != oauth.Dead:
		l.Errorf("Settle with an ended context gave no error, and there stands %s", s.Text())
	case err != nil && !errors.Is(err, context.Canceled):
		l.Errorf("Settle with an ended context: %v; want %q", err, context.Canceled)
	case err != nil:
		before.Owner, before.Until = s.Owner, s.Until // who cannot say what came of it may let go
		l.unchanged(before, l.key, "Settle with an ended context")
		l.settled(oauth.Lease{Key: l.key}, oauth.Outcome{Kind: oauth.Withdrawn})
	}
	if all, err := l.c.Standings(ended, l.key); err != nil && !errors.Is(err, context.Canceled) || err == nil && all[l.key].State == oauth.Usable {
		l.Errorf("Standings with an ended context: %v, %v", all, err)
	}
	if _, err := l.c.Now(ended); err != nil && !errors.Is(err, context.Canceled) {
		l.Errorf("Now with an ended context: %v", err)
	}
	l.of("bob").granted(oauth.Claim{})
}
