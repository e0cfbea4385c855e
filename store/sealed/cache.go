package sealed

import (
	"sync"

	"zohocrm/oauth"
	"zohocrm/store/sealed/keys"
)

// cacheSize bounds a cache: about 30 MB. A full one is emptied.
const cacheSize = 16384

// cache spares Find the opening of a row that it has opened before. It never
// answers in the inner store's place, and is used for a row that is stored as it
// was then in all columns, so it cannot be wrong. It holds tokens in plain text, as
// whoever uses them does too.
type cache struct {
	mu   sync.RWMutex
	rows map[origin]row
}

// look gives what a row was opened to, if its key is still there.
func (c *cache) look(ring *keys.Ring, stored oauth.Token) (row, bool) {
	c.mu.RLock()
	r, ok := c.rows[originOf(stored)]
	c.mu.RUnlock()
	if !ok || !sameStored(r.stored, stored) {
		return row{}, false
	}
	if _, ok := ring.Key(r.key); !ok {
		return row{}, false
	}
	r.stored, r.plain = stored, r.plain.WithSide(stored)
	return r, true
}

// keep remembers a row. One that needs several keys is not worth it.
func (c *cache) keep(r row) {
	if !r.sealed || r.key == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.rows == nil || len(c.rows) >= cacheSize {
		c.rows = make(map[origin]row)
	}
	c.rows[originOf(r.stored)] = r
}

// sameStored is equality of the ten columns.
func sameStored(a, b oauth.Token) bool {
	return a.ID == b.ID && sameAbout(a, b) && a.ClientSecret == b.ClientSecret && a.RedirectURL == b.RedirectURL &&
		a.APIDomain == b.APIDomain && a.Expiry.Equal(b.Expiry)
}
