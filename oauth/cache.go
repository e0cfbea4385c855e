package oauth

import (
	"container/list"
	"sync"
	"time"
)

// cache holds the bound sources by the partial token they were asked for, the
// least recently asked for at the back. One that fell out works on for who holds
// it.
type cache struct {
	limit int

	mu    sync.Mutex
	index map[Token]*list.Element
	order list.List // of *bound
}

func (k *Keeper) bind(partial Token) *bound {
	key := partial
	key.Expiry = key.Expiry.Round(0) // a monotonic reading would make equal tokens differ
	c := &k.cache
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.index[key]; ok {
		c.order.MoveToFront(e)
		return e.Value.(*bound)
	}
	if c.index == nil {
		c.index = make(map[Token]*list.Element)
	}
	b := &bound{k: k, partial: key, now: k.now}
	c.index[key] = c.order.PushFront(b)
	if c.order.Len() > c.limit {
		oldest := c.order.Back()
		delete(c.index, oldest.Value.(*bound).partial)
		c.order.Remove(oldest)
	}
	return b
}

// each calls f for every bound source in memory.
func (c *cache) each(f func(*bound)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for e := c.order.Front(); e != nil; e = e.Next() {
		f(e.Value.(*bound))
	}
}

// cooling remembers, by [Token.SideKey], refreshes that failed and until when it
// makes no sense to repeat them.
type cooling struct {
	mu    sync.Mutex
	until map[string]cold
}

type cold struct {
	err   error
	until time.Time
}

// maxCold bounds the memory: beyond it, what is over is swept, and if nothing is
// over, everything.
const maxCold = 10_000

func (c *cooling) set(key string, err error, until time.Time, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.until) >= maxCold {
		for key, cold := range c.until {
			if !now.Before(cold.until) {
				delete(c.until, key)
			}
		}
	}
	if c.until == nil || len(c.until) >= maxCold {
		c.until = make(map[string]cold)
	}
	c.until[key] = cold{err, until}
}

func (c *cooling) get(key string, now time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	cold, ok := c.until[key]
	if !ok {
		return nil
	}
	if !now.Before(cold.until) {
		delete(c.until, key)
		return nil
	}
	return cold.err
}

func (c *cooling) clear(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.until, key)
}
