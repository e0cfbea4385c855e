package storetest

import (
	"context"
	"time"

	"zohocrm/oauth"
)

var _ oauth.Coordinator = listStore{}

// Now implements [oauth.Coordinator].
func (s listStore) Now(context.Context) (time.Time, error) { return time.Time{}, nil }

// Acquire implements [oauth.Coordinator].
func (s listStore) Acquire(ctx context.Context, c oauth.Claim) (oauth.Lease, error) {
	if err := ctx.Err(); err != nil {
		return oauth.Lease{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	next, lease, err := s.rules.acquire(s.standings[c.Key], c, time.Now().Add(c.Offset))
	s.wait()
	if err == nil {
		s.standings[c.Key] = next
	}
	return lease, err
}

// Settle implements [oauth.Coordinator].
func (s listStore) Settle(ctx context.Context, l oauth.Lease, o oauth.Outcome) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.standings[l.Key] = s.rules.settle(s.standings[l.Key], l, o, time.Now().Add(l.Offset))
	return nil
}

// Standings implements [oauth.Coordinator].
func (s listStore) Standings(ctx context.Context, keys ...string) (map[string]oauth.Standing, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found := map[string]oauth.Standing{}
	for _, key := range keys {
		if standing, ok := s.standings[key]; ok {
			found[key] = standing
		}
	}
	return found, nil
}
