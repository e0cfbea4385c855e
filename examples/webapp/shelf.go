package main

import (
	"container/list"
	"crypto/rand"
	"crypto/sha256"
	"sync"
	"time"
)

// shelf keeps what belongs to browsers, each thing under a random id that only its
// browser knows, in a cookie. It is bounded in number and time, and safe for
// concurrent use.
//
// It is in memory: a restart signs everybody out, and several servers need a
// proxy that sends a browser always to the same one. The tokens are not here.
type shelf[V any] struct {
	max  int           // things at most; a further one pushes out the one longest unused
	life time.Duration // from put
	idle time.Duration // from the last get
	now  func() time.Time

	mu    sync.Mutex
	byKey map[shelfKey]*list.Element
	used  list.List // of *thing[V], last used in front
}

// shelfKey is the hash of an id, so that neither memory nor the time of a look-up
// tells an id.
type shelfKey [sha256.Size]byte

type thing[V any] struct {
	key       shelfKey
	value     V
	ends      time.Time
	idleSince time.Time
}

func newShelf[V any](limit int, life, idle time.Duration, now func() time.Time) *shelf[V] {
	return &shelf[V]{max: limit, life: life, idle: idle, now: now, byKey: make(map[shelfKey]*list.Element)}
}

// put returns the new id of v: 130 random bits.
func (s *shelf[V]) put(v V) (id string) {
	id = rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.putAs(id, v)
	return id
}

// putOnce puts nothing under an id that its caller has, unless that was done before.
func (s *shelf[V]) putOnce(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, there := s.find(id, false); there {
		return false
	}
	var none V
	s.putAs(id, none)
	return true
}

func (s *shelf[V]) putAs(id string, v V) {
	now := s.now()
	for oldest := s.used.Back(); oldest != nil; oldest = s.used.Back() {
		if s.used.Len() < s.max && !s.over(oldest, now) {
			break
		}
		s.remove(oldest)
	}
	key := shelfKey(sha256.Sum256([]byte(id)))
	s.byKey[key] = s.used.PushFront(&thing[V]{key: key, value: v, ends: now.Add(s.life), idleSince: now})
}

// get finds what was put under id, unless its time is over.
func (s *shelf[V]) get(id string) (V, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.find(id, false)
}

// take is get, and nobody gets it again.
func (s *shelf[V]) take(id string) (V, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.find(id, true)
}

func (s *shelf[V]) find(id string, last bool) (none V, ok bool) {
	e, now := s.byKey[sha256.Sum256([]byte(id))], s.now()
	if e == nil {
		return none, false
	}
	over := s.over(e, now)
	if over || last {
		s.remove(e)
	}
	if over {
		return none, false
	}
	t := e.Value.(*thing[V])
	if !last {
		t.idleSince = now
		s.used.MoveToFront(e)
	}
	return t.value, true
}

// dropAll takes off what the condition says.
func (s *shelf[V]) dropAll(which func(V) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for e := s.used.Front(); e != nil; {
		next := e.Next()
		if which(e.Value.(*thing[V]).value) {
			s.remove(e)
		}
		e = next
	}
}

func (s *shelf[V]) len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.used.Len()
}

func (s *shelf[V]) over(e *list.Element, now time.Time) bool {
	t := e.Value.(*thing[V])
	return !now.Before(t.ends) || now.Sub(t.idleSince) >= s.idle
}

func (s *shelf[V]) remove(e *list.Element) {
	delete(s.byKey, e.Value.(*thing[V]).key)
	s.used.Remove(e)
}
