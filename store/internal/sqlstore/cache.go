package sqlstore

import (
	"strings"
	"sync"
	"time"

	"zohocrm/oauth"
)

// cacheSize bounds both maps of a cache: about 25 MB of tokens and side data.
// A full map is emptied.
const cacheSize = 16384

// cache spares Find work that would give the same result as last time. It never
// answers in the database's place: each Find still reads its row.
//
// parsed remembers what a row's ten columns are as a token, which takes hashing
// and the making of secrets. It is used for a row that equals the remembered one
// in all columns, so it cannot be wrong.
//
// sides remembers side data, and that there are none. It belongs to one value of
// the side table's count of changes, which every write to that table raises, by
// whichever process, in the same transaction. A row is read together with the
// count; when it is another one, what is remembered is dropped.
type cache struct {
	mu     sync.Mutex
	parsed map[string]*parsed // by ID
	sides  *sides
}

type parsed struct {
	row   oauth.Row
	token oauth.Token // without side data
	key   string      // of its side row

	of   *sides  // where beside was found; another one is out of date
	side *beside // nil: not looked up, or not known
}

// sides is what is remembered of the side table.
type sides struct {
	changes int64
	rows    map[string]*beside // by side key; kept in place when they change
}

// beside is one key's row of the side table.
type beside struct {
	exists bool
	rowID  string

	scope, accountsURL           string
	createdAt, updatedAt, usedAt time.Time

	domain string // the token's APIDomain, if its table has no column for it
}

// data are the side fields in a token.
func (b *beside) data() oauth.Token {
	return oauth.Token{Scope: b.scope, AccountsURL: b.accountsURL, CreatedAt: b.createdAt, UpdatedAt: b.updatedAt, LastUsedAt: b.usedAt}
}

// look gives what is remembered of a row that was read at this count of changes:
// the row as a token and its side key, "" if it is not remembered or has none, and
// whether the token has its side data.
func (c *cache) look(row *oauth.Row, changes int64) (t oauth.Token, key string, complete bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.parsed[row.ID]
	if p == nil || p.row != *row {
		return oauth.Token{}, "", false
	}
	if c.sides == nil || c.sides.changes != changes {
		return p.token, p.key, false
	}
	if p.of != c.sides || p.side == nil {
		p.of, p.side = c.sides, c.sides.rows[p.key]
	}
	if p.side == nil {
		return p.token, p.key, false
	}
	return p.token.WithSide(p.side.data()), p.key, true
}

// keep remembers a row as a token, and gives its side key.
func (c *cache) keep(row oauth.Row, t oauth.Token, key string) string {
	p := &parsed{row: row, token: t, key: key}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.parsed == nil || len(c.parsed) >= cacheSize {
		c.parsed = make(map[string]*parsed)
	}
	c.parsed[row.ID] = p
	return p.key
}

// compact puts a row's texts side by side in memory, for the sake of the next
// comparison and of the garbage collector.
func compact(row oauth.Row) oauth.Row {
	values := row.Values()
	all := strings.Join(values[:], "")
	for i, v := range values {
		values[i], all = all[:len(v)], all[len(v):]
	}
	return oauth.RowOf(values)
}

// forget drops a row that is no more; "": all rows.
func (c *cache) forget(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if id == "" {
		c.parsed = nil
		return
	}
	delete(c.parsed, id)
}

// side gives the side row of key at this count of changes, if it is known.
func (c *cache) side(changes int64, key string) (beside, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sides == nil || c.sides.changes != changes || c.sides.rows[key] == nil {
		return beside{}, false
	}
	return *c.sides.rows[key], true
}

// put remembers the side row of key as it was at this count of changes; 0: the
// count is not known.
func (c *cache) put(changes int64, key string, b beside) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if changes == 0 || c.sides != nil && changes < c.sides.changes {
		return
	}
	if c.sides == nil || changes > c.sides.changes || len(c.sides.rows) >= cacheSize {
		c.sides = &sides{changes, make(map[string]*beside)}
	}
	c.sides.set(key, b)
}

// advance carries what is remembered over a write of this process, which raised
// the count from "from" by one and wrote these side rows.
func (c *cache) advance(from int64, written map[string]beside) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sides == nil && len(written) == 1 { // of a batch nothing is remembered
		c.sides = &sides{from, make(map[string]*beside)}
	}
	if c.sides == nil || c.sides.changes != from {
		return // another write was faster, or nothing is remembered
	}
	if len(c.sides.rows) >= cacheSize {
		c.sides = nil
		return
	}
	c.sides.changes++
	for key, b := range written {
		c.sides.set(key, b)
	}
}

func (s *sides) set(key string, b beside) {
	if old := s.rows[key]; old != nil {
		*old = b
		return
	}
	s.rows[key] = &b
}
