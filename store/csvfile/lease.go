package csvfile

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"zohocrm/oauth"
)

var _ oauth.Coordinator = (*Store)(nil)

// The leases are in the folder FILE.zcrm/refresh, three kinds of files in all:
//
//	lock      is locked for as long as it takes to read and write a record,
//	          which is less than a millisecond, and never while a token file is
//	          written.
//	KEY.json  is the record of a credential, replaced as a whole.
//	KEY.lock  is locked by whoever has the lease, from Acquire to Settle.
//
// The kernel frees a lock when its holder dies, however it dies. So a lease that
// the record still names, and whose lock is free, has lost its holder, and is
// free at once: nobody waits until it ends. The reverse, a lock that is held
// though the lease has ended, is the sign of a holder that was stopped or is very
// slow. Its lease is taken over without the lock, the record notes that, and what
// it settles later counts for nothing, since the lease has another epoch.
//
// All of KEY.lock is decided by who has the lock of the folder: it is opened,
// tried and removed by nobody else.

// Now implements [oauth.Coordinator]: a file has no clock but this machine's.
func (s *Store) Now(context.Context) (time.Time, error) { return time.Time{}, nil }

// Acquire implements [oauth.Coordinator]. It waits for no lease and for no
// writing of the token file. A folder that cannot be used for leases is
// [oauth.ErrStoreUnavailable].
func (s *Store) Acquire(ctx context.Context, c oauth.Claim) (oauth.Lease, error) {
	f, err := s.enter(ctx)
	if err != nil {
		return oauth.Lease{}, err
	}
	defer f.leave()
	name, now := fileName(c.Key), s.leaseTime(c.Offset)
	s.leases.expire(s.leaseTime)
	before, known, err := readRecord(f.record(name))
	if err != nil {
		return oauth.Lease{}, err
	}
	var g *guard
	if before.guarded() {
		if g, err = f.seize(name); err != nil {
			return oauth.Lease{}, err
		}
		if g != nil {
			before.orphan()
		}
	}
	lease, err := s.grant(f, name, before, c, now, g)
	if err == nil && !known {
		f.sweep(s.clock(), now)
	}
	return lease, err
}

// grant decides the claim and records it. g is the credential's lock if it is
// already ours.
func (s *Store) grant(f *leaseFolder, name string, before kept, c oauth.Claim, now time.Time, g *guard) (oauth.Lease, error) {
	after, lease, err := before.Acquire(c, now)
	if err == nil && g == nil {
		g, err = f.seize(name)
	}
	if err == nil {
		err = f.write(name, kept{Standing: after, Unlocked: g == nil}, false)
	}
	if err != nil {
		g.free()
		var held *oauth.HeldError
		if errors.As(err, &held) {
			held.Poll = pollEvery
		}
		return oauth.Lease{}, err
	}
	s.leases.keep(lease, g)
	return lease, nil
}

// Settle implements [oauth.Coordinator]. The lock is given back also if nothing
// can be recorded; whoever comes next then finds the lease without a holder. That
// a user must consent again, or was revoked, is safe on disk when it returns.
func (s *Store) Settle(ctx context.Context, l oauth.Lease, o oauth.Outcome) error {
	g := s.leases.take(l)
	f, err := s.enter(ctx)
	if err != nil {
		g.free()
		return err
	}
	defer f.leave()
	defer g.free() // after the record and before the folder's lock, so that nobody sees one without the other
	name := fileName(l.Key)
	before, _, err := readRecord(f.record(name))
	if err != nil {
		return err
	}
	after := kept{Standing: before.Settle(l, o, s.leaseTime(l.Offset)), Unlocked: before.Unlocked}
	if after.Text() == before.Text() {
		return nil
	}
	return f.write(name, after, before.lasts() || after.lasts())
}

// Standings implements [oauth.Coordinator]. It locks nothing but for a credential
// that is being refreshed, of which it finds out whether the holder still lives.
// A user who may read the token file and not the folder learns nothing.
func (s *Store) Standings(ctx context.Context, keys ...string) (map[string]oauth.Standing, error) {
	at, err := resolve(s.path)
	if err != nil {
		return nil, err
	}
	folder, found := leasesOf(at.Path), make(map[string]oauth.Standing, len(keys))
	if !isFolder(besides(at.Path)) || !isFolder(folder) {
		return found, ctx.Err()
	}
	for _, key := range keys {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		name := fileName(key)
		r, known, err := readRecord(filepath.Join(folder, name+recordEnd))
		if err == nil && known && r.guarded() {
			r, known, err = s.holder(folder, name, r)
		}
		if err != nil {
			return nil, err
		}
		if known {
			found[key] = r.Standing
		}
	}
	return found, nil
}

// holder reads a record again, now with the lock of the folder, and gives its
// lease up if nobody has that. If another program has the folder's lock just now,
// it answers what was read before.
func (s *Store) holder(folder, name string, seen kept) (kept, bool, error) {
	f := s.peek(folder)
	if f == nil {
		return seen, true, nil
	}
	defer f.leave()
	r, known, err := readRecord(f.record(name))
	if err == nil && r.guarded() && f.deserted(name) {
		r.orphan()
	}
	return r, known, err
}

// leaseTime is the clock by which leases are decided.
func (s *Store) leaseTime(offset time.Duration) time.Time {
	return s.now().Add(offset).UTC().Truncate(time.Millisecond)
}
