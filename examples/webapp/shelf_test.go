package main

import (
	"sync"
	"testing"
	"time"
)

func TestShelf(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := newShelf[int](3, time.Hour, 10*time.Minute, func() time.Time { return now })
	has := func(id string, want int) {
		t.Helper()
		if v, ok := s.get(id); ok != (want != 0) || v != want {
			t.Errorf("%d, %v; want %d", v, ok, want)
		}
	}
	a, b, c := s.put(1), s.put(2), s.put(3)
	if len(a) != 26 || a == b || b == c {
		t.Errorf("ids %q %q %q", a, b, c)
	}
	has("", 0)
	has(a+"x", 0)
	has(a, 1) // so b is the one longest unused
	d := s.put(4)
	has(b, 0)
	has(c, 3)
	has(d, 4)
	if v, ok := s.take(d); !ok || v != 4 {
		t.Errorf("%d, %v", v, ok)
	}
	if _, ok := s.take(d); ok {
		t.Error("it was taken twice")
	}
	now = now.Add(10*time.Minute - 1)
	has(a, 1) // which keeps it
	now = now.Add(1)
	has(c, 0) // nobody asked for it
	now = now.Add(9 * time.Minute)
	has(a, 1)
	for range 5 { // used all the time, it ends all the same
		now = now.Add(9 * time.Minute)
		s.get(a)
	}
	has(a, 0)
	if n := s.len(); n != 0 {
		t.Errorf("%d are left", n)
	}
}

func TestShelfMakesRoom(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := newShelf[int](100, time.Hour, time.Minute, func() time.Time { return now })
	for i := range 1000 {
		s.put(i)
	}
	if n := s.len(); n != 100 {
		t.Errorf("%d are kept", n)
	}
	now = now.Add(time.Minute)
	last := s.put(7)
	if n := s.len(); n != 1 || len(s.byKey) != 1 {
		t.Errorf("%d are kept although their time is over", n)
	}
	s.dropAll(func(v int) bool { return v == 8 })
	if _, ok := s.get(last); !ok {
		t.Error("the wrong one was dropped")
	}
	s.dropAll(func(v int) bool { return v == 7 })
	if s.len() != 0 || len(s.byKey) != 0 {
		t.Error("it was not dropped")
	}
}

// Of many who take the same thing, one gets it.
func TestShelfTogether(t *testing.T) {
	s := newShelf[int](50, time.Hour, time.Hour, time.Now)
	id := s.put(1)
	var wg sync.WaitGroup
	won := make(chan bool, 16)
	for range 16 {
		wg.Go(func() {
			for range 100 {
				s.get(s.put(2))
			}
			// A get keeps the thing from being pushed out: it may be gone by now.
			_, ok := s.take(id)
			won <- ok
		})
	}
	wg.Wait()
	close(won)
	n := 0
	for ok := range won {
		if ok {
			n++
		}
	}
	if n > 1 || s.len() > 50 {
		t.Errorf("%d took it, %d are kept", n, s.len())
	}
}
