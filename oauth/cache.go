package oauth

import (
	"container/list"
	"sync"
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
	b := &bound{k: k, partial: key}
	c.index[key] = c.order.PushFront(b)
	if c.order.Len() > c.limit {
		oldest := c.order.Back()
		delete(c.index, oldest.Value.(*bound).partial)
		c.order.Remove(oldest)
	}
	return b
}

// forget drops a credential from memory, whoever asked for it, and from the looks
// that are under way.
func (k *Keeper) forget(row Token) {
	k.generation.Add(1)
	k.unsaved.drop(row.SideKey())
	k.cache.mu.Lock()
	defer k.cache.mu.Unlock()
	for e := k.cache.order.Front(); e != nil; e = e.Next() {
		b := e.Value.(*bound)
		if h := b.held.Load(); h != nil && h.token.SideKey() == row.SideKey() {
			b.held.CompareAndSwap(h, nil)
		}
	}
}
