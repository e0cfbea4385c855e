package oauth

import (
	"context"
	"crypto/rand"
	"errors"
	mathrand "math/rand/v2"
	"time"
)

const (
	// lastPart of a lease belongs to the Save: a request that is not answered by
	// then is given up.
	lastPart = 10
	// pollAgain is how often a waiting program looks, where the store says nothing.
	pollAgain = 50 * time.Millisecond
	// concludeTime bounds the recording of an outcome. Nobody waits for it.
	concludeTime = 5 * time.Second
)

// claim asks for the lease of t's credential. byHand: a person wants it.
func (k *Keeper) claim(ctx context.Context, t Token, forced, byHand bool) (Lease, error) {
	k.observe(ctx, EventClaim, t, 0, nil)
	began := k.elapsed()
	lease, err := k.leases.Acquire(ctx, Claim{
		Key: t.SideKey(), Owner: rand.Text(), For: k.cfg.Lease, Offset: k.clockOffset(),
		Client: t.ClientSecret.Fingerprint(), Forced: forced, ByHand: byHand,
	})
	switch {
	case err == nil:
		k.observe(ctx, EventLease, t, k.elapsed()-began, nil)
	case errors.Is(err, ErrThrottled):
		k.observe(ctx, EventThrottle, t, 0, err)
	case errors.Is(err, ErrReauthRequired):
		k.observe(ctx, EventReauth, t, 0, err)
	}
	return lease, err
}

// await waits until seen reports that somebody else's lease has borne fruit, or
// until the lease has ended. It looks at the lease before seen looks, since a
// token is saved before its lease is given back.
func (k *Keeper) await(ctx context.Context, t Token, held *HeldError, seen func() (bool, error)) error {
	began := k.elapsed()
	defer func() { k.observe(ctx, EventWait, t, k.elapsed()-began, nil) }()
	key, every := t.SideKey(), held.Poll
	if every == 0 {
		every = pollAgain
	}
	for {
		standings, err := k.leases.Standings(ctx, key)
		if err != nil {
			return err
		}
		ended := standings[key].Owner == "" || k.elapsed()-began >= held.Rest
		if ok, err := seen(); ok || err != nil || ended {
			return err
		}
		timer := time.NewTimer(every*3/4 + mathrand.N(every/2)) // #nosec G404 -- spreads waits; nothing secret depends on it
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-k.ctx.Done():
			timer.Stop()
			return ErrClosed
		}
	}
}

// conclude records what came of a lease. If it cannot be recorded, the lease ends
// by itself.
func (k *Keeper) conclude(ctx context.Context, l Lease, o Outcome) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), concludeTime)
	defer cancel()
	if err := k.leases.Settle(ctx, l, o); err != nil {
		k.log.Warn("the outcome of a refresh could not be noted; others wait until its lease ends", "error", err)
	}
}

// concludeLater is conclude, off the caller's path.
func (k *Keeper) concludeLater(ctx context.Context, l Lease, o Outcome) {
	if !k.begin() {
		k.conclude(ctx, l, o)
		return
	}
	go func() {
		defer k.work.Done()
		k.conclude(ctx, l, o)
	}()
}

// within bounds a request by the lease under which it is made.
func (k *Keeper) within(ctx context.Context, l Lease, began time.Duration) (context.Context, context.CancelFunc) {
	length := l.Until.Sub(l.Now)
	return context.WithTimeout(ctx, length-length/lastPart-(k.elapsed()-began))
}
