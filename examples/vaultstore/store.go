package vaultstore

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"time"

	"zohocrm/oauth"
)

var (
	_ oauth.Store  = (*Store)(nil)
	_ oauth.Prober = (*Store)(nil)
)

// Store keeps all its tokens in one secret, which is replaced as a whole: a Save
// reads it, changes it, and writes it on the condition that it is still the one
// that was read; if somebody was quicker, it begins again. So programs on many
// machines may share it, and each change happens as a whole or not at all. Make it
// with [New]; it is safe for concurrent use and needs no closing.
type Store struct {
	place place
	now   func() time.Time
	turn  chan struct{} // one change at a time in this process: they would only hinder each other
	// maxChars is the longest value; 0: any length.
	maxChars int
}

// place is where the secret is.
type place interface {
	// read gives the text, nil where nothing was written yet, and its version.
	read(ctx context.Context) (text []byte, version string, err error)
	// write replaces the text if version is still the current one, else it is
	// errChanged.
	write(ctx context.Context, text []byte, version string) error
	// name is what an error may call it.
	name() string
}

var errChanged = errors.New("another program was quicker")

func newStore(p place, now func() time.Time, maxChars int) *Store {
	if now == nil {
		now = time.Now
	}
	return &Store{place: p, now: now, turn: make(chan struct{}, 1), maxChars: maxChars}
}

// Find implements [oauth.Store]: oauth knows which row is meant.
func (s *Store) Find(ctx context.Context, partial oauth.Token) (oauth.Token, error) {
	c, _, err := s.load(ctx)
	if err != nil {
		return oauth.Token{}, err
	}
	return oauth.Resolve(partial, oauth.RowsOf(c.tokens))
}

// Get implements [oauth.Store].
func (s *Store) Get(ctx context.Context, id string) (oauth.Token, error) {
	return s.Find(ctx, oauth.Token{ID: id})
}

// Save implements [oauth.Store].
func (s *Store) Save(ctx context.Context, t oauth.Token) (saved oauth.Token, err error) {
	if err := t.Row().Check(s.maxChars); err != nil {
		return oauth.Token{}, err
	}
	err = s.change(ctx, func(c *content) (err error) {
		saved, err = c.save(t, s.now())
		return err
	})
	if err != nil {
		return oauth.Token{}, err
	}
	return saved, nil
}

// Delete implements [oauth.Store].
func (s *Store) Delete(ctx context.Context, id, version string) error {
	return s.change(ctx, func(c *content) error { return c.delete(id, version) })
}

// List implements [oauth.Store]: the rows as they stood when the loop began.
func (s *Store) List(ctx context.Context) iter.Seq2[oauth.Token, error] {
	return func(yield func(oauth.Token, error) bool) {
		c, _, err := s.load(ctx)
		for _, t := range c.tokens {
			if !yield(t, nil) {
				return
			}
			if err = ctx.Err(); err != nil {
				break
			}
		}
		if err != nil {
			yield(oauth.Token{}, err)
		}
	}
}

// DeleteAll implements [oauth.Store]. The last ID stays known: none is given twice.
func (s *Store) DeleteAll(ctx context.Context) error {
	return s.change(ctx, func(c *content) error { c.tokens = nil; return nil })
}

// Probe implements [oauth.Prober]: it writes the secret as it is, which needs
// every right that a Save needs.
func (s *Store) Probe(ctx context.Context) error {
	return s.change(ctx, func(*content) error { return nil })
}

func (s *Store) load(ctx context.Context) (content, string, error) {
	if err := ctx.Err(); err != nil {
		return content{}, "", err
	}
	text, version, err := s.place.read(ctx)
	if err != nil {
		return content{}, "", s.unavailable(ctx, err)
	}
	c, err := parse(text, s.place.name())
	return c, version, err
}

// Bounds of one change. With the pauses between them all attempts take half a
// minute or so, in which hundreds of other changes were made. If nothing changes,
// and yet somebody is said to have been quicker, it ends after some seconds.
const (
	attempts = 60
	unmoved  = 12
)

func (s *Store) change(ctx context.Context, do func(*content) error) error {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	seen, times := "", 0
	for i := range attempts {
		c, version, err := s.load(ctx)
		if err != nil {
			return err
		}
		if seen != version {
			seen, times = version, 0
		}
		if times++; times > unmoved {
			return s.unavailable(ctx, errors.New("the version that is the current one has been followed by another already: was it made current again by hand? Write its text as a new version"))
		}
		if err := do(&c); err != nil {
			return err
		}
		text, err := c.text()
		if err != nil {
			return err
		}
		if err = s.place.write(ctx, text, version); !errors.Is(err, errChanged) {
			return s.unavailable(ctx, err)
		}
		pause := rand.N(min(time.Second, 20*time.Millisecond<<min(i, 6))) // #nosec G404 -- so that those who met do not meet again
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return s.unavailable(ctx, fmt.Errorf("it was changed %d times in a row before this change could be written: make sure that only this store writes it", attempts))
}

// unavailable says where it happened. A context that ended is told as such.
func (s *Store) unavailable(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, oauth.ErrStoreUnavailable), errors.Is(err, oauth.ErrCorrupt), errors.Is(err, oauth.ErrInvalidValue):
		return err
	}
	return fmt.Errorf("%w: %s: %w", oauth.ErrStoreUnavailable, s.place.name(), err)
}
