package main

import (
	"context"
	"errors"
	"time"

	"zohocrm/oauth"
	"zohocrm/store/open"
)

// leases measure what it costs that several programs refresh a token once: a lease,
// a Save on the Version that was read, and the settling of the lease.
func leases(ctx context.Context, k *kit) (sheet, error) {
	_, store, err := sqliteTable().crowded(ctx, k)
	if err != nil {
		return sheet{}, err
	}
	_, plain, err := sqliteTable().crowded(ctx, k)
	if err != nil {
		return sheet{}, err
	}
	leasing, err := newLeasing(store, tokens)
	if err != nil {
		return sheet{}, err
	}
	return sheet{rows: []row{{
		name: "SQLite: lease, Save by Version, settle", other: "a plain Save",
		ours: leasing.side(ctx), theirs: saving(ctx, plain), atMost: 3,
	}}}, nil
}

// leasing refreshes one user after the other, without asking Zoho.
type leasing struct {
	store  oauth.Store
	leases oauth.Coordinator
	pick   *picker
	rows   map[int]oauth.Token
	ahead  time.Duration // how far the clock was moved: an hour for each lease, so that no budget is spent
}

func newLeasing(store *open.Store, users int) (*leasing, error) {
	c, ok := oauth.CoordinatorOf(store)
	if !ok {
		return nil, errors.New("the store gives no leases")
	}
	return &leasing{store: store, leases: c, pick: newPicker(users), rows: map[int]oauth.Token{}}, nil
}

// next is a user whose row is read, which does not count: a refresh has read it.
func (l *leasing) next(ctx context.Context) (i int, err error) {
	i = l.pick.next()
	if _, known := l.rows[i]; !known {
		l.rows[i], err = l.store.Find(ctx, oauth.Token{UserName: userName(i)})
	}
	return i, err
}

func (l *leasing) side(ctx context.Context) side {
	return func(n int) (time.Duration, error) {
		var all time.Duration
		for range n {
			i, err := l.next(ctx)
			if err != nil {
				return 0, err
			}
			began := time.Now()
			lease, err := l.acquire(ctx, i)
			if err == nil {
				err = l.save(ctx, i)
			}
			if err == nil {
				err = l.settle(ctx, lease)
			}
			if err != nil {
				return 0, err
			}
			all += time.Since(began)
		}
		return all, nil
	}
}

func (l *leasing) acquire(ctx context.Context, i int) (oauth.Lease, error) {
	l.ahead += time.Hour
	return l.leases.Acquire(ctx, oauth.Claim{Key: l.rows[i].SideKey(), Owner: "bench", Offset: l.ahead})
}

func (l *leasing) save(ctx context.Context, i int) error {
	row := l.rows[i]
	row, err := l.store.Save(ctx, oauth.Token{ID: row.ID, Version: row.Version, AccessToken: l.pick.access(), Expiry: expiry()})
	l.rows[i] = row
	return err
}

func (l *leasing) settle(ctx context.Context, lease oauth.Lease) error {
	return l.leases.Settle(ctx, lease, oauth.Outcome{Kind: oauth.Minted})
}
