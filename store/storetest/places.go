package storetest

import (
	"context"
	"io"
	"sync"
	"testing"

	"zohocrm/oauth"
)

// places remembers where the stores of one Backend are, for Reopen.
type places struct {
	mu      sync.Mutex
	byStore map[oauth.Store]string
}

func newPlaces() *places { return &places{byStore: map[oauth.Store]string{}} }

func (p *places) remember(s oauth.Store, location string) oauth.Store {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.byStore[s] = location
	return s
}

func (p *places) of(s oauth.Store) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.byStore[s]
}

// openAt opens a location for the length of the test.
func openAt(t testing.TB, b Backend, location string) oauth.Store {
	t.Helper()
	// The store may keep the context, and is used in t.Cleanup: not t.Context.
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	s, err := b.OpenAt(ctx, location)
	if err != nil {
		t.Fatalf("OpenAt(%q): %v", location, err)
	}
	t.Cleanup(func() {
		if err := closeStore(s); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

func closeStore(s oauth.Store) error {
	if c, ok := s.(io.Closer); ok {
		return c.Close()
	}
	return nil
}
