package keys

import (
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// lookEvery is how often a file is looked at for another state, and how often one
// that cannot be read is tried again.
const lookEvery = time.Second

// Set is a source of keys that was opened. It follows a file that is changed by
// [Rotate] and the like, in this process or another one. It is safe for concurrent
// use, holds nothing open and needs no Close.
type Set struct {
	src source
	cfg Config

	ring   atomic.Pointer[Ring]
	looked atomic.Int64 // when the file was last looked at, in nanoseconds of Unix time

	mu    sync.Mutex // held by the one who looks
	at    stamp      // the state of the file that the ring was read from
	met   stamp      // the state that was last met: another than at could not be read
	tried time.Time  // when that failed last
}

// Open reads keys from a source: PATH, file:PATH or env:NAME. No source, and one
// that cannot be read, is an error that wraps [ErrUnusable].
//
// A file that others than its owner can read, or that belongs to another user than
// this process's or root, is refused; so is a symbolic link of another user. On
// Windows access lists govern that, and are not looked at.
func Open(ctx context.Context, from string, cfg Config) (*Set, error) {
	src, err := parseSource(from)
	if err != nil {
		return nil, err
	}
	s := &Set{src: src, cfg: cfg.complete()}
	ring, at, err := src.read(ctx, s.cfg)
	if err != nil {
		return nil, err
	}
	s.ring.Store(ring)
	s.at, s.met = at, at
	s.looked.Store(s.cfg.Now().UnixNano())
	return s, nil
}

// Temporary makes a key that nobody else has and that ends with the process: for
// tests and for stores in memory.
func Temporary() (*Set, error) {
	cfg := Config{}.complete()
	key, err := freshKey(nil, cfg.Now())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnusable, err)
	}
	ring, err := newRing([]*Key{key}, key.id, false)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnusable, err)
	}
	s := &Set{cfg: cfg}
	s.ring.Store(ring)
	return s, nil
}

// Ring gives the keys as they are. Once a second it asks the system whether the
// file is still the same; nobody waits for the one who reads a changed one. While
// a changed file cannot be read, the keys from before stay, and it is tried again
// once a second.
func (s *Set) Ring() *Ring {
	now := s.cfg.Now()
	since := time.Duration(now.UnixNano() - s.looked.Load())
	if s.src.path == "" || since.Abs() < lookEvery || !s.mu.TryLock() {
		return s.ring.Load()
	}
	defer s.mu.Unlock()
	s.look(now)
	return s.ring.Load()
}

// Look is Ring without the second: for whoever has met a value of a key that the
// ring does not have, or has not met a row. A file that could not be read and has
// not changed is tried again once a second here, too.
func (s *Set) Look() *Ring {
	if s.src.path != "" {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.look(s.cfg.Now())
	}
	return s.ring.Load()
}

// look reads the file if it is another one than before.
func (s *Set) look(now time.Time) {
	s.looked.Store(now.UnixNano())
	at, err := stampOf(s.src.path)
	again := at == s.met
	s.met = at
	if err == nil && at == s.at || again && now.Sub(s.tried).Abs() < lookEvery {
		return
	}
	var ring *Ring
	if err == nil {
		ring, at, err = s.src.read(context.Background(), s.cfg)
	}
	if err == nil {
		s.ring.Store(ring)
		s.at = at
		return
	}
	s.tried = s.cfg.Now() // a service may have taken its time
	if !again {
		s.cfg.Logger.Warn("the keys were changed and cannot be read; those from before stay in use", "error", s.src.failed(err))
	}
}

// RefusesPlain is [Ring.RefusesPlain] of the ring as it is.
func (s *Set) RefusesPlain() bool { return s.Ring().RefusesPlain() }

// String names the source: no verb prints more.
func (s *Set) String() string {
	if s.src == (source{}) {
		return "temporary keys"
	}
	return s.src.String()
}

// Format is String under every verb and flag.
func (s *Set) Format(f fmt.State, _ rune) { io.WriteString(f, s.String()) }
