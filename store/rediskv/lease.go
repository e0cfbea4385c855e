package rediskv

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"zohocrm/oauth"
)

var _ oauth.Coordinator = (*Store)(nil)

const (
	// keepStanding is how long what is known of a credential is kept after it last
	// changed. It holds no secret, so it may end by itself.
	keepStanding = 30 * 24 * time.Hour
	// pollEvery is how often a waiting program looks at a lease: one GET, one find.
	pollEvery = 25 * time.Millisecond
	// keysAtOnce bounds the keys of one MGET.
	keysAtOnce = 500
)

// standingLua is what is known of a credential, and the server's time.
//
//	KEYS[1]  where it is kept
const standingLua = `return {redis.call('GET', KEYS[1]) or '', redis.call('TIME')}`

// settleLua writes what is known of a credential if it is still what it was: 1.
// Else it does nothing: 0.
//
//	KEYS[1]  where it is kept
//	ARGV[1]  what it was, '' for nothing
//	ARGV[2]  what it is to be
//	ARGV[3]  for how many milliseconds
const settleLua = `
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
`

func (k keys) lease(key string) string { return k.lead + "lease:" + key }

// Now implements [oauth.Coordinator]: the server's clock.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	cmd := redis.NewTimeCmd(ctx, "time")
	if err := s.call(ctx, cmd); err != nil {
		return time.Time{}, s.failed(ctx, "clock", err)
	}
	return cmd.Val().Truncate(time.Millisecond).UTC(), nil
}

// Acquire implements [oauth.Coordinator]. It costs two round trips: what stands is
// read, and written if it is still so.
func (s *Store) Acquire(ctx context.Context, c oauth.Claim) (lease oauth.Lease, err error) {
	var refused error
	err = s.standing(ctx, c.Key, c.Offset, func(was oauth.Standing, now time.Time) (is oauth.Standing) {
		is, lease, refused = was.Acquire(c, now)
		return is
	})
	if err != nil {
		return oauth.Lease{}, s.failed(ctx, "lease", err)
	}
	var held *oauth.HeldError
	if errors.As(refused, &held) {
		held.Poll = pollEvery
	}
	return lease, refused
}

// Settle implements [oauth.Coordinator].
func (s *Store) Settle(ctx context.Context, l oauth.Lease, o oauth.Outcome) error {
	err := s.standing(ctx, l.Key, l.Offset, func(was oauth.Standing, now time.Time) oauth.Standing {
		return was.Settle(l, o, now)
	})
	return s.failed(ctx, "settle", err)
}

// standing changes what stands of a key, and plans anew when somebody else was
// quicker.
func (s *Store) standing(ctx context.Context, key string, offset time.Duration, change func(oauth.Standing, time.Time) oauth.Standing) error {
	at := s.keys.lease(key)
	return s.again(ctx, func(bool) (bool, error) {
		was, now, err := s.readStanding(ctx, at)
		if err != nil {
			return false, err
		}
		is := change(oauth.ParseStanding(was), now.Add(offset)).Text()
		if is == was || was == "" && is == (oauth.Standing{}).Text() {
			return true, nil
		}
		reply, err := s.write(ctx, newScript(settleLua, at), []any{was, is, keepStanding.Milliseconds()})
		return reply == int64(1), err
	})
}

func (s *Store) readStanding(ctx context.Context, at string) (was string, now time.Time, err error) {
	reply, err := s.read(ctx, newScript(standingLua, at), nil)
	if err != nil {
		return "", time.Time{}, err
	}
	parts, err := list(reply, 2)
	if err != nil {
		return "", time.Time{}, err
	}
	clock, err := list(parts[1], 2)
	if err != nil {
		return "", time.Time{}, err
	}
	var seconds, micros int64
	if _, err := fmt.Sscan(text(clock[0])+" "+text(clock[1]), &seconds, &micros); err != nil {
		return "", time.Time{}, fmt.Errorf("%w: the server's TIME is not one", oauth.ErrStoreUnavailable)
	}
	return text(parts[0]), time.UnixMilli(seconds*1000 + micros/1000).UTC(), nil
}

// Standings implements [oauth.Coordinator].
func (s *Store) Standings(ctx context.Context, keys ...string) (map[string]oauth.Standing, error) {
	found := make(map[string]oauth.Standing, len(keys))
	for len(keys) > 0 {
		some := keys[:min(keysAtOnce, len(keys))]
		keys = keys[len(some):]
		args := []any{"mget"}
		for _, key := range some {
			args = append(args, s.keys.lease(key))
		}
		cmd := redis.NewSliceCmd(ctx, args...)
		if err := s.call(ctx, cmd); err != nil {
			return nil, s.failed(ctx, "read", err)
		}
		for i, v := range cmd.Val() {
			if standing := text(v); standing != "" {
				found[some[i]] = oauth.ParseStanding(standing)
			}
		}
	}
	return found, nil
}
