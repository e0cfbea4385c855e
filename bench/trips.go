package main

import (
	"context"
	"fmt"

	"zohocrm/oauth"
	"zohocrm/store/open"
)

// trips count what a refresh that happens once costs on a network.
func trips(ctx context.Context, k *kit) (sheet, error) {
	var s sheet
	for _, of := range []struct {
		in   kind
		most int64
	}{{inMySQL, 4}, {inPostgres, 4}, {inRedis, 2}} {
		t, err := k.tripping(ctx, of.in)
		if err != nil {
			return sheet{}, fmt.Errorf("%s: %w", of.in, err)
		}
		s.counts = append(s.counts, count{
			name:   fmt.Sprintf("round trips to %s that a lease adds to a Save", of.in),
			how:    "counted on the way; lease and Save by Version, against a Save; what is settled after the answer stands apart",
			target: fmt.Sprintf("at most %d", of.most), exact: true,
			measure: func(ctx context.Context) (string, bool, error) { return t.measure(ctx, of.most) },
		})
	}
	return s, nil
}

// tripping is a store behind a relay.
type tripping struct {
	*leasing
	relay *relay
}

func (k *kit) tripping(ctx context.Context, in kind) (*tripping, error) {
	at, err := k.place(ctx, in)
	if err != nil {
		return nil, err
	}
	at, relay, err := k.through(ctx, at)
	if err != nil {
		return nil, err
	}
	store, err := k.store(ctx, at, open.Config{})
	if err != nil {
		return nil, err
	}
	const users = 10
	if err := oauth.SaveAll(ctx, store, crowd(users)); err != nil {
		return nil, err
	}
	l, err := newLeasing(store, users)
	return &tripping{l, relay}, err
}

// cost is how many round trips the steps of a refresh take.
type cost struct{ plain, lease, fenced, settled int64 }

func (c cost) extra() int64 { return c.lease + c.fenced - c.plain }

// measure takes the most of some refreshes, after enough others that whatever is
// kept from one to the next is kept.
func (t *tripping) measure(ctx context.Context, most int64) (string, bool, error) {
	var all cost
	for n := range 40 {
		c, err := t.once(ctx)
		if err != nil {
			return "", false, err
		}
		if n < 20 {
			continue
		}
		all = cost{max(all.plain, c.plain), max(all.lease, c.lease), max(all.fenced, c.fenced), max(all.settled, c.settled)}
	}
	return fmt.Sprintf("%d, and %d after the answer", all.extra(), all.settled), all.extra() <= most, nil
}

func (t *tripping) once(ctx context.Context) (c cost, err error) {
	i, err := t.next(ctx)
	if err != nil {
		return c, err
	}
	if c.plain, err = t.count(func() error {
		row, err := t.store.Save(ctx, oauth.Token{UserName: userName(i), AccessToken: t.pick.access(), Expiry: expiry()})
		t.rows[i] = row
		return err
	}); err != nil {
		return c, err
	}
	var lease oauth.Lease
	if c.lease, err = t.count(func() (err error) {
		lease, err = t.acquire(ctx, i)
		return err
	}); err != nil {
		return c, err
	}
	if c.fenced, err = t.count(func() error { return t.save(ctx, i) }); err != nil {
		return c, err
	}
	c.settled, err = t.count(func() error { return t.settle(ctx, lease) })
	return c, err
}

// count is how many round trips f makes.
func (t *tripping) count(f func() error) (int64, error) {
	before := t.relay.trips.Load()
	err := f()
	return t.relay.trips.Load() - before, err
}
