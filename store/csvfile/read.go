package csvfile

import (
	"context"
	"io/fs"
	"time"

	"zohocrm/oauth"
)

// await calls use with the view as soon as it is the whole file, which is at
// once unless another program is just rewriting it. use is called under a read
// lock. again reads the file even if it seems to be as it was. early tries use
// also on what may be a piece of the file: a row found there is that row, while
// one not found may come yet.
//
// A file that is damaged, or changes all the time, is looked at again for as
// long as patience allows. It is never taken for an empty one.
func (s *Store) await(ctx context.Context, again, early bool, use func(*view) error) error {
	var began time.Time // of the waiting, of which there is none as a rule
	var waited time.Duration
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.look(again, waited); err != nil {
			return err
		}
		if err, done := s.try(early, waited, use); done {
			return err
		}
		if began.IsZero() {
			began, again = s.clock(), false
		}
		if err := s.pause(ctx, pollEvery); err != nil {
			return err
		}
		waited = s.clock().Sub(began)
	}
}

// try answers what use does, or why it was not called, and whether that is all.
func (s *Store) try(early bool, waited time.Duration, use func(*view) error) (error, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	v := &s.view
	switch {
	case v.damage != nil:
		now := s.clock()
		return v.damage, waited >= patience || v.quietAt(now) >= patience && v.watched(now)
	case v.believed:
		return use(v), true
	case early && v.ended():
		if use(v) == nil {
			return nil, true
		}
	}
	return unavailable("use "+v.target, errRewrite), waited >= patience
}

// look brings the view up to date with the files. It fails if they cannot be
// read at all.
func (s *Store) look(again bool, waited time.Duration) error {
	now, err := statStamp(s.path)
	if err != nil {
		if _, why := resolve(s.path); why != nil {
			return why // which says more
		}
		return unavailable("read the token file", err)
	}
	s.mu.RLock()
	fits := s.view.fits(now) && !again
	current := fits && s.view.sides.current()
	s.mu.RUnlock()
	if current {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !fits {
		if err := s.load(); err != nil {
			return err
		}
	}
	s.view.sides.refresh()
	s.view.believe(s.clock(), waited)
	return nil
}

// load reads the file, and makes a table of it unless it is what it was. It is
// called under the write lock.
func (s *Store) load() error {
	at, err := resolve(s.path)
	if err != nil {
		return err
	}
	v, target := &s.view, at.Path
	if target != v.target {
		turn := v.turn
		*v = newView(target)
		v.turn = turn + 1
	}
	f, info, err := open(target)
	if err != nil {
		return err
	}
	if f == nil {
		v.set(stamp{}, digestOf(v.seed, ""), s.clock())
		v.table = emptyTable()
		return nil
	}
	defer f.Close()
	s.warnOfReaders(info)
	before := stampOf(info)
	if before == v.stamp && v.damage == nil {
		if same, err := holds(f, v.seed, v.digest); err != nil || same {
			v.readAt = s.clock()
			return err
		}
	}
	text, err := content(f, info.Size())
	if err != nil {
		return err
	}
	if info, err = f.Stat(); err != nil {
		return unavailable("read the token file", err)
	}
	after := stampOf(info)
	v.set(after, digestOf(v.seed, text), s.clock())
	if after != before {
		v.damage = &oauth.CorruptError{Place: target, Reason: errChanging.Error()}
		return nil
	}
	v.sides.refresh() // for the IDs that were given
	v.parse(text)
	return nil
}

// warnOfReaders says once that others can read the secrets.
func (s *Store) warnOfReaders(info fs.FileInfo) {
	if info.Mode().Perm()&othersMask != 0 && !s.warnedReaders.Swap(true) {
		s.log.Warn("others than its owner and group have access to the token file; the next write takes that away", "file", s.path, "mode", info.Mode().Perm().String())
	}
}
