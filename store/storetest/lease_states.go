package storetest

import (
	"errors"
	"fmt"
	"time"

	"zohocrm/oauth"
)

// leaseThrottled: Zoho's own word stops everybody for ten minutes, a person too.
func leaseThrottled(l leases) {
	lease := l.granted(oauth.Claim{})
	s := l.settled(lease, failedWith(&oauth.ThrottledError{RetryAt: lease.Now}))
	if s.Owner != "" || s.State != oauth.Usable || !about(s.Barred, lease, mintWindow) || len(s.Mints) != 1 {
		l.Errorf("after Zoho's refusal there stands %s", s.Text())
	}
	for _, c := range []oauth.Claim{{}, {ByHand: true}, {Forced: true}, {ByHand: true, Offset: mintWindow - blink}} {
		l.throttled(c, s.Barred)
	}
	l.granted(oauth.Claim{Offset: mintWindow + blink})
}

// leaseForced: an access token that Zoho refuses is renewed once a minute.
func leaseForced(l leases) {
	forced := oauth.Claim{Forced: true}
	first := l.mints(1, forced)
	if s := l.stands(l.key); !s.Forced.Equal(first.Now) {
		l.Errorf("after a forced mint at %v there stands %s", first.Now, s.Text())
	}
	l.throttled(forced, first.Now.Add(betweenForce))
	l.throttled(oauth.Claim{Forced: true, Offset: blink}, first.Now.Add(betweenForce))
	l.mints(1, oauth.Claim{})
	l.mints(1, oauth.Claim{Forced: true, ByHand: true})
	l.mints(1, oauth.Claim{Forced: true, Offset: 2 * betweenForce})
}

// leaseDead: nobody asks Zoho again with a credential that it does not accept,
// unless a person says so; of a code not even then.
func leaseDead(l leases) {
	lease := l.granted(oauth.Claim{})
	s := l.settled(lease, failedWith(fmt.Errorf("refresh: %w", oauth.ErrReauthRequired)))
	if s.State != oauth.Dead || s.Class != oauth.ClassOf(oauth.ErrReauthRequired) || !about(s.Since, lease, 0) || s.Owner != "" || s.Failures != 1 {
		l.Errorf("after a credential was refused for good there stands %s", s.Text())
	}
	for _, c := range []oauth.Claim{{}, {Forced: true}, {Offset: 20 * 24 * time.Hour}, {Client: "sha256:000000000000"}} {
		var known *oauth.StandingError
		if err := l.refused(c, oauth.ErrReauthRequired); !errors.As(err, &known) || known.State != oauth.Dead || !known.Since.Equal(s.Since) {
			l.Errorf("Acquire of a dead credential: %T %v", err, err)
		}
	}
	if s := l.settled(l.granted(oauth.Claim{ByHand: true}), oauth.Outcome{Kind: oauth.Minted}); s.State != oauth.Usable || s.Class != "" || s.Failures != 0 || !s.Since.IsZero() {
		l.Errorf("after a mint by hand there stands %s", s.Text())
	}
	l.granted(oauth.Claim{})
	code := l.of("code")
	code.settled(code.granted(oauth.Claim{}), failedWith(oauth.ErrGrantExpired)) // at another data centre, perhaps
	code.refused(oauth.Claim{}, oauth.ErrGrantExpired)
	code.settled(code.granted(oauth.Claim{ByHand: true}), oauth.Outcome{Kind: oauth.Spent})
	code.refused(oauth.Claim{}, oauth.ErrGrantExpired)
	code.refused(oauth.Claim{ByHand: true, Offset: 2 * mintWindow}, oauth.ErrGrantExpired)
}

// leaseFailing: a failure is not repeated for a while, which grows; what never
// left costs no mint.
func leaseFailing(l leases) {
	for _, c := range []struct {
		err    error
		pauses []time.Duration
		spent  int
	}{
		{oauth.ErrUnreachable, []time.Duration{2 * time.Second, 2 * time.Second, 2 * time.Second}, 0},
		{oauth.ErrOutcomeUnknown, []time.Duration{15 * time.Second, 30 * time.Second, time.Minute}, 1},
		{oauth.ErrRefused, []time.Duration{15 * time.Second, 30 * time.Second, time.Minute}, 1},
	} {
		l := l.of(c.err.Error())
		var first oauth.Lease
		for i, pause := range c.pauses {
			lease := l.granted(oauth.Claim{Offset: time.Duration(i) * mintWindow})
			s := l.settled(lease, failedWith(fmt.Errorf("refresh: %w", c.err)))
			if i == 0 {
				first = lease
			}
			if s.State != oauth.Failing || s.Class != oauth.ClassOf(c.err) || s.Failures != i+1 || s.Owner != "" || !about(s.Since, first, 0) {
				l.Errorf("after failure %d with %q there stands %s", i+1, c.err, s.Text())
			}
			if !about(s.Next, lease, pause) || len(s.Mints) != c.spent {
				l.Errorf("after failure %d with %q at %v the next attempt is at %v, want %v later; %d mints count, want %d", i+1, c.err, lease.Now, s.Next, pause, len(s.Mints), c.spent)
			}
			var known *oauth.StandingError
			err := l.refused(oauth.Claim{Offset: s.Next.Sub(lease.Now) - blink + lease.Offset}, c.err)
			if !errors.As(err, &known) || known.State != oauth.Failing || known.Failures != i+1 {
				l.Errorf("Acquire of a failing credential: %T %v", err, err)
			}
		}
		late := time.Duration(len(c.pauses)) * mintWindow
		l.settled(l.granted(oauth.Claim{Offset: late}), failedWith(c.err))
		if s := l.settled(l.granted(oauth.Claim{Offset: late, ByHand: true}), oauth.Outcome{Kind: oauth.Minted}); s.State != oauth.Usable || s.Failures != 0 || !s.Next.IsZero() {
			l.Errorf("after a person's mint there stands %s", s.Text())
		}
	}
}

// leaseWrongSecret: that a client secret is wrong says nothing of another one.
func leaseWrongSecret(l leases) {
	const wrong, right = "sha256:000000000001", "sha256:000000000002"
	s := l.settled(l.granted(oauth.Claim{Client: wrong}), oauth.Outcome{Kind: oauth.Failed, Err: oauth.ErrClientConfig, Client: wrong})
	if s.State != oauth.Failing || s.Client != wrong {
		l.Errorf("after a wrong secret there stands %s", s.Text())
	}
	l.refused(oauth.Claim{Client: wrong}, oauth.ErrClientConfig)
	if s := l.settled(l.granted(oauth.Claim{Client: right}), oauth.Outcome{Kind: oauth.Minted}); s.State != oauth.Usable || s.Client != "" {
		l.Errorf("after a mint with the right secret there stands %s", s.Text())
	}
}

// leaseWithdrawn: a revocation takes the lease from whoever has it, and lasts.
func leaseWithdrawn(l leases) {
	lease := l.granted(oauth.Claim{})
	bare := oauth.Lease{Key: l.key}
	s := l.settled(bare, oauth.Outcome{Kind: oauth.Withdrawn})
	if s.State != oauth.Ended || s.Owner != "" || !s.Until.IsZero() || !s.Next.IsZero() || !about(s.Since, lease, 0) {
		l.Errorf("after a revocation there stands %s", s.Text())
	}
	for _, o := range []oauth.Outcome{{Kind: oauth.Minted}, failedWith(oauth.ErrUnreachable), {Kind: oauth.Released}} {
		l.settled(lease, o)
		l.unchanged(s, l.key, "who had the lease when it was revoked")
	}
	for _, c := range []oauth.Claim{{}, {ByHand: true}, {Offset: 20 * 24 * time.Hour}} {
		l.refused(c, oauth.ErrReauthRequired)
	}
	// Zoho is away: when to tell it is noted, and then that it was told.
	away := l.settled(bare, oauth.Outcome{Kind: oauth.Withdrawn, Err: oauth.ErrUnreachable})
	if away.State != oauth.Ended || away.Next.IsZero() || away.Failures != 1 || away.Class != oauth.ClassOf(oauth.ErrUnreachable) || !away.Since.Equal(s.Since) {
		l.Errorf("after Zoho could not be told there stands %s", away.Text())
	}
	if told := l.settled(bare, oauth.Outcome{Kind: oauth.Withdrawn}); told.State != oauth.Ended || !told.Next.IsZero() {
		l.Errorf("after Zoho was told there stands %s", told.Text())
	}
	// One that nobody ever asked for.
	if s := l.settled(oauth.Lease{Key: keyOf("bob"), Offset: -24 * time.Hour}, oauth.Outcome{Kind: oauth.Withdrawn}); s.State != oauth.Ended || !about(s.Since, lease, -24*time.Hour) {
		l.Errorf("after a revocation a day before %v there stands %s", lease.Now, s.Text())
	}
}

// leaseLogins: refresh tokens are counted, under a key of their own.
func leaseLogins(l leases) {
	count := oauth.Lease{Key: oauth.LoginsKey("alice", client)}
	for _, c := range []struct {
		kind oauth.OutcomeKind
		want int
	}{{oauth.Left, 0}, {oauth.Joined, 1}, {oauth.Joined, 2}, {oauth.Left, 1}, {oauth.Left, 0}, {oauth.Left, 0}, {oauth.Joined, 1}} {
		if s := l.settled(count, oauth.Outcome{Kind: c.kind}); s.Logins != c.want || s.State != oauth.Usable {
			l.Errorf("%d refresh tokens are counted, want %d: %s", s.Logins, c.want, s.Text())
		}
	}
	l.granted(oauth.Claim{})
	if s := l.stands(count.Key); s.Logins != 1 {
		l.Errorf("a lease of another key changed the count: %s", s.Text())
	}
}
