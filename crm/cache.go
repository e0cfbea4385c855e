package crm

import (
	"context"
	"sync"
	"time"
)

// cache remembers metadata for one client, that is for one user: what is
// visible differs between users. It holds one entry for each list that was
// asked for, and so no more than a few for each module.
type cache struct {
	life    time.Duration // negative: entries are asked about each time
	mu      sync.Mutex    // guards entries
	entries map[string]*entry
}

// entry is one remembered list. Whoever holds turn may ask Zoho and change it.
type entry struct {
	turn    chan struct{} // room for one
	known   bool
	records []Record
	checked time.Time // by the client's clock
	since   time.Time // by Zoho's clock, for If-Modified-Since
}

func newCache(life time.Duration) *cache {
	return &cache{life: life, entries: make(map[string]*entry)}
}

// get answers from memory while it is fresh, and else asks. ask is told since
// when it must have changed; its error ErrNotModified keeps what is there.
// Several who want the same wait for one call.
func (c *cache) get(ctx context.Context, key string, now func() time.Time, ask func(since time.Time) (records []Record, at time.Time, unchanged bool, err error)) ([]Record, error) {
	e := c.entry(key)
	select {
	case e.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-e.turn }()
	if e.known && c.life > 0 && now().Sub(e.checked) < c.life {
		return e.records, nil
	}
	var since time.Time
	if e.known {
		since = e.since
	}
	records, at, unchanged, err := ask(since)
	if err != nil {
		c.drop(key, e)
		return nil, err
	}
	if !unchanged {
		e.records, e.since = records, at
	}
	e.known, e.checked = true, now()
	return e.records, nil
}

// peek is what is remembered, however old, without asking or waiting.
func (c *cache) peek(key string) []Record {
	c.mu.Lock()
	e := c.entries[key]
	c.mu.Unlock()
	if e == nil {
		return nil
	}
	select {
	case e.turn <- struct{}{}:
		defer func() { <-e.turn }()
		return e.records
	default:
		return nil
	}
}

// drop takes out an entry that nothing is known of, so that names which do not
// exist leave nothing behind. The caller has its turn.
func (c *cache) drop(key string, e *entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !e.known && c.entries[key] == e {
		delete(c.entries, key)
	}
}

func (c *cache) entry(key string) *entry {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.entries[key]
	if e == nil {
		e = &entry{turn: make(chan struct{}, 1)}
		c.entries[key] = e
	}
	return e
}

// forget empties the cache.
func (c *cache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.entries)
}
