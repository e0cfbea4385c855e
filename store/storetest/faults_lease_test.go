package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"zohocrm/oauth"
)

// claims is a store that decides claims by another rule.
func claims(name string, acquire func(s oauth.Standing, c oauth.Claim, now time.Time) (oauth.Standing, oauth.Lease, error), fails ...string) fault {
	return bent(name, func(r *rules) { r.acquire = acquire }, fails...)
}

// settles is a store that records outcomes by another rule.
func settles(name string, settle func(s oauth.Standing, l oauth.Lease, o oauth.Outcome, now time.Time) oauth.Standing, fails ...string) fault {
	return bent(name, func(r *rules) { r.settle = settle }, fails...)
}

// coordinating is a store whose Coordinator does something else.
type coordinating struct {
	oauth.Store
	oauth.Coordinator
	acquire   func(ctx context.Context, c oauth.Claim) (oauth.Lease, error)
	standings func(ctx context.Context, keys ...string) (map[string]oauth.Standing, error)
}

func (c *coordinating) Unwrap() oauth.Store { return c.Store }

func (c *coordinating) Acquire(ctx context.Context, claim oauth.Claim) (oauth.Lease, error) {
	if c.acquire != nil {
		return c.acquire(ctx, claim)
	}
	return c.Coordinator.Acquire(ctx, claim)
}

func (c *coordinating) Standings(ctx context.Context, keys ...string) (map[string]oauth.Standing, error) {
	if c.standings != nil {
		return c.standings(ctx, keys...)
	}
	return c.Coordinator.Standings(ctx, keys...)
}

// coordinates breaks methods of the Coordinator.
func coordinates(name string, alter func(c *coordinating), fails ...string) fault {
	return fault{name, fails, func(*testing.T) Backend {
		b := backend(sound())
		wrap := func(s oauth.Store) oauth.Store {
			c := &coordinating{Store: s, Coordinator: base(s)}
			alter(c)
			return c
		}
		open, reopen := b.Open, b.Reopen
		b.Open = func(t testing.TB) oauth.Store { return wrap(open(t)) }
		b.Reopen = func(t testing.TB, s oauth.Store) oauth.Store { return wrap(reopen(t, s)) }
		return b
	}}
}

// faultsOfLeases are Coordinators that do not keep to the rules.
func faultsOfLeases() []fault {
	type (
		standing = oauth.Standing
		lease    = oauth.Lease
		outcome  = oauth.Outcome
		claim    = oauth.Claim
	)
	return []fault{
		claims("gives leases without a length no end", func(s standing, c claim, now time.Time) (standing, lease, error) {
			if c.For == 0 {
				c.For = 24 * time.Hour
			}
			return s.Acquire(c, now)
		}, "LeaseGranted"),
		claims("does not move its clock", func(s standing, c claim, now time.Time) (standing, lease, error) {
			return s.Acquire(c, now.Add(-c.Offset))
		}, "LeaseGranted", "LeaseTakenOver", "LeaseBudget"),
		claims("reserves nothing", func(s standing, c claim, now time.Time) (standing, lease, error) {
			next, l, err := s.Acquire(c, now)
			if err == nil {
				next.Mints = nil
			}
			return next, l, err
		}, "LeaseGranted", "LeaseBudget", "LeaseConcurrentBudget"),
		claims("gives a lease to whoever has it", func(s standing, c claim, now time.Time) (standing, lease, error) {
			if c.Owner == s.Owner {
				s.Owner = ""
			}
			return s.Acquire(c, now)
		}, "LeaseHeld"),
		claims("gives a person any lease", func(s standing, c claim, now time.Time) (standing, lease, error) {
			if c.ByHand {
				s.Owner = ""
			}
			return s.Acquire(c, now)
		}, "LeaseHeld"),
		claims("never takes a lease away", func(s standing, c claim, now time.Time) (standing, lease, error) {
			if s.Owner != "" {
				return s, lease{}, &oauth.HeldError{Rest: time.Minute}
			}
			return s.Acquire(c, now)
		}, "LeaseTakenOver"),
		settles("hears who has lost the lease", func(s standing, l lease, o outcome, now time.Time) standing {
			l.Epoch, l.Owner = s.Epoch, s.Owner
			return s.Settle(l, o, now)
		}, "LeaseTakenOver", "LeaseWithdrawn"),
		settles("keeps the mint of a released lease", func(s standing, l lease, o outcome, now time.Time) standing {
			mints := s.Mints
			s = s.Settle(l, o, now)
			s.Mints = mints
			return s
		}, "LeaseReleased", "LeaseFailing"),
		claims("takes everybody for a person", func(s standing, c claim, now time.Time) (standing, lease, error) {
			c.ByHand = true
			return s.Acquire(c, now)
		}, "LeaseBudget", "LeaseForced", "LeaseDead", "LeaseFailing"),
		claims("forgets what Zoho said", func(s standing, c claim, now time.Time) (standing, lease, error) {
			s.Barred = time.Time{}
			return s.Acquire(c, now)
		}, "LeaseThrottled"),
		claims("forces whatever is asked for", func(s standing, c claim, now time.Time) (standing, lease, error) {
			s.Forced = time.Time{}
			return s.Acquire(c, now)
		}, "LeaseForced"),
		settles("forgets what is dead", func(s standing, l lease, o outcome, now time.Time) standing {
			if errors.Is(o.Err, oauth.ErrReauthRequired) {
				o = outcome{Kind: oauth.Released}
			}
			return s.Settle(l, o, now)
		}, "LeaseDead"),
		settles("counts no failures", func(s standing, l lease, o outcome, now time.Time) standing {
			s.Failures = 0
			return s.Settle(l, o, now)
		}, "LeaseFailing"),
		settles("does not say whose secret is wrong", func(s standing, l lease, o outcome, now time.Time) standing {
			o.Client = ""
			return s.Settle(l, o, now)
		}, "LeaseWrongSecret"),
		settles("revokes only what is leased", func(s standing, l lease, o outcome, now time.Time) standing {
			if o.Kind == oauth.Withdrawn && s.Owner == "" {
				return s
			}
			return s.Settle(l, o, now)
		}, "LeaseWithdrawn"),
		settles("counts logins up only", func(s standing, l lease, o outcome, now time.Time) standing {
			if o.Kind == oauth.Left {
				return s
			}
			return s.Settle(l, o, now)
		}, "LeaseLogins"),
		coordinates("answers a thousand keys", func(c *coordinating) {
			c.standings = func(ctx context.Context, keys ...string) (map[string]oauth.Standing, error) {
				if len(keys) > 1000 {
					return nil, oauth.ErrStoreUnavailable
				}
				return c.Coordinator.Standings(ctx, keys...)
			}
		}, "LeaseManyKeys"),
		coordinates("has one lease for all", func(c *coordinating) {
			c.acquire = func(ctx context.Context, claim oauth.Claim) (oauth.Lease, error) {
				claim.Key = keyOf("all")
				return c.Coordinator.Acquire(ctx, claim)
			}
		}, "LeaseManyKeys", "LeaseGranted"),
		wrapped("forgets leases with the tokens", func(_ testing.TB, a *altered) {
			a.deleteAll = func(ctx context.Context) error {
				clear(base(a).standings)
				return a.Store.DeleteAll(ctx)
			}
		}, "LeaseLeavesTokens"),
		wrapped("forgets a lease with its token", func(_ testing.TB, a *altered) {
			a.delete = func(ctx context.Context, id, version string) error {
				clear(base(a).standings)
				return a.Store.Delete(ctx, id, version)
			}
		}, "LeaseLeavesTokens"),
		coordinates("gives a lease and says that the context has ended", func(c *coordinating) {
			c.acquire = func(ctx context.Context, claim oauth.Claim) (oauth.Lease, error) {
				l, err := c.Coordinator.Acquire(context.WithoutCancel(ctx), claim)
				if err == nil {
					err = ctx.Err()
				}
				return l, err
			}
		}, "LeaseContext"),
		bent("reads a lease, lets others between, and writes it", func(r *rules) { r.gap = pairs() },
			"LeaseConcurrent", "LeaseConcurrentBudget"),
		coordinates("keeps the leases of each handle", func(c *coordinating) {
			c.Coordinator = &oauth.LocalCoordinator{}
		}, "LeaseAcrossHandles", "LeaseConcurrent"),
	}
}
